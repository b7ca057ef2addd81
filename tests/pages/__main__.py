"""`python -m tests.pages` counts the blocks of README and docs, and what becomes of them."""

from collections import Counter

from tests.pages.blocks import PAGES, blocks
from tests.pages.kinds import Cannot, Covered, Kind
from tests.pages.manifest import kinds


def told(kind: Kind) -> str:
    """As a person reads it."""
    if isinstance(kind, Cannot):
        return f"cannot: {kind.why}"
    return f"covered by {kind.test}" if isinstance(kind, Covered) else "runs"


def main() -> None:
    """Print the counts."""
    print(f"{sum(map(blocks, PAGES))} blocks on {len(PAGES)} pages")
    for commands in (True, False):
        found = Counter(
            told(said[0])
            for page in PAGES
            for unit, said in kinds(page)
            if (unit.language == "console") == commands
        )
        print(f"{found.total()} {'commands' if commands else 'files, statements and samples'}:")
        for words, count in found.most_common():
            print(f"  {count:3}  {words}")


if __name__ == "__main__":
    main()
