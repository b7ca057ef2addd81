"""The power switch of a host: its init process, which all of the host lives and dies with."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError
from lab.system.process import (
    OUTPUT_TAIL_BYTES,
    ProcessIdentity,
    kill_until_gone,
    processes_with_argument,
    wait_until,
)

_BOOT = Path(__file__).with_name("boot.sh")
_BOOT_SECONDS = 20
_MISSED_LOOKS = 10
_INIT_NAME = "init"


@dataclass(frozen=True)
class HostFolders:
    """Where a host is kept.

    own: its folder in the lab (boot log, init's identity, mount point of its root).
    changes: makes and gives the folder for changes to its root, on the pool.
    lower: the root directory that it starts from.
    """

    own: Path
    changes: Callable[[], Path]
    lower: Path


class HostPower:
    """Starts and stops the init process of one host."""

    def __init__(self, name: str, folders: HostFolders, connect: Callable[[int], None]) -> None:
        """connect: plugs the host whose init has this process number into the network."""
        self._name = name
        self._folders = folders
        self._connect = connect

    def init(self) -> ProcessIdentity | None:
        """The host's init process; None when the host is down."""
        recorded = self._recorded()
        return recorded if recorded is not None and recorded.is_alive() else None

    def on(self) -> None:
        """Boot unless the host is up, and see to its network connection."""
        init = self.init()
        if init is None or not _is_booted(init):
            init = self._boot()
        self._connect(init.pid)

    def off(self) -> None:
        """Cut the power: every process of the host is killed, its mounts and network vanish."""
        init = self._recorded()
        if init is not None:
            init.kill()
        end_processes(self._folders.own)
        (self._folders.own / "init").unlink(missing_ok=True)

    def _recorded(self) -> ProcessIdentity | None:
        try:
            pid, started = (self._folders.own / "init").read_text().split()
        except FileNotFoundError:
            return None
        return ProcessIdentity(int(pid), int(started))

    def _boot(self) -> ProcessIdentity:
        self.off()
        own = self._folders.own
        own.mkdir(mode=0o700, parents=True, exist_ok=True)
        isolation = ["--pid", "--mount", "--uts", "--ipc", "--net", "--fork"]
        places = [str(own), str(self._folders.changes()), str(self._folders.lower)]
        boot = ["bash", str(_BOOT), _mark(own), *places, self._name]
        with (own / "boot.log").open("wb") as log:
            subprocess.run(
                ["setsid", "--fork", "unshare", *isolation, *boot],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"},
                check=True,
            )
        return self._await_boot()

    def _await_boot(self) -> ProcessIdentity:
        """Wait until init runs; a LabError with the boot log when it will not."""

        missed = 0

        def decided() -> bool:
            nonlocal missed
            init = self.init()
            # A process shows no arguments in the middle of an exec: one look tells nothing.
            missed = 0 if self._is_booting() else missed + 1
            return (init is not None and _is_booted(init)) or missed >= _MISSED_LOOKS

        wait_until(decided, _BOOT_SECONDS)
        init = self.init()
        if init is None or not _is_booted(init):
            story = (self._folders.own / "boot.log").read_bytes()[-OUTPUT_TAIL_BYTES:]
            self.off()
            raise LabError(
                f"The host {self._name!r} did not boot.", output=story.decode(errors="replace")
            )
        return init

    def _is_booting(self) -> bool:
        return bool(processes_with_argument(_mark(self._folders.own)))


def end_processes(folder: Path) -> None:
    """Kill the init process of the host kept in this folder, recorded or not, and its parent."""
    kill_until_gone(lambda: processes_with_argument(_mark(folder)))


def _mark(folder: Path) -> str:
    """An argument that only init and the processes that boot it have."""
    return f"delphix-lab-host={folder}"


def _is_booted(init: ProcessIdentity) -> bool:
    try:
        return Path(f"/proc/{init.pid}/comm").read_text().strip() == _INIT_NAME
    except (FileNotFoundError, ProcessLookupError):
        return False
