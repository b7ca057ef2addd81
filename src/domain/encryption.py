"""Encryption at rest: settings without which a server cannot open encrypted files."""

from __future__ import annotations

from collections.abc import Iterable

from domain.settings import Setting

_PREFIXES = (
    "file_key_management",
    "hashicorp_key_management",
    "aws_key_management",
    "innodb_encrypt",
    "innodb_default_encryption_key_id",
    "aria_encrypt_tables",
    "encrypt_",
)
_LOADS = ("plugin_load", "plugin_load_add")
# The key of the key file itself; only its place may be told on.
_KEY_OF_FILE = "file_key_management_filekey"


def settings(chosen: Iterable[Setting]) -> tuple[Setting, ...]:
    """Those of the user's settings that go along with the files, into every VDB."""
    return tuple(item for item in chosen if not item.comment and _goes_along(item))


def has_keys(chosen: Iterable[Setting]) -> bool:
    """Whether a key management plugin is among the settings."""
    return any(_loads_keys(item) for item in chosen if not item.comment)


def _goes_along(setting: Setting) -> bool:
    name = setting.name.removeprefix("loose_")
    if name == _KEY_OF_FILE and not (setting.value or "").startswith("FILE:"):
        return False
    return name.startswith(_PREFIXES) or _loads_keys(setting)


def _loads_keys(setting: Setting) -> bool:
    name = setting.name.removeprefix("loose_")
    return name in _LOADS and "key_management" in (setting.value or "")
