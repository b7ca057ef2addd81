"""What the source server says of itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from catalogue import Refusal
from domain.options.settings import Setting
from domain.outside import reaches_out
from domain.replication.seen import Seen
from domain.source.grants import Grants
from domain.source.limits import LIMITS
from domain.source.log import Logging
from domain.version import Version

# Schemas of the server itself.
SYSTEM_SCHEMAS = ("mysql", "sys", "information_schema", "performance_schema")

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
    "div_precision_increment",
    "default_week_format",
    "lc_time_names",
    "ft_min_word_len",
    "ft_max_word_len",
    "innodb_ft_min_token_size",
    "innodb_ft_max_token_size",
    "innodb_strict_mode",
    "old_mode",
)
ASKED = (
    *CARRIED,
    *LIMITS,
    "binlog_format",
    "version",
    "server_id",
    "log_bin",
    "gtid_binlog_pos",
    "thread_pool_size",
)

# Space a copy may take beyond what information_schema reports for the source.
_SPACE_FACTOR = 1.2


@dataclass(frozen=True)
class Tables:
    """Tables of one database that are special in some way.

    Attributes:
        database: their name.
        count: how many there are.
        examples: names of the first, as text.
    """

    database: str
    count: int
    examples: str


@dataclass(frozen=True)
class SourceFacts:
    """What the source says.

    Attributes:
        variables: global variables by lower-case name.
        databases: that hold user data.
        data_bytes: data and indexes, as information_schema estimates them.
        views_call_functions: there are views and stored functions, so a view may call one.
        plain_tables: that only a read lock holds still.
        float_tables: transactional ones with FLOAT columns, which are locked for a moment.
        encrypted: that cannot be created without keys.
        grants: of the source account.
        replication_grants: of the replication account.
        unreadable: why the tables of accounts and routines cannot be read, empty when they can.
        libraries: plugin libraries that accounts or tables lean on.
        system_objects: tables and routines of the schema `mysql`.
        logging: what decides what is in its binary log.
        seen: where its binary log stood; None when nothing tells.
        ambiguous: `database.table` of names that mean two tables, written with a dot between.
        hidden_events: databases whose events mariadb-dump cannot read, for quotes, backslashes or
            line ends in their names.
    """

    variables: Mapping[str, str]
    databases: tuple[str, ...]
    data_bytes: int
    views_call_functions: bool
    plain_tables: tuple[Tables, ...]
    encrypted: tuple[Tables, ...]
    grants: Grants
    replication_grants: Grants
    unreadable: str
    libraries: tuple[str, ...]
    system_objects: tuple[str, ...]
    ambiguous: tuple[str, ...] = ()
    hidden_events: tuple[str, ...] = ()
    float_tables: tuple[Tables, ...] = ()
    logging: Logging = field(default_factory=lambda: Logging({}))
    seen: Seen | None = None

    def version(self) -> Version:
        """Raises Refusal SOURCE_NOT_MARIADB or VERSION_UNSUPPORTED."""
        text = self.variables.get("version", "")
        if "mariadb" not in text.lower():
            raise Refusal("SOURCE_NOT_MARIADB", f"the source says version {text!r}")
        return Version.parse(text)

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
        """Bytes that the data of a copy need, estimated generously."""
        return int(self.data_bytes * _SPACE_FACTOR)

    def chosen_plain_tables(self, databases: Collection[str]) -> tuple[Tables, ...]:
        """Those of the databases to copy; of all when none is named."""
        return _chosen(self.plain_tables, databases)

    def chosen_float_tables(self, databases: Collection[str]) -> tuple[Tables, ...]:
        """Those of the databases to copy; of all when none is named."""
        return _chosen(self.float_tables, databases)

    def chosen_encrypted(self, databases: Collection[str]) -> tuple[Tables, ...]:
        """Those of the databases to copy; of all when none is named."""
        return _chosen(self.encrypted, databases)

    def carried_settings(self, staging: Version) -> tuple[Setting, ...]:
        """Settings that staging and every VDB take over.

        Args:
            staging: version of its installation.
        """
        values = {name: self.variables[name] for name in CARRIED if name in self.variables}
        if "old_mode" in values and not self.version().knows_utf8mb3:
            # Without this word a newer server takes utf8 for utf8mb4. It is the default there.
            modes = [values.pop("old_mode"), "UTF8_IS_UTF8MB3" if staging.knows_utf8mb3 else ""]
            if modes[0]:
                values["old_mode"] = ",".join(filter(None, modes))
        carried = [Setting(name, value) for name, value in values.items()]
        loads = [
            Setting("plugin_load_add", name.removesuffix(".so"))
            for name in self.libraries
            if not reaches_out(name)
        ]
        return tuple(carried + loads)


def _chosen(tables: tuple[Tables, ...], databases: Collection[str]) -> tuple[Tables, ...]:
    return tuple(item for item in tables if item.database in (databases or {item.database}))
