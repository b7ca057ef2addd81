"""VDBs: provision, create empty, snapshot, start, stop, enable, disable, delete, polled ones."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from lab.engine import Engine
from lab.errors import LabError
from lab.model import (
    Action,
    Container,
    ContainerState,
    Environment,
    Job,
    Json,
    Kind,
    Repository,
    Snapshot,
    SourceConfig,
)
from lab.workflows.common import (
    both,
    ignoring_plugin,
    require_childless,
    require_enabled,
    require_new_name,
    take_snapshot,
    tools,
)
from lab.workflows.datasets import Datasets
from lab.workflows.operations import ACTIVE, Operations, snapshot_message


@dataclass(frozen=True)
class VdbRequest:
    """What a user gives for a new VDB; `snapshot` None makes an empty one."""

    name: str
    environment: Environment
    repository: Repository
    parameters: Json
    snapshot: Snapshot | None
    initial_snapshot: bool
    group: str | None = None


def provision(engine: Engine, request: VdbRequest) -> Job:
    """Clone, mount_specification, mount, configure, then a first snapshot if wanted."""

    def configure(operations: Operations, container: Container) -> Json:
        given = snapshot_message(request.snapshot)
        result = operations.call("Configure", container, snapshot=given)
        return operations.source_config_of(container, result)

    return _create(engine, request, Action.DB_PROVISION, configure)


def create_empty(engine: Engine, request: VdbRequest) -> Job:
    """An empty dataset, mount_specification, mount, initialize."""

    def initialize(operations: Operations, container: Container) -> Json:
        result = operations.call("Initialize", container)
        return operations.source_config_of(container, result)

    return _create(engine, request, Action.DB_CREATE_EMPTY, initialize)


def _create(
    engine: Engine,
    request: VdbRequest,
    action: Action,
    configure: Callable[[Operations, Container], Json],
) -> Job:
    require_new_name(engine, request.name)
    engine.artifact(request.repository.plugin).virtual_source.check(request.parameters)
    container = _new_vdb(engine, request)
    with engine.container_job(action, container) as run:
        operations, datasets = tools(engine, run, container)
        engine.store.put_named(container)
        with removed_on_failure(engine, operations, datasets, container):
            if request.snapshot is None:
                datasets.create(container)
            else:
                datasets.clone(request.snapshot, container)
            container = datasets.attach(container, operations.mount_specification(container))
            container = configured(engine, container, configure(operations, container))
        if request.initial_snapshot:
            take_snapshot(operations, datasets, container)
    return run.record


def _new_vdb(engine: Engine, request: VdbRequest) -> Container:
    return Container(
        reference=engine.store.new_reference(Container.PREFIX),
        name=request.name,
        kind=Kind.VDB,
        guid=str(uuid.uuid4()),
        environment=request.environment.reference,
        repository=request.repository.reference,
        parameters=request.parameters,
        state=ContainerState.CREATING,
        timeflow=engine.store.new_reference("APPDATA_TIMEFLOW"),
        parent=request.snapshot.container if request.snapshot else None,
        parent_snapshot=request.snapshot.reference if request.snapshot else None,
        group=request.group,
    )


@contextmanager
def removed_on_failure(
    engine: Engine, operations: Operations, datasets: Datasets, container: Container
) -> Iterator[None]:
    """When the inside fails nothing of the new VDB is left; what still runs is taken down.

    Unless it cannot be unmounted: then the VDB stays, to be deleted, and the error says so.
    """
    try:
        yield
    except Exception as error:
        # The places where it is mounted became known inside.
        latest = engine.store.get(Container, container.reference)
        try:
            detach(operations, datasets, latest)
            datasets.delete(latest)
        except LabError as second:
            raise both(error, "The new VDB could not be removed", second) from error
        engine.store.remove(latest)
        raise


def detach(operations: Operations, datasets: Datasets, container: Container) -> None:
    """Unmount; what was cut off before it was configured is taken down by the plugin first."""
    try:
        datasets.detach(container)
    except LabError:
        if container.source_config is not None:
            raise
        with ignoring_plugin(True):
            operations.call("Unconfigure", container, deleteFlag=True)
        datasets.detach(container)


def configured(engine: Engine, container: Container, parameters: Json) -> Container:
    """Store the VDB as enabled, with the source config that the plugin returned."""
    repository = engine.store.get(Repository, container.repository)
    kind = engine.artifact(repository.plugin).source_config
    reference = container.source_config or engine.store.new_reference(SourceConfig.PREFIX)
    place = (kind.name(parameters), repository.reference, parameters)
    config = SourceConfig(reference, *place, container=container.reference)
    container = replace(container, source_config=reference, state=ContainerState.ENABLED)
    engine.store.put(config, container)
    return container


def snapshot(engine: Engine, container: Container) -> Job:
    """A snapshot of a VDB, by the user or a policy."""
    require_enabled(container)
    with engine.container_job(Action.DB_SYNC, container) as run:
        take_snapshot(*tools(engine, run, container), container)
    return run.record


def start(engine: Engine, container: Container) -> Job:
    """mount_specification, mount if needed, start."""
    require_enabled(container)
    with engine.container_job(Action.SOURCE_START, container) as run:
        operations, datasets = tools(engine, run, container)
        container = datasets.attach(container, operations.mount_specification(container))
        operations.call("Start", container)
    return run.record


def stop(engine: Engine, container: Container) -> Job:
    """stop; the dataset stays mounted."""
    require_enabled(container)
    with engine.container_job(Action.SOURCE_STOP, container) as run:
        tools(engine, run, container)[0].call("Stop", container)
    return run.record


def enable(engine: Engine, container: Container) -> Job:
    """status; when inactive mount_specification, mount, reconfigure."""
    with engine.container_job(Action.SOURCE_ENABLE, container) as run:
        operations, datasets = tools(engine, run, container)
        drop_strays(operations, datasets, container)
        if not _active(operations, datasets, container):
            container = datasets.attach(container, operations.mount_specification(container))
            reconfigure(engine, operations, container)
        else:
            engine.store.put(replace(container, state=ContainerState.ENABLED))
    return run.record


def _active(operations: Operations, datasets: Datasets, container: Container) -> bool:
    result = operations.call("VirtualStatus", container)
    return datasets.is_attached(container) if result is None else bool(result.status == ACTIVE)


def reconfigure(engine: Engine, operations: Operations, container: Container) -> Container:
    """reconfigure with the snapshot that the VDB's current timeflow was made from."""
    origin = container.parent_snapshot
    message = snapshot_message(engine.store.get(Snapshot, origin) if origin else None)
    result = operations.call("Reconfigure", container, snapshot=message)
    return configured(engine, container, operations.source_config_of(container, result))


