"""The engine's side of a command on a host; lab.hosts.child is the other side."""

from __future__ import annotations

import marshal
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from lab.errors import CommandTimeout, HostDown, LabError
from lab.system.process import (
    CommandResult,
    ProcessIdentity,
    interruption,
    kill_until_gone,
    processes,
    tail,
)

Stream = int | IO[Any] | None
# As a module: it is compiled once, not at each start.
_FOLDER = str(Path(__file__).parent)
_START = f"import sys; sys.path.append({_FOLDER!r}); import child; child.main()"
_READ_SIZE = 65536
# How often a command that may be interrupted is looked after.
_LOOK_SECONDS = 0.2


@dataclass(frozen=True)
class Account:
    """An OS user of a host."""

    name: str
    uid: int
    gid: int
    home: str
    path: str

    def environment(self) -> dict[str, str]:
        """What sshd gives to a command that is not a login, and nothing else (sshd(8))."""
        return {
            "HOME": self.home,
            "USER": self.name,
            "LOGNAME": self.name,
            "SHELL": "/bin/bash",
            "PATH": self.path,
        }


ROOT = Account(
    "root", 0, 0, "/root", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
)


@dataclass(frozen=True)
class Order:
    """One program: as whom, what, with which additions to the account's environment.

    command: text that the program finds on its descriptor 3.
    die_with_parent: the command ends when the process that waits for it here is killed.
    """

    account: Account
    argv: Sequence[str]
    variables: Mapping[str, str] = field(default_factory=dict)
    command: str | None = None
    die_with_parent: bool = False


class Running:
    """A started command: the waiting process on this machine, and what it reports."""

    def __init__(self, init: ProcessIdentity, order: Order, *streams: Stream) -> None:
        """streams: stdin, stdout, stderr as for subprocess.Popen."""
        self._started = time.monotonic()
        self._status_text = b""
        with ExitStack() as closing:
            descriptors = [_memory("request", _request(init, order))]
            if order.command is not None:
                descriptors.append(_memory("command", _command_text(order.command)))
            self._status, status_end = os.pipe()
            descriptors.append(status_end)
            for descriptor in descriptors:
                closing.callback(os.close, descriptor)
            self.popen = self._start(descriptors, streams)
        os.set_blocking(self._status, False)

    def finish(self, input: bytes | None, timeout: float | None) -> CommandResult:
        """Wait for the end of the command and of both of its output pipes.

        Raises CommandTimeout, or what `interruption` raises, after killing the command with all of
        its descendants.
        """
        try:
            stdout, stderr = self._communicate(input, timeout)
        except subprocess.TimeoutExpired:
            self._kill_family()
            said = tail(*self.popen.communicate())
            message = f"The command did not end, or left its output open, for {timeout} s."
            raise CommandTimeout(message + " It was killed.", output=said) from None
        except BaseException:
            self._kill_family()
            self.popen.communicate()
            raise
        finally:
            report = self._report()
            os.close(self._status)
        if "error" in report or "exit_code" not in report:
            said = report.get("error", "the connection to the host broke")
            raise LabError(f"The command could not be run: {said}.", output=tail(stderr))
        seconds = time.monotonic() - self._started
        return CommandResult(int(report["exit_code"]), stdout, stderr, seconds)

    def _communicate(self, input: bytes | None, timeout: float | None) -> tuple[bytes, bytes]:
        check = interruption.get()
        if check is None:
            return self.popen.communicate(input, timeout)
        deadline = None if timeout is None else self._started + timeout
        while True:
            left = _LOOK_SECONDS if deadline is None else deadline - time.monotonic()
            try:
                return self.popen.communicate(input, min(left, _LOOK_SECONDS))
            except subprocess.TimeoutExpired:
                if left < _LOOK_SECONDS:
                    raise
                check()
                input = None

    def detach(self) -> subprocess.Popen[bytes]:
        """Hand the process to a caller who waits for it; its return code is the command's."""
        os.close(self._status)
        return self.popen

    @staticmethod
    def _start(descriptors: list[int], streams: tuple[Stream, ...]) -> subprocess.Popen[bytes]:
        stdin, stdout, stderr = streams
        request, status = str(descriptors[0]), str(descriptors[-1])
        return subprocess.Popen(
            [
                sys.executable,
                "-I",
                "-S",
                "-c",
                _START,
                request,
                status,
                *map(str, descriptors[1:-1]),
            ],
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            pass_fds=descriptors,
            env={},
        )

    def _report(self) -> dict[str, str]:
        """Everything reported until now, in one mapping."""
        try:
            while part := os.read(self._status, _READ_SIZE):
                self._status_text += part
        except BlockingIOError:
            pass
        lines = self._status_text.decode(errors="surrogateescape").splitlines()
        return dict(line.split(" ", 1) for line in lines)

    def _kill_family(self) -> None:
        """Kill the command and every descendant, however it detached itself.

        The process that waits here is one of the family; it is left to take leave of the
        command (or a zombie would remain on the host) and then ends by itself.
        """
        family = self._report().get("family")
        # The kernel gives the number of a namespace that is gone to the next one: held open, it
        # stays this command's own until the last of the family is dead.
        handle = _open_namespace(self.popen.pid)
        if family is None or handle is None:
            self.popen.kill()
            return
        try:
            if family == f"cgroup:[{os.fstat(handle).st_ino}]":
                kill_until_gone(
                    lambda: [one for one in _family(family) if one.pid != self.popen.pid]
                )
        finally:
            os.close(handle)


def host_is_down(name: str, doing: str) -> HostDown:
    """The error for a host that does not run."""
    return HostDown(f"The host {name!r} is down: {doing}.", "Run `up`: it starts the host again.")


def _open_namespace(pid: int) -> int | None:
    try:
        return os.open(f"/proc/{pid}/ns/cgroup", os.O_RDONLY)
    except OSError:
        return None


def _family(namespace: str) -> list[ProcessIdentity]:
    found = []
    for pid in processes():
        identity = ProcessIdentity.of(pid)
        try:
            inside = os.readlink(f"/proc/{pid}/ns/cgroup") == namespace
        except OSError:
            continue
        if inside and identity is not None:
            found.append(identity)
    return found


def _request(init: ProcessIdentity, order: Order) -> bytes:
    environment = order.account.environment() | dict(order.variables)
    for text in (*environment, *environment.values(), *order.argv):
        if "\0" in text:
            raise LabError("A command or variable for a host holds a NUL character.")
    if any("=" in name or not name for name in environment):
        raise LabError("The name of an environment variable is empty or holds a '='.")
    request = {
        "init_pid": init.pid,
        "init_started": init.started,
        "user": order.account.name,
        "uid": order.account.uid,
        "gid": order.account.gid,
        "cwd": order.account.home,
        "argv": list(order.argv),
        "env": environment,
        "die_with_parent": order.die_with_parent,
    }
    return marshal.dumps(request)


def _command_text(command: str) -> bytes:
    """The command, closing first the descriptor it comes by: daemons must not inherit it.

    On the same line, so that line numbers in messages stay those of the command.
    """
    if "\0" in command:
        raise LabError("A command for a host holds a NUL character.")
    return b"exec 3<&-; " + os.fsencode(command)


def _memory(name: str, content: bytes) -> int:
    descriptor = os.memfd_create(f"lab-{name}")
    with os.fdopen(os.dup(descriptor), "wb") as file:
        file.write(content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
