"""Migrations of the objects of the public plugin 1.0.0, one per kind; see domain/plugin_1_0.py.

The engine calls them once for each object when the plugin is upgraded. They may call nothing of the
library but `upgrade_password`, so they write no log either.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from dlpx.virtualization import libs

from domain import plugin_1_0
from errors import while_doing

Json = dict[str, Any]


def repository(old_repository: Json) -> Json:
    """The directory of the server program becomes `baseDir` and `daemonPath`, with a new name."""
    with _upgrading("the repository", old_repository, "name"):
        return plugin_1_0.repository(old_repository)


def source_config(old_source_config: Json) -> Json:
    """`dbName` becomes `name`, the text `port` becomes a number, `dataDir` stays."""
    with _upgrading("the source config", old_source_config, "dbName"):
        return plugin_1_0.source_config(old_source_config)


def linked_source(old_linked_source: Json) -> Json:
    """Passwords become credentials suppliers; texts become numbers, booleans and enum values."""
    with _upgrading("the dSource", old_linked_source, "mountPath"):
        return plugin_1_0.linked_source(old_linked_source, _supplier)


def virtual_source(old_virtual_source: Json) -> Json:
    """A VDB keeps its place and its settings; its password becomes a credentials supplier."""
    with _upgrading("the VDB", old_virtual_source, "mPath"):
        return plugin_1_0.virtual_source(old_virtual_source, _supplier)


def snapshot(old_snapshot: Json) -> Json:
    """The time stays; the password that 1.0.0 wrote into the snapshot's metadata is dropped."""
    with _upgrading("the snapshot", old_snapshot, "snapshotId"):
        return plugin_1_0.snapshot(old_snapshot)


def _upgrading(kind: str, old: Json, label: str) -> AbstractContextManager[None]:
    """For errors: which object it was, by the field of it that people know."""
    name = str(old.get(label) or "").strip()
    return while_doing(f"upgrading {kind} {name!r} of plugin 1.0.0")


def _supplier(password: str, user: str) -> Json:
    return dict(libs.upgrade_password(password, username=user))
