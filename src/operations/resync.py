"""Resync: from an empty (or our own old) dataset to a replica of the source, in named steps."""

from __future__ import annotations

import logging

from domain import preflight
from domain.installation import Installation, choose_for_staging, installation_at, newest
from domain.preflight import Plan
from domain.server_config import Role
from domain.source import ASKED, SourceAddress, SourceFacts
from domain.version import Version
from ingestion.managed_logical import ManagedLogical
from operations.secrets import Login
from operations.staging import Staging, installations
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
    login = staging.source_login
    replicator = staging.replication_login or login
    address = staging.address(login.user)
    host = staging.host_facts()
    tools = newest(installations(host), host.doing)
    facts = _source_facts(staging, tools, address, (login, replicator))
    version = facts.version(staging.doing)
    installation = _choose(staging, host, version)
    plan = Plan(
        staging_version=installation.version(staging.doing),
        staging_server_id=staging.parameters.server_id,
        free_bytes=host.number("freeBytes"),
        log_sync=staging.parameters.log_sync,
        databases=staging.parameters.databases,
    )
    preflight.refuse(preflight.problems(facts, plan, staging.doing), staging.doing)
    log.info("linking %s (%s) with %s", address, version, installation.name)
    way = ManagedLogical(
        address=address,
        password=login.secret("SOURCE_PASSWORD"),
        facts=facts,
        log_sync=plan.log_sync,
        databases=plan.databases,
        tools=plan.staging_version,
    )
    instance = staging.instance(installation)
    loading = instance.with_config(staging.config(Role.LOADING, host.number("memoryBytes")))
    with instance.nothing_left_after_failure():
        gtid = _copy(way, loading)
        instance.start(restart=True)
        if plan.log_sync:
            replication.set_up(instance, gtid, staging.replication())


def _copy(way: ManagedLogical, loading: Instance) -> str:
    """Fills a new staging server; the position the copy belongs to."""
    loading.create(way.facts.carried_settings(), "staging")
    loading.start()
    copy = way.ingest(loading)
    log.info("%d objects copied; restarting with the durable configuration", copy.objects)
    return copy.gtid


def _choose(staging: Staging, host: Answer, source: Version) -> Installation:
    """The user's choice, else the repository's if staging has it, else the best one there."""
    found = installations(host)
    if staging.parameters.base_dir:
        return installation_at(host.maybe("extraDirectory"), found, host.doing)
    return choose_for_staging(staging.repository.daemon_path, found, source, host.doing)


def _source_facts(
    staging: Staging, tools: Installation, address: SourceAddress, logins: tuple[Login, Login]
) -> SourceFacts:
    reader, replicator = logins
    instance = staging.instance(tools)
    variables = {
        **address.variables(),
        "REPLICATION_USER": replicator.user if replicator != reader else "",
        "VARIABLE_NAMES": ",".join(ASKED),
    }
    secrets = {"SOURCE_PASSWORD": reader.password, "REPLICATION_PASSWORD": replicator.password}
    doing = f"asking the source {address} for"
    answer = instance.run("source_facts", doing, variables, Secrets(secrets))
    return SourceFacts(
        variables={row[0]: row[1] for row in answer.rows("variable", 2)},
        account=answer.text("account"),
        databases=answer.many("database"),
        data_bytes=answer.number("dataBytes"),
        views_call_functions=answer.flag("viewsAndFunctions"),
        grants=answer.many("grant"),
        replication_grants=answer.many("replicationGrant"),
        libraries=answer.many("library"),
    )
