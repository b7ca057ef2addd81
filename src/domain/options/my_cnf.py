"""The option file of a server, rendered from what is known: a pure function per role.

Later lines win in an option file; the plugin's own settings stand last, after those of people.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from domain import space
from domain.dataset.layout import Layout
from domain.options import option_file
from domain.options.host_file import Starter
from domain.options.settings import Setting

MIB = 1024 * 1024
# How every option file of ours begins: it tells our servers from those of plugin 1.0.0.
FIRST_WORDS = "# Written by the MariaDB plugin for Delphix"


class Role(Enum):
    """What a server is for."""

    LOADING = "loading"
    STAGING = "staging"
    SEED = "seed"
    VDB = "vdb"
    PHYSICAL = "physical"


@dataclass(frozen=True)
class ServerConfig:
    """Everything that an option file depends on.

    Attributes:
        role: what the server is for.
        layout: of its dataset.
        port, server_id, bind_address: its own.
        settings: what the user added.
        memory_bytes: memory the host has free, for the loading role.
        spare_bytes: room on the dataset beyond what is needed, for the loading role.
        binary_log, event_scheduler: for a VDB or a physical copy.
        outside: these may load what reaches out of them.
        starter: the host's starter file; None until the host was asked for it.
    """

    role: Role
    layout: Layout
    port: int
    server_id: int
    bind_address: str
    settings: tuple[Setting, ...] = ()
    memory_bytes: int = 0
    spare_bytes: int = 0
    binary_log: bool = False
    event_scheduler: bool = False
    outside: bool = False
    starter: Starter | None = None

    @property
    def given(self) -> tuple[Setting, ...]:
        """What people added: on the host, and for this server."""
        groups = self.starter.groups if self.starter else ()
        return (*(setting for _, settings in groups for setting in settings), *self.settings)


def render(config: ServerConfig) -> str:
    """The text of `my.cnf`: no secret is ever in it."""
    lines = [
        f"{FIRST_WORDS} {_written(config)}",
        f"# Role: {config.role.value}",
        *_client_lines(config),
        *_starter_lines(config),
        f"!include {config.layout.required_file}",
        "[mysqld]",
        "",
        "# For this role",
        *option_file.lines(_role_settings(config)),
        "",
        "# From configSettings",
        *option_file.lines(_allowed(config)),
        "",
        "# Of the plugin",
        *option_file.lines(_own_settings(config)),
        "",
    ]
    return "\n".join(lines)


def _written(config: ServerConfig) -> str:
    if config.role is Role.PHYSICAL:
        return "once, for a physical copy; the file is yours."
    return "at each start; changes are lost."


def _client_lines(config: ServerConfig) -> list[str]:
    """For the owner's own clients. Those of 11.4 and later would ask for TLS on a socket, too."""
    if config.role is not Role.PHYSICAL:
        return []
    settings = _named([("socket", config.layout.socket), ("skip_ssl", None)])
    return ["[client]", *option_file.lines(settings), ""]


def render_required(base_dir: str, required: Iterable[Setting]) -> str:
    """The text of `required.cnf`: what the files need, whoever starts them."""
    lines = [
        "# Written by the MariaDB plugin for Delphix when the data came in.",
        "[mysqld]",
        *option_file.lines([Setting("basedir", base_dir), *required]),
        "",
    ]
    return "\n".join(lines)


def _starter_lines(config: ServerConfig) -> list[str]:
    """The starter file's lines. They stand first, so that every other setting overrides them."""
    starter = config.starter or Starter()
    left_out = _left_out(config)
    lines = [f"# From {starter.path}"] if starter.groups else []
    for group, settings in starter.groups:
        lines.append(f"[{group}]")
        for setting in settings:
            out = setting.comment or setting.name in left_out
            lines.append(option_file.line(replace(setting, comment=out)))
    return [*lines, ""] if lines else []


def _left_out(config: ServerConfig) -> set[str]:
    return {setting.name for setting in config.settings if setting.comment}


def _named(pairs: Sequence[tuple[str, object]]) -> list[Setting]:
    return [Setting(name, None if value is None else str(value)) for name, value in pairs]


def _role_settings(config: ServerConfig) -> list[Setting]:
    left_out = _left_out(config)
    by_role = {
        Role.LOADING: _loading(config),
        Role.STAGING: _STAGING,
        Role.SEED: _SEED,
        Role.VDB: _VDB + (_VDB_LOG if config.binary_log else []),
        Role.PHYSICAL: _VDB + (_VDB_LOG if config.binary_log else []),
    }
    return [setting for setting in _named(by_role[config.role]) if setting.name not in left_out]


def _allowed(config: ServerConfig) -> Iterable[Setting]:
    """The user's settings; while loading, without those that the plugin tunes itself."""
    tuned = {name for name, _ in _loading(config)}
    if config.role is not Role.LOADING:
        return config.settings
    return [setting for setting in config.settings if setting.name not in tuned]


