"""The part of the front door that is about data: dSources and VDBs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import NotRequired, TypedDict, Unpack

from lab.engine import Engine
from lab.errors import LabError
from lab.model import Container, ContainerState, Job, Json, Kind, Repository, SourceConfig
from lab.workflows import (
    dsource,
    export,
    timeflow,
    vdb,
)
from lab.workflows.dsource import LinkRequest
from lab.workflows.export import ExportRequest
from lab.workflows.vdb import VdbRequest

FIRST_SYNC: Json = {"resync": True}


class ProvisionOptions(TypedDict):
    """What Lab.provision takes. Defaults: the latest snapshot, the only repository."""

    container: str
    host: str
    parameters: Json
    snapshot: NotRequired[str | None]
    repository: NotRequired[str | None]
    initial_snapshot: NotRequired[bool]
    group: NotRequired[str | None]


class LinkOptions(TypedDict):
    """What Lab.link takes. Without sync parameters the first sync begins anew (FIRST_SYNC)."""

    source_config: SourceConfig
    staging_host: str
    parameters: Json
    sync_parameters: NotRequired[Json | None]
    group: NotRequired[str | None]


class ContainerCommands(ABC):
    """Workflows on dSources and VDBs. Each returns its Job; a failed one raises JobFailed."""

    @property
    @abstractmethod
    def engine(self) -> Engine:
        """The engine they run on."""

    # -- dSources ------------------------------------------------------------------------------

    def link(self, name: str, **options: Unpack[LinkOptions]) -> Job:
        """Link a dSource and sync it for the first time: the job of the sync."""
        request = LinkRequest(
            name,
            options["source_config"],
            self.engine.environment(options["staging_host"]),
            options["parameters"],
            options.get("sync_parameters", FIRST_SYNC),
            options.get("group"),
        )
        return dsource.link(self.engine, request)

    def sync(self, name: str, parameters: Json | None = None) -> Job:
        """Sync a dSource as a policy does (no parameters), or with {"resync": true}."""
        container = self._of_kind(name, Kind.DSOURCE)
        return dsource.sync(self.engine, container, parameters)

    def worker(self, name: str) -> None:
        """Run the worker operation of a dSource once."""
        dsource.worker(self.engine, self._of_kind(name, Kind.DSOURCE))

    # -- VDBs ----------------------------------------------------------------------------------

    def provision(self, name: str, **options: Unpack[ProvisionOptions]) -> Job:
        """Make a VDB from a snapshot of a dSource or VDB."""
        environment = self.engine.environment(options["host"])
        origin = self.engine.container(options["container"])
        request = VdbRequest(
            name,
            environment,
            self.engine.repository(environment, options.get("repository")),
            options["parameters"],
            self.engine.snapshot(origin, options.get("snapshot")),
            options.get("initial_snapshot", True),
            options.get("group"),
        )
        return vdb.provision(self.engine, request)

    def create_empty(
        self,
        name: str,
        *,
        host: str,
        parameters: Json,
        repository: str | None = None,
        group: str | None = None,
    ) -> Job:
        """Make an empty VDB."""
        environment = self.engine.environment(host)
        found = self.engine.repository(environment, repository)
        request = VdbRequest(name, environment, found, parameters, None, False, group)
        return vdb.create_empty(self.engine, request)

    def snapshot(self, name: str) -> Job:
        """Take a snapshot of a VDB."""
        return vdb.snapshot(self.engine, self._of_kind(name, Kind.VDB))

    def refresh(self, name: str, snapshot: str | None = None) -> Job:
        """Give a VDB the contents of a snapshot (the latest) of its parent."""
        container = self._of_kind(name, Kind.VDB)
        if container.parent is None:
            raise LabError(f"{name} has no parent to refresh from")
        found = self.engine.snapshot(self.engine.container(container.parent), snapshot)
        return timeflow.refresh(self.engine, container, found)

    def rollback(self, name: str, snapshot: str) -> Job:
        """Take a VDB back to a snapshot of its own."""
        container = self._of_kind(name, Kind.VDB)
        found = self.engine.snapshot(container, snapshot)
        return timeflow.rollback(self.engine, container, found)

    def start(self, name: str) -> Job:
        """Start a VDB."""
        return vdb.start(self.engine, self._of_kind(name, Kind.VDB))

    def stop(self, name: str) -> Job:
        """Stop a VDB."""
        return vdb.stop(self.engine, self._of_kind(name, Kind.VDB))

    # -- both ----------------------------------------------------------------------------------

    def enable(self, name: str) -> Job:
        """Enable a dSource or VDB."""
        container = self.engine.container(name)
        if container.state is ContainerState.CREATING:
            raise LabError(f"{name} was not completely made", "Delete it and provision again.")
        if container.kind is Kind.DSOURCE:
            return dsource.enable(self.engine, container)
        return vdb.enable(self.engine, container)

    def disable(self, name: str) -> Job:
        """Disable a dSource or VDB: nothing of it stays mounted."""
        container = self.engine.container(name)
        if container.kind is Kind.DSOURCE:
            return dsource.disable(self.engine, container)
        return vdb.disable(self.engine, container)

    def delete(self, name: str, *, force: bool = False) -> Job:
        """Delete a dSource or VDB; `force`: also when the plugin's operations fail."""
        container = self.engine.container(name)
        if container.kind is Kind.DSOURCE:
            return dsource.delete(self.engine, container, force=force)
        return vdb.delete(self.engine, container, force=force)

    def status(self, name: str) -> str:
        """ "ACTIVE" or "INACTIVE", as the plugin says."""
        container = self.engine.container(name)
        linked = container.kind is Kind.DSOURCE
        poll = dsource.is_active if linked else vdb.is_active
        return "ACTIVE" if poll(self.engine, container) else "INACTIVE"

    def source_size(self, name: str) -> int:
        """Size of the database in bytes, as the plugin says."""
        container = self.engine.container(name)
        if container.kind is Kind.DSOURCE:
            return dsource.source_size(self.engine, container)
        return vdb.source_size(self.engine, container)

    def update_parameters(self, name: str, parameters: Json) -> Container:
        """Replace the parameters of a dSource or VDB; the next operation is told them."""
        container = self.engine.container(name)
        artifact = self.engine.artifact(self._plugin_of(container))
        linked = container.kind is Kind.DSOURCE
        (artifact.linked_source if linked else artifact.virtual_source).check(parameters)
        with self.engine.store.busy(container.reference, "an update of parameters"):
            container = replace(self.engine.container(name), parameters=parameters)
            self.engine.store.put(container)
        return container

    def export(
        self,
        name: str,
        *,
        host: str,
        directory: str,
        parameters: Json,
        snapshot: str | None = None,
    ) -> Job:
        """V2P: put the files of a snapshot (the latest) into a directory of a host."""
        container = self.engine.container(name)
        found = self.engine.snapshot(container, snapshot)
        environment = self.engine.environment(host)
        request = ExportRequest(container, found, environment, directory, parameters)
        return export.export(self.engine, request)

    def _of_kind(self, name: str, kind: Kind) -> Container:
        container = self.engine.container(name)
        if container.kind is not kind:
            raise LabError(f"{name} is a {container.kind.value}, this is for a {kind.value}")
        return container

    def _plugin_of(self, container: Container) -> str:
        return self.engine.store.get(Repository, container.repository).plugin
