"""What runs on a host, seen from the machine: quick enough to catch a step in its middle."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lab.lab import Lab
from testbed.site import until
from tests.workflows.support import SERVER

SOURCE_OPTION = "--defaults-file=/etc/mysql/demo-source.cnf"
STEP_ARGUMENTS = ("/bin/bash", "/dev/fd/3")


@dataclass(frozen=True)
class Process:
    """A process of a host; `pid` is the machine's number for it."""

    pid: int
    uid: int
    arguments: tuple[str, ...]

    @property
    def parent(self) -> int:
        """Number of its parent, 0 when it is gone."""
        fields = _stat(self.pid)
        return int(fields[1]) if fields else 0

    @property
    def state(self) -> str:
        """The kernel's letter, Z for one that is gone."""
        fields = _stat(self.pid)
        return fields[0] if fields else "Z"

    @property
    def environment(self) -> dict[str, str]:
        """The variables that it was started with."""
        text = _read(f"/proc/{self.pid}/environ")
        pairs = (item.partition("=") for item in text.split("\0") if item)
        return {name: value for name, _, value in pairs}

    def kill(self) -> None:
        """End it as the kernel does when memory is short, and see it gone."""
        os.kill(self.pid, signal.SIGKILL)
        until(lambda: self.state == "Z", f"process {self.pid} ends", 10)

    def freeze(self) -> None:
        """Stop it from doing anything."""
        os.kill(self.pid, signal.SIGSTOP)
        until(lambda: self.state in "TZ", f"process {self.pid} stops", 10)
        assert self.state == "T", f"process {self.pid} ended before it could be stopped"

    def thaw(self) -> None:
        """Let it go on, if it still is."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGCONT)


def _read(path: str) -> str:
    try:
        return Path(path).read_bytes().decode(errors="replace")
    except OSError:
        return ""


def _stat(pid: int) -> list[str]:
    return _read(f"/proc/{pid}/stat").rpartition(")")[2].split()


def on_host(lab: Lab, host: str) -> Iterator[Process]:
    """All processes of a host but zombies; none while it is down."""
    recorded = _read(str(lab.root / "hosts" / host / "init")).split()
    try:
        space = Path("/proc", recorded[0], "ns/pid").readlink()
    except (IndexError, OSError):
        return
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if (entry / "ns/pid").readlink() != space:
                continue
            uid = entry.stat().st_uid
        except OSError:
            continue
        arguments = _read(f"{entry}/cmdline").split("\0")[:-1]
        if arguments:
            yield Process(int(entry.name), uid, tuple(arguments))


def of_user(lab: Lab, host: str) -> list[Process]:
    """What the environment user runs on a host."""
    return [process for process in on_host(lab, host) if process.uid == lab.hosts[host].uid]


def with_words(lab: Lab, host: str, *words: str) -> list[Process]:
    """What the environment user runs with these words among the arguments."""
    return [one for one in of_user(lab, host) if set(words) <= set(one.arguments)]


def server(lab: Lab, host: str, mount: str) -> Process | None:
    """The server of the dataset mounted there, if it runs (and is no bootstrap)."""
    found = with_words(lab, host, f"--defaults-file={mount}/my.cnf")
    return next((one for one in found if one.arguments[0].endswith(SERVER)), None)


def source_server(lab: Lab) -> Process | None:
    """The source's own server, if it runs."""
    found = (one for one in on_host(lab, "source") if SOURCE_OPTION in one.arguments)
    return next((one for one in found if one.arguments[0].endswith(SERVER)), None)


def step(lab: Lab, host: str, name: str, mount: str) -> Process | None:
    """The bash of a step of the plugin on this dataset, not one of its subshells."""
    shells = {one.pid: one for one in of_user(lab, host) if one.arguments == STEP_ARGUMENTS}
    for one in shells.values():
        given = one.environment
        named = given.get("DELPHIX_STEP", name)
        if one.parent not in shells and given.get("MOUNT") == mount and named == name:
            return one
    return None


def waits(lab: Lab, host: str, shell: Process) -> bool:
    """Whether a shell sleeps between two looks at something."""
    return any(
        one.arguments[0] == "sleep" and one.parent == shell.pid for one in of_user(lab, host)
    )
