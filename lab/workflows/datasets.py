"""A container's dataset on the hosts and in the pool, as steps of a job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lab.engine import Engine
from lab.errors import LabError
from lab.jobs import JobRun, now
from lab.model import Action, Container, Job, MountPoint, Snapshot, dataset_name
from lab.workflows.operations import MountSpecification, Operations


class Datasets:
    """Storage and mounts for one job."""

    def __init__(self, engine: Engine, run: JobRun) -> None:
        self._engine = engine
        self._run = run
        self._pool = engine.machine.pool

    def create(self, container: Container) -> None:
        """An empty dataset that the environment user owns."""
        host = self._engine.host(container.environment)
        with self._run.step("create dataset"):
            self._pool.create_dataset(container.dataset, host.uid, host.gid)

    def clone(self, snapshot: Snapshot, container: Container) -> None:
        """A writable copy of a snapshot as the container's dataset."""
        host = self._engine.host(container.environment)
        with self._run.step("clone snapshot"):
            names = snapshot.storage_name, container.dataset
            self._pool.clone(*names, host.uid, host.gid)

    def delete(self, container: Container, *, keep: str | None = None) -> None:
        """Remove the live datasets of all timeflows but `keep`; snapshots stay."""
        for name in self._datasets(container):
            if name != keep:
                with self._run.step(f"delete dataset {name.rpartition('/')[2]}"):
                    self._pool.delete_dataset(name)

    def _datasets(self, container: Container) -> list[str]:
        prefix = dataset_name(container.reference, "")
        return [name for name in self._pool.dataset_names() if name.startswith(prefix)]

    def delete_snapshots(self, container: Container) -> None:
        """Remove all snapshots of a container."""
        for snapshot in self._engine.snapshots(container):
            with self._run.step(f"delete {snapshot.reference}"):
                self._pool.delete_snapshot(snapshot.storage_name)
            self._engine.store.remove(snapshot)

    # -- mounts --------------------------------------------------------------------------------

    def attach(self, container: Container, wanted: MountSpecification) -> Container:
        """Mount the dataset where it is wanted and nowhere else; remembers the places.

        Raises LabError when a place is taken by another container's dataset.
        """
        for mount in {*container.mounts, *wanted.mounts}:
            if mount not in wanted.mounts or not self._is_mounted(container, mount):
                self._unmount(container, mount)
        stored = self._engine.store.get(Container, container.reference)
        self._engine.store.put(replace(stored, mounts=wanted.mounts))
        container = replace(container, mounts=wanted.mounts)
        for mount in wanted.mounts:
            if not self._is_mounted(container, mount):
                self._mount(container, mount)
        if wanted.owner is not None:
            self._set_owner(wanted)
        return container

    def detach(self, container: Container) -> None:
        """Unmount the container everywhere. Raises LabError that names what keeps it busy."""
        for mount in container.mounts:
            self._unmount(container, mount)

    def has_strays(self, container: Container) -> bool:
        """Whether an interrupted refresh or rollback has left another timeflow mounted."""
        return any(
            self._subvolume_at(mount) is not None and not self._is_mounted(container, mount)
            for mount in container.mounts
        )

    def drop_strays(self, container: Container) -> None:
        """Remove what an interrupted refresh or rollback left: other timeflows than the current."""
        if self._datasets(container) != [container.dataset]:
            for mount in container.mounts:
                if not self._is_mounted(container, mount):
                    self._unmount(container, mount)
            self.delete(container, keep=container.dataset)

    def is_attached(self, container: Container) -> bool:
        """Whether the dataset is mounted at all its places."""
        places = container.mounts
        return bool(places) and all(self._is_mounted(container, mount) for mount in places)

    def _subvolume_at(self, mount: MountPoint) -> str | None:
        host = self._engine.host(mount.environment)
        found = [row.subvolume for row in host.mounts() if row.mount_path == mount.path]
        return found[-1] if found else None

    def _is_mounted(self, container: Container, mount: MountPoint) -> bool:
        if not self._pool.dataset_exists(container.dataset):
            return False
        return self._subvolume_at(mount) == self._pool.dataset_volume(container.dataset).subvolume

    def _mount(self, container: Container, mount: MountPoint) -> None:
        host = self._engine.host(mount.environment)
        if self._subvolume_at(mount) is not None:
            raise LabError(
                f"The mount path {mount.path} on {host.name} is used by another dataset",
                "Choose another mount path.",
            )
        with self._run.step(f"mount {host.name}:{mount.path}"):
            host.mount(self._pool.dataset_volume(container.dataset), mount.path)

    def _unmount(self, container: Container, mount: MountPoint) -> None:
        """Unmount whichever timeflow of the container is there; another's dataset is not ours."""
        ours = {self._pool.dataset_volume(name).subvolume for name in self._datasets(container)}
        if self._subvolume_at(mount) in ours:
            host = self._engine.host(mount.environment)
            with self._run.step(f"unmount {host.name}:{mount.path}"):
                host.unmount(mount.path)

    def _set_owner(self, wanted: MountSpecification) -> None:
        assert wanted.owner is not None
        uid, gid = wanted.owner
        mount = wanted.mounts[0]
        host = self._engine.host(mount.environment)
        host.run_as_root(["chown", f"{uid}:{gid}", mount.path])

    # -- snapshots -----------------------------------------------------------------------------

    def snapshot(
        self, operations: Operations, container: Container, finish: Callable[[], Any]
    ) -> Snapshot:
        """Freeze the dataset, then let `finish` (post_snapshot) describe it.

        When the description fails the storage snapshot is dropped again.
        """
        reference = self._engine.store.new_reference(Snapshot.PREFIX)
        created = now()
        name, places = f"@{created.rstrip('Z')}", (container.reference, container.timeflow)
        snapshot = Snapshot(reference, name, *places, created, {})
        with self._run.step("storage snapshot"):
            self._pool.snapshot(container.dataset, snapshot.storage_name)
        try:
            metadata = operations.snapshot_metadata(container, finish())
        except BaseException:
            with self._run.step("drop storage snapshot"):
                self._pool.delete_snapshot(snapshot.storage_name)
            raise
        snapshot = replace(snapshot, metadata=metadata)
        self._engine.store.put(snapshot)
        return snapshot


def delete_snapshot(engine: Engine, container: Container, snapshot: Snapshot) -> Job:
    """Forget a snapshot. Raises LabError while a VDB was made from it."""
    users = engine.store.all(Container, lambda row: row.parent_snapshot == snapshot.reference)
    if users:
        names = ", ".join(row.name for row in users)
        raise LabError(f"{snapshot.name} has VDBs: {names}", "Refresh or delete them first.")
    with engine.container_job(Action.SNAPSHOT_DELETE, container) as run:
        with run.step(f"delete {snapshot.reference}"):
            engine.machine.pool.delete_snapshot(snapshot.storage_name)
        engine.store.remove(snapshot)
    return run.record
