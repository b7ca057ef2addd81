"""Program: enter a host of the lab and run one command there.

Started by lab.hosts.entry with file descriptors as arguments: REQUEST STATUS [COMMAND].
REQUEST holds the request (marshal), so no part of it is on any argument list.
COMMAND holds the text of a command, which is descriptor 3 of the program that is run.
STATUS takes one line when the host is entered (`family ...`) and one at the end
(`exit_code ...` or `error ...`).

It is a program of its own because entering a mount namespace needs a process with one thread
(setns(2)), and everything it needs is loaded before it enters: the host may be another release.
It starts for every command on a host. So it loads only what starts at once: json, signal and
typing took longer than all the rest of it together.
"""

from __future__ import annotations

import _signal as signal  # type: ignore[import-not-found]
import ctypes
import fcntl
import marshal
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PR_SET_PDEATHSIG = 1  # linux/prctl.h
CLONE_NEWNS = 0x00020000  # these: linux/sched.h
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
HOST_NAMESPACES = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET
COMMAND_DESCRIPTOR = 3
COMMAND_NOT_FOUND = 127
PASSED_ON = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
KILLED_BASE = 128  # a shell's exit code for a command that a signal ended is this plus its number

libc = ctypes.CDLL(None, use_errno=True)


def demand(result: int) -> None:
    """Raise OSError when a C library call failed."""
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def started(pid: int) -> int:
    """Start time of a process in clock ticks: field 22 of /proc/PID/stat."""
    with open(f"/proc/{pid}/stat", "rb") as file:
        return int(file.read().rpartition(b")")[2].split()[19])


def enter(init_pid: int, init_started: int) -> str:
    """Enter the host's namespaces; returns what marks this process and its descendants.

    The mark is a cgroup namespace made for this command alone: descendants inherit it, can
    neither leave nor notice it, and it vanishes with the last of them. Sessions and parents
    do not tell as much, as a daemon changes both.
    """
    handle = os.pidfd_open(init_pid)
    if started(init_pid) != init_started:
        raise ProcessLookupError(f"process {init_pid} is another one now")
    demand(libc.unshare(CLONE_NEWCGROUP))
    family = os.readlink("/proc/self/ns/cgroup")
    demand(libc.setns(handle, HOST_NAMESPACES))
    os.close(handle)
    return family


def groups_of(user: str, gid: int) -> list[int]:
    """The user's groups as the host's /etc/group has them now, as at each login."""
    groups = {gid}
    with open("/etc/group", "rb") as file:
        for line in file.read().splitlines():
            match line.split(b":"):
                case [_, _, number, members] if os.fsencode(user) in members.split(b","):
                    groups.add(int(number))
    return sorted(groups)


def become(request: dict[str, Any]) -> None:
    """Take the identity, the folder and the defaults of a freshly logged-in user."""
    os.setsid()
    groups = groups_of(request["user"], request["gid"])
    os.setgroups(groups)
    os.setgid(request["gid"])
    os.setuid(request["uid"])
    os.umask(0o022)
    os.chdir(request["cwd"])
    if request["die_with_parent"]:
        demand(libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL))
    # Whatever our own caller ignores: a shell ignores SIGINT and SIGQUIT for its background jobs.
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def find_program(name: str, path: str) -> str:
    """The program's file. os.execvpe is of no use here: it imports a module on the host."""
    candidates = [f"{folder}/{name}" for folder in path.split(":")] if "/" not in name else []
    return next((file for file in candidates if os.access(file, os.X_OK)), name)


def execute(request: dict[str, Any], status: int, command: int | None) -> None:
    """Become the user and then the program; does not return."""
    status = fcntl.fcntl(status, fcntl.F_DUPFD_CLOEXEC, COMMAND_DESCRIPTOR + 1)
    try:
        if command is not None:
            os.dup2(command, COMMAND_DESCRIPTOR, inheritable=True)
            os.set_inheritable(COMMAND_DESCRIPTOR, True)
        become(request)
        program = find_program(request["argv"][0], request["env"]["PATH"])
        os.execve(program, request["argv"], request["env"])
    except OSError as error:
        name = request["argv"][0].replace("\n", " ")
        report(status, "error", f"{name}: {error.strerror}")
    finally:
        os._exit(COMMAND_NOT_FOUND)


def report(status: int, kind: str, text: object) -> None:
    """Tell the lab one thing; an error goes to standard error when the lab does not listen."""
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    line = f"{text}\n".encode(errors="surrogateescape")
    try:
        os.write(status, f"{kind} ".encode() + line)
    except BrokenPipeError:
        if kind == "error":
            os.write(sys.stderr.fileno(), line)


def wait_for(child: int) -> int:
    """Wait for the command, pass signals on to it; returns its wait status."""
    for number in PASSED_ON:
        signal.signal(number, lambda received, _frame: os.kill(child, received))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, PASSED_ON)
    return os.waitpid(child, 0)[1]


def main() -> None:
    """Enter, run, wait, report; ends with the exit code of the command."""
    source, status, *commands = map(int, sys.argv[1:])
    command = commands[0] if commands else None
    for descriptor in (status, *commands):
        os.set_inheritable(descriptor, False)
    with open(source, "rb") as file:
        request = marshal.load(file)  # noqa: S302  # from our own process
    try:
        report(status, "family", enter(request["init_pid"], request["init_started"]))
    except OSError as error:
        report(status, "error", f"the host cannot be entered: {error.strerror or error}")
        os._exit(COMMAND_NOT_FOUND)
    # One that comes before wait_for can pass it on waits until then; the child takes its own mask.
    signal.pthread_sigmask(signal.SIG_BLOCK, PASSED_ON)
    child = os.fork()
    if child == 0:
        execute(request, status, command)
    outcome = wait_for(child)
    ended = os.WIFEXITED(outcome)
    exit_code = os.WEXITSTATUS(outcome) if ended else KILLED_BASE + os.WTERMSIG(outcome)
    report(status, "exit_code", exit_code)
    os._exit(exit_code)
