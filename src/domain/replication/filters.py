"""What replication leaves out: what only a managed cloud service has, and databases not chosen."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from domain.options.settings import Setting

# Tables of its own that a service may make in the schema `mysql` at any time: Amazon, Azure,
# Alibaba, Google. For replicate_wild_ignore_table.
_LATER = (r"rds\_%", r"\_\_%", r"ha\_health\_check%", "heartbeat%")

_SYSTEM_TABLES = (
    *("global_priv", "db", "tables_priv", "columns_priv", "procs_priv", "proxies_priv"),
    *("roles_mapping", "user", "proc", "event", "func", "plugin", "servers"),
    *("column_stats", "index_stats", "table_stats", "time_zone%"),
)
# What replication may change in `mysql` where it lets only chosen tables through: these tables
# decide whether a statement about accounts is run. No others: what a service writes there breaks
# a replica that has no such table. For replicate_wild_do_table.
_REPLICATED = tuple("mysql." + name.replace("_", r"\_") for name in _SYSTEM_TABLES)


def foreign(source: Iterable[str], staging: Collection[str] | None) -> tuple[str, ...]:
    """Tables and routines of the source's schema `mysql` that staging's has not.

    Args:
        source: what the source has.
        staging: what staging has, None when its files are the source's own.
    """
    return () if staging is None else tuple(sorted(set(source) - set(staging)))


def filters(foreign_objects: Collection[str]) -> tuple[Setting, ...]:
    """Settings of a replica that leave these out, and what else such a service may make.

    A rule on an exact name goes before every pattern, also before those that let through. A
    routine counts as a table where a statement grants the right to call it. Without any such
    object the source is no managed service, and nothing is left out.
    """
    if not foreign_objects:
        return ()
    exact = [Setting("replicate_ignore_table", f"mysql.{name}") for name in foreign_objects]
    later = [Setting("replicate_wild_ignore_table", f"mysql.{name}") for name in _LATER]
    return (*exact, *later)


def replication_filter(databases: Sequence[str]) -> list[str]:
    """Patterns that let through what belongs to these databases, and changes of accounts.

    By table, not by default database: `replicate_do_db` loses statements that name another one.
    """
    escaped = [re.sub(r"([\\%_])", r"\\\1", name) for name in databases]
    return [*(f"{name}.%" for name in escaped), *_REPLICATED] if databases else []
