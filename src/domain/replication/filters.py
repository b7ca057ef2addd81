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
# With selected databases, the tables of `mysql` that replication may change: by them the replica
# decides whether it runs a statement about accounts. Other tables are left out, because a statement
# on a table of a cloud service stops a replica that lacks it. For replicate_wild_do_table.
_REPLICATED = tuple("mysql." + name.replace("_", r"\_") for name in _SYSTEM_TABLES)


def foreign(source: Iterable[str], staging: Collection[str] | None) -> tuple[str, ...]:
    """Tables and routines of the source's schema `mysql` that staging's has not.

    Args:
        source: what the source has.
        staging: what staging has, None when its files are the source's own.
    """
    return () if staging is None else tuple(sorted(set(source) - set(staging)))


def filters(foreign_objects: Collection[str]) -> tuple[Setting, ...]:
    """Replication filters that leave out these objects, and those a service may create later.

    The replica looks at rules on exact names before all patterns, so `replicate_ignore_table`
    holds also where `replicate_wild_do_table` matches. Routines are listed as tables, because a
    GRANT on a routine is filtered by its name as if it were a table. Without such objects the
    source is no managed service, and there are no filters.
    """
    if not foreign_objects:
        return ()
    exact = [Setting("replicate_ignore_table", f"mysql.{name}") for name in foreign_objects]
    later = [Setting("replicate_wild_ignore_table", f"mysql.{name}") for name in _LATER]
    return (*exact, *later)


def chosen(databases: Sequence[str]) -> tuple[Setting, ...]:
    """Filters that let through what belongs to these databases, and changes of accounts.

    By table, not by default database: `replicate_do_db` loses statements that name another one.
    They belong to the files, as what was copied does: a list that is changed later must not
    change what a staging server of the older copy follows.

    Args:
        databases: that were copied, empty for all.
    """
    escaped = [re.sub(r"([\\%_])", r"\\\1", name) for name in databases]
    patterns = (*(f"{name}.%" for name in escaped), *_REPLICATED) if databases else ()
    return tuple(Setting("replicate_wild_do_table", text) for text in patterns)
