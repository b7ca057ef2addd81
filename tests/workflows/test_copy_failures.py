"""A full copy that breaks in the middle: what it says, what it leaves, and that a resync cures."""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import suppress

import pytest

from lab.lab import JobFailed
from lab.model import Job
from testbed.client import ClientError
from testbed.site import Site, mark, marks, until
from tests.workflows.copying import Work, in_background, stopped_copy, waiting_dump
from tests.workflows.support import (
    RESYNC,
    foreign_pid,
    kill,
    only_servers,
    processes,
    refused,
    restart_source,
    same_as_source,
    server_pid,
)

NAME = "sales"
# The dump reads the tables of a database in alphabetical order.
EARLY, LATE = "metrics.every_byte", "metrics.no_key"


@pytest.fixture(scope="module")
def linked(site: Site) -> Site:
    site.source.server.query("SET GLOBAL event_scheduler = OFF")
    site.link(NAME)
    site.provision("old", NAME, initial_snapshot=False)
    return site


@pytest.fixture
def copy(linked: Site) -> Iterator[Work]:
    """A resync that stands in the middle of its copy, for the test to break.

    Afterwards nothing of it is left, old snapshots are there, and the next resync succeeds.
    """
    staging, snapshots = linked.host("staging"), linked.lab.snapshots(NAME)
    with stopped_copy(linked, NAME, EARLY) as work:
        yield work
    only_servers(staging)
    assert linked.lab.status(NAME) == "INACTIVE"
    assert linked.lab.snapshots(NAME) == snapshots
    assert waiting_dump(linked) == ""
    name = f"after {len(snapshots)} snapshots"
    mark(linked.source.server, name)
    linked.lab.sync(NAME, RESYNC)
    assert marks(linked.sql(NAME))[-1] == name
    only_servers(staging, linked.mount(NAME))


def _resync(site: Site) -> Job:
    return site.lab.sync(NAME, RESYNC)


def _plugin_log(site: Site) -> list[str]:
    (path,) = (site.lab.root / "log").rglob("info.log")
    return path.read_text().splitlines()


def _processes(site: Site, word: str) -> list[int]:
    """What the environment user runs on staging with this word in its arguments."""
    lines = processes(site.host("staging"))
    return [int(line.split()[0]) for line in lines if word in line]


def test_it_tells_how_far_it_is_while_it_works(linked: Site) -> None:
    """Each line when it happens, in order, and once."""
    told = len(_plugin_log(linked))

    def lines() -> list[str]:
        return [line.split("] ", 3)[-1] for line in _plugin_log(linked)[told:]]

    def first(pattern: str) -> int:
        (found, *_) = [n for n, line in enumerate(lines()) if re.search(pattern, line)] or [-1]
        return found

    phase, bytes_moved = "phase: copying tables$", r"^copying tables: [1-9][0-9.]* k?M?B .*after"
    with stopped_copy(linked, NAME, EARLY) as work:
        work.until(lambda: first(bytes_moved) >= 0, "bytes are told")
        assert 0 <= first(phase) < first(bytes_moved)
        assert first("phase: copying views$") < 0
        work.go_on()
        work.result()
    assert first(bytes_moved) < first("phase: copying views$") < first("^copied up to GTID")
    story = [line for line in lines() if line.startswith("job_status: ")]
    assert len([line for line in story if re.search(phase, line)]) == 1
    assert not [line for line in lines()[first("phase: copying views$") :] if "left" in line]


def test_the_dump_is_killed_on_the_source(linked: Site, copy: Work) -> None:
    linked.source.server.query(f"KILL CONNECTION {waiting_dump(linked)}")
    refused("MDB-050", copy.result, "Lost connection")


def test_a_table_is_altered_during_the_copy(linked: Site, copy: Work) -> None:
    linked.source.server.query(f"ALTER TABLE {LATE} FORCE, ALGORITHM = COPY")
    copy.go_on()
    refused("MDB-050", copy.result, "Table definition has changed", "no_key")


def test_the_load_is_killed(linked: Site, copy: Work) -> None:
    for pid in _processes(linked, "--binary-mode"):
        kill(linked.host("staging"), pid)
    copy.go_on()
    refused("MDB-051", copy.result)


def test_the_sessions_of_the_load_are_killed(linked: Site, copy: Work) -> None:
    server = linked.sql(NAME)
    sessions = server.query(
        "SELECT id FROM information_schema.processlist WHERE id <> CONNECTION_ID()"
        f" AND user = '{linked.host('staging').environment_user}'"
    )
    assert sessions
    for (number,) in sessions:
        # One that asked something short has ended by itself.
        with suppress(ClientError):
            server.query(f"KILL CONNECTION {number}")
    copy.go_on()
    refused("MDB-051", copy.result)


def test_the_staging_server_is_killed(linked: Site, copy: Work) -> None:
    kill(linked.host("staging"), server_pid(linked, NAME))
    copy.go_on()
    refused("MDB-051", copy.result)


def test_the_job_is_killed(linked: Site, copy: Work) -> None:
    """Its children go as well: nothing writes on staging or reads the source any longer."""
    staging = linked.host("staging")
    pid = staging.read_file(f"{linked.mount(NAME)}/run/job/pid").decode().split()[0]
    kill(staging, int(pid))
    refused("MDB-054", copy.result, pid)
    until(lambda: not _processes(linked, "mariadb-dump"), "the dump ends")


def test_the_staging_host_restarts(linked: Site, copy: Work) -> None:
    linked.host("staging").restart()
    with pytest.raises(JobFailed) as caught:
        copy.result()
    error = caught.value.job.error
    assert error is not None
    # The command that was under way broke off, or the next one found no mount.
    assert error.message.startswith(("MDB-030", "MDB-024")), error
    assert error.action


def test_the_source_is_killed(linked: Site, copy: Work) -> None:
    host = linked.source.host
    kill(host, foreign_pid(host))
    try:
        refused("MDB-050", copy.result, "Lost connection")
    finally:
        restart_source(linked)


def test_a_copy_that_the_engine_abandoned_is_cleared_by_the_next(linked: Site, copy: Work) -> None:
    pid = linked.lab.engine.runtime.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(JobFailed):
        copy.result()
    (abandoned,) = _processes(linked, "--single-transaction")
    first = waiting_dump(linked)
    with in_background(lambda: _resync(linked)) as second:
        second.until(lambda: waiting_dump(linked) not in ("", first), "the second copy gets here")
        assert abandoned not in _processes(linked, "mariadb-dump")
        linked.source.server.query(f"KILL CONNECTION {waiting_dump(linked)}")
        refused("MDB-050", second.result)


def test_old_snapshots_serve_all_the_time(linked: Site, copy: Work) -> None:
    first = linked.lab.snapshots(NAME)[0].reference
    linked.lab.refresh("old", first)
    linked.source.server.query(f"KILL CONNECTION {waiting_dump(linked)}")
    refused("MDB-050", copy.result)
    linked.lab.refresh("old", first)


def test_at_last_both_ends_are_equal(linked: Site) -> None:
    linked.lab.sync(NAME, RESYNC)
    same_as_source(linked, NAME)
