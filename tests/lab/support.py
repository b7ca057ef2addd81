"""A lab with a source full of data, and what the tests ask of its hosts and servers."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from demo import compare, parameters, places, proofs, source
from demo.client import Server
from demo.compare import Fingerprint
from demo.parameters import READER, REPLICATOR, Json
from demo.places import Place
from demo.writer import Writer
from lab.engine import JobFailed, Lab
from lab.hosts import Host
from lab.jobs import Event, EventKind
from lab.model import Job, JobError, Snapshot
from lab.process import wait_until

ROWS = 2_000
RESYNC: Json = {"resync": True}
SECONDS = 60
SERVER = "mariadbd"
SOURCE_PID_FILE = "/run/mysqld/mysqld.pid"
# Parts of the passwords that no quoting of shell, SQL, option file or JSON changes.
SECRETS = {"reader": "(id) #;=%s", "replicator": "HOME&|*", "developer": "sure; #1"}


class Hooks:
    """What to do when the engine begins a step: a test stands between two plugin operations."""

    def __init__(self) -> None:
        self._actions: dict[str, Callable[[], None]] = {}

    def once(self, step: str, action: Callable[[], None]) -> None:
        """Call `action` when the next step of that name begins; what it raises fails the job."""
        self._actions[step] = action

    def tell(self, event: Event) -> None:
        """Take the engine's progress."""
        if event.kind is EventKind.STEP:
            self._actions.pop(event.text, lambda: None)()


@dataclass(frozen=True)
class Site:
    """A lab, the hooks into its jobs, and the data set on its source."""

    lab: Lab
    hooks: Hooks = field(default_factory=Hooks)

    # -- hosts and servers ---------------------------------------------------------------------

    @property
    def source(self) -> Place:
        """The server that is linked."""
        return places.source_place(self.lab)

    def host(self, name: str) -> Host:
        """The host source, staging or target."""
        return self.lab.hosts[name]

    def place(self, name: str) -> Place:
        """A VDB, or the staging server of a dSource."""
        return places.place_of(self.lab, name)

    def sql(self, name: str) -> Server:
        """The server of a VDB or dSource, as its owner."""
        return self.place(name).server

    def fingerprint(self, name: str) -> Fingerprint:
        """Everything a VDB or a staging server holds."""
        return compare.snapshot(self.sql(name), name)

    def mount(self, name: str) -> str:
        """Where a VDB or dSource is mounted."""
        return self.place(name).mount_path

    def writer(self, name: str | None = None) -> Writer:
        """Keeps writing on the source, or on a VDB."""
        place = self.place(name) if name else self.source
        return Writer(place.server, place.popen)

    # -- workflows -----------------------------------------------------------------------------

    def link(self, name: str, **given: Any) -> Job:
        """Link the source as the demo does; `given` are further parameters."""
        (config,) = (row for row in self.lab.source_configs("source") if row.present)
        logins = {
            "sourceCredentials": READER.supplier,
            "replicationCredentials": REPLICATOR.supplier,
        }
        return self.lab.link(
            name,
            source_config=config,
            staging_host="staging",
            parameters=parameters.link_parameters(name, logins | given),
        )

    def provision(self, name: str, container: str, **options: Any) -> Job:
        """Make a VDB on target (or `host`); options in camelCase are plugin parameters."""
        given = {key: options.pop(key) for key in tuple(options) if key not in _PROVISION}
        port = {"port": self._free_port()}
        return self.lab.provision(
            name,
            container=container,
            host=options.pop("host", "target"),
            parameters=parameters.vdb_parameters(name, port | given),
            **options,
        )

    def _free_port(self) -> int:
        used: list[int] = [
            container.parameters.get("port", 0) for container in self.lab.containers()
        ]
        return max([parameters.FIRST_VDB_PORT - 1, *used]) + 1

    def latest(self, name: str) -> Snapshot:
        """The newest snapshot of a VDB or dSource."""
        return self.lab.snapshots(name)[-1]

    def change(self, name: str, **given: Any) -> Json:
        """Change parameters of a dSource or VDB (None takes one away); returns the old ones."""
        old = self.lab.container(name).parameters
        new = {key: value for key, value in (old | given).items() if value is not None}
        self.lab.update_parameters(name, new)
        return old


_PROVISION = ("host", "snapshot", "repository", "initial_snapshot")


# -- failures ----------------------------------------------------------------------------------


def refused(code: str, call: Callable[[], object], *words: str) -> JobError:
    """The call is a job that fails with this code and says these words, and no secret."""
    with pytest.raises(JobFailed) as caught:
        call()
    error = caught.value.job.error
    assert error is not None
    text = f"{error.message}\n{error.action}\n{error.output}"
    assert error.message.startswith(f"{code} "), text
    missing = [word for word in words if word not in error.message]
    assert not missing, f"not in the message: {missing}\n{text}"
    assert len(error.action) > 20, text
    told = [name for name, part in SECRETS.items() if part in text]
    assert not told, f"the error tells the password of {told}"
    return error


def until(condition: Callable[[], bool], story: str, seconds: float = SECONDS) -> None:
    """Poll until the condition holds; fails with the story when it does not in time."""
    assert wait_until(condition, seconds), f"not within {seconds} s: {story}"


# -- processes and files -----------------------------------------------------------------------


