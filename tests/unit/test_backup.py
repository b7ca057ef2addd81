"""What speaks against a backup that the user provides."""

from __future__ import annotations

import dataclasses

import pytest

from domain.backup import Backup, BackupKind, Compression, problems
from domain.version import Version
from tests.unit.words import refused

STAGING = Version(10, 11, 4)
GIB = 2**30
MIB = 2**20
DUMP = Backup("/b/x", BackupKind.DUMP, Compression.NONE, GIB, "10.11.19-MariaDB", "", "")


def found(free: int = 100 * GIB, **changes: object) -> list[tuple[str, str]]:
    backup = dataclasses.replace(DUMP, **changes)
    return [(item.error, item.seen) for item in problems(backup, STAGING, free)]


@pytest.mark.parametrize(
    ("kind", "version", "fits"),
    [
        (BackupKind.DUMP, "", True),
        (BackupKind.DUMP, "10.4.1-MariaDB", True),
        (BackupKind.DUMP, "10.11.19-MariaDB", True),
        (BackupKind.DUMP, "11.0.1-MariaDB", False),
        (BackupKind.DIRECTORY, "", True),
        (BackupKind.DIRECTORY, "10.11.19-MariaDB", True),
        (BackupKind.DIRECTORY, "10.6.1-MariaDB", False),
        (BackupKind.STREAM, "11.4.2-MariaDB", False),
        (BackupKind.STREAM, "10.11.1", True),
    ],
)
def test_versions(kind: BackupKind, version: str, fits: bool) -> None:
    names = [name for name, _ in found(kind=kind, version_text=version)]
    assert names == ([] if fits else ["VERSION_MISMATCH"])
    assert dataclasses.replace(DUMP, kind=kind).is_physical is (kind is not BackupKind.DUMP)


def test_a_version_that_is_too_old() -> None:
    with refused("VERSION_UNSUPPORTED"):
        found(version_text="10.3.1-MariaDB")


@pytest.mark.parametrize("kind", ["full-backuped", "full-prepared", "log-applied", ""])
def test_full_backups(kind: str) -> None:
    assert found(kind=BackupKind.DIRECTORY, type=kind) == []


def test_an_incremental_backup() -> None:
    assert found(kind=BackupKind.DIRECTORY, type="incremental") == [
        ("BACKUP_UNUSABLE", "/b/x is a backup of type incremental, not a full one")
    ]


@pytest.mark.parametrize(
    ("kind", "compression", "factor"),
    [
        (BackupKind.DUMP, Compression.NONE, 1.0),
        (BackupKind.DUMP, Compression.GZIP, 5.0),
        (BackupKind.DUMP, Compression.XZ, 7.0),
        (BackupKind.STREAM, Compression.ZSTD, 5.0),
        (BackupKind.STREAM, Compression.BZIP2, 7.0),
        (BackupKind.DIRECTORY, Compression.NONE, 1.1),
    ],
)
def test_space(kind: BackupKind, compression: Compression, factor: float) -> None:
    own = 224 * MIB if kind is BackupKind.DUMP else 128 * MIB
    needed = int(GIB * factor) + own
    chosen = {"kind": kind, "compression": compression}
    assert found(free=needed, **chosen) == []
    assert found(free=needed - 1, **chosen) == [
        ("DISK_SPACE", f"restoring /b/x may need {needed} bytes, free are {needed - 1}")
    ]


@pytest.mark.parametrize(
    ("kind", "compression", "factor"),
    [
        (BackupKind.DIRECTORY, Compression.NONE, 5.0),
        (BackupKind.STREAM, Compression.NONE, 5.0),
        (BackupKind.STREAM, Compression.XZ, 7.0),
    ],
)
def test_packed_files_grow(kind: BackupKind, compression: Compression, factor: float) -> None:
    chosen = {"kind": kind, "compression": compression, "qpress": "/usr/bin/qpress"}
    needed = int(GIB * factor) + 128 * MIB
    assert found(free=needed, **chosen) == []
    names = [name for name, _ in found(free=needed - 1, **chosen)]
    assert names == ["DISK_SPACE"]


def test_all_problems_are_found() -> None:
    names = [name for name, _ in found(0, version_text="11.4.2-MariaDB", type="incremental")]
    assert names == ["VERSION_MISMATCH", "BACKUP_UNUSABLE", "DISK_SPACE"]
