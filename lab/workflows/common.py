"""What workflows share: conditions, the tools of a job, the snapshot of a VDB, errors in pairs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lab.choosing import without_snapshot
from lab.engine import Engine
from lab.errors import LabError
from lab.jobs import EngineStopped, JobCancelled, JobRun
from lab.model import Container, ContainerState, Kind, Repository, Snapshot
from lab.workflows.datasets import Datasets
from lab.workflows.operations import Operations


def require_new_name(engine: Engine, name: str) -> None:
    """Raise LabError when a dSource or VDB of that name exists."""
    for row in engine.store.all(Container, lambda row: row.name == name):
        if row.kind is Kind.DSOURCE and not engine.snapshots(row):
            raise without_snapshot(row)
        raise LabError(f"There is a dSource or VDB {name} already", "Choose another name.")


def require_enabled(container: Container) -> None:
    """Raise LabError unless the container is enabled."""
    if container.state is not ContainerState.ENABLED:
        raise LabError(
            f"{container.name} is {container.state.value.lower()}", "Enable or delete it."
        )


def require_childless(engine: Engine, container: Container) -> None:
    """Raise LabError while VDBs that were provisioned from the container exist."""
    children = engine.store.all(Container, lambda row: row.parent == container.reference)
    if children:
        names = ", ".join(child.name for child in children)
        raise LabError(f"{container.name} has VDBs: {names}", "Delete them first.")


def tools(engine: Engine, run: JobRun, container: Container) -> tuple[Operations, Datasets]:
    """The plugin's operations and the dataset of a container, for one job."""
    repository = engine.store.get(Repository, container.repository)
    return Operations(engine, run, repository.plugin), Datasets(engine, run)


def take_snapshot(operations: Operations, datasets: Datasets, container: Container) -> Snapshot:
    """pre_snapshot, storage snapshot, post_snapshot of a VDB."""
    operations.call("VirtualPreSnapshot", container)
    return datasets.snapshot(
        operations, container, lambda: operations.call("VirtualPostSnapshot", container)
    )


@contextmanager
def ignoring_plugin(force: bool) -> Iterator[None]:
    """With `force`, a failure inside is passed over."""
    try:
        yield
    except (JobCancelled, EngineStopped):
        raise
    except LabError:
        if not force:
            raise


def both(error: Exception, what: str, second: LabError) -> LabError:
    """The failure of a workflow together with the failure to undo it."""
    message = getattr(error, "message", str(error))
    first_action, first_output = getattr(error, "action", ""), getattr(error, "output", "")
    return LabError(
        f"{message}\n{what}: {second.message}",
        "\n".join(filter(None, (first_action, second.action))),
        "\n".join(filter(None, (first_output, second.output))),
    )
