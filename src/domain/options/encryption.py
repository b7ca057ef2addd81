"""Encryption at rest: settings without which a server cannot open encrypted files."""

from __future__ import annotations

from collections.abc import Iterable

from domain.options.settings import Setting

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
# Two settings may hold secrets, which must not get into snapshot metadata: the key that decrypts
# the key file (unless given as FILE:path) and the token of a vault. These are only the beginnings
# of their names: the server accepts an option by any unambiguous beginning of its name.
_KEY_OF_FILE = "file_key_management_filek"
_TOKEN = "hashicorp_key_management_to"  # noqa: S105  # the name of a setting


def settings(chosen: Iterable[Setting]) -> tuple[Setting, ...]:
    """Those of the user's settings that go along with the files, into every VDB."""
    return tuple(item for item in chosen if _goes_along(item))


def for_backup(chosen: Iterable[Setting]) -> tuple[Setting, ...]:
    """The same settings for `mariadb-backup --prepare`, with all libraries in one `plugin_load`.

    It knows neither `plugin_load_add` nor a second `plugin_load`. The prefix `loose_` is removed.
    """
    bare = [
        Setting(item.name.removeprefix("loose_"), item.value)
        for item in chosen
        if _goes_along(item)
    ]
    loads = ["".join((item.value or "").split()) for item in bare if item.name in _LOADS]
    others = [item for item in bare if item.name not in _LOADS]
    return (*([Setting("plugin_load", ";".join(loads))] if loads else []), *others)


def has_keys(chosen: Iterable[Setting]) -> bool:
    """Whether a key management plugin is among the settings."""
    return any(_loads_keys(item) for item in chosen if not item.comment)


def is_needed(setting: Setting) -> bool:
    """Whether it is about encryption at all; the secrets among these do not go along."""
    name = setting.name.removeprefix("loose_")
    return not setting.comment and (name.startswith(_PREFIXES) or _loads_keys(setting))


def _goes_along(setting: Setting) -> bool:
    name = setting.name.removeprefix("loose_")
    if name.startswith(_KEY_OF_FILE) and not (setting.value or "").startswith("FILE:"):
        return False
    if name.startswith(_TOKEN):
        return False
    return is_needed(setting)


def _loads_keys(setting: Setting) -> bool:
    name = setting.name.removeprefix("loose_")
    return name in _LOADS and "key_management" in (setting.value or "")
