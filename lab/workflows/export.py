"""V2P: the files of a snapshot become an ordinary directory of a host."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlpx.virtualization.api import common_pb2

from lab.engine import Engine
from lab.errors import LabError
from lab.jobs import JobRun
from lab.model import Action, Container, Environment, Job, Json, Kind, Repository, Snapshot
from lab.workflows.operations import Operations, snapshot_message

if TYPE_CHECKING:
    from lab.hosts.host import Host

# What was copied goes again when not all could be, unless something lay there before.
_COPY = """
mkdir -p -- "$2"
before=$(ls -A -- "$2")
cp -a -- "$1/." "$2/" && exit
[[ -n $before ]] || find "$2" -mindepth 1 -delete
exit 1
"""


@dataclass(frozen=True)
class ExportRequest:
    """What a user gives for V2P."""

    container: Container
    snapshot: Snapshot
    environment: Environment
    directory: str
    parameters: Json


def export(engine: Engine, request: ExportRequest) -> Job:
    """pre_source_to_physical, copy of the files, source_to_physical."""
    container = request.container
    repository = engine.store.get(Repository, container.repository)
    artifact = engine.artifact(repository.plugin)
    artifact.virtual_to_physical.check(request.parameters)
    if not request.directory.startswith("/"):
        raise LabError(f"The target directory {request.directory!r} is not absolute")
    prefix = "Staged" if container.kind is Kind.DSOURCE else "Virtual"
    with engine.container_job(Action.DB_EXPORT, container) as run:
        operations = Operations(engine, run, repository.plugin)
        if not operations.implements(f"{prefix}SourceToPhysical"):
            raise LabError(f"The plugin {artifact.name} cannot do V2P")
        more = {
            "snapshot": snapshot_message(request.snapshot),
            "physical_source": _physical_source(engine, request),
        }
        if operations.implements(f"{prefix}PreSourceToPhysical"):
            operations.call(f"{prefix}PreSourceToPhysical", container, **more)
        with _no_folder_left(engine.host(request.environment.reference), request.directory):
            _copy(engine, run, request)
            operations.call(f"{prefix}SourceToPhysical", container, **more)
    return run.record


@contextmanager
def _no_folder_left(host: Host, directory: str) -> Iterator[None]:
    """A folder that was made for a copy that failed goes, if it is empty then."""
    made = host.run_as_root(["test", "-e", directory], check=False).exit_code != 0
    try:
        yield
    except BaseException:
        if made:
            host.run_as_root(["rmdir", "--", directory], check=False)
        raise


def _physical_source(engine: Engine, request: ExportRequest) -> common_pb2.PhysicalSource:
    source = common_pb2.PhysicalSource(
        guid=str(uuid.uuid4()),
        connection=engine.connection(request.environment.reference),
        target_directory=request.directory,
    )
    source.parameters.json = json.dumps(request.parameters)
    return source


def _copy(engine: Engine, run: JobRun, request: ExportRequest) -> None:
    """Copy inside the host, from the snapshot mounted for a moment; the owner stays the same."""
    host = engine.host(request.environment.reference)
    pool = engine.machine.pool
    place = f"/mnt/export-{request.snapshot.reference.lower()}"
    host.mount(pool.snapshot_volume(request.snapshot.storage_name), place)
    try:
        with run.step(f"copy files to {host.name}:{request.directory}"):
            host.run_as_root(["bash", "-c", _COPY, "copy", place, request.directory])
    finally:
        host.unmount(place)
        host.run_as_root(["rmdir", place])
