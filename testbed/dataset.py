"""Loads a realistic data set into a server: the server makes the rows itself, always the same.

The SQL is in `sql/*.sql`, one file per database; `@rows` is the only parameter.
"""

import time
from dataclasses import dataclass
from importlib import resources

from testbed.client import Server, identifier, literal

DATABASES = ("shop", "crm", "metrics", "odd-db `x` ünï ☃", "select", "empty")
DEFAULT_ROWS = 300_000
SMALL_ROWS = 2_000
LOGIN = ("demo_app", "demo-app")
"""User and password of an account that can read and write `shop` from anywhere."""
OPEN_ACCOUNTS = ("demo_nopassword@%", "@%")
"""Accounts that need no password: a copy is expected to lock them."""
TICK_TABLE = ("metrics", "tick")
"""Empty, and stays so as long as the event scheduler does not run."""

_SCRIPTS = ("accounts", "shop", "crm", "metrics", "odd", "grants")
_PLUGINS = ("ed25519", "parsec")

# Here and not in a file, where git or an editor might mend the line ends: tools on Windows
# send routines with CR LF, and a copy must hold them as they are.
_CRLF_PROCEDURE = (
    "DELIMITER //\nCREATE DEFINER='demo_owner'@'localhost' PROCEDURE shop.from_windows()\r\n"
    "BEGIN\r\n    -- two lines\r\n    SELECT 'a\r\nb' AS crlf;\r\nEND//\nDELIMITER ;\n"
)


@dataclass(frozen=True)
class Loaded:
    """What `load` did: rows in base tables, seconds, and the login plugins that got accounts."""

    rows: int
    seconds: float
    plugins: tuple[str, ...]


def load(server: Server, rows: int = DEFAULT_ROWS) -> Loaded:
    """Make the data set of about `rows` rows (at least 2,000 for every case to occur).

    Replaces an older one. The login needs all rights. Raises ClientError, and ValueError for
    fewer rows than that.
    """
    if rows < SMALL_ROWS:
        raise ValueError(f"rows must be at least {SMALL_ROWS}, got {rows}")
    started = time.monotonic()
    plugins = tuple(name for name in _PLUGINS if _ensure_plugin(server, name))
    parts = [_prelude(rows), *(script(name) for name in _SCRIPTS), _CRLF_PROCEDURE]
    parts += [
        f"CREATE OR REPLACE USER 'demo_{name}'@'%' IDENTIFIED VIA {name}"
        f" USING PASSWORD('demo-{name}');\nGRANT SELECT ON shop.* TO 'demo_{name}'@'%';\n"
        for name in plugins
    ]
    server.query("".join(parts))
    return Loaded(count_rows(server), time.monotonic() - started, plugins)


def count_rows(server: Server) -> int:
    """Count the rows of the data set exactly, table by table. Raises ClientError."""
    schemas = ", ".join(literal(name) for name in DATABASES)
    tables = server.query(
        "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA"
        f" IN ({schemas}) AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')"
    )
    counts = [f"(SELECT COUNT(*) FROM {identifier(*table)})" for table in tables]
    return int(server.value("SELECT " + " + ".join(counts)))


def script(name: str) -> str:
    """The text of `sql/<name>.sql`."""
    return resources.files(__package__).joinpath("sql", f"{name}.sql").read_text("utf-8")


def _prelude(rows: int) -> str:
    drops = "".join(f"DROP DATABASE IF EXISTS {identifier(name)};\n" for name in DATABASES)
    return (
        "SET SESSION sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO',"
        " time_zone = '+00:00', default_storage_engine = InnoDB;\n"
        "SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci;\n"
        f"SET @rows = {rows}, foreign_key_checks = 0;\n{drops}SET foreign_key_checks = 1;\n"
    )


def _ensure_plugin(server: Server, name: str) -> bool:
    """Install a login plugin; False when this server has none of that name."""
    rows = server.query(
        "SELECT PLUGIN_STATUS, PLUGIN_LIBRARY FROM information_schema.ALL_PLUGINS"
        f" WHERE PLUGIN_NAME = '{name}'"
    )
    if not rows:
        return False
    status, library = rows[0]
    if status == "NOT INSTALLED":
        server.query(f"INSTALL SONAME '{library.removesuffix('.so')}'")
    return True
