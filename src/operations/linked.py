"""dSource operations: what Delphix calls around a sync, an enable and a disable."""

from __future__ import annotations

import logging

from dlpx.virtualization.platform import MountSpecification, StagedSource, Status

from domain.parameters import IngestionMode, linked_parameters
from domain.replica import Cure, Health, cure_of
from generated.definitions import (
    RepositoryDefinition,
    SnapshotDefinition,
    SnapshotParametersDefinition,
    SourceConfigDefinition,
)
from operations import mounts, restart, resync, seed
from operations.staging import Staging
from server import replication, snapshot

log = logging.getLogger(__name__)


def mount_specification(
    staged_source: StagedSource, repository: RepositoryDefinition
) -> MountSpecification:
    """Where the staging dataset is mounted."""
    guid = staged_source.guid
    chosen = linked_parameters(staged_source.parameters, guid, "choosing the mount path")
    return mounts.specification(staged_source.staged_connection, chosen.layout, guid)


def pre_snapshot(
    staged_source: StagedSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
    optional_snapshot_parameters: SnapshotParametersDefinition | None,
) -> None:
    """Brings the staging server to the source's present position and quiesces it.

    A resync copies the source anew first. A policy sync carries no parameters.
    """
    again = bool(optional_snapshot_parameters and optional_snapshot_parameters.resync)
    staging = Staging(staged_source, repository, source_config, "syncing the dSource")
    if again:
        _ways_in[staging.parameters.mode](staging)
    restart.once(
        staging.instance(), lambda: _bring_up_to_date(staging), restart.REFUSED, restart.OLD
    )


_ways_in = {IngestionMode.REPLICATION: resync.run, IngestionMode.MANUAL: seed.run}


def _bring_up_to_date(staging: Staging) -> None:
    instance = staging.instance()
    source_gtid = ""
    if staging.parameters.log_sync:
        login = staging.source_login
        address = staging.address(login.user)
        target = replication.source_position(instance, address, login.secret("SOURCE_PASSWORD"))
        log.info("the source is at GTID %s", target)
        seconds = staging.parameters.catch_up_seconds
        replication.catch_up(instance, target, seconds, staging.way)
        source_gtid = str(target)
    snapshot.quiesce(instance, needs_server=True, source_gtid=source_gtid)


def post_snapshot(
    staged_source: StagedSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
    optional_snapshot_parameters: SnapshotParametersDefinition | None,
) -> SnapshotDefinition:
    """Lets the staging server go on and tells what the snapshot holds."""
    staging = Staging(staged_source, repository, source_config, "finishing the snapshot")
    facts = snapshot.release(staging.instance()).values
    if staging.parameters.mode is IngestionMode.MANUAL:
        facts["empty_seed"] = not facts["databases"]
        facts["load_with"] = seed.way_in(staging)
        log.info("to load data: %s", facts["load_with"])
    return SnapshotDefinition(**facts)


def start_staging(
    staged_source: StagedSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
) -> None:
    """Starts the staging server and replication; both may run already."""
    staging = Staging(staged_source, repository, source_config, "starting the staging server")
    instance = staging.instance()
    instance.start()
    if staging.parameters.log_sync:
        status = replication.resume(instance)
        log.info("%s", status.story)


def stop_staging(
    staged_source: StagedSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
) -> None:
    """Stops the staging server and any copy that is under way; neither need run."""
    Staging(
        staged_source, repository, source_config, "stopping the staging server"
    ).instance().stop()


def status(
    staged_source: StagedSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
) -> Status:
    """ACTIVE when the staging server answers."""
    staging = Staging(staged_source, repository, source_config, "asking for the staging server")
    return Status.ACTIVE if staging.instance().is_active() else Status.INACTIVE


def worker(
    staged_source: StagedSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
) -> None:
    """Heals a passing fault of replication and reports a lasting one; never skips an event.

    Raises:
        PluginError: REPLICATION_BROKEN, SOURCE_LOGIN_REFUSED or REPLICATION_NOT_SET_UP.
    """
    staging = Staging(staged_source, repository, source_config, "looking after replication")
    instance = staging.instance()
    if not staging.parameters.log_sync or not instance.is_active():
        return
    status, doing = restart.once(instance, lambda: replication.status(instance), restart.OLD)
    if status.health is Health.BEING_MADE:
        log.info("a resync is under way: nothing to look after")
        return
    if cure_of(status, staging.way.place) is not Cure.NONE:
        status = replication.heal(instance, status, staging.way)
    replication.require_healthy(status, doing)


def source_size(
    staged_source: StagedSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
) -> int:
    """Bytes of the staging data."""
    staging = Staging(staged_source, repository, source_config, "measuring the dSource")
    return staging.instance().size()
