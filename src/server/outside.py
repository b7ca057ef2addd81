"""What of a source reaches out of it: kept apart from its copy before, during and after a sync."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from domain.options.settings import Setting
from domain.source.address import Source
from remote import lists
from remote.answer import Answer
from remote.secret_values import Secrets
from server.instance import Instance

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reaching:
    """What a source has that reaches out of it.

    Attributes:
        tables: rows of database, table and engine, as they came.
        left_out: tables that replication leaves out for it.
        functions: of libraries.
        binlog_format: how the source logs.
    """

    tables: tuple[str, ...]
    left_out: tuple[str, ...]
    functions: tuple[str, ...]
    binlog_format: str

    def warnings(self) -> tuple[str, ...]:
        """What people must know of a sync with such a source."""
        found = []
        if self.tables and self.binlog_format != "ROW":
            found.append(
                f"binlog_format is {self.binlog_format} on the source, which has tables that reach "
                "out of it: a statement that reads one of them found it empty on staging, so what "
                "it wrote may be missing; set binlog_format = ROW"
            )
        if self.functions:
            names = ", ".join(self.functions[:20])
            found.append(
                f"functions of libraries are not loaded on a copy: {names} ({len(self.functions)})"
            )
        return tuple(found)


@dataclass(frozen=True)
class Copied:
    """What is copied, and with which account.

    Attributes:
        source: with the account that reads.
        databases: that are copied, empty for all.
    """

    source: Source
    databases: tuple[str, ...]


def ask(instance: Instance, copied: Copied) -> Reaching:
    """What the source has now.

    Raises:
        PluginError: one about the source; SERVER_OLD_LAYOUT when staging itself could reach out.
    """
    doing = f"asking what reaches out of {copied.source} for"
    answer = _run(instance, "reach_check", doing, copied)
    return Reaching(
        tables=answer.many("reaching"),
        left_out=tuple(row[0] for row in answer.rows("leftOut", 1)),
        functions=tuple(row[0] for row in answer.rows("function", 1)),
        binlog_format=answer.maybe("binlogFormat"),
    )


def settle(instance: Instance, copied: Copied, before: Reaching) -> None:
    """Proves after a sync that no table with rows stands where one reaches out, nor the reverse.

    Raises:
        PluginError: REPLICA_DIVERGED, or one about the source.
    """
    if not before.tables and not before.left_out:
        return
    doing = f"looking after what reaches out of {copied.source} for"
    # The rows are escaped already; bash compares them as they are.
    more = {"REACHED": "\n".join(before.tables)}
    answer = _run(instance, "reach_settle", doing, copied, more)
    for name in answer.many("replaced"):
        log.warning("%s reaches out on the source: its copy was replaced by a stand-in", name)


def cure(instance: Instance, copied: Copied) -> bool:
    """Makes stand-ins for what reaches out, and has replication leave it out; restarts staging.

    Returns:
        Whether that changed anything, so that replication may go on.
    """
    known = ask(instance, copied).left_out
    doing = f"keeping what reaches out of {copied.source} apart from"
    answer = _run(instance, "reach_cure", doing, copied)
    reaching = [row[0] for row in answer.rows("leftOut", 1)]
    new = [name for name in reaching if name not in known]
    made = answer.many("cured")
    if new:
        log.warning("replication leaves these tables out from now on: %s", ", ".join(new))
        added = tuple(Setting("replicate_ignore_table", name) for name in new)
        instance.start(restart=True, added=added)
    return bool(new or made)


def _run(
    instance: Instance,
    step: str,
    doing: str,
    copied: Copied,
    more: Mapping[str, str] | None = None,
) -> Answer:
    source = copied.source
    variables = {**source.variables(), "DATABASES": lists.encode(copied.databases), **(more or {})}
    return instance.run(step, doing, variables, Secrets(source.secrets()))
