"""Programs run as root on the machine itself, and the identity of processes."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from lab.errors import CommandFailed, CommandTimeout, LabError

OUTPUT_TAIL_BYTES = 8192
POLL_SECONDS = 0.01
# Raises when the commands that this thread runs on hosts are to end before their time.
interruption: ContextVar[Callable[[], None] | None] = ContextVar("interruption", default=None)
_PF_EXITING = 0x4  # linux/sched.h, in field 9 of /proc/PID/stat


@dataclass(frozen=True)
class CommandResult:
    """What a program left behind; `seconds` is wall-clock time."""

    exit_code: int
    stdout: bytes
    stderr: bytes
    seconds: float

    @property
    def text(self) -> str:
        """Standard output as text, undecodable bytes replaced."""
        return self.stdout.decode(errors="replace")


def run(
    argv: Sequence[str],
    *,
    input: bytes | None = None,
    timeout: float = 60,
    check: bool = True,
) -> CommandResult:
    """Run a program as root on the machine and wait for it.

    Raises CommandFailed for a non-zero exit code (unless `check` is false),
    CommandTimeout after `timeout` seconds, LabError when the program is missing.
    """
    started = time.monotonic()
    try:
        done = subprocess.run(
            argv,
            check=False,
            input=b"" if input is None else input,
            capture_output=True,
            timeout=timeout,
            env={"PATH": os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin", "LC_ALL": "C"},
        )
    except FileNotFoundError as error:
        raise LabError(
            f"The lab needs the program {argv[0]!r}, which this machine does not have.",
            "Install the packages named in the README (iproute2, btrfs-progs, util-linux, tini).",
        ) from error
    except subprocess.TimeoutExpired as error:
        said = tail(error.stdout, error.stderr)
        raise CommandTimeout(f"{argv[0]} did not end in {timeout} s.", output=said) from error
    result = CommandResult(done.returncode, done.stdout, done.stderr, time.monotonic() - started)
    if check:
        demand_success(" ".join(argv), result)
    return result


def demand_success(what: str, result: CommandResult) -> None:
    """Raise CommandFailed, with the tail of what the program said, unless it succeeded."""
    if result.exit_code != 0:
        message = f"{what!r} failed with exit code {result.exit_code}."
        raise CommandFailed(message, result.exit_code, tail(result.stdout, result.stderr))


def tail(*streams: bytes | None) -> str:
    """The last part of each stream that said something, as text."""
    parts = ((stream or b"")[-OUTPUT_TAIL_BYTES:].decode(errors="replace") for stream in streams)
    return "\n".join(part.strip() for part in parts if part.strip())


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Poll until the condition holds; false when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


@dataclass(frozen=True)
class ProcessIdentity:
    """One process, told from a later one with the same number by its start time.

    started: clock ticks since boot, field 22 of /proc/PID/stat (proc_pid_stat(5)).
    ending: it was on its way out when it was looked at; an init process spends its end
        killing all others of its pid namespace (pid_namespaces(7)).
    """

    pid: int
    started: int
    ending: bool = field(default=False, compare=False)

    @classmethod
    def of(cls, pid: int) -> ProcessIdentity | None:
        """The process that has this number now; None when there is none (or a zombie)."""
        try:
            stat = Path(f"/proc/{pid}/stat").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            return None
        state, *fields = stat.rpartition(b")")[2].split()
        if state in (b"Z", b"X"):
            return None
        return cls(pid, int(fields[18]), ending=bool(int(fields[5]) & _PF_EXITING))

    def is_alive(self) -> bool:
        """True while exactly this process runs and has not begun to end."""
        now = ProcessIdentity.of(self.pid)
        return now == self and not now.ending

    def kill(self, seconds: float = 10) -> None:
        """Send SIGKILL and wait for the end; LabError when it survives `seconds`."""
        try:
            handle = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return
        try:
            if ProcessIdentity.of(self.pid) == self:
                signal.pidfd_send_signal(handle, signal.SIGKILL)
                ready, _, _ = select.select([handle], [], [], seconds)
                if not ready:
                    raise LabError(f"Process {self.pid} did not end {seconds} s after SIGKILL.")
        except ProcessLookupError:
            return
        finally:
            os.close(handle)


def processes() -> Iterator[int]:
    """Numbers of all processes that this process can see."""
    return (int(entry) for entry in os.listdir("/proc") if entry.isdigit())


def processes_with_argument(argument: str) -> list[ProcessIdentity]:
    """Live processes that have exactly this text as one element of their argument list."""
    wanted = os.fsencode(argument)
    found = []
    for pid in processes():
        identity = ProcessIdentity.of(pid)
        try:
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if identity is not None and wanted in arguments:
            found.append(identity)
    return found


def kill_until_gone(find: Callable[[], list[ProcessIdentity]], seconds: float = 10) -> None:
    """SIGKILL whatever `find` finds, again until it finds nothing: they may fork meanwhile."""

    def none_left() -> bool:
        found = find()
        for identity in found:
            identity.kill()
        return not found

    if not wait_until(none_left, seconds):
        left = ", ".join(str(identity.pid) for identity in find())
        raise LabError(f"Processes {left} did not end in {seconds} s.")
