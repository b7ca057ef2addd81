"""Server settings that people add, and those that the plugin keeps for itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from errors import PluginError

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,127}\Z")
_PREFIXES = ("skip_", "enable_", "disable_", "loose_", "maximum_", "autoset_")
# The server reads option files in pieces of this size; the rest would be a line of its own.
_LINE_BYTES = 4000

# The plugin gives these their values: they tie a server to its dataset, its port and its role.
OWNED = frozenset(
    """
    aria_log_dir_path basedir bind_address character_sets_dir chroot datadir defaults_extra_file
    defaults_file event_scheduler extra_port grant_tables init_file innodb_data_home_dir
    innodb_fast_shutdown innodb_log_group_home_dir innodb_undo_directory
    lc_messages_dir log_basename log_bin log_bin_index log_ddl_recovery log_error log_tc
    master_info_file networking pid_file port read_only relay_log relay_log_index
    relay_log_info_file rocksdb_datadir rocksdb_wal_dir safe_user_create server_id
    slave_exec_mode slave_load_tmpdir slave_skip_errors
    slave_start socket symbolic_links tmpdir unix_socket user
    """.split()
)
# Families of settings: what replication leaves out would be missing from later syncs in silence,
# and no server may become a member of somebody's cluster.
OWNED_FAMILIES = ("replicate_", "wsrep_")
# Settings of their own, though an owned one begins with the same letters.
_WHOLE_NAMES = frozenset({"aria", "innodb", "lc_messages", "rocksdb"})


@dataclass(frozen=True)
class Setting:
    """One line of an option file.

    Attributes:
        name: with underscores.
        value: None for a setting that takes none.
        comment: leave the setting out, so that the server's default holds.
    """

    name: str
    value: str | None
    comment: bool = False


def settings_of(items: Iterable[Any] | None, doing: str) -> tuple[Setting, ...]:
    """Reads `configSettings`.

    Raises:
        PluginError: SETTING_REFUSED, which names every setting that cannot be taken.
    """
    settings: list[Setting] = []
    refused: list[str] = []
    for item in items or ():
        name, value, comment = _fields(item)
        why = why_not(name, value)
        if why:
            refused.append(f"{name!r} {why}")
            continue
        settings.append(Setting(canonical(name), value, comment))
    if refused:
        raise PluginError("SETTING_REFUSED", doing, "; ".join(refused))
    return tuple(settings)


def canonical(name: str) -> str:
    """The name as the server knows it: lower case, underscores."""
    return name.lower().replace("-", "_")


def _fields(item: Any) -> tuple[str, str | None, bool]:
    # A generated class gives attributes, JSON gives keys: both reach this place.
    if isinstance(item, dict):
        name, value = item.get("propertyName"), item.get("value")
        comment = item.get("commentProperty")
    else:
        name, value = getattr(item, "property_name", None), getattr(item, "value", None)
        comment = getattr(item, "comment_property", None)
    return str(name or ""), None if value is None else str(value), bool(comment)


def is_owned(name: str) -> bool:
    """Whether a setting (by its canonical name) belongs to the plugin.

    The server takes the beginning of a name for the whole of it.
    """
    bare = _bare(name)
    if bare.startswith(OWNED_FAMILIES) or bare + "_" in OWNED_FAMILIES:
        return True
    return bare not in _WHOLE_NAMES and any(owned.startswith(bare) for owned in OWNED)


def why_not(name: str, value: str | None) -> str:
    """Why people may not give this setting, empty when they may."""
    if _NAME.match(name) and is_owned(canonical(name)):
        return "belongs to the plugin"
    return unfit(name, value)


def unfit(name: str, value: str | None) -> str:
    """Why an option file cannot hold this setting, empty when it can."""
    if not _NAME.match(name):
        return "is not the name of a setting"
    if value is not None and any(ord(char) < 32 or ord(char) == 127 for char in value):
        return "has a value with a control character"
    if value is not None and _line_bytes(name, value) > _LINE_BYTES:
        return f"has a value of more than {_LINE_BYTES} bytes"
    return ""


def _bare(name: str) -> str:
    """The setting behind prefixes: `loose_skip_networking` is about `networking`."""
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            return _bare(name.removeprefix(prefix))
    return name


def _line_bytes(name: str, value: str) -> int:
    # Each backslash and double quote is written with a backslash before it.
    return len(f"{name}{value}".encode()) + value.count("\\") + value.count('"')
