"""A managed physical copy that breaks: what it says, and that nothing stays on either host."""

import os
import re
import signal
from collections.abc import Iterator

import pytest

from lab.hosts.host import Host
from lab.lab import JobFailed
from testbed.parameters import READER
from testbed.site import Site, mark, marks, until
from tests.workflows.copying import Work
from tests.workflows.managed_physical import (
    PHYSICAL,
    RULE,
    allow,
    backups,
    give_rule,
    held,
    left_on,
)
from tests.workflows.support import (
    RESYNC,
    SECRETS,
    foreign_pid,
    kill,
    only_servers,
    processes,
    refused,
    restart_source,
)

NAME = "sales"


@pytest.fixture(scope="module")
def linked(site: Site) -> Site:
    site.source.server.query("SET GLOBAL event_scheduler = OFF")
    allow(site)
    site.link(NAME, **PHYSICAL)
    return site


def nothing_left(site: Site) -> None:
    """On either host. What was ended may take a moment to be gone."""
    for name in ("source", "staging"):
        host = site.host(name)
        until(lambda host=host: left_on(host) == [], f"nothing is left on {name}: {left_on(host)}")


@pytest.fixture
def copy(linked: Site) -> Iterator[Work]:
    """Such a resync, for the test to break. Afterwards the next one succeeds."""
    snapshots = linked.lab.snapshots(NAME)
    with held(linked, NAME) as work:
        yield work
    only_servers(linked.host("staging"))
    nothing_left(linked)
    assert linked.lab.snapshots(NAME) == snapshots
    name = f"after {len(snapshots)} snapshots"
    mark(linked.source.server, name)
    linked.lab.sync(NAME, RESYNC)
    assert marks(linked.sql(NAME))[-1] == name


def pid_of(host: Host, word: str) -> int:
    """A process of the environment user with this word in its arguments."""
    (line,) = (line for line in processes(host) if word in line)
    return int(line.split()[0])


def job_of(site: Site) -> int:
    """The sending job."""
    command = ["bash", "-c", "cat /tmp/delphix-send-*/pid"]
    return int(site.host("source").run_as_root(command).text.split()[0])


def test_no_secret_is_to_be_seen_while_it_works(linked: Site, copy: Work) -> None:
    """Neither in arguments nor in files nor in environments; keys are in no file at all."""
    for name in ("source", "staging"):
        script = (
            "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n';"
            "cat /tmp/delphix-send-*/* /dev/shm/delphix-send* /mnt/delphix/*/run/job/* 2>/dev/null"
        )
        text = linked.host(name).run_as_root(["bash", "-c", script], check=False).text
        assert "mariadb" in text
        assert SECRETS["reader"] not in text
        assert "PRIVATE KEY" not in text
    (pid, *_) = backups(linked.host("source"))
    kill(linked.host("source"), pid)
    refused("MDB-068", copy.result)


def test_mariadb_backup_is_killed(linked: Site, copy: Work) -> None:
    for pid in backups(linked.host("source")):
        kill(linked.host("source"), pid)
    refused("MDB-068", copy.result, "signal 9")


def test_the_sending_job_is_killed(linked: Site, copy: Work) -> None:
    kill(linked.host("source"), job_of(linked))
    refused("MDB-068", copy.result, "ended without a result")


@pytest.mark.parametrize(("host", "end"), [("source", "s_client"), ("staging", "s_server")])
def test_the_stream_breaks(linked: Site, copy: Work, host: str, end: str) -> None:
    kill(linked.host(host), pid_of(linked.host(host), end))
    refused("MDB-067", copy.result)


def test_the_job_on_staging_is_killed(linked: Site, copy: Work) -> None:
    staging = linked.host("staging")
    pid = staging.read_file(f"{linked.mount(NAME)}/run/job/pid").decode().split()[0]
    kill(staging, int(pid))
    refused("MDB-054", copy.result, pid)


def test_the_source_is_killed(linked: Site, copy: Work) -> None:
    host = linked.source.host
    kill(host, foreign_pid(host))
    try:
        refused("MDB-068", copy.result)
    finally:
        restart_source(linked)


def test_the_engine_is_killed(linked: Site) -> None:
    """The next attempt ends what the first one has left on both hosts."""
    pid = linked.lab.engine.runtime.pid
    assert pid is not None
    with held(linked, NAME) as work:
        job = job_of(linked)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(JobFailed):
            work.result()
        assert job in _pids(linked.host("source"))
        work.go_on()
        linked.lab.sync(NAME, RESYNC)
        assert job not in _pids(linked.host("source"))
    nothing_left(linked)


def _pids(host: Host) -> list[int]:
    return [int(line.split()[0]) for line in processes(host)]


def test_a_port_that_is_taken_or_closed(linked: Site) -> None:
    staging = linked.host("staging")
    old = linked.change(NAME, transferPort=14445)
    with staging.popen_as_root(
        ["openssl", "s_server", "-accept", "14445", "-nocert", "-quiet"],
        stdin=-1,
        stdout=-3,
        stderr=-3,
    ) as taken:
        try:
            listens = ["bash", "-c", "grep -q ':386D ' /proc/net/tcp /proc/net/tcp6"]
            until(
                lambda: staging.run_as_root(listens, check=False).exit_code == 0, "somebody listens"
            )
            refused("MDB-034", lambda: linked.lab.sync(NAME, RESYNC), "14445")
        finally:
            taken.kill()
    linked.lab.update_parameters(NAME, old)
    nothing_left(linked)


def test_without_the_right(linked: Site) -> None:
    source = linked.host("source")
    source.run_as_root(["sed", "-i", "/mbstream/d", "/etc/sudoers"])
    try:
        line = f"{source.environment_user} {RULE}"
        refused("MDB-069", lambda: linked.lab.sync(NAME, RESYNC), line)
    finally:
        give_rule(linked.source)
    nothing_left(linked)


def test_without_a_privilege(linked: Site) -> None:
    server = linked.source.server
    server.query(f"REVOKE PROCESS ON *.* FROM '{READER.user}'@'%'")
    try:
        error = refused("MDB-043", lambda: linked.lab.sync(NAME, RESYNC), "GRANT PROCESS ON *.*")
        assert re.search(r"GRANT .*mariadb-backup", error.message)
    finally:
        server.query(f"GRANT PROCESS ON *.* TO '{READER.user}'@'%'")
