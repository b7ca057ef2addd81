"""Which privileges on the source a copy needs, which are missing, and what they let it lock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from domain.source.facts import SourceFacts, Tables
from domain.source.grants import Grants
from domain.version import Version

SYSTEM = "mysql"
"""The schema that holds accounts and routines, which belong to every copy."""
_ALL = "all databases are copied: grants on single ones count with selected databases only"


class Lock(Enum):
    """Which tables of the source its account may hold under read locks during a copy."""

    ALL = "all"  # plain tables, and those of accounts and routines
    TABLES = "tables"  # plain tables
    NONE = "none"


@dataclass(frozen=True)
class Need:
    """A privilege, each named in docs/prerequisites with the reason.

    Attributes:
        privilege: its name.
        databases: on which it must be held; empty when only a global grant will do.
        why: for a person who wonders.
    """

    privilege: str
    databases: tuple[str, ...] = ()
    why: str = ""


def needs(facts: SourceFacts, databases: Sequence[str], log_sync: bool) -> list[Need]:
    """What the source account needs to copy these databases (all when none is named)."""
    chosen = tuple(databases)
    shut_out = _ALL if facts.grants.databases and not chosen else ""
    wanted = [Need("SELECT", (*chosen, SYSTEM) if chosen else (), shut_out)]
    wanted += [Need(name, chosen) for name in ("SHOW VIEW", "TRIGGER", "EVENT")]
    plain = facts.chosen_plain_tables(databases)
    if plain:
        why = f"read locks: {_listed(plain)}"
        wanted += [Need("LOCK TABLES", _names(plain), why), Need("RELOAD", (), why)]
    floats = facts.chosen_float_tables(databases)
    if floats:
        why = "read locks: " + _counted("have FLOAT columns", floats)
        wanted.append(Need("LOCK TABLES", _names(floats), why))
    # mariadb-dump asks for the columns of each view; of one that calls a function the server
    # answers only to those who may run it (ERROR 1370).
    wanted += [Need("EXECUTE", chosen)] if facts.views_call_functions else []
    wanted += [Need("BINLOG MONITOR")] if log_sync else []
    return wanted


REPLICATION = (Need("REPLICATION SLAVE"),)
PHYSICAL = tuple(
    Need(name, (), "mariadb-backup")
    for name in ("RELOAD", "PROCESS", "LOCK TABLES", "BINLOG MONITOR")
)
"""What mariadb-backup demands of the source account, on the source host."""


def statements(grants: Grants, wanted: Sequence[Need], version: Version) -> list[str]:
    """The statements that give what is missing of the wanted privileges."""
    if version.super_stands_alone:
        grants = replace(grants, everywhere=grants.everywhere - {"SUPER"})
    missing: dict[str, tuple[str, dict[Need, None]]] = {}
    for need in wanted:
        for place in _missing_places(grants, need):
            missing.setdefault(grants.pattern(place), (place, {}))[1][need] = None
    return [
        grants.statement(
            list(dict.fromkeys(_name(need.privilege, version) for need in found)),
            place,
            "; ".join(dict.fromkeys(need.why for need in found if need.why)),
        )
        for place, found in missing.values()
    ]


def lock(grants: Grants, plain: Sequence[Tables]) -> Lock:
    """What can be locked. The preflight has refused a source whose plain tables cannot be."""
    if not grants.on("RELOAD") or grants.lacking("LOCK TABLES", _names(plain)):
        return Lock.NONE
    if grants.on("LOCK TABLES", SYSTEM):
        return Lock.ALL
    return Lock.TABLES if plain else Lock.NONE


def _missing_places(grants: Grants, need: Need) -> tuple[str, ...]:
    """Databases on which a grant is missing; the empty name stands for everything.

    An account that has its grants on databases is told to get the others there too.
    """
    if grants.on(need.privilege):
        return ()
    if not need.databases:
        return ("",)
    lacking = grants.lacking(need.privilege, need.databases)
    return lacking if not lacking or grants.databases else ("",)


def _names(plain: Sequence[Tables]) -> tuple[str, ...]:
    return tuple(item.database for item in plain)


def _listed(plain: Sequence[Tables]) -> str:
    return _counted("are not transactional", plain)


def _counted(what: str, tables: Sequence[Tables]) -> str:
    count, first = sum(item.count for item in tables), tables[0]
    return f"{count} tables {what}, such as {first.database}: {first.examples}"


def _name(privilege: str, version: Version) -> str:
    older = privilege == "BINLOG MONITOR" and not version.splits_super
    return "REPLICATION CLIENT" if older else privilege
