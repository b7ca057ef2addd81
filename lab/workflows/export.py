"""V2P: the files of a snapshot become an ordinary directory of a host."""

from __future__ import annotations

import json
import shlex
import uuid
from dataclasses import dataclass

from dlpx.virtualization.api import common_pb2

from lab.engine import Engine
from lab.errors import LabError
from lab.jobs import JobRun
from lab.model import Action, Container, Environment, Job, Json, Kind, Repository, Snapshot
from lab.workflows.operations import Operations, snapshot_message


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
        operations.call(f"{prefix}PreSourceToPhysical", container, **more)
        _copy(engine, run, request)
        operations.call(f"{prefix}SourceToPhysical", container, **more)
    return run.record


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
            quoted = shlex.quote(request.directory)
            script = f"mkdir -p {quoted} && cp -a {place}/. {quoted}/"
            host.run_as_root(["bash", "-c", script])
    finally:
        host.unmount(place)
        host.run_as_root(["rmdir", place])
