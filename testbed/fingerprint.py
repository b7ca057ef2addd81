"""What a server holds, as a set of named facts that can be compared exactly.

Contents are summed up on the server: each row becomes the MD5 of all its columns in an unambiguous
text form, and the table's checksum is the exact SUM of the first 64 bits of them, beside the row
count. That does not depend on row order, storage engine, keys or server version, needs no primary
key, and moves no data to the client. CHECKSUM TABLE would depend on row format and version.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from testbed.client import ClientError, Server, identifier, literal

SYSTEM_DATABASES = ("mysql", "information_schema", "performance_schema", "sys")


class Kind(Enum):
    """What a fact is about."""

    DATABASE = "database"
    TABLE = "table"
    CONTENT = "content of table"
    HISTORY = "history of versioned table"
    VIEW = "view"
    SEQUENCE = "sequence"
    NEXT_VALUE = "next value of sequence"
    ROUTINE = "routine"
    TRIGGER = "trigger"
    EVENT = "event"
    ACCOUNT = "account"
    LOCK = "lock of account"
    GRANT = "grant to"


@dataclass(frozen=True)
class Fact:
    """Names one fact. `owner` is the database, or the account as user@host ("user@" for a role)."""

    kind: Kind
    owner: str
    name: str = ""

    def __str__(self) -> str:
        where = f"{self.owner} {self.name}" if self.kind is Kind.GRANT else None
        dotted = f"{self.owner}.{self.name}" if self.name else self.owner
        return f"{self.kind.value} {where or dotted}"


@dataclass(frozen=True)
class Fingerprint:
    """Everything `snapshot` found on the server called `name`."""

    name: str
    facts: Mapping[Fact, str]


@dataclass(frozen=True)
class _Question:
    """One statement with one row as answer; the fact's text is made of some of its columns."""

    fact: Fact
    sql: str
    columns: tuple[int, ...]


_EVENT_STATUS = re.compile(r"(ON COMPLETION (?:NOT )?PRESERVE) (?:ENABLE|DISABLE ON \w+|DISABLE)\b")
# Texts must not depend on the server's settings, and TIMESTAMP not on its time zone.
_SESSION = (
    "SET SESSION sql_mode = '', time_zone = '+00:00', max_statement_time = 0,"
    " sql_quote_show_create = 1;\n"
)
_LONG_TYPES = frozenset(
    f"{size}{kind}" for size in ("tiny", "", "medium", "long") for kind in ("text", "blob")
)
_STRING_TYPES = frozenset({"char", "varchar", "binary", "varbinary", "enum", "set", "vector"})
_NUMBER_TYPES = frozenset({"bit", "year"})
_SPATIAL_TYPES = frozenset({"geometry", "geometrycollection"}) | frozenset(
    f"{many}{shape}" for many in ("", "multi") for shape in ("point", "linestring", "polygon")
)
_GRANT_TABLES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    # table: what names a grant, what it consists of (nothing: all columns that end with _priv).
    "db": (("Db",), ()),
    "tables_priv": (("Db", "Table_name"), ("Table_priv", "Column_priv")),
    "columns_priv": (("Db", "Table_name", "Column_name"), ("Column_priv",)),
    "procs_priv": (("Db", "Routine_type", "Routine_name"), ("Proc_priv",)),
    "proxies_priv": (("Proxied_user", "Proxied_host"), ("With_grant",)),
    "roles_mapping": (("Role",), ("Admin_option",)),
}


def snapshot(server: Server, name: str | None = None) -> Fingerprint:
    """Read everything: definitions, contents, next values, accounts and grants.

    `name` is what differences call the server. The login needs all rights. Nothing may write
    meanwhile, for the facts are read one after the other. Raises ClientError.
    """
    questions = list(_questions(server))
    rows = server.query(_SESSION + "".join(f"{question.sql};\n" for question in questions))
    if len(rows) != len(questions):
        raise ClientError(f"{server.name}: {len(questions)} questions, {len(rows)} answers")
    facts: dict[Fact, str] = {}
    for question, row in zip(questions, rows, strict=True):
        facts[question.fact] = _normalised(question.fact, [row[at] for at in question.columns])
    facts |= _accounts(server) | _grants(server)
    return Fingerprint(name or server.name, facts)


