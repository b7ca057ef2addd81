"""Resync: from an empty (or our own old) dataset to a replica of the source, in named steps."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from domain import backup as backups
from domain import checks, encryption, preflight, privileges, service
from domain.checks import Problem
from domain.grants import Grants
from domain.installation import Installation, choose_for_staging, newest
from domain.preflight import Plan
from domain.server_config import Role
from domain.settings import Setting
from domain.source import ASKED, SourceAddress, SourceFacts, Tables
from domain.version import Version
from errors import PluginError
from ingestion import user_backup
from ingestion.copy import Copy, WayIn
from ingestion.managed_logical import ManagedLogical
from ingestion.user_backup import UserBackup
from operations.staging import Staging, host_problems, installations
from remote.answer import Answer
from remote.host import Secrets
from server import replication
from server.instance import Instance

log = logging.getLogger(__name__)


def run(staging: Staging) -> None:
    """Checks everything that can be checked, and only then touches the dataset.

    Raises:
        PluginError: with the state as it was before, as long as a check refuses.
    """
    host = staging.host_facts()
    found = host_problems(host)
    way = _user_backup if staging.parameters.backup_path else _managed
    with checks.gathering(found, staging.doing):
        prepared = way(staging, host, found)
    checks.refuse(found, staging.doing)
    log.info("%s", prepared.story)
    instance = prepared.instance
    tuned = staging.config(Role.LOADING, host.number("memoryBytes"))
    loading = instance.with_config(replace(tuned, starter=instance.config.starter))
    with instance.nothing_left_after_failure():
        copy = prepared.way.ingest(loading, prepared.required)
        log.info("%d objects copied; starting with the durable configuration", copy.objects)
        left_out = _left_out(prepared.facts, copy) if staging.parameters.log_sync else ()
        instance.start(restart=True, required=(*copy.required, *left_out))
        if staging.parameters.log_sync:
            replication.set_up(instance, copy.gtid, staging.replication())


def _left_out(facts: SourceFacts | None, copy: Copy) -> tuple[Setting, ...]:
    """Settings that keep what only a cloud service has in `mysql` out of replication."""
    foreign = service.foreign(facts.system_objects if facts else (), copy.system_objects)
    if foreign:
        log.info("not replicated, the schema mysql of staging lacks it: %s", ", ".join(foreign))
    return service.filters(foreign)


@dataclass(frozen=True)
class _Prepared:
    """A way in, to be gone when no check failed; `facts` of the source when it was asked."""

    story: str
    way: WayIn
    instance: Instance
    required: tuple[Setting, ...]
    facts: SourceFacts | None


def _managed(staging: Staging, host: Answer, found: list[Problem]) -> _Prepared:
    login = staging.source_login
    address = staging.address(login.user)
    if staging.parameters.log_sync:
        staging.replication()
    facts = _source_facts(staging, newest(installations(host), host.doing), address)
    installation = _choose(staging, host, facts.version(staging.doing))
    instance = staging.instance(installation).with_starter(host)
    plan = _plan(staging, host, instance, installation)
    found += preflight.problems(facts, plan, staging.doing)
    way = ManagedLogical(
        address=address,
        password=login.secret("SOURCE_PASSWORD"),
        facts=facts,
        log_sync=plan.log_sync,
        databases=plan.databases,
        tools=plan.staging_version,
        lock=privileges.lock(facts.grants, facts.chosen_plain_tables(plan.databases)),
    )
    story = f"linking {address} with {installation.name}"
    return _Prepared(story, way, instance, facts.carried_settings(), facts)


def _user_backup(staging: Staging, host: Answer, found: list[Problem]) -> _Prepared:
    """The source is only asked when it will be followed; a backup without LogSync needs none."""
    there = installations(host)
    chosen = staging.parameters
    backup = user_backup.inspect(staging.host, chosen.layout.mount, chosen.backup_path, there)
    tools = newest(there, host.doing)
    source: tuple[SourceAddress, Secrets] | None = None
    required: tuple[Setting, ...] = ()
    facts: SourceFacts | None = None
    version = Version.parse(backup.version_text, host.doing) if backup.version_text else None
    if staging.parameters.log_sync:
        login = staging.source_login
        address = staging.address(login.user)
        staging.replication()
        facts = _source_facts(staging, tools, address)
        source, required = (address, login.secret("SOURCE_PASSWORD")), facts.carried_settings()
        version = version or facts.version(staging.doing)
    installation = _choose(staging, host, version or tools.version(host.doing))
    instance = staging.instance(installation).with_starter(host)
    plan = _plan(staging, host, instance, installation)
    if facts:
        found += preflight.following_problems(facts, plan, staging.doing)
    found += backups.problems(backup, plan.staging_version, plan.free_bytes, staging.doing)
    story = f"restoring {backup.path} ({backup.kind.value}) with {installation.name}"
    return _Prepared(story, UserBackup(backup, source), instance, required, facts)


def _plan(staging: Staging, host: Answer, instance: Instance, installation: Installation) -> Plan:
    return Plan(
        staging_version=installation.version(staging.doing),
        staging_server_id=staging.parameters.server_id,
        free_bytes=host.number("freeBytes"),
        log_sync=staging.parameters.log_sync,
        databases=staging.parameters.databases,
        has_keys=encryption.has_keys(instance.config.given),
    )


def _choose(staging: Staging, host: Answer, source: Version) -> Installation:
    """The user's choice, else the repository's if staging has it, else the best one there."""
    return staging.named_installation(host) or choose_for_staging(
        staging.repository.daemon_path, installations(host), source, host.doing
    )


def _source_facts(staging: Staging, tools: Installation, address: SourceAddress) -> SourceFacts:
    reader = staging.source_login
    replicator = staging.replication_login or reader
    instance = staging.instance(tools)
    variables = {
        **address.variables(),
        "REPLICATION_USER": replicator.user if replicator != reader else "",
        "VARIABLE_NAMES": ",".join(ASKED),
    }
    secrets = {"SOURCE_PASSWORD": reader.password, "REPLICATION_PASSWORD": replicator.password}
    doing = f"asking the source {address} for"
    answer = instance.run("source_facts", doing, variables, Secrets(secrets))
    grants = Grants.parse(answer.text("account"), answer.many("grant"))
    replicates = answer.maybe("replicationAccount")
    return SourceFacts(
        variables={row[0]: row[1] for row in answer.rows("variable", 2)},
        databases=tuple(row[0] for row in answer.rows("database", 1)),
        data_bytes=answer.number("dataBytes"),
        views_call_functions=answer.flag("viewsAndFunctions"),
        plain_tables=_tables(answer, "plainTables"),
        encrypted=_tables(answer, "encrypted"),
        ambiguous=tuple(row[0] for row in answer.rows("ambiguous", 1)),
        hidden_events=tuple(row[0] for row in answer.rows("hiddenEvents", 1)),
        grants=grants,
        replication_grants=(
            Grants.parse(replicates, answer.many("replicationGrant")) if replicates else grants
        ),
        unreadable=answer.maybe("unreadable"),
        libraries=answer.many("library"),
        system_objects=tuple(row[0] for row in answer.rows("systemObject", 1)),
    )


def _tables(answer: Answer, key: str) -> tuple[Tables, ...]:
    try:
        rows = answer.rows(key, 3)
        return tuple(Tables(name, int(count), text) for name, count, text in rows)
    except ValueError as error:
        raise PluginError("ANSWER_UNREADABLE", answer.doing, str(error)) from error
