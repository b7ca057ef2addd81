"""Syncs that fail, replication that breaks or resumes, and snapshots that nobody finishes."""

from collections.abc import Iterator

import pytest

from lab.lab import JobFailed
from testbed import compare
from testbed.site import Site, mark, marks, until
from testbed.writer import Table, Writer
from tests.workflows.support import (
    RESYNC,
    kill,
    only_servers,
    refused,
    restart_source,
    same_as_source,
    server_pid,
    session,
    stop_source,
)

NAME = "sales"
HOLDER = "SELECT id FROM information_schema.processlist WHERE info LIKE 'DO SLEEP(%'"


@pytest.fixture(scope="module")
def linked(site: Site) -> Site:
    site.source.server.query("SET GLOBAL event_scheduler = OFF")
    site.link(NAME)
    return site


@pytest.fixture(autouse=True)
def cured(linked: Site) -> Iterator[None]:
    """After each test a policy's sync works and has the newest row; snapshots stay."""
    snapshots = linked.lab.snapshots(NAME)
    yield
    assert linked.lab.snapshots(NAME)[: len(snapshots)] == snapshots
    name = f"after {len(snapshots)} snapshots"
    mark(linked.source.server, name)
    linked.lab.sync(NAME)
    assert marks(linked.sql(NAME))[-1] == name
    assert linked.sql(NAME).query(HOLDER) == []
    only_servers(linked.host("staging"), linked.mount(NAME))


def _failed_sync(site: Site, code: str, *words: str) -> None:
    before = site.lab.snapshots(NAME)
    refused(code, lambda: site.lab.sync(NAME), *words)
    assert site.lab.snapshots(NAME) == before


def test_staging_was_killed(linked: Site) -> None:
    kill(linked.host("staging"), server_pid(linked, NAME))
    assert linked.lab.status(NAME) == "INACTIVE"
    _failed_sync(linked, "MDB-072")
    only_servers(linked.host("staging"))
    linked.lab.enable(NAME)


def test_staging_was_killed_under_load(linked: Site) -> None:
    """Crash-safe: replication goes on where it stood, with each transaction applied once."""
    place, tables = linked.source, [Table.LEDGER]
    with Writer(place.server, place.popen, tables=tables) as writer:
        linked.lab.sync(NAME)
        kill(linked.host("staging"), server_pid(linked, NAME))
        linked.lab.enable(NAME)
        acknowledged = writer.acknowledged
        linked.lab.sync(NAME)
        found = compare.consistent(linked.sql(NAME), tables)
        assert found.missing(acknowledged) == []
    linked.lab.sync(NAME)
    same_as_source(linked, NAME)


def test_the_staging_host_was_restarted(linked: Site) -> None:
    linked.host("staging").restart()
    assert linked.lab.status(NAME) == "INACTIVE"
    linked.lab.enable(NAME)


def test_a_resync_cures_a_killed_staging(linked: Site) -> None:
    kill(linked.host("staging"), server_pid(linked, NAME))
    linked.lab.sync(NAME, RESYNC)


def test_a_conflicting_write_on_staging(linked: Site) -> None:
    """Replication breaks; it is never skipped over, and goes on when the conflict is gone."""
    staging = linked.sql(NAME)
    staging.query("INSERT INTO demo_story.milestone VALUES ('conflict', NOW(6))")
    mark(linked.source.server, "conflict")
    _failed_sync(linked, "MDB-060", "1062", "conflict")
    assert marks(staging).count("conflict") == 1
    staging.query("DELETE FROM demo_story.milestone WHERE name = 'conflict'")
    linked.lab.enable(NAME)


def test_a_table_that_is_missing_on_staging(linked: Site) -> None:
    linked.sql(NAME).query("DROP TABLE demo_story.milestone")
    mark(linked.source.server, "nowhere to go")
    _failed_sync(linked, "MDB-060", "demo_story.milestone")
    linked.lab.sync(NAME, RESYNC)
    same_as_source(linked, NAME)


