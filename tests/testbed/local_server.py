"""A real server in a temporary folder, run by an ordinary OS user."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from testbed.client import ClientError, LocalResult, Server, local_popen, local_run

DEADLINE_SECONDS = 60.0
_UID, _GID = 65534, 65534  # nobody: a server refuses to run as root, and need not
_AS_USER = ("setpriv", f"--reuid={_UID}", f"--regid={_GID}", "--clear-groups")

# The MariaDB of another release: the folder of its root file system, in which the temporary
# folder (TMPDIR), /dev and /proc must be mounted.
_ROOT = os.environ.get("DEMO_TEST_ROOT")
_PREFIX = ("chroot", _ROOT) if _ROOT else ()


def run(
    argv: Sequence[str],
    *,
    input: bytes | None = None,
    timeout: float | None = DEADLINE_SECONDS,
    check: bool = True,
) -> LocalResult:
    """Run a command of the release under test."""
    return local_run([*_PREFIX, *argv], input=input, timeout=timeout, check=check)


def popen(
    argv: Sequence[str], *, stdin: int, stdout: int, stderr: int
) -> "subprocess.Popen[bytes]":
    """Start a command of the release under test."""
    return local_popen([*_PREFIX, *argv], stdin=stdin, stdout=stdout, stderr=stderr)


@dataclass(frozen=True)
class LocalServer:
    """A running server and the client's way to it."""

    sql: Server
    folder: Path
    process: "subprocess.Popen[bytes]"


@contextmanager
def running_server(folder: Path) -> Iterator[LocalServer]:
    """Initialise and start a server in `folder`; it ends with the context."""
    config, socket = folder / "my.cnf", folder / "s"
    for path in (folder, folder / "tmp"):
        path.mkdir()
        os.chown(path, _UID, _GID)
    config.write_text(
        f"[mysqld]\ndatadir={folder}/data\nsocket={socket}\ntmpdir={folder}/tmp\n"
        f"pid-file={folder}/pid\nskip-networking\nlog-error={folder}/error.log\n"
    )
    options = ("--skip-test-db", "--auth-root-authentication-method=socket")
    install = run(
        [*_AS_USER, "mariadb-install-db", f"--defaults-file={config}", *options], check=False
    )
    assert install.exit_code == 0, install.stdout + install.stderr
    process = _start(_server_path(), f"--defaults-file={config}")
    server = LocalServer(Server(run, socket=str(socket)), folder, process)
    try:
        _await_answer(server)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(DEADLINE_SECONDS)


def _server_path() -> str:
    return "/usr/sbin/mariadbd" if _ROOT else str(shutil.which("mariadbd"))


def _start(*argv: str) -> "subprocess.Popen[bytes]":
    """Start as an ordinary user; the process ends with this one, however this one ends."""
    return subprocess.Popen(
        [*_PREFIX, *_AS_USER, "--pdeathsig=TERM", *argv],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _await_answer(server: LocalServer) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        try:
            server.sql.value("SELECT 1")
            return
        except ClientError as error:
            if server.process.poll() is not None or time.monotonic() > deadline:
                log = server.folder / "error.log"
                story = log.read_text(errors="replace")[-4000:] if log.exists() else "no error log"
                raise AssertionError(f"the server does not answer: {error}\n{story}") from error
        time.sleep(0.05)


GRANT_TABLES = "global_priv db tables_priv columns_priv procs_priv proxies_priv roles_mapping"


def copy_everything(source: LocalServer, target: LocalServer, databases: Sequence[str]) -> None:
    """Copy databases and accounts by dumps.

    Accounts first, for a view's definer is looked up; and again at the end, for loading a routine
    begins with dropping it, which takes the grants on it along.
    """
    accounts = _dump(source, "mysql", *GRANT_TABLES.split()) + b"\nFLUSH PRIVILEGES;\n"
    schemas = _dump(
        source, "--events", "--routines", "--add-drop-database", "--databases", *databases
    )
    load = run(
        ["mariadb", "--no-defaults", "--binary-mode", f"--socket={target.sql.socket}", "mysql"],
        input=accounts + schemas + b"\nUSE mysql;\n" + accounts,
        check=False,
    )
    assert load.exit_code == 0, load.stderr.decode(errors="replace")[-2000:]


def _dump(source: LocalServer, *arguments: str) -> bytes:
    client = ["mariadb-dump", "--no-defaults", f"--socket={source.sql.socket}"]
    return run([*client, "--single-transaction", *arguments]).stdout


def as_user(server: LocalServer, user: str, password: str) -> Server:
    """Another login to the same server."""
    return replace(server.sql, user=user, password=password)
