"""The checks of the source before it is linked: pure functions of what it said."""

from __future__ import annotations

from dataclasses import dataclass

from domain.problems import Problem, failed
from domain.source import privileges
from domain.source.discovered import Discovered
from domain.source.facts import SourceFacts
from domain.source.local import LocalFacts
from domain.version import Version

# How many times their size the files of a source need: they grow while they are copied.
_ROOM_OF_FILES = 1.1


@dataclass(frozen=True)
class Plan:
    """What is about to be linked.

    Attributes:
        staging_version: of the installation that will run staging.
        staging_server_id: of the staging server.
        free_bytes: on the staging dataset.
        own_bytes: that the staging server's own files need of them.
        log_sync: whether replication is wanted.
        databases: to copy, empty for all.
        has_keys: staging will have a key management plugin.
        discovered: what the source config says.
    """

    staging_version: Version
    staging_server_id: int
    free_bytes: int
    log_sync: bool
    databases: tuple[str, ...] = ()
    has_keys: bool = False
    discovered: Discovered | None = None
    own_bytes: int = 0


def problems(facts: SourceFacts, plan: Plan) -> list[Problem]:
    """Every reason why the source cannot be linked as planned; empty when there is none.

    Raises:
        Refusal: when the source is no MariaDB, or one too old to be asked further.
    """
    version = facts.version()
    return [
        *_same_server(facts, plan),
        *_series(version, plan),
        *(_replication(facts, plan) if plan.log_sync else ()),
        *_databases(facts, plan),
        *_encryption(facts, plan),
        *_names(facts, plan),
        *_privileges(facts, plan, version),
        *(_replication_privileges(facts, version) if plan.log_sync else ()),
        *_space(facts, plan),
    ]


def following_problems(facts: SourceFacts, plan: Plan) -> list[Problem]:
    """Why the source cannot be followed from a backup of it; nothing is read but its binary log."""
    version = facts.version()
    return [
        *_same_server(facts, plan),
        *_series(version, plan),
        *_replication(facts, plan),
        *_databases(facts, plan),
        *_encryption(facts, plan),
        *_filtered_names(plan),
        *_replication_privileges(facts, version),
    ]


def physical_problems(facts: SourceFacts, local: LocalFacts, plan: Plan) -> list[Problem]:
    """Why the files of the source cannot be copied, or not be followed then.

    Args:
        local: of the server on the source host.
    """
    version = facts.version()
    another = local.difference(facts)
    missing = privileges.statements(local.grants, privileges.PHYSICAL, version)
    return [
        *_same_server(facts, plan),
        *([failed("same-server", another)] if another else ()),
        *_series_of_files(version, local, plan),
        *(_replication(facts, plan) if plan.log_sync else ()),
        *(_encrypted_files(local, plan) or _encryption(facts, plan)),
        *([failed("privileges", " ".join(missing))] if missing else ()),
        *(_replication_privileges(facts, version) if plan.log_sync else ()),
        *_space_of_files(facts, local, plan),
    ]


def _series_of_files(version: Version, local: LocalFacts, plan: Plan) -> list[Problem]:
    found = []
    if not plan.staging_version.can_open_files_of(version):
        text = f"the source's files were written by {version}, staging has {plan.staging_version}"
        found.append(failed("backup-series", text))
    if local.tool and local.tool.series != version.series:
        text = f"mariadb-backup on the source host is of {local.tool}, the server of {version}"
        found.append(failed("backup-series", text))
    return found


def _encrypted_files(local: LocalFacts, plan: Plan) -> list[Problem]:
    if not local.encrypted_by or plan.has_keys:
        return []
    text = f"{local.encrypted_by} on the source; staging has no key management plugin"
    return [failed("encryption", text)]


def _space_of_files(facts: SourceFacts, local: LocalFacts, plan: Plan) -> list[Problem]:
    held = max(local.file_bytes, facts.data_bytes)
    needed = int(held * _ROOM_OF_FILES) + plan.own_bytes
    if plan.free_bytes >= needed:
        return []
    text = f"their copy may need {_size(needed)}, free are {_size(plan.free_bytes)}"
    return [failed("space", f"the files of the source hold {_size(held)}, {text}")]


