"""What is known of a backup that the user provides, before it is restored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from domain import space
from domain.dump import Head
from domain.options.settings import Setting
from domain.problems import Problem, failed
from domain.version import Version

# Since this one, utf8mb4 alone means utf8mb4_uca1400_ai_ci, before it meant utf8mb4_general_ci
# (MDEV-25829).
_UNICODE_14 = Version.parse("11.5.0")


class BackupKind(Enum):
    """Found by content, never by name."""

    DUMP = "dump"
    DUMPS = "dumps"
    MYDUMPER = "mydumper"
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
class Dump:
    """One SQL file.

    Attributes:
        path: of the file.
        compression: of it.
        head: what it says of itself.
    """

    path: str
    compression: Compression
    head: Head

    def database(self, target: str) -> str:
        """Where its statements go before it names a database; empty when it names one itself.

        Args:
            target: the user's word for it, or empty.
        """
        return (target or self.head.database) if self.head.needs_database else ""


@dataclass(frozen=True)
class Backup:
    """A backup on the staging host.

    Attributes:
        path: file or directory.
        kind: what it is.
        compression: of a file; none for a directory.
        size_bytes: as it lies there.
        version_text: of the server that files came from, empty when they do not say.
        type: `backup_type` of a mariadb-backup directory, else empty.
        qpress: program that unpacks what `mariadb-backup --compress` has packed, empty for a
            backup made without.
        dumps: the SQL files of a logical backup.
    """

    path: str
    kind: BackupKind
    compression: Compression
    size_bytes: int
    version_text: str
    type: str = ""
    qpress: str = ""
    dumps: tuple[Dump, ...] = ()

    @property
    def is_physical(self) -> bool:
        """Made of data files rather than statements."""
        return self.kind in (BackupKind.DIRECTORY, BackupKind.STREAM)

    def server(self) -> Version | None:
        """The server that it comes from, the newest of several; None when it does not say.

        Raises:
            Refusal: VERSION_UNSUPPORTED.
        """
        if self.is_physical:
            return Version.parse(self.version_text) if self.version_text else None
        found = [version for dump in self.dumps if (version := dump.head.server())]
        return max(found, default=None)

    @property
    def is_utc(self) -> bool:
        """TIMESTAMP values of its dumps are to be read as UTC."""
        return all(dump.head.is_utc for dump in self.dumps)

    @property
    def collates_as_before(self) -> bool:
        """Where its dumps name a character set alone, its collation is the one of before 11.5."""
        found = [version for dump in self.dumps if (version := dump.head.server())]
        return bool(found) and max(found) < _UNICODE_14


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
    backup: Backup,
    staging: Version,
    free_bytes: int,
    settings: Iterable[Setting] = (),
    target: str = "",
) -> list[Problem]:
    """Why this backup cannot be restored with the staging installation; empty when it can.

    Args:
        backup: what is known of it.
        staging: version of the server that will hold the data.
        free_bytes: of the dataset.
        settings: what people gave the staging server.
        target: parameter targetDatabase.
    """
    found = [*_dump_problems(backup, target)]
    source = backup.server() if not found else None
    if source and backup.is_physical and not staging.can_open_files_of(source):
        text = f"the backup's files were written by {source}, staging has {staging}"
        found.append(failed("backup-series", text))
    if source and not backup.is_physical and not staging.can_load_dump_of(source):
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


def _dump_problems(backup: Backup, target: str) -> Iterable[Problem]:
    for dump in backup.dumps:
        if dump.head.of_mysql:
            text = f"{dump.path} is a dump of MySQL {dump.head.version}, not of MariaDB"
            yield failed("backup-origin", text)
        elif dump.head.needs_database and not dump.database(target):
            yield failed("backup-database", f"{dump.path} names no database for its tables")
    if target and not any(dump.head.needs_database for dump in backup.dumps):
        text = f"targetDatabase is {target}, and {backup.path} names its databases itself"
        yield failed("backup-database", text if backup.dumps else f"{text} in its files")