def _questions(server: Server) -> Iterable[_Question]:
    excluded = ", ".join(literal(name) for name in SYSTEM_DATABASES)
    catalogue = server.query(_CATALOGUE.format(excluded=excluded))
    columns: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for what, database, name, column, kind in catalogue:
        if what == "column":
            columns[database, name].append((column, kind))
    for what, database, name, kind, _ in catalogue:
        quoted = identifier(database, name)
        match what:
            case "database":
                create = f"SHOW CREATE DATABASE {identifier(database)}"
                yield _Question(Fact(Kind.DATABASE, database), create, (1,))
            case "table":
                yield from _table_questions(database, name, kind, columns[database, name])
            case "trigger":
                create = f"SHOW CREATE TRIGGER {quoted}"
                yield _Question(Fact(Kind.TRIGGER, database, name), create, (1, 2, 3, 4))
            case "event":
                create = f"SHOW CREATE EVENT {quoted}"
                yield _Question(Fact(Kind.EVENT, database, name), create, (1, 2, 3, 4, 5))
            case "routine":
                fact = Fact(Kind.ROUTINE, database, f"{name} ({kind.lower()})")
                yield _Question(fact, f"SHOW CREATE {kind} {quoted}", (1, 2, 3, 4))


_CATALOGUE = """
SELECT 'database', SCHEMA_NAME, '', '', '' FROM information_schema.SCHEMATA
    WHERE SCHEMA_NAME NOT IN ({excluded});
SELECT 'table', TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, '' FROM information_schema.TABLES
    WHERE TABLE_SCHEMA NOT IN ({excluded});
SELECT 'column', TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, DATA_TYPE FROM information_schema.COLUMNS
    WHERE TABLE_SCHEMA NOT IN ({excluded}) ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION;
SELECT 'trigger', TRIGGER_SCHEMA, TRIGGER_NAME, '', '' FROM information_schema.TRIGGERS
    WHERE TRIGGER_SCHEMA NOT IN ({excluded});
SELECT 'event', EVENT_SCHEMA, EVENT_NAME, '', '' FROM information_schema.EVENTS
    WHERE EVENT_SCHEMA NOT IN ({excluded});
SELECT 'routine', ROUTINE_SCHEMA, ROUTINE_NAME, ROUTINE_TYPE, '' FROM information_schema.ROUTINES
    WHERE ROUTINE_SCHEMA NOT IN ({excluded});
"""


def _table_questions(
    database: str, name: str, kind: str, columns: Sequence[tuple[str, str]]
) -> Iterable[_Question]:
    quoted = identifier(database, name)
    if kind == "VIEW":
        create = f"SHOW CREATE VIEW {quoted}"
        yield _Question(Fact(Kind.VIEW, database, name), create, (1, 2, 3))
    elif kind == "SEQUENCE":
        create = f"SHOW CREATE SEQUENCE {quoted}"
        yield _Question(Fact(Kind.SEQUENCE, database, name), create, (1,))
        # The value that survives a restart and that a dump carries.
        value = f"SELECT next_not_cached_value FROM {quoted}"
        yield _Question(Fact(Kind.NEXT_VALUE, database, name), value, (0,))
    else:
        create = f"SHOW CREATE TABLE {quoted}"
        yield _Question(Fact(Kind.TABLE, database, name), create, (1,))
        content = _checksum(quoted, columns)
        yield _Question(Fact(Kind.CONTENT, database, name), content, (0, 1))
        if kind == "SYSTEM VERSIONED":
            history = _checksum(f"{quoted} FOR SYSTEM_TIME ALL", columns)
            yield _Question(Fact(Kind.HISTORY, database, name), history, (0, 1))


