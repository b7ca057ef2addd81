"""What is known of a backup that the user provides, before it is restored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from domain import space
from domain.options.settings import Setting
from domain.problems import Problem, failed
from domain.version import Version


class BackupKind(Enum):
    """Found by content, never by name."""

    DUMP = "dump"
    DIRECTORY = "directory"
    STREAM = "stream"


class Compression(Enum):
    """Found by the first bytes."""

    NONE = "none"
    GZIP = "gzip"
    ZSTD = "zstd"
    XZ = "xz"
    BZIP2 = "bzip2"


@dataclass(frozen=True)
class Backup:
    """A backup on the staging host.

    Attributes:
        path: file or directory.
        kind: what it is.
        compression: of a file; none for a directory.
        size_bytes: as it lies there.
        version_text: of the server it came from, empty when it does not say.
        database: that a dump of a single database belongs into, else empty.
        type: `backup_type` of a mariadb-backup directory, else empty.
        qpress: program that unpacks what `mariadb-backup --compress` has packed, empty for a
            backup made without.
    """

    path: str
    kind: BackupKind
    compression: Compression
    size_bytes: int
    version_text: str
    database: str
    type: str
    qpress: str = ""

    @property
    def is_physical(self) -> bool:
        """Made of data files rather than statements."""
        return self.kind is not BackupKind.DUMP


# A compressed dump grows by about this much, and a loaded dump is larger than its text.
_GROWTH = {
    Compression.NONE: 2.0,
    Compression.GZIP: 10.0,
    Compression.ZSTD: 10.0,
    Compression.XZ: 14.0,
    Compression.BZIP2: 14.0,
}


# Files that mariadb-backup has packed grow by about four, and go when they are unpacked.
_PACKED_ROOM = 5.0


def _room(backup: Backup) -> float:
    """How many times its size the dataset needs."""
    room = 1.1 if backup.kind is BackupKind.DIRECTORY else _GROWTH[backup.compression] / 2
    return max(room, _PACKED_ROOM) if backup.qpress else room


def space_needed(backup: Backup, settings: Iterable[Setting] = ()) -> int:
    """Bytes that a restore may take on the dataset.

    Args:
        settings: what people gave the staging server.
    """
    own = space.beside_files if backup.is_physical else space.beside_data
    return int(backup.size_bytes * _room(backup)) + own(settings)


def problems(
    backup: Backup, staging: Version, free_bytes: int, settings: Iterable[Setting] = ()
) -> list[Problem]:
    """Why this backup cannot be restored with the staging installation; empty when it can."""
    found: list[Problem] = []
    if backup.version_text:
        source = Version.parse(backup.version_text)
        if backup.is_physical and not staging.can_open_files_of(source):
            text = f"the backup's files were written by {source}, staging has {staging}"
            found.append(failed("backup-series", text))
        if not backup.is_physical and not staging.can_load_dump_of(source):
            text = f"the dump comes from {source}, newer than {staging} on staging"
            found.append(failed("backup-series", text))
    if backup.type.startswith("incremental"):
        text = f"{backup.path} is a backup of type {backup.type}, not a full one"
        found.append(failed("backup-type", text))
    needed = space_needed(backup, settings)
    if free_bytes < needed:
        text = f"restoring {backup.path} may need {needed} bytes, free are {free_bytes}"
        found.append(failed("space", text))
    return found