def processes(host: Host) -> list[str]:
    """`pid arguments` of everything the environment user runs on a host."""
    listing = host.run_as_root(
        ["ps", "-u", host.environment_user, "-o", "pid=,args=", "--no-headers"], check=False
    )
    return [line.strip() for line in listing.text.splitlines()]


def only_servers(host: Host, *mounts: str) -> None:
    """Nothing of the environment user is left on a host but the servers of these mounts.

    What was ended may take a moment to be gone.
    """
    wanted = sorted(f"--defaults-file={mount}/my.cnf" for mount in mounts)

    def found() -> list[str]:
        return sorted(line.partition(" ")[2].rpartition(" ")[2] for line in processes(host))

    if not wait_until(lambda: found() == wanted, 10):
        pytest.fail(f"expected servers of {mounts} only, on {host.name} run: {processes(host)}")


def server_pid(site: Site, name: str) -> int:
    """The process of a VDB's or dSource's server."""
    place = site.place(name)
    option = f"--defaults-file={place.mount_path}/my.cnf"
    (line,) = (line for line in processes(place.host) if SERVER in line and option in line)
    return int(line.split()[0])


def kill(host: Host, pid: int) -> None:
    """End a process of a host as a crash does, and see it gone."""
    host.run_as_root(["kill", "-KILL", str(pid)])
    gone = ["bash", "-c", f"[[ $(cut -d' ' -f3 /proc/{pid}/stat 2>/dev/null || echo Z) == Z ]]"]
    until(lambda: host.run_as_root(gone, check=False).exit_code == 0, f"process {pid} ends")


def files(host: Host, folder: str) -> str:
    """Names, sizes, modes and contents of all files below a folder of a host."""
    script = (
        'cd "$1" && find . -printf "%p %y %m %u %l\\n" | sort && '
        "find . -type f -print0 | sort -z | xargs -0r sha256sum"
    )
    return host.run_as_root(["bash", "-c", script, "bash", folder]).text


def holding(host: Host, folder: str, text: str) -> list[str]:
    """Files below a folder whose name or content has these bytes, relative to it."""
    argv = ["grep", "-rlaF", "--", text, "."]
    found = host.run_as_root(
        ["bash", "-c", 'cd "$1" && shift && "$@"', "x", folder, *argv], check=False
    )
    assert found.exit_code in (0, 1), found.stderr
    return sorted(line.removeprefix("./") for line in found.text.splitlines())


# -- sessions on a server ------------------------------------------------------------------------


@contextmanager
def session(place: Place, statement: str) -> Iterator[None]:
    """A session that has run a statement (takes a lock, say) and stays until the end."""
    argv, options = place.server.command()
    process = place.popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert process.stdin is not None and process.stdout is not None
    with process, process.stdout, process.stdin:
        try:
            process.stdin.write(options + f"{statement}; SELECT 'done';\n".encode())
            process.stdin.flush()
            answer = process.stdout.readline()
            assert answer == b"done\n", answer + process.stdout.read()
            yield
        finally:
            process.kill()
    until(lambda: process.poll() is not None, "the session ends")


# -- contents ------------------------------------------------------------------------------------


def same_as_source(site: Site, name: str) -> None:
    """A VDB or staging server holds what the source holds; nothing may write on it now."""
    original = compare.snapshot(site.source.server, "source")
    problems = proofs.same_as_source(original, site.fingerprint(name))
    assert not problems, "\n".join(problems)


def restart_source(site: Site, *options: str) -> None:
    """Stop the source's server and start it again, with further options if given; events rest."""
    place = site.source
    stop_source(site)
    if options:
        argv = ["setsid", "--fork", "mariadbd", "--defaults-file=/etc/mysql/demo-source.cnf"]
        quiet = ["sh", "-c", '"$@" </dev/null >/dev/null 2>&1', "sh", *argv, *options]
        place.host.run_as_root([*quiet, "--event-scheduler=OFF"])
        until(lambda: source.answers(place.server), "the source answers")
    else:
        source.start(place.host, place.server)
        place.server.query("SET GLOBAL event_scheduler = OFF")


def stop_source(site: Site) -> None:
    """Shut the source's server down; it may be down already."""
    host = site.source.host
    pid = host.run_as_root(["cat", SOURCE_PID_FILE], check=False).text.strip()
    if pid and host.run_as_root(["kill", pid], check=False).exit_code == 0:
        alive = ["kill", "-0", pid]
        until(lambda: host.run_as_root(alive, check=False).exit_code != 0, "the source stops")


def foreign_pid(host: Host) -> int:
    """The process of a host's own server, one that is none of ours."""
    return int(host.read_file(SOURCE_PID_FILE))


@contextmanager
def quiet_source(site: Site) -> Iterator[None]:
    """Nothing writes on the source by itself: its events rest."""
    server = site.source.server
    server.query("SET GLOBAL event_scheduler = OFF")
    try:
        yield
    finally:
        server.query("SET GLOBAL event_scheduler = ON")


def same(before: Fingerprint, after: Fingerprint) -> None:
    """Nothing at all differs."""
    problems = compare.diff(before, after)
    assert not problems, "\n".join(problems)


def mark(server: Server, name: str) -> None:
    """Leave a row that tells contents of different moments apart."""
    source.milestone(server, name)


def marks(server: Server) -> list[str]:
    """The rows that were left, oldest first."""
    return source.milestones(server)
