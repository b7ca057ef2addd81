"""How a host's storage client treats what programs write: it hands it on at once, or keeps it.

A client that keeps written pages for a while (as those of network file systems do) is a FUSE layer
over the dataset: a storage snapshot holds only what has been flushed through it, for example by
fsync(2) or syncfs(2).
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from enum import Enum
from pathlib import Path

from lab.errors import LabError
from lab.system.mounts import MountEntry
from lab.system.process import CommandResult

_SCRIPT = Path(__file__).with_name("client.sh")
_PROGRAM = Path("/usr/bin/mergerfs")
_FILE_SYSTEM = "fuse.mergerfs"
# Where a host keeps the program and what lies beneath its caches.
FOLDER = "/run/storage-client"

# Runs a program as root on the host: arguments, standard input.
Run = Callable[[list[str], bytes], CommandResult]


class Client(Enum):
    """The storage client of a host."""

    DIRECT = "direct"
    WRITE_BACK = "write-back"


def mount(run: Run, device: str, subvolume: str, mount_path: str) -> None:
    """Mount a subvolume through a cache of written pages. Raises LabError."""
    if not _PROGRAM.exists():
        raise LabError(f"{_PROGRAM} is missing.", "Install the package mergerfs.")
    run(["install", "-d", "-m", "711", FOLDER], b"")
    run(["tar", "-x", "-h", "-C", FOLDER], _program())
    _script(run, "mount", mount_path, device, subvolume)


def unmount(run: Run, mount_path: str) -> None:
    """Unmount it, after all that was written has been flushed; CommandFailed while it is busy."""
    _script(run, "unmount", mount_path)


def subvolume_of(entry: MountEntry) -> str | None:
    """What is mounted at an entry of a host's mount table, None for no dataset."""
    if entry.mount_point.startswith(f"{FOLDER}/"):
        return None
    if entry.file_system == "btrfs":
        return entry.root
    return entry.source if entry.file_system == _FILE_SYSTEM else None


def _script(run: Run, *words: str) -> None:
    run(["bash", "-s", "--", FOLDER, *words], _SCRIPT.read_bytes())


def _program() -> bytes:
    """The program with its libraries, packed: a host of another release has none that fits."""
    listing = subprocess.run(["ldd", str(_PROGRAM)], capture_output=True, text=True, check=True)
    words = [word for line in listing.stdout.splitlines() for word in line.split()]
    files = [str(_PROGRAM), *(word for word in words if word.startswith("/"))]
    pack = ["tar", "-c", "--dereference", "--transform", "s|.*/||", "-P", *files]
    return subprocess.run(pack, capture_output=True, check=True).stdout
