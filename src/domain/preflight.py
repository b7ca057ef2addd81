"""The checks before a source is linked: a list of named problems, reported all together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain import source
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
    found += _privileges(facts, plan.log_sync, version)
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
    return found + _replication_privileges(facts)


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
    unknown = [name for name in plan.databases if name not in facts.databases]
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


def _privileges(facts: SourceFacts, log_sync: bool, version: Version) -> list[Problem]:
    wanted = list(source.COPY_PRIVILEGES)
    wanted += source.VIEW_PRIVILEGES if facts.views_call_functions else ()
    wanted += source.POSITION_PRIVILEGES if log_sync else ()
    missing = source.missing_privileges(facts.grants, wanted)
    found = []
    if missing:
        names = ", ".join(_grant_name(name, version) for name in missing)
        text = f"account {facts.account}: GRANT {names} ON *.* TO that account"
        found.append(Problem("SOURCE_PRIVILEGE_MISSING", text))
    return found + (_replication_privileges(facts) if log_sync else [])


def _replication_privileges(facts: SourceFacts) -> list[Problem]:
    grants = facts.replication_grants or facts.grants
    lacking = source.missing_privileges(grants, source.REPLICATION_PRIVILEGES)
    if not lacking:
        return []
    text = f"replication account: GRANT {', '.join(lacking)} ON *.* TO that account"
    return [Problem("SOURCE_PRIVILEGE_MISSING", text)]


def _grant_name(name: str, version: Version) -> str:
    return "REPLICATION CLIENT" if name == "BINLOG MONITOR" and not version.splits_super else name


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
    raise PluginError(found[0].name, doing, "; ".join(lines), "\n".join(dict.fromkeys(hints)))


def _size(size: int) -> str:
    return f"{size / 1024**3:.1f} GiB" if size >= 1024**3 else f"{size / 1024**2:.0f} MiB"
