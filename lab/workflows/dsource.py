"""dSources: link, sync, enable, disable, delete, and what is polled."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace

from lab.engine import Engine
from lab.errors import LabError
from lab.jobs import JobRun
from lab.model import (
    Action,
    Container,
    ContainerState,
    Environment,
    Job,
    Json,
    Kind,
    Repository,
    SourceConfig,
)
from lab.workflows.common import (
    ignoring_plugin,
    require_childless,
    require_enabled,
    require_new_name,
    tools,
)
from lab.workflows.datasets import Datasets
from lab.workflows.operations import ACTIVE, sync_message


@dataclass(frozen=True)
class LinkRequest:
    """What a user gives to link a dSource."""

    name: str
    source_config: SourceConfig
    staging: Environment
    parameters: Json
    sync_parameters: Json | None
    group: str | None = None


def link(engine: Engine, request: LinkRequest) -> Job:
    """Create a dSource on an empty dataset, then sync it for the first time: the job of the sync.

    The sync is a job of its own, a child of the link's, as on a real engine. When it fails the
    dSource stays, without a snapshot: sync again or delete it.
    """
    require_new_name(engine, request.name)
    repository = engine.store.get(Repository, request.source_config.repository)
    artifact = engine.artifact(repository.plugin)
    artifact.linked_source.check(request.parameters)
    _check_sync_parameters(engine, repository, request.sync_parameters)
    container = Container(
        reference=engine.store.new_reference(Container.PREFIX),
        name=request.name,
        kind=Kind.DSOURCE,
        guid=str(uuid.uuid4()),
        environment=request.staging.reference,
        repository=repository.reference,
        parameters=request.parameters,
        state=ContainerState.ENABLED,
        timeflow=engine.store.new_reference("APPDATA_TIMEFLOW"),
        source_config=request.source_config.reference,
        group=request.group,
    )
    with engine.container_job(Action.DB_LINK, container) as run:
        engine.store.put_named(container)
        Datasets(engine, run).create(container)
    return sync(engine, container, request.sync_parameters, run.record.reference)


def sync(
    engine: Engine, container: Container, parameters: Json | None, parent: str | None = None
) -> Job:
    """mount_specification, mount if needed, pre_snapshot, storage snapshot, post_snapshot.

    A policy's sync passes no parameters (None), a resync {"resync": true}. `parent` is the job
    that asked for it.
    """
    require_enabled(container)
    repository = engine.store.get(Repository, container.repository)
    _check_sync_parameters(engine, repository, parameters)
    with engine.container_job(Action.DB_SYNC, container, parent) as run:
        _sync(engine, run, engine.container(container.reference), parameters)
    return run.record


def _check_sync_parameters(engine: Engine, repository: Repository, value: Json | None) -> None:
    if value is not None:
        engine.artifact(repository.plugin).snapshot_parameters.check(value)


def _sync(engine: Engine, run: JobRun, container: Container, parameters: Json | None) -> None:
    operations, datasets = tools(engine, run, container)
    container = datasets.attach(container, operations.mount_specification(container))
    given = {"snapshot_parameters": sync_message(parameters)}
    operations.call("StagedPreSnapshot", container, **given)
    datasets.snapshot(
        operations, container, lambda: operations.call("StagedPostSnapshot", container, **given)
    )


def enable(engine: Engine, container: Container) -> Job:
    """mount_specification, mount, start_staging."""
    with engine.container_job(Action.SOURCE_ENABLE, container) as run:
        operations, datasets = tools(engine, run, container)
        container = datasets.attach(container, operations.mount_specification(container))
        operations.call("StartStaging", container)
        engine.store.put(replace(container, state=ContainerState.ENABLED))
    return run.record


def disable(engine: Engine, container: Container) -> Job:
    """stop_staging, unmount."""
    require_enabled(container)
    with engine.container_job(Action.SOURCE_DISABLE, container) as run:
        _stop(engine, run, container)
        engine.store.put(replace(container, state=ContainerState.DISABLED))
    return run.record


def _stop(engine: Engine, run: JobRun, container: Container) -> None:
    operations, datasets = tools(engine, run, container)
    if datasets.is_attached(container):
        operations.call("StopStaging", container)
    datasets.detach(container)


def delete(engine: Engine, container: Container, *, force: bool = False) -> Job:
    """stop_staging, unmount, then the dataset with all its snapshots goes.

    `force`: go on when the plugin fails. Raises LabError while VDBs of it exist.
    """
    require_childless(engine, container)
    with engine.container_job(Action.DB_DELETE, container) as run:
        datasets = Datasets(engine, run)
        if container.state is ContainerState.ENABLED:
            with ignoring_plugin(force):
                _stop(engine, run, container)
        datasets.detach(container)
        datasets.delete(container)
        datasets.delete_snapshots(container)
        engine.store.remove(container)
    return run.record


def is_active(engine: Engine, container: Container) -> bool:
    """linked.status."""
    with engine.poll(Action.SOURCE_STATUS, container) as run:
        result = tools(engine, run, container)[0].call("StagedStatus", container)
    return result is None or result.status == ACTIVE


def worker(engine: Engine, container: Container) -> None:
    """linked.worker, which a real engine runs now and then on an enabled dSource."""
    require_enabled(container)
    with engine.poll(Action.SOURCE_WORKER, container) as run:
        tools(engine, run, container)[0].call("StagedWorker", container)


def source_size(engine: Engine, container: Container) -> int:
    """linked.source_size: bytes. Raises LabError when the plugin does not have it."""
    with engine.poll(Action.SOURCE_SIZE, container) as run:
        result = tools(engine, run, container)[0].call("StagedSourceSize", container)
        if result is None:
            raise LabError("The plugin has no source size")
    return int(result.database_size)