def test_the_time_to_catch_up_is_bounded(linked: Site) -> None:
    old = linked.change(NAME, catchUpTimeout=2)
    with session(linked.place(NAME), "LOCK TABLES demo_story.milestone READ"):
        mark(linked.source.server, "late")
        _failed_sync(linked, "MDB-061", "waited 2 s")
    linked.lab.update_parameters(NAME, old)


def test_the_source_is_down(linked: Site) -> None:
    stop_source(linked)
    _failed_sync(linked, "MDB-040", "10.77.0.11:3306")
    assert linked.lab.status(NAME) == "ACTIVE"
    restart_source(linked)


def test_replication_resumes_after_a_restart_of_the_source(linked: Site) -> None:
    """By itself: no operation is called."""
    restart_source(linked)
    mark(linked.source.server, "restarted")
    until(lambda: "restarted" in marks(linked.sql(NAME)), "the row arrives on staging")


def test_replication_resumes_after_a_cut_of_the_network(linked: Site) -> None:
    source = linked.host("source")
    source.run_as_root(["ip", "link", "set", "eth0", "down"])
    mark(linked.source.server, "cut off")
    try:
        _failed_sync(linked, "MDB-040")
        assert "cut off" not in marks(linked.sql(NAME))
    finally:
        source.run_as_root(["ip", "link", "set", "eth0", "up"])
    until(lambda: "cut off" in marks(linked.sql(NAME)), "the row arrives on staging")


def test_the_source_was_reset(linked: Site) -> None:
    """Its history is another one now: what staging has is not what the source would give."""
    linked.source.server.query("RESET MASTER")
    mark(linked.source.server, "new history")
    _failed_sync(linked, "MDB-063", "source is at 0-1-1")
    linked.lab.sync(NAME, RESYNC)


# -- snapshots that are not finished -----------------------------------------------------------


def test_the_holder_of_the_lock_is_killed(linked: Site) -> None:
    """Between pre_snapshot and the storage snapshot: the snapshot must not pass for exact."""
    staging = linked.sql(NAME)

    def kill_holder() -> None:
        ((number,),) = staging.query(HOLDER)
        staging.query(f"KILL CONNECTION {number}")
        until(lambda: not staging.query(HOLDER), "the session ends")

    linked.hooks.once("storage snapshot", kill_holder)
    _failed_sync(linked, "MDB-081")


def test_the_server_dies_between_pre_and_post_snapshot(linked: Site) -> None:
    staging, pid = linked.host("staging"), server_pid(linked, NAME)
    linked.hooks.once("storage snapshot", lambda: kill(staging, pid))
    with pytest.raises(JobFailed) as caught:
        linked.lab.sync(NAME)
    assert str(caught.value).startswith(("MDB-081", "MDB-072")), caught.value
    linked.lab.enable(NAME)


class EngineDied(Exception):
    """Stands for an engine that never comes back to finish a snapshot."""


def _begin_a_snapshot_that_nobody_finishes(site: Site) -> None:
    def die() -> None:
        raise EngineDied

    site.hooks.once("storage snapshot", die)
    with pytest.raises(EngineDied):
        site.lab.sync(NAME)


def test_a_snapshot_that_nobody_finished_is_released_by_the_next(linked: Site) -> None:
    staging = linked.sql(NAME)
    _begin_a_snapshot_that_nobody_finishes(linked)
    ((held,),) = staging.query(HOLDER)
    mark(linked.source.server, "waits for the lock")
    linked.lab.sync(NAME)
    assert staging.query(f"{HOLDER} AND id = {held}") == []
    assert "waits for the lock" in marks(staging)


def test_disable_works_while_the_lock_is_held(linked: Site) -> None:
    _begin_a_snapshot_that_nobody_finishes(linked)
    linked.lab.disable(NAME)
    only_servers(linked.host("staging"))
    linked.lab.enable(NAME)