def _loading(config: ServerConfig) -> list[tuple[str, object]]:
    """Fast rather than durable: a load that is interrupted starts anew from an empty dataset."""
    pool = min(max(config.memory_bytes // 4, 128 * MIB), 2048 * MIB)
    redo = space.redo_while_loading(pool, config.spare_bytes)
    return [
        ("innodb_flush_log_at_trx_commit", 0),
        ("innodb_doublewrite", 0),
        ("innodb_buffer_pool_size", pool // MIB * MIB),
        ("innodb_log_file_size", redo),
        # No table waits for the disk; the restart flushes all of it at once.
        ("innodb_flush_method", "nosync"),
        ("sync_frm", 0),
        # The log of DDL is flushed several times for each table else, by one session at a time.
        ("loose_debug_no_sync", 1),
        ("sync_binlog", 0),
        ("max_allowed_packet", 1024 * MIB),
        ("innodb_strict_mode", 0),
        ("performance_schema", 0),
    ]


# The position lies in an InnoDB table, so it is that of the data, however much of the log was on
# disk; from there replication goes on. A snapshot is flushed as a whole (lib/dataset/flush.sh). One
# applier: several, stopped in the middle, have run events of MyISAM tables and of a second GTID
# domain again (seen on 10.11), and are hardly faster.
_STAGING: list[tuple[str, object]] = [
    # What is committed is written, and outlives a killed server; it is flushed each second.
    ("innodb_flush_log_at_trx_commit", 2),
    ("relay_log_recovery", 1),
    ("relay_log_purge", 1),
    ("slave_net_timeout", 60),
    ("slave_max_allowed_packet", 1024 * MIB),
    ("max_allowed_packet", 1024 * MIB),
    ("innodb_strict_mode", 0),
    # A source whose log lacks the last transaction of staging refuses it.
    ("gtid_strict_mode", 1),
]

# Its owner loads it: like a VDB, but for large statements.
_SEED: list[tuple[str, object]] = [
    ("innodb_flush_log_at_trx_commit", 1),
    ("max_allowed_packet", 1024 * MIB),
]

_VDB: list[tuple[str, object]] = [("innodb_flush_log_at_trx_commit", 1)]
# A VDB's binary log is for the VDB alone, so functions and triggers need no SUPER in spite of it.
_VDB_LOG: list[tuple[str, object]] = [("log_bin_trust_function_creators", 1)]


def _paths(layout: Layout) -> list[tuple[str, object]]:
    """Where a server reads and writes: in its dataset, whatever people switch on."""
    return [
        ("datadir", layout.data),
        ("tmpdir", layout.tmp),
        ("slave_load_tmpdir", layout.tmp),
        ("socket", layout.socket),
        ("pid_file", layout.pid_file),
        ("init_file", layout.init_file),
        # A login of the database is not the OS user: INTO OUTFILE, LOAD DATA and LOAD_FILE() see an
        # empty directory.
        ("secure_file_priv", f"{layout.run}/files"),
        ("log_error", layout.error_log),
        ("general_log_file", f"{layout.log}/general.log"),
        ("slow_query_log_file", f"{layout.log}/slow.log"),
        # The plugins of these may be loaded or not.
        ("loose_server_audit_file_path", f"{layout.log}/audit.log"),
        ("loose_sql_error_log_filename", f"{layout.log}/sql_errors.log"),
    ]


def _inert(layout: Layout) -> list[tuple[str, object]]:
    """Nothing that reaches out is loaded, whoever asks for it, and nothing compiled in works."""
    return [
        ("plugin_dir", layout.plugins),
        ("loose_federated", "OFF"),
        ("loose_feedback", "OFF"),
    ]


def _replica(config: ServerConfig) -> list[tuple[str, object]]:
    return [
        ("read_only", 1),
        # Loading a library of functions fails on a copy, and changes nothing there.
        ("slave_skip_errors", "1125,1126"),
        # Logins to other servers.
        ("replicate_ignore_table", "mysql.servers"),
        ("relay_log", f"{config.layout.log}/relay"),
        ("relay_log_index", f"{config.layout.log}/relay.index"),
    ]


def _own_settings(config: ServerConfig) -> list[Setting]:
    layout, alone = config.layout, config.role is Role.PHYSICAL
    pairs: list[tuple[str, object]] = [
        *(pair for pair in _paths(layout) if not (alone and pair[0] == "init_file")),
        ("port", config.port),
        ("server_id", config.server_id),
        ("bind_address", config.bind_address),
        # No LOAD DATA LOCAL, by which a server reads files of its client.
        ("local_infile", 0),
        # A clone carries its parent's replication; nothing may start by itself.
        ("skip_slave_start", None),
        # Tables with DATA DIRECTORY would lie outside the dataset, shared by all its copies.
        ("skip_symbolic_links", None),
        # The management account logs in by it, without a password.
        ("unix_socket", "ON"),
        ("event_scheduler", "ON" if config.event_scheduler else "OFF"),
    ]
    if not config.outside:
        pairs += _inert(layout)
    if config.role is Role.STAGING:
        pairs += _replica(config)
    if config.role in (Role.VDB, Role.PHYSICAL) and config.binary_log:
        pairs += [
            ("log_bin", f"{layout.log}/binlog"),
            ("log_bin_index", f"{layout.log}/binlog.index"),
        ]
    else:
        pairs.append(("skip_log_bin", None))
    return _named(pairs)