def _checksum(source: str, columns: Sequence[tuple[str, str]]) -> str:
    values = ", ".join(f"IFNULL({_column_text(*column)}, 'N')" for column in columns)
    row = f"CAST(CONV(LEFT(MD5(CONCAT_WS(',', {values})), 16), 16, 10) AS UNSIGNED)"
    return f"SELECT COUNT(*), IFNULL(SUM({row}), 0) FROM {source}"


def _column_text(column: str, kind: str) -> str:
    """An expression that is different for different values, and never 'N' or with a comma."""
    name = identifier(column)
    if kind in _LONG_TYPES or kind == "json":
        # HEX() of more than half of max_allowed_packet would be NULL.
        return f"MD5({name})"
    if kind in _STRING_TYPES:
        return f"HEX({name})"
    if kind in _SPATIAL_TYPES:
        return f"MD5(ST_AsBinary({name}))"
    if kind in _NUMBER_TYPES:
        return f"{name} + 0"
    if kind == "float":
        # A FLOAT shows six digits, a DOUBLE shows all.
        return f"CAST({name} AS DOUBLE)"
    return f"CAST({name} AS CHAR)"


def _normalised(fact: Fact, values: Sequence[str]) -> str:
    text = "\n".join(values)
    match fact.kind:
        case Kind.TABLE:
            return re.sub(r"(?m)^(\) ENGINE=\S+) AUTO_INCREMENT=\d+", r"\1", text)
        case Kind.EVENT:
            # Copies are expected to have their events off; a standby has DISABLE ON SLAVE.
            return _EVENT_STATUS.sub(r"\1", text, count=1)
        case Kind.CONTENT | Kind.HISTORY:
            return f"{values[0]} rows, checksum {values[1]}"
        case _:
            return text


def _accounts(server: Server) -> dict[Fact, str]:
    facts: dict[Fact, str] = {}
    for user, host, privileges in server.query("SELECT User, Host, Priv FROM mysql.global_priv"):
        entry: dict[str, Any] = json.loads(privileges)
        locked = entry.pop("account_locked", False)
        # Which server wrote the entry, and when, is no right.
        for volatile in ("version_id", "password_last_changed"):
            entry.pop(volatile, None)
        account = f"{user}@{host}"
        facts[Fact(Kind.ACCOUNT, account)] = json.dumps(_veiled(entry), sort_keys=True, indent=1)
        facts[Fact(Kind.LOCK, account)] = "locked" if locked else "open"
    return facts


def _veiled(value: Any) -> Any:
    """Replace login secrets by a short digest: equal stays equal, and no report shows them."""
    if isinstance(value, list):
        return [_veiled(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: hashlib.sha256(str(item).encode()).hexdigest()[:16]
        if key == "authentication_string" and item
        else _veiled(item)
        for key, item in value.items()
    }


def _grants(server: Server) -> dict[Fact, str]:
    facts: dict[Fact, str] = {}
    flags = [
        column
        for (column,) in server.query(
            "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'mysql'"
            " AND TABLE_NAME = 'db' AND COLUMN_NAME LIKE '%\\_priv' ORDER BY COLUMN_NAME"
        )
    ]
    for table, (names, values) in _GRANT_TABLES.items():
        columns = ["User", "Host", *names, *(values or flags)]
        for row in server.query(f"SELECT {', '.join(columns)} FROM mysql.{table}"):
            fact, text = _grant(table, len(names), dict(zip(columns, row, strict=True)))
            facts[fact] = text
    return facts


def _grant(table: str, names: int, columns: Mapping[str, str]) -> tuple[Fact, str]:
    user, host, *rest = columns.items()
    target = ".".join(value for _, value in rest[:names])
    fact = Fact(Kind.GRANT, f"{user[1]}@{host[1]}", f"on {target} (mysql.{table})")
    # A right that is not given may not even exist in an older series.
    given = [f"{column}={value}" for column, value in rest[names:] if value != "N"]
    return fact, "\n".join(given)