def drop_strays(operations: Operations, datasets: Datasets, container: Container) -> None:
    """Remove what an interrupted refresh or rollback left.

    What runs on another timeflow is taken down by the plugin first, as before every unmount.
    """
    if datasets.has_strays(container) and container.source_config is not None:
        with ignoring_plugin(True):
            operations.call("Unconfigure", container)
    datasets.drop_strays(container)


def disable(engine: Engine, container: Container) -> Job:
    """unconfigure, unmount."""
    require_enabled(container)
    with engine.container_job(Action.SOURCE_DISABLE, container) as run:
        operations, datasets = tools(engine, run, container)
        unconfigure(engine, operations, datasets, container)
    return run.record


def unconfigure(
    engine: Engine, operations: Operations, datasets: Datasets, container: Container
) -> Container:
    """unconfigure, unmount; the VDB is disabled afterwards. After a reboot nothing is mounted."""
    if datasets.is_attached(container):
        operations.call("Unconfigure", container)
    datasets.detach(container)
    container = replace(container, state=ContainerState.DISABLED)
    engine.store.put(container)
    return container


def delete(engine: Engine, container: Container, *, force: bool = False) -> Job:
    """unconfigure, cleanup, unmount, then dataset and snapshots go. `force`: despite the plugin."""
    require_childless(engine, container)
    with engine.container_job(Action.DB_DELETE, container) as run:
        operations, datasets = tools(engine, run, container)
        with ignoring_plugin(force):
            if container.source_config is not None:
                if datasets.is_attached(container):
                    operations.call("Unconfigure", container, deleteFlag=True)
                operations.call("VirtualCleanup", container)
        detach(operations, datasets, container)
        datasets.delete(container)
        datasets.delete_snapshots(container)
        if container.source_config is not None:
            engine.store.remove(engine.source_config(container))
        engine.store.remove(container)
    return run.record


def is_active(engine: Engine, container: Container) -> bool:
    """virtual.status."""
    with engine.poll(Action.SOURCE_STATUS, container) as run:
        return _active(*tools(engine, run, container), container)


def source_size(engine: Engine, container: Container) -> int:
    """virtual.source_size: bytes. Raises LabError when the plugin does not have it."""
    with engine.poll(Action.SOURCE_SIZE, container) as run:
        result = tools(engine, run, container)[0].call("VirtualSourceSize", container)
        if result is None:
            raise LabError("The plugin has no source size")
    return int(result.database_size)
