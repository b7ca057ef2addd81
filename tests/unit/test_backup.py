"""What speaks against a backup that the user provides."""

from __future__ import annotations

import dataclasses

import pytest

from domain.backup import Backup, BackupKind, Compression, Dump, problems
from domain.dump import Head
from domain.version import Version
from tests.unit.words import refused

STAGING = Version(10, 11, 4)
GIB = 2**30
MIB = 2**20
DUMP = Backup("/b/x", BackupKind.DUMP, Compression.NONE, GIB, "10.11.19-MariaDB")


def found(free: int = 100 * GIB, target: str = "", **changes: object) -> list[tuple[str, str]]:
    backup = dataclasses.replace(DUMP, **changes)
    if backup.kind is BackupKind.DUMP and not backup.dumps:
        backup = of_dumps(Head("MariaDB dump", backup.version_text), backup)
    return [(item.error, item.seen) for item in problems(backup, STAGING, free, (), target)]


def of_dumps(head: Head, backup: Backup = DUMP) -> Backup:
    return dataclasses.replace(backup, dumps=(Dump("/b/x", backup.compression, head),))


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
    wrong = {"version_text": "11.4.2-MariaDB", "type": "incremental"}
    names = [name for name, _ in found(0, kind=BackupKind.STREAM, **wrong)]
    assert names == ["VERSION_MISMATCH", "BACKUP_UNUSABLE", "DISK_SPACE"]


@pytest.mark.parametrize(
    ("tool", "version", "server", "mysql"),
    [
        ("MariaDB dump 10.19", "10.11.6-MariaDB-log", "10.11.6", False),
        ("MySQL dump 10.13  Distrib 8.0.36", "5.5.5-10.6.16-MariaDB-1", "10.6.16", False),
        ("HeidiSQL Version: 12", "10.11.6-MariaDB - mariadb.org", "10.11.6", False),
        ("MariaDB dump 10.19", "8.0.11 (ProxySQL)", "", False),
        ("MariaDB dump 10.19", "11.4.2", "11.4.2", False),
        ("MySQL dump 10.13", "8.0.36-28", "", True),
        ("phpMyAdmin SQL Dump", "5.7.44-log", "", True),
        ("", "", "", False),
    ],
)
def test_the_server_of_a_dump(tool: str, version: str, server: str, mysql: bool) -> None:
    head = Head(tool, version)
    assert (str(head.server() or ""), head.of_mysql) == (server, mysql)
    errors = [name for name, _ in found(dumps=of_dumps(head).dumps)]
    assert errors == (["BACKUP_UNUSABLE"] if mysql else ["VERSION_MISMATCH"] * (server > "11"))


def test_a_time_zone_is_unknown_only_behind_a_head_without_one() -> None:
    zones = {("+00:00", True): True, ("", False): True, ("", True): False}
    for (zone, saves), utc in zones.items():
        assert of_dumps(Head(zone=zone, saves=saves)).is_utc is utc
