"""The checks before a source is linked: a list of named problems, reported all together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain import privileges
from domain.source import SourceFacts
from domain.version import Version
from errors import CATALOGUE, PluginError


@dataclass(frozen=True)
class Problem:
    """One check that failed: a catalogue name and what was seen."""

    name: str
    seen: str


@dataclass(frozen=True)
class Plan:
    """What is about to be linked.

    Attributes:
        staging_version: of the installation that will run staging.
        staging_server_id: of the staging server.
        free_bytes: on the staging dataset.
        log_sync: whether replication is wanted.
        databases: to copy, empty for all.
    """

    staging_version: Version
    staging_server_id: int
    free_bytes: int
    log_sync: bool
    databases: tuple[str, ...] = ()


def problems(facts: SourceFacts, plan: Plan, doing: str) -> list[Problem]:
    """Every reason why the source cannot be linked as planned; empty when there is none.

    Raises:
        PluginError: when the source is no MariaDB, or one too old to be asked further.
    """
    version = facts.version(doing)
    found: list[Problem] = []
    if not plan.staging_version.can_load_dump_of(version):
        found.append(_newer_source(version, plan))
    found += _replication(facts, plan) if plan.log_sync else []
    found += _databases(facts, plan)
    found += _privileges(facts, plan, version)
    if plan.free_bytes < facts.space_needed:
        found.append(
            Problem(
                "DISK_SPACE",
                f"the source holds {_size(facts.data_bytes)}, a copy may need "
                f"{_size(facts.space_needed)}, free are {_size(plan.free_bytes)}",
            )
        )
    return found


def following_problems(facts: SourceFacts, plan: Plan, doing: str) -> list[Problem]:
    """Why the source cannot be followed from a backup of it; nothing is read but its binary log."""
    version = facts.version(doing)
    found: list[Problem] = []
    if not plan.staging_version.can_load_dump_of(version):
        found.append(_newer_source(version, plan))
    found += _replication(facts, plan)
    found += _databases(facts, plan)
    return found + _replication_privileges(facts, version)


def _newer_source(version: Version, plan: Plan) -> Problem:
    text = f"the source runs {version}, newer than {plan.staging_version} on staging"
    return Problem("VERSION_MISMATCH", text)


def _replication(facts: SourceFacts, plan: Plan) -> list[Problem]:
    found = []
    if not facts.has_binlog:
        found.append(Problem("SOURCE_NO_BINLOG", "log_bin is OFF on the source"))
    if facts.server_id == plan.staging_server_id:
        found.append(Problem("SERVER_ID_IN_USE", f"the source has server id {facts.server_id} too"))
    return found


def _databases(facts: SourceFacts, plan: Plan) -> list[Problem]:
    # One that the account may not read is not seen: its grant is what is missing.
    unseen = [name for name in plan.databases if name not in facts.databases]
    unknown = [name for name in unseen if facts.grants.on("SELECT", name)]
    found = []
    if unknown:
        there = ", ".join(facts.databases) or "none"
        text = f"the source has no {', '.join(unknown)}; it has: {there}"
        found.append(Problem("SOURCE_DATABASE_UNKNOWN", text))
    binlog_format = facts.variables.get("binlog_format", "")
    if plan.databases and plan.log_sync and binlog_format != "ROW":
        text = f"binlog_format is {binlog_format} on the source"
        found.append(Problem("SOURCE_BINLOG_FORMAT", text))
    return found


def _privileges(facts: SourceFacts, plan: Plan, version: Version) -> list[Problem]:
    wanted = privileges.needs(facts, plan.databases, plan.log_sync)
    missing = privileges.statements(facts.grants, wanted, version)
    if facts.unreadable and not missing:
        why = f"the server says: {facts.unreadable}"
        missing = [facts.grants.statement(["SELECT"], privileges.SYSTEM, why)]
    found = [Problem("SOURCE_PRIVILEGE_MISSING", " ".join(missing))] if missing else []
    return found + (_replication_privileges(facts, version) if plan.log_sync else [])


def _replication_privileges(facts: SourceFacts, version: Version) -> list[Problem]:
    missing = privileges.statements(facts.replication_grants, privileges.REPLICATION, version)
    return [Problem("SOURCE_PRIVILEGE_MISSING", text) for text in missing]


def refuse(found: Sequence[Problem], doing: str) -> None:
    """Raises one error for all problems, under the code of the first.

    Raises:
        PluginError: when there is a problem.
    """
    if not found:
        return
    if len(found) == 1:
        raise PluginError(found[0].name, doing, found[0].seen)
    lines = [f"{CATALOGUE[item.name].label} {item.seen}" for item in found]
    hints = [f"{CATALOGUE[item.name].label}: {CATALOGUE[item.name].action}" for item in found]
    # A statement ends with its own semicolon.
    seen = " ".join([*(f"{line.removesuffix(';')};" for line in lines[:-1]), lines[-1]])
    raise PluginError(found[0].name, doing, seen, "\n".join(dict.fromkeys(hints)))


def _size(size: int) -> str:
    return f"{size / 1024**3:.1f} GiB" if size >= 1024**3 else f"{size / 1024**2:.0f} MiB"
