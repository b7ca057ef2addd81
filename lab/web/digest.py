"""The page's sources as one number: whether the built files are those of these sources."""

import hashlib
from pathlib import Path

SOURCE = Path(__file__).resolve().parent / "source"


def digest(source: Path = SOURCE) -> str:
    """Over names and contents of all that goes into the build."""
    files = [path for path in source.rglob("*") if path.is_file() and path.name != "mock.mjs"]
    total = hashlib.sha256()
    for path in sorted(files):
        total.update(f"{path.relative_to(source)}\0".encode() + path.read_bytes() + b"\0")
    return total.hexdigest()


if __name__ == "__main__":
    print(digest())
