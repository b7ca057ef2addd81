"""What is mounted: the kernel's own list, read rather than remembered."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError
from lab.system.process import processes, run, wait_until

_BUSY_SECONDS = 5
_FLUSH_SECONDS = 600  # the last unmount brings everything written to storage


@dataclass(frozen=True)
class MountEntry:
    """One line of /proc/PID/mountinfo (proc_pid_mountinfo(5)).

    root: the mounted folder inside its file system, for btrfs the path of the subvolume.
    """

    root: str
    mount_point: str
    file_system: str
    source: str


def mount_table(pid: int | None = None) -> list[MountEntry]:
    """The mounts that a process sees (default: this one), in the order of mounting."""
    text = Path(f"/proc/{pid or 'self'}/mountinfo").read_text(errors="surrogateescape")
    return [_entry(line) for line in text.splitlines()]


def mount_points(below: Path) -> list[Path]:
    """Mount points of the machine below a folder, newest first."""
    points = (Path(entry.mount_point) for entry in reversed(mount_table()))
    return [point for point in points if below in point.parents]


def unmount_all(below: Path) -> None:
    """Unmount everything below a folder; LabError that names who keeps it busy."""

    def none_left() -> bool:
        points = mount_points(below)
        for point in points:
            run(["umount", "--", str(point)], check=False, timeout=_FLUSH_SECONDS)
        return not mount_points(below)

    if not wait_until(none_left, seconds=_BUSY_SECONDS):
        left = mount_points(below)
        users = [user for point in left for user in users_of(str(point), os.getpid())]
        raise LabError(
            f"{', '.join(map(str, left))} cannot be unmounted.",
            "End what uses it: " + "; ".join(users) if users else "",
        )


def unmount_copies(devices: Collection[str]) -> None:
    """Unmount these devices in every mount namespace that has them.

    Whoever unshares a mount namespace gets a copy of each mount (mount_namespaces(7)), and any
    copy keeps a file system alive. What cannot be unmounted is left.
    """
    spaces: dict[str, int] = {}
    for pid in processes():
        with suppress(OSError):
            spaces.setdefault(os.readlink(f"/proc/{pid}/ns/mnt"), pid)
    for pid in spaces.values():
        with suppress(OSError):
            points = [e.mount_point for e in mount_table(pid) if e.source in devices]
            for point in points:
                inside = ["nsenter", "--target", str(pid), "--mount", "--root", "umount"]
                run([*inside, "--lazy", "--", point], check=False)


def users_of(path: str, pid: int) -> list[str]:
    """`process PID (command) uses FILE`, for each process that uses something below a path.

    pid: a process whose view of the mounts the path belongs to.
    """
    space = os.readlink(f"/proc/{pid}/ns/mnt")
    return [user for process in processes() if (user := _user(process, space, path))]


def _user(pid: int, mount_namespace: str, path: str) -> str | None:
    folder = Path(f"/proc/{pid}")
    try:
        if os.readlink(folder / "ns/mnt") != mount_namespace:
            return None
        command = (folder / "comm").read_text().strip()
        used = next((file for file in _files_of(folder) if f"{file}/".startswith(f"{path}/")), None)
    except OSError:
        return None
    return f"process {pid} ({command}) uses {used}" if used else None


def _files_of(process: Path) -> Iterator[str]:
    """Paths, in the process's own view, of what a process holds open or runs from."""
    links = [process / "cwd", process / "root", process / "exe", *(process / "fd").iterdir()]
    yield from (os.readlink(link) for link in links if link.is_symlink())
    for line in (process / "maps").read_text(errors="surrogateescape").splitlines():
        _, _, mapped = line.partition("/")
        yield f"/{mapped}"


def _entry(line: str) -> MountEntry:
    fields, _, tail = line.partition(" - ")
    _, _, _, root, mount_point, *_ = fields.split(" ")
    file_system, source, *_ = tail.split(" ")
    return MountEntry(_plain(root), _plain(mount_point), file_system, _plain(source))


def _plain(text: str) -> str:
    """Undo the kernel's octal escapes of blank, tab, newline and backslash."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)