def _same_server(facts: SourceFacts, plan: Plan) -> list[Problem]:
    found = plan.discovered
    other = found.difference(facts.variables) if found and not found.elsewhere else ""
    return [failed("same-server", other)] if other else []


def _series(version: Version, plan: Plan) -> list[Problem]:
    if plan.staging_version.can_load_dump_of(version):
        return []
    text = f"the source runs {version}, newer than {plan.staging_version} on staging"
    return [failed("series", text)]


def _replication(facts: SourceFacts, plan: Plan) -> list[Problem]:
    found = []
    if not facts.has_binlog:
        found.append(failed("binary-log", "log_bin is OFF on the source"))
    if facts.server_id == plan.staging_server_id:
        found.append(failed("server-id", f"the source has server id {facts.server_id} too"))
    return found + [failed("complete-log", text) for text in facts.logging.gaps()]


def _databases(facts: SourceFacts, plan: Plan) -> list[Problem]:
    # A database that the account may not read is not listed. It is not reported as unknown: the
    # check `privileges` asks for the grant.
    unseen = [name for name in plan.databases if name not in facts.databases]
    unknown = [name for name in unseen if facts.grants.on("SELECT", name)]
    found = []
    if unknown:
        there = ", ".join(facts.databases) or "none"
        text = f"the source has no {', '.join(unknown)}; it has: {there}"
        found.append(failed("databases", text))
    binlog_format = facts.variables.get("binlog_format", "")
    if plan.databases and plan.log_sync and binlog_format != "ROW":
        found.append(failed("binlog-format", f"binlog_format is {binlog_format} on the source"))
    return found


def _encryption(facts: SourceFacts, plan: Plan) -> list[Problem]:
    """A server without keys cannot create a table whose definition demands encryption."""
    chosen = facts.chosen_encrypted(plan.databases)
    if not chosen or plan.has_keys:
        return []
    count = sum(item.count for item in chosen)
    text = f"{count} tables demand encryption, such as {chosen[0].database}: {chosen[0].examples}"
    return [failed("encryption", f"{text}; staging has no key management plugin")]


def _names(facts: SourceFacts, plan: Plan) -> list[Problem]:
    """mariadb-dump and the filters of replication know a table by one text with a dot in it."""
    found = []
    if facts.ambiguous:
        text = (
            f"mariadb-dump cannot tell the tables apart that are both called {facts.ambiguous[0]}"
        )
        found.append(failed("names", text))
    hidden = [name for name in facts.hidden_events if name in (plan.databases or {name})]
    if hidden:
        text = f"mariadb-dump cannot read the events of the database {hidden[0]!r}"
        found.append(failed("names", text))
    return [*found, *_filtered_names(plan)]


def _filtered_names(plan: Plan) -> list[Problem]:
    dotted = [name for name in plan.databases if "." in name] if plan.log_sync else []
    if not dotted:
        return []
    text = f"replication cannot be limited to a database with a dot in its name: {dotted[0]}"
    return [failed("names", text)]


def _privileges(facts: SourceFacts, plan: Plan, version: Version) -> list[Problem]:
    wanted = privileges.needs(facts, plan.databases, plan.log_sync)
    missing = privileges.statements(facts.grants, wanted, version)
    if facts.unreadable and not missing:
        why = f"the server says: {facts.unreadable}"
        missing = [facts.grants.statement(["SELECT"], privileges.SYSTEM, why)]
    return [failed("privileges", " ".join(missing))] if missing else []


def _replication_privileges(facts: SourceFacts, version: Version) -> list[Problem]:
    missing = privileges.statements(facts.replication_grants, privileges.REPLICATION, version)
    return [failed("replication-privileges", text) for text in missing]


def _space(facts: SourceFacts, plan: Plan) -> list[Problem]:
    needed = facts.space_needed + plan.own_bytes
    if plan.free_bytes >= needed:
        return []
    held, own, free = _size(facts.data_bytes), _size(plan.own_bytes), _size(plan.free_bytes)
    text = (
        f"a copy may need {_size(needed)}, {own} of it for the server's own files, free are {free}"
    )
    return [failed("space", f"the source holds {held}, {text}")]


def _size(size: int) -> str:
    return f"{size / 1024**3:.1f} GiB" if size >= 1024**3 else f"{size / 1024**2:.0f} MiB"
