"""What the source server says of itself, and what must fit before it can be linked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.settings import Setting
from domain.tls import Tls
from domain.version import Version
from errors import PluginError

# Carried to staging and VDBs: files or statements mean something else without them.
CARRIED = (
    "lower_case_table_names",
    "innodb_page_size",
    "character_set_server",
    "collation_server",
    "sql_mode",
    "explicit_defaults_for_timestamp",
    "log_bin_trust_function_creators",
    "innodb_default_row_format",
    "default_storage_engine",
    "group_concat_max_len",
    "ft_min_word_len",
    "innodb_ft_min_token_size",
    "old_mode",
)
ASKED = (*CARRIED, "binlog_format", "version", "server_id", "log_bin", "gtid_binlog_pos")

# Space a copy may take beyond what information_schema reports for the source.
_SPACE_FACTOR = 1.2
_SPACE_BASE = 512 * 1024 * 1024

_GLOBAL_GRANT = re.compile(r"GRANT (.+) ON \*\.\* TO ", re.IGNORECASE)


@dataclass(frozen=True)
class SourceAddress:
    """Where and as whom the source is reached from the staging host."""

    host: str
    port: int
    user: str
    tls: Tls

    def variables(self) -> dict[str, str]:
        """Inputs of every script that asks the source."""
        return {
            "SOURCE_HOST": self.host,
            "SOURCE_PORT": str(self.port),
            "SOURCE_USER": self.user,
            **self.tls.variables(),
        }

    def __str__(self) -> str:
        return f"{self.user}@{self.host}:{self.port}"


@dataclass(frozen=True)
class SourceFacts:
    """What the source says.

    Attributes:
        variables: global variables by lower-case name.
        account: the account that the server matched, e.g. `delphix@10.%`.
        databases: that hold user data.
        data_bytes: data and indexes, as information_schema estimates them.
        views_call_functions: there are views and stored functions, so a view may call one.
        grants: lines of SHOW GRANTS of the source account.
        replication_grants: likewise of the replication account, empty when it is the same.
        libraries: plugin libraries that accounts or tables lean on.
    """

    variables: Mapping[str, str]
    account: str
    databases: tuple[str, ...]
    data_bytes: int
    views_call_functions: bool
    grants: tuple[str, ...]
    replication_grants: tuple[str, ...]
    libraries: tuple[str, ...]

    def version(self, doing: str) -> Version:
        """Raises PluginError SOURCE_NOT_MARIADB or VERSION_UNSUPPORTED."""
        text = self.variables.get("version", "")
        if "mariadb" not in text.lower():
            raise PluginError("SOURCE_NOT_MARIADB", doing, f"the source says version {text!r}")
        return Version.parse(text, doing)

    @property
    def server_id(self) -> int:
        """The source's server id, 0 when it does not say."""
        text = self.variables.get("server_id", "0")
        return int(text) if text.isdigit() else 0

    @property
    def has_binlog(self) -> bool:
        """Whether it writes a binary log."""
        return self.variables.get("log_bin", "").upper() in ("ON", "1")

    @property
    def space_needed(self) -> int:
        """Bytes that a copy needs, estimated generously."""
        return int(self.data_bytes * _SPACE_FACTOR) + _SPACE_BASE

    def carried_settings(self) -> tuple[Setting, ...]:
        """Settings that staging and every VDB take over."""
        carried = [
            Setting(name, self.variables[name]) for name in CARRIED if name in self.variables
        ]
        loads = [Setting("plugin_load_add", name.removesuffix(".so")) for name in self.libraries]
        return tuple(carried + loads)


def missing_privileges(grants: Iterable[str], wanted: Iterable[str]) -> list[str]:
    """Which of the wanted global privileges no line of SHOW GRANTS gives.

    SUPER and ALL PRIVILEGES count for everything they contain.
    """
    held: set[str] = set()
    for line in grants:
        found = _GLOBAL_GRANT.match(line)
        if found:
            held |= {name.strip().upper() for name in found.group(1).split(",")}
    if "ALL PRIVILEGES" in held:
        return []
    return [name for name in wanted if not held & {name, *_OTHER_NAMES.get(name, ())}]


_OTHER_NAMES = {
    "BINLOG MONITOR": ("REPLICATION CLIENT", "SUPER"),
    "REPLICATION SLAVE": ("REPLICATION REPLICA",),
}
# To read everything; each is named in docs/prerequisites with the reason.
COPY_PRIVILEGES = ("SELECT", "SHOW VIEW", "TRIGGER", "EVENT", "LOCK TABLES", "RELOAD")
# mariadb-dump asks for the columns of each view; of one that calls a function the server
# answers only to those who may run it (ERROR 1370).
VIEW_PRIVILEGES = ("EXECUTE",)
POSITION_PRIVILEGES = ("BINLOG MONITOR",)
REPLICATION_PRIVILEGES = ("REPLICATION SLAVE",)
