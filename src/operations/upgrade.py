"""Migrations of the objects of the public plugin 1.0.0, one per kind.

A migration may call nothing of the library but `upgrade_password`, so it writes no log either.
"""

from __future__ import annotations

from typing import Any

from dlpx.virtualization import libs

from domain import legacy

Json = dict[str, Any]


def repository(old_repository: Json) -> Json:
    """An installation."""
    return legacy.repository(old_repository)


def source_config(old_source_config: Json) -> Json:
    """A database server."""
    return legacy.source_config(old_source_config)


def linked_source(old_linked_source: Json) -> Json:
    """A dSource."""
    return legacy.linked_source(old_linked_source, _supplier)


def virtual_source(old_virtual_source: Json) -> Json:
    """A VDB."""
    return legacy.virtual_source(old_virtual_source, _supplier)


def snapshot(old_snapshot: Json) -> Json:
    """A snapshot; the password that 1.0.0 kept in it goes."""
    return legacy.snapshot(old_snapshot)


def _supplier(password: str, user: str) -> Json:
    return dict(libs.upgrade_password(password, username=user))
