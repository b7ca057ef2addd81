"""The lab's front door: everything a user, a test or the command line does with an engine."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from lab.containers import ContainerCommands
from lab.engine import Engine
from lab.errors import LabError
from lab.hosts.host import Host, HostSpec
from lab.jobs import Event, JobFailed, Progress, fail_abandoned
from lab.machine import Machine
from lab.model import (
    Container,
    Environment,
    Job,
    Json,
    Plugin,
    Repository,
    Snapshot,
    SourceConfig,
    VaultEntry,
)
from lab.plugin.artifact import Artifact
from lab.system.storage import Usage
from lab.workflows import discovery, plugin

DEFAULT_HOSTS = (HostSpec("source"), HostSpec("staging"), HostSpec("target"))
OUR_FILES = (
    "state.json",
    "state.lock",
    "state.new",
    "locks",
    "plugins",
    "runtime",
    "log",
    "api.json",
)

__all__ = ["JobFailed", "Lab", "LabError"]


def _silent(_event: Event) -> None:
    pass


class Lab(ContainerCommands):
    """One lab. Workflows return their Job; a failed one raises JobFailed (a LabError)."""

    def __init__(self, root: Path, progress: Progress, *, fresh_runtime: bool) -> None:
        self.root = root
        self._progress = progress
        self._fresh = fresh_runtime
        self._machine = Machine(root)
        self._engine: Engine | None = None

    @classmethod
    def open(
        cls, root: Path, *, progress: Progress | None = None, fresh_runtime: bool = False
    ) -> Lab:
        """Open the lab in folder `root`, whether it was made yet or not.

        `progress` is told of each step and each record the plugin logs, in any thread.
        `fresh_runtime` starts a new interpreter for each plugin operation.
        """
        return cls(root.resolve(), progress or _silent, fresh_runtime=fresh_runtime)

    def __enter__(self) -> Lab:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        stack: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the plugin's process. The hosts and what runs on them stay."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    @property
    def engine(self) -> Engine:
        """The parts of the engine, for tests that look inside."""
        if self._engine is None:
            if not self.exists():
                raise LabError(f"There is no lab in {self.root}", "Make one: up.")
            self._engine = Engine(self._machine, self._progress, fresh_runtime=self._fresh)
        return self._engine

    # -- the machine ---------------------------------------------------------------------------

    def exists(self) -> bool:
        """Whether the lab was made."""
        return bool(self._machine.hosts)

    def up(self, hosts: Sequence[HostSpec] = DEFAULT_HOSTS, pool_gib: int = 20) -> None:
        """Make the lab, or repair it after a reboot. Each host becomes an environment."""
        self._machine.up(hosts, pool_gib)
        store = self.engine.store
        known = {row.name for row in store.all(Environment)}
        for name in self._machine.hosts:
            if name not in known:
                references = (
                    store.new_reference(prefix)
                    for prefix in (Environment.PREFIX, "UNIX_HOST", "HOST_USER")
                )
                environment, host, user = references
                store.put(Environment(environment, name, host, user))

    def down(self) -> None:
        """Remove everything of the lab: processes, mounts, devices and files."""
        self.close()
        self._machine.down()
        for name in OUR_FILES:
            path = self.root / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        if self.root.is_dir() and not any(self.root.iterdir()):
            self.root.rmdir()

    @property
    def hosts(self) -> Mapping[str, Host]:
        """The hosts by name."""
        return self._machine.hosts

    # -- plugin and discovery ------------------------------------------------------------------

    def upload(self, artifact: Path) -> Plugin:
        """Install a built plugin, or upgrade the one with the same id."""
        return plugin.upload(self.engine, Artifact.load(artifact))

    def plugins(self) -> list[Plugin]:
        """The installed plugins."""
        return self.engine.store.all(Plugin)

    def refresh_environment(self, host_name: str) -> Job:
        """Discover repositories and source configs of a host."""
        engine = self.engine
        engine.require_plugin()
        return discovery.refresh_environment(engine, engine.environment(host_name))

    def repositories(self, host_name: str) -> list[Repository]:
        """The repositories of a host, absent ones as well."""
        place = self.engine.environment(host_name).reference
        return self.engine.store.all(Repository, lambda row: row.environment == place)

    def source_configs(self, host_name: str) -> list[SourceConfig]:
        """What can be linked on a host, absent ones as well."""
        return [
            config
            for repository in self.repositories(host_name)
            for config in discovery.source_configs(self.engine, repository)
        ]

    def add_source_config(
        self, host_name: str, repository_name: str | None, parameters: Json
    ) -> SourceConfig:
        """Type a source config by hand."""
        environment = self.engine.environment(host_name)
        repository = self.engine.repository(environment, repository_name)
        return discovery.add_source_config(self.engine, repository, parameters)

    def add_vault_secret(self, supplier: Json, username: str, password: str) -> None:
        """Let the engine's vault answer for a credentials supplier with these keys."""
        reference = self.engine.store.new_reference(VaultEntry.PREFIX)
        self.engine.store.put(VaultEntry(reference, supplier, username, password))

    # -- looking -------------------------------------------------------------------------------

    def container(self, name: str) -> Container:
        """A dSource or VDB."""
        return self.engine.container(name)

    def containers(self) -> list[Container]:
        """All dSources and VDBs, oldest first."""
        return self.engine.store.all(Container)

    def snapshots(self, container: str) -> list[Snapshot]:
        """The snapshots of a dSource or VDB, oldest first."""
        return self.engine.snapshots(self.engine.container(container))

    def jobs(self) -> list[Job]:
        """All jobs, oldest first. One whose process died counts as failed."""
        fail_abandoned(self.engine.store)
        return self.engine.store.all(Job)

    def usage(self, name: str) -> Usage:
        """Storage of the current timeflow."""
        return self._machine.pool.usage(self.engine.container(name).dataset)
