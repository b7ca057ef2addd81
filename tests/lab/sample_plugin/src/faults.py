"""Faults that a test asks for by the parameter `fault`: "OPERATION=KIND"."""

import importlib
import os
import signal
import sys
import threading
from pathlib import Path

from dlpx.virtualization import libs
from dlpx.virtualization.platform.exceptions import UserError

from generated.definitions import SnapshotDefinition

CALLS = []


def user_error(source):
    raise UserError("the message", "the action", "the output")


def generic(source):
    raise KeyError("no such key")


def runtime(source):
    libs.run_bash(source.staged_connection, "true", {"NUMBER": 1})


def library(source):
    libs.run_powershell(source.staged_connection, "Get-Date")


def caught_library(source):
    try:
        library(source)
    except libs.exceptions.LibraryError as error:
        raise UserError("caught: " + error.message) from error


def generated(source):
    SnapshotDefinition(lines=None)


def script_error(source):
    libs.run_bash(source.staged_connection, "echo seen; exit 3", check=True)


def leave(source):
    sys.exit(7)


def killed(source):
    os.kill(os.getpid(), signal.SIGKILL)


def big_error(source):
    raise UserError("x" * (128 << 10))


def long_error(source):
    raise UserError("x" * (100 << 10))


def big_library(source):
    libs.run_bash(source.staged_connection, ":" + " " * (192 << 20))


def long_library(source):
    answer = libs.run_bash(source.staged_connection, "head -c 20000000 /dev/zero | tr '\\0' x")
    command = ": " + "x" * (1 << 20) + "; echo done"
    done = libs.run_bash(source.staged_connection, command).stdout.strip()
    raise UserError(f"{len(answer.stdout)} {done}")


def imports(source):
    found = []
    for name in ("yaml", "click", "lab", "pip", "jsonschema", "plugin_runner"):
        try:
            importlib.import_module(name)
            found.append(name)
        except ImportError:
            pass
    raise UserError(",".join(found), str(Path.cwd()), "\n".join(sys.path))


def credentials(source):
    found = libs.retrieve_credentials(source.parameters.credentials)
    raise UserError(f"{found.username} {len(found.password)}")


def thread_call(source):
    seen = []

    def work():
        seen.append(libs.run_bash(source.staged_connection, "id -un").stdout.strip())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    raise UserError(seen[0])


def remember(source):
    CALLS.append(1)
    raise UserError(str(len(CALLS)))


def stay_in_mount(source):
    script = 'cd "$DIR"; nohup sleep 600 >/dev/null 2>&1 </dev/null &'
    connection = getattr(source, "connection", None) or source.staged_connection
    libs.run_bash(connection, script, {"DIR": source.parameters.mount_path})
    raise UserError("left a process behind")


def leak(source):
    return "leak"


def wait(source):
    connection = getattr(source, "connection", None) or source.staged_connection
    libs.run_bash(connection, "sleep 30")


def may_fail(operation, parameters, source):
    """Do what the test asked for in this operation, if it did."""
    wanted, _, kind = (parameters.fault or "").partition("=")
    if wanted != operation:
        return None
    return globals()[kind](source)
