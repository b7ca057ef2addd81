"""Refresh and rollback: a VDB gets a new timeflow, a clone of another snapshot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from lab.engine import Engine
from lab.errors import LabError
from lab.jobs import JobRun
from lab.model import Action, Container, ContainerState, Job, Snapshot
from lab.workflows.common import both, take_snapshot, tools
from lab.workflows.datasets import Datasets
from lab.workflows.operations import Operations, snapshot_message
from lab.workflows.vdb import configured, drop_strays, reconfigure, unconfigure


def refresh(engine: Engine, container: Container, snapshot: Snapshot) -> Job:
    """unconfigure, unmount, new timeflow, mount_specification, mount, configure, snapshot."""

    def configure(operations: Operations, new: Container) -> Container:
        result = operations.call("Configure", new, snapshot=snapshot_message(snapshot))
        return configured(engine, new, operations.source_config_of(new, result))

    with engine.container_job(Action.DB_REFRESH, container) as run:
        _switch(engine, run, container, snapshot, configure)
    return run.record


def rollback(engine: Engine, container: Container, snapshot: Snapshot) -> Job:
    """unconfigure, unmount, new timeflow, mount_specification, mount, reconfigure, snapshot."""

    def again(operations: Operations, new: Container) -> Container:
        return reconfigure(engine, operations, new)

    with engine.container_job(Action.DB_ROLLBACK, container) as run:
        _switch(engine, run, container, snapshot, again)
    return run.record


def _switch(
    engine: Engine,
    run: JobRun,
    old: Container,
    snapshot: Snapshot,
    configure: Callable[[Operations, Container], Container],
) -> None:
    """Move a VDB to a new timeflow. When that fails it is disabled, on its old timeflow."""
    operations, datasets = tools(engine, run, old)
    drop_strays(operations, datasets, old)
    if old.state is ContainerState.ENABLED:
        old = unconfigure(engine, operations, datasets, old)
    new = replace(
        old,
        timeflow=engine.store.new_reference("APPDATA_TIMEFLOW"),
        parent_snapshot=snapshot.reference,
    )
    try:
        datasets.clone(snapshot, new)
        new = datasets.attach(new, operations.mount_specification(new))
        new = configure(operations, new)
    except Exception as error:
        _back(engine, datasets, old, error)
        raise
    datasets.delete(new, keep=new.dataset)
    take_snapshot(operations, datasets, new)


def _back(engine: Engine, datasets: Datasets, old: Container, error: Exception) -> None:
    """Return to the old timeflow. What cannot be removed now goes with the next attempt."""
    places = engine.store.get(Container, old.reference).mounts
    old = replace(old, mounts=places)
    engine.store.put(old)
    try:
        datasets.drop_strays(old)
    except LabError as second:
        raise both(error, "The new timeflow could not be removed", second) from error
