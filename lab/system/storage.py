"""The engine's storage: a btrfs file system in a sparse file, with one subvolume per dataset."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lab.errors import CommandFailed, LabError
from lab.system.mounts import mount_points, mount_table
from lab.system.process import run

_DATASETS = "datasets"
_SNAPSHOTS = "snapshots"
_HOSTS = "hosts"
_GIB = 1024**3
_SUBVOLUME_INODE = 256  # inode number of the root of every btrfs subvolume


@dataclass(frozen=True)
class Usage:
    """Space of a dataset in bytes: all that it refers to, and what it shares with no other."""

    referenced_bytes: int
    exclusive_bytes: int


@dataclass(frozen=True)
class Volume:
    """What a host mounts: the pool's block device and the path of a subvolume in the pool."""

    device: str
    subvolume: str


class Pool:
    """Datasets, snapshots and clones; all methods raise LabError when the work fails.

    Names are relative paths such as `appdata_container-1/appdata_timeflow-1`; datasets and
    snapshots have separate name spaces.
    """

    def __init__(self, image: Path, mount_point: Path) -> None:
        """image: the sparse file; mount_point: where the machine (not a host) sees the pool."""
        self._image = image
        self._mount_point = mount_point

    def up(self, gib: int) -> None:
        """Make the pool of `gib` GiB unless there is one, and mount it unless it is mounted."""
        if self._mount_point not in mount_points(below=self._mount_point.parent):
            self._mount(gib)
        # Also when it is mounted: an `up` may have been interrupted between the two.
        for folder in (_DATASETS, _SNAPSHOTS, _HOSTS):
            (self._mount_point / folder).mkdir(mode=0o700, exist_ok=True)

    def _mount(self, gib: int) -> None:
        if not self._image.exists():
            self._format(gib)
        self._mount_point.mkdir(mode=0o700, exist_ok=True)
        # `-o loop` takes a device that goes away by itself with its last mount (loop(4),
        # LO_FLAGS_AUTOCLEAR), and takes up again the one of a lazily unmounted pool.
        options = "loop,noatime"
        mount = ["mount", "-t", "btrfs", "-o", options, str(self._image), str(self._mount_point)]
        try:
            run(mount)
        except CommandFailed:
            # A `mount` that an interrupted `up` had started may have been first.
            if self._mount_point not in mount_points(below=self._mount_point.parent):
                raise

    def create_dataset(self, name: str, uid: int, gid: int) -> None:
        """Make an empty dataset whose root belongs to uid:gid."""
        path = self._new(_DATASETS, name)
        run(["btrfs", "subvolume", "create", str(path)])
        os.chown(path, uid, gid)

    def snapshot(self, dataset: str, snapshot: str) -> None:
        """Take an atomic, read-only snapshot of a dataset."""
        source, target = self._existing(_DATASETS, dataset), self._new(_SNAPSHOTS, snapshot)
        run(["btrfs", "subvolume", "snapshot", "-r", str(source), str(target)])

    def clone(self, snapshot: str, dataset: str, uid: int, gid: int) -> None:
        """Make a writable dataset out of a snapshot; its root then belongs to uid:gid."""
        source, target = self._existing(_SNAPSHOTS, snapshot), self._new(_DATASETS, dataset)
        run(["btrfs", "subvolume", "snapshot", str(source), str(target)])
        os.chown(target, uid, gid)

    def delete_dataset(self, name: str) -> None:
        """Delete a dataset; one that is not there is no error."""
        self._delete(_DATASETS, name)

    def delete_snapshot(self, name: str) -> None:
        """Delete a snapshot; one that is not there is no error."""
        self._delete(_SNAPSHOTS, name)

    def dataset_exists(self, name: str) -> bool:
        """True when there is a dataset of this name."""
        return _is_subvolume(self._path(_DATASETS, name))

    def snapshot_exists(self, name: str) -> bool:
        """True when there is a snapshot of this name."""
        return _is_subvolume(self._path(_SNAPSHOTS, name))

    def dataset_names(self) -> list[str]:
        """Names of all datasets, sorted."""
        return sorted(_names(self._mount_point / _DATASETS))

    def snapshot_names(self) -> list[str]:
        """Names of all snapshots, sorted."""
        return sorted(_names(self._mount_point / _SNAPSHOTS))

    def dataset_volume(self, name: str) -> Volume:
        """What a host mounts to see this dataset; ask anew before each mount."""
        return self._volume(_DATASETS, name)

    def snapshot_volume(self, name: str) -> Volume:
        """What a host mounts to see this snapshot (it cannot be written)."""
        return self._volume(_SNAPSHOTS, name)

    def usage(self, dataset: str) -> Usage:
        """Space taken by a dataset, after everything written was brought to storage."""
        return self._usage(self._existing(_DATASETS, dataset))

    def snapshot_usage(self, name: str) -> Usage:
        """Space taken by a snapshot."""
        return self._usage(self._existing(_SNAPSHOTS, name))

    def free_bytes(self) -> int:
        """Space left in the pool; that of a deleted dataset comes back after a moment."""
        self._sync()
        status = os.statvfs(self._mount_point)
        return status.f_bavail * status.f_frsize

    def resize(self, gib: int) -> None:
        """Grow or shrink the pool to `gib` GiB; datasets stay mounted meanwhile."""
        size, device = gib * _GIB, self._device()
        if size > self._image.stat().st_size:
            os.truncate(self._image, size)
            run(["losetup", "--set-capacity", device])
        run(["btrfs", "filesystem", "resize", str(size), str(self._mount_point)])

    def host_folder(self, name: str) -> Path:
        """The folder that keeps a host's own changes to its root file system."""
        path = self._path(_HOSTS, name)
        if not _is_subvolume(path):
            run(["btrfs", "subvolume", "create", str(path)])
        return path

    def _format(self, gib: int) -> None:
        """Write the file system into a file that gets its name only when it is complete.

        Each has a draft of its own: what an interrupted `up` has started may still write into
        another one, which goes.
        """
        self.remove_drafts()
        draft = self._image.with_suffix(f".new-{uuid.uuid4().hex}")
        with draft.open("wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.truncate(gib * _GIB)
        run(
            [
                "mkfs.btrfs",
                "--quiet",
                "--force",
                "--metadata",
                "single",
                "--data",
                "single",
                str(draft),
            ]
        )
        draft.replace(self._image)

    def remove_drafts(self) -> None:
        """Remove what interrupted calls of `up` have left of file systems that they made."""
        for draft in self._image.parent.glob(f"{self._image.stem}.new*"):
            draft.unlink(missing_ok=True)

    def _device(self) -> str:
        for entry in reversed(mount_table()):
            if Path(entry.mount_point) == self._mount_point:
                return entry.source
        raise LabError(f"The pool {self._mount_point} is not mounted.", "Run `up` again.")

    def _volume(self, space: str, name: str) -> Volume:
        path = self._existing(space, name)
        return Volume(self._device(), f"/{path.relative_to(self._mount_point)}")

    def _path(self, space: str, name: str) -> Path:
        parts = PurePosixPath(name).parts
        if not parts or name.startswith("/") or ".." in parts:
            raise LabError(f"{name!r} is not a name for a dataset.")
        return self._mount_point / space / name

    def _existing(self, space: str, name: str) -> Path:
        path = self._path(space, name)
        if not _is_subvolume(path):
            raise LabError(f"There is no {name!r} in {space} of the pool.")
        return path

    def _new(self, space: str, name: str) -> Path:
        path = self._path(space, name)
        if path.exists():
            raise LabError(f"{name!r} is already in {space} of the pool.")
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _delete(self, space: str, name: str) -> None:
        path = self._path(space, name)
        if _is_subvolume(path):
            run(["btrfs", "subvolume", "delete", str(path)])
        folder = path.parent
        while folder != self._mount_point / space and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent

    def _sync(self) -> None:
        run(["btrfs", "filesystem", "sync", str(self._mount_point)])

    def _usage(self, path: Path) -> Usage:
        # Extents that are not yet on storage have no address and count as not shared.
        self._sync()
        out = run(["btrfs", "filesystem", "du", "--summarize", "--raw", str(path)]).text
        referenced, exclusive, *_ = out.splitlines()[1].split()
        return Usage(int(referenced), int(exclusive))


def _is_subvolume(path: Path) -> bool:
    return path.is_dir() and path.stat().st_ino == _SUBVOLUME_INODE


def _names(space: Path) -> Iterator[str]:
    """Relative paths of the subvolumes in a folder; what lies inside a subvolume is data."""
    for folder, below, _ in os.walk(space):
        for entry in list(below):
            path = Path(folder, entry)
            if _is_subvolume(path):
                below.remove(entry)
                yield str(path.relative_to(space))
