"""The engine that the workflows work on: objects, machine, runtime, jobs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING

from dlpx.virtualization.api import common_pb2

from lab.backend import HostBackend
from lab.choosing import pick, pick_snapshot
from lab.errors import LabError
from lab.jobs import MONITOR, JobRun, PluginLog, Progress, fail_abandoned, new_job, running
from lab.model import (
    Action,
    Container,
    Environment,
    MountPoint,
    Plugin,
    Repository,
    Snapshot,
    SourceConfig,
)
from lab.plugin.artifact import Artifact
from lab.plugin.runtime.runtime import Runtime
from lab.state import Store

if TYPE_CHECKING:
    from lab.hosts.host import Host
    from lab.machine import Machine


class Engine:
    """One engine. Its parts are public: the workflows are written in their terms."""

    def __init__(self, machine: Machine, progress: Progress, *, fresh_runtime: bool) -> None:
        root = machine.root
        self.machine = machine
        self.store = Store(root)
        self.plugins = root / "plugins"
        self.log = PluginLog(root / "log")
        self.progress = progress
        self._fresh = fresh_runtime
        self._runtime: Runtime | None = None
        fail_abandoned(self.store)

    @property
    def runtime(self) -> Runtime:
        """The plugin runtime, made when first needed."""
        if self._runtime is None:
            root = self.machine.root / "runtime"
            self._runtime = Runtime(root, self.log.root, fresh=self._fresh)
        return self._runtime

    def stop(self) -> None:
        """Let the jobs of this process end early, and begin none."""
        self.runtime.ending.set()

    def close(self) -> None:
        """End the plugin's process."""
        if self._runtime is not None:
            self._runtime.close()
            self._runtime = None

    # -- jobs ----------------------------------------------------------------------------------

    @contextmanager
    def job(
        self,
        action: Action,
        target: str,
        name: str,
        locks: Iterable[str],
        parent: str | None = None,
    ) -> Iterator[JobRun]:
        """Run a workflow as a stored job that holds the locks of the objects it changes.

        Raises LabError when one of them is busy, JobFailed when the workflow fails.
        """
        with ExitStack() as held:
            reference = self.store.new_reference("JOB")
            for lock in (reference, *locks):
                held.enter_context(self.store.busy(lock, f"{reference} {action.value}"))
            job = new_job(reference, action, target, name, parent)
            run = JobRun(job, self.store, self.runtime, self.log, self.progress)
            yield held.enter_context(running(run))

    def container_job(
        self, action: Action, container: Container, parent: str | None = None
    ) -> AbstractContextManager[JobRun]:
        """A job on a dSource or VDB."""
        place = container.reference
        return self.job(action, place, container.name, [place], parent)

    @contextmanager
    def poll(self, action: Action, container: Container) -> Iterator[JobRun]:
        """Run what a real engine polls: takes no lock and leaves no job."""
        job = new_job(MONITOR, action, container.reference, container.name)
        with running(JobRun(job, None, self.runtime, self.log, self.progress)) as run:
            yield run

    # -- look-ups ------------------------------------------------------------------------------

    def require_plugin(self) -> None:
        """Raise LabError when no plugin was uploaded."""
        if not self.store.all(Plugin):
            raise LabError("There is no plugin in the lab", "Upload one first.")

    def artifact(self, plugin: str) -> Artifact:
        """The artifact of an uploaded plugin (by reference)."""
        row = self.store.get(Plugin, plugin)
        return Artifact.load(self.plugins / row.plugin_id / row.build_number / "artifact.json")

    def environment(self, host_name: str) -> Environment:
        """The environment of a host. Raises LabError."""
        return pick("host", self.store.all(Environment), host_name, none="none; run up")

    def host(self, environment: str) -> Host:
        """The host of an environment (by reference). Raises LabError."""
        name = self.store.get(Environment, environment).name
        try:
            return self.machine.hosts[name]
        except KeyError:
            raise LabError(f"The host {name} is not part of the lab any more") from None

    def container(self, name: str) -> Container:
        """A dSource or VDB by name or reference. Raises LabError."""
        return pick("dSource or VDB", self.store.all(Container), name)

    def snapshots(self, container: Container) -> list[Snapshot]:
        """The snapshots of a container, oldest first."""
        return self.store.all(Snapshot, lambda row: row.container == container.reference)

    def snapshot(self, container: Container, wanted: str | None) -> Snapshot:
        """A snapshot by reference, name, number in the list or "latest" (None). Raises LabError."""
        return pick_snapshot(container, self.snapshots(container), wanted)

    def repository(self, environment: Environment, name: str | None) -> Repository:
        """A repository of an environment by name or reference, or the only one. Raises LabError."""
        here = self.store.all(
            Repository, lambda row: row.environment == environment.reference and row.present
        )
        where, none = f"on {environment.name}", "none; refresh the environment"
        return pick("repository", here, name, where=where, none=none)

    def source_config(self, container: Container) -> SourceConfig:
        """The source config of a container. Raises LabError when it has none yet."""
        if container.source_config is None:
            raise LabError(f"{container.name} was never configured", "Delete it.")
        return self.store.get(SourceConfig, container.source_config)

    # -- what the plugin is told ---------------------------------------------------------------

    def remote_environment(self, environment: str) -> common_pb2.RemoteEnvironment:
        """An environment in the SDK's words."""
        row, host = self.store.get(Environment, environment), self.host(environment)
        return common_pb2.RemoteEnvironment(
            name=row.name,
            reference=row.reference,
            host=common_pb2.RemoteHost(
                name=host.address,
                reference=row.host_reference,
                binary_path=host.binary_path,
                scratch_path=host.scratch_path,
            ),
        )

    def connection(self, environment: str) -> common_pb2.RemoteConnection:
        """A connection to an environment as its user, in the SDK's words."""
        row, host = self.store.get(Environment, environment), self.host(environment)
        return common_pb2.RemoteConnection(
            environment=self.remote_environment(environment),
            user=common_pb2.RemoteUser(name=host.environment_user, reference=row.user_reference),
        )

    def backend(self, mounts: Sequence[MountPoint] = ()) -> HostBackend:
        """The library calls of an operation on a dataset mounted there."""
        hosts: Mapping[str, Host] = self.machine.hosts
        return HostBackend(self.store, hosts, mounts)
