"""dSource operations: what Delphix calls around a sync, an enable and a disable."""

from __future__ import annotations

import logging
from dataclasses import replace

from dlpx.virtualization.platform import MountSpecification, StagedSource, Status

from catalogue import Refusal
from domain.parameters import IngestionMode, linked_parameters
from errors import PluginError, while_doing
from generated.definitions import (
    RepositoryDefinition,
    SnapshotDefinition,
    SnapshotDefinitionVerified,
    SnapshotParametersDefinition,
    SourceConfigDefinition,
)
from operations import following, manual_ingestion, mount, resync
from operations.dsource import DSource, dsource_for
from server import quiesce, replication, retry

log = logging.getLogger(__name__)


def mount_specification(
    staged_source: StagedSource, repository: RepositoryDefinition
) -> MountSpecification:
    """Where the staging dataset is mounted."""
    guid = staged_source.guid
    with while_doing("choosing the mount path"):
        chosen = linked_parameters(staged_source.parameters, guid)
    return mount.specification(staged_source.staged_connection, chosen.layout, guid)


def pre_snapshot(
    staged_source: StagedSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
    optional_snapshot_parameters: SnapshotParametersDefinition | None,
) -> None:
    """Brings the staging server to the source's present position and quiesces it.

    A resync copies the source anew first, and so does the first sync. A policy sync carries no
    parameters.
    """
    asked = optional_snapshot_parameters
    again = bool(asked and asked.resync)
    verify = bool(asked and asked.verify)
    doing = "syncing the dSource"
    with dsource_for(doing, staged_source, repository, source_config) as dsource:
        if verify and not dsource.parameters.log_sync:
            raise Refusal("INPUT_INVALID", f"parameter verify {_NO_POSITION}")
        if again:
            _copy(dsource)
        try:
            _bring_up_to_date(dsource, verify)
        except PluginError as error:
            if again or error.entry.name != "DATASET_EMPTY":
                raise
            # A link whose first sync asks for no resync, or one that ended before it began.
            log.warning("the dataset is empty: this is the first copy")
            _copy(dsource)
            _bring_up_to_date(dsource, verify)


def _copy(dsource: DSource) -> None:
    _full_copies[dsource.parameters.mode](dsource)


def _bring_up_to_date(dsource: DSource, verify: bool) -> None:
    retry.after_restart(
        dsource.instance(),
        lambda: following.bring_up_to_date(dsource, verify),
        *(retry.REFUSED, retry.OLD),
    )


_NO_POSITION = "needs LogSync: without it staging and source have no position in common"


_full_copies = {
    IngestionMode.REPLICATION: resync.run,
    IngestionMode.MANUAL: manual_ingestion.run,
}


def post_snapshot(
    staged_source: StagedSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
    optional_snapshot_parameters: SnapshotParametersDefinition | None,
) -> SnapshotDefinition:
    """Lets the staging server go on and tells what the snapshot holds."""
    doing = "finishing the snapshot"
    with dsource_for(doing, staged_source, repository, source_config) as dsource:
        facts = quiesce.release(dsource.instance())
        if facts.verified:
            _let_go_on(dsource)
        if dsource.parameters.mode is IngestionMode.MANUAL:
            how = manual_ingestion.how_to_load(dsource)
            facts = replace(facts, empty_seed=not facts.databases, load_with=how)
            log.info("to load data: %s", how)
        values = facts.definition()
        if facts.verified:
            values["verified"] = SnapshotDefinitionVerified(**values["verified"])
        return SnapshotDefinition(**values)


def _let_go_on(dsource: DSource) -> None:
    """Replication has rested since the comparison. Where it cannot start, the snapshot is good."""
    try:
        log.info("%s", replication.resume(dsource.instance()).summary)
    except PluginError as error:
        log.warning("replication rests until the next sync: %s", error.seen)


def start_staging(
    staged_source: StagedSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
) -> None:
    """Starts the staging server and replication; both may run already."""
    doing = "starting the staging server"
    with dsource_for(doing, staged_source, repository, source_config) as dsource:
        instance = dsource.instance()
        instance.start()
        if dsource.parameters.log_sync:
            following.resume(dsource)


def stop_staging(
    staged_source: StagedSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
) -> None:
    """Stops the staging server and any copy that is under way; neither need run."""
    doing = "stopping the staging server"
    with dsource_for(doing, staged_source, repository, source_config) as dsource:
        dsource.instance().stop()


def status(
    staged_source: StagedSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
) -> Status:
    """ACTIVE when the staging server answers."""
    doing = "asking for the staging server"
    with dsource_for(doing, staged_source, repository, source_config) as dsource:
        return Status.ACTIVE if dsource.instance().is_active() else Status.INACTIVE


def worker(
    staged_source: StagedSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
) -> None:
    """Heals a passing fault of replication and reports a lasting one; never skips an event.

    An enabled dSource has a running server: one that is not there is reported, too.

    Raises:
        PluginError: REPLICATION_BROKEN, SOURCE_LOGIN_REFUSED, REPLICATION_NOT_SET_UP; for a source
            that is another one, REPLICA_DIVERGED, SOURCE_FOREIGN or SOURCE_LOG_INCOMPLETE;
            SERVER_NOT_RUNNING or DISK_SPACE.
    """
    doing = "looking after replication"
    with dsource_for(doing, staged_source, repository, source_config) as dsource:
        instance = dsource.instance()
        if dsource.parameters.log_sync or not instance.runs():
            following.look_after(dsource)


def source_size(
    staged_source: StagedSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
) -> int:
    """Bytes of the staging data."""
    doing = "measuring the dSource"
    with dsource_for(doing, staged_source, repository, source_config) as dsource:
        return dsource.instance().size()
