"""A lab with a source full of data, and what the tests ask of its hosts and servers."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab.hosts.host import Host
from lab.lab import JobFailed, Lab
from lab.model import JobError
from lab.system.process import wait_until
from testbed import compare, proofs, releases, source
from testbed.compare import Fingerprint
from testbed.parameters import Json
from testbed.places import Place
from testbed.site import Hooks, Site, until
from tests.lab.machine_support import leftovers

ROWS = 2_000
RESYNC: Json = {"resync": True}
SERVER = "mariadbd"
ARTIFACT = "DEV_TEST_ARTIFACT"
# Parts of the passwords that no quoting of shell, SQL, option file or JSON changes.
SECRETS = {"reader": "(id) #;=%s", "replicator": "HOME&|*", "developer": "sure; #1"}


@contextmanager
def running_site(
    folder: Path,
    artifact: Path,
    fill: Callable[[Lab], object],
    *,
    up: Callable[[Lab], object] | None = None,
    fresh_runtime: bool = False,
) -> Iterator[Site]:
    """A lab with the plugin, whose source `fill` starts and loads; gone without a trace afterwards.

    up: brings its hosts up; without it the three of this machine's own release, or of the one that
        DEV_TEST_RELEASE names. DEV_TEST_ARTIFACT names another artifact, an older one, say.
    """
    artifact = Path(os.environ.get(ARTIFACT, artifact))
    hooks = Hooks()
    lab = Lab.open(folder, progress=hooks.tell, fresh_runtime=fresh_runtime)
    try:
        (up or _up)(lab)
        fill(lab)
        lab.upload(artifact)
        for host in lab.hosts:
            lab.refresh_environment(host)
        yield Site(lab, hooks)
    finally:
        lab.down()
    assert leftovers(folder) == []


def _up(lab: Lab) -> None:
    hosts = releases.chosen()
    if hosts:
        lab.up(hosts)
    else:
        lab.up()


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
        argv = ["setsid", "--fork", "mariadbd", f"--defaults-file={source.CONFIG}"]
        quiet = ["sh", "-c", '"$@" </dev/null >/dev/null 2>&1', "sh", *argv, *options]
        place.host.run_as_root([*quiet, "--event-scheduler=OFF"])
        until(lambda: source.answers(place.server), "the source answers")
    else:
        source.start(place.host, place.server)
        place.server.query("SET GLOBAL event_scheduler = OFF")


def stop_source(site: Site) -> None:
    """Shut the source's server down; it may be down already."""
    source.stop(site.source.host)


def foreign_pid(host: Host) -> int:
    """The process of a host's own server, one that is none of ours."""
    return int(host.read_file(source.PID_FILE))


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
