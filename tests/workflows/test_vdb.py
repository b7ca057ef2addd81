"""The life of a VDB. Each plugin operation runs in a new interpreter: no state is kept between."""

from collections.abc import Iterator

import pytest

from lab.errors import LabError
from testbed import compare, proofs
from testbed.parameters import DEVELOPER
from testbed.site import Site, mark, marks, until
from tests.workflows.support import kill, only_servers, refused, same, same_as_source, server_pid

FRESH_RUNTIME = True
NAME = "sales"
CHANGES = """
INSERT INTO demo_story.milestone VALUES ('changed', NOW(6));
DROP TABLE shop.price_history;
DELETE FROM metrics.reading;
UPDATE shop.product SET price = price + 1;
CREATE DATABASE of_the_vdb;
CREATE TABLE of_the_vdb.t (n INT) ENGINE = Aria;
CREATE USER of_the_vdb IDENTIFIED BY 'demo-of_the_vdb';
DROP FUNCTION shop.price_with_tax;
"""


@pytest.fixture(scope="module")
def linked(site: Site) -> Site:
    """A dSource whose source rests."""
    site.source.server.query("SET GLOBAL event_scheduler = OFF")
    site.link(NAME)
    return site


@pytest.fixture
def vdb(linked: Site) -> Iterator[str]:
    """A VDB of the first snapshot, alone on its host."""
    linked.provision("one", NAME)
    yield "one"
    for container in reversed(linked.lab.containers()):
        if container.name != NAME:
            linked.lab.delete(container.name)
    only_servers(linked.host("target"))


def test_a_vdb_is_the_source_and_writable(linked: Site, vdb: str) -> None:
    same_as_source(linked, vdb)
    assert proofs.writable(vdb, linked.sql(vdb)) == []
    metadata = linked.latest(vdb).metadata
    assert metadata["consistency"] == "Consistent"
    assert linked.lab.source_size(vdb) > 1_000_000


def test_rollback_is_exact(linked: Site, vdb: str) -> None:
    before = linked.fingerprint(vdb)
    linked.lab.snapshot(vdb)
    snapshot = linked.latest(vdb)
    linked.sql(vdb).query(CHANGES)
    linked.lab.snapshot(vdb)
    changed, later = linked.fingerprint(vdb), linked.latest(vdb)
    linked.lab.rollback(vdb, snapshot.reference)
    same(before, linked.fingerprint(vdb))
    linked.lab.rollback(vdb, later.reference)
    same(changed, linked.fingerprint(vdb))


def test_refresh_is_exact(linked: Site, vdb: str) -> None:
    snapshot = linked.latest(NAME)
    before = linked.fingerprint(vdb)
    linked.sql(vdb).query(CHANGES)
    linked.lab.refresh(vdb, snapshot.reference)
    same(before, linked.fingerprint(vdb))
    mark(linked.source.server, "refreshed")
    linked.lab.sync(NAME)
    linked.lab.refresh(vdb)
    assert "refreshed" in marks(linked.sql(vdb))
    same_as_source(linked, vdb)


def test_snapshots_under_load_and_a_vdb_of_a_vdb(linked: Site, vdb: str) -> None:
    """A snapshot stops neither the VDB nor its writer, and holds all that was acknowledged."""
    pid = server_pid(linked, vdb)
    with linked.writer(vdb) as writer:
        linked.lab.snapshot(vdb)
        acknowledged = writer.acknowledged
        linked.lab.snapshot(vdb)
        after = writer.acknowledged
        until(lambda: writer.acknowledged != after, "the writer goes on")
        linked.provision("child", vdb)
        found = compare.consistent(linked.sql("child"))
        assert not found.problems
        assert found.missing(acknowledged) == []
        assert proofs.writable("child", linked.sql("child")) == []
    assert server_pid(linked, vdb) == pid
    with pytest.raises(LabError, match="has VDBs: child"):
        linked.lab.delete(vdb)


def test_stop_start_disable_enable(linked: Site, vdb: str) -> None:
    lab, target, mount = linked.lab, linked.host("target"), linked.mount(vdb)
    linked.sql(vdb).query(CHANGES)
    before, identity = linked.fingerprint(vdb), _identity(linked, vdb)
    assert lab.status(vdb) == "ACTIVE"
    for down, up in ((lab.stop, lab.start), (lab.disable, lab.enable)):
        down(vdb)
        assert lab.status(vdb) == "INACTIVE"
        only_servers(target)
        up(vdb)
        assert lab.status(vdb) == "ACTIVE"
        only_servers(target, mount)
        same(before, linked.fingerprint(vdb))
        assert _identity(linked, vdb) == identity


def _identity(site: Site, name: str) -> list[tuple[str, ...]]:
    return site.sql(name).query("SELECT @@port, @@server_id, @@datadir, @@bind_address")


def test_start_and_stop_may_be_repeated(linked: Site, vdb: str) -> None:
    pid = server_pid(linked, vdb)
    linked.lab.start(vdb)
    assert server_pid(linked, vdb) == pid
    linked.lab.stop(vdb)
    linked.lab.stop(vdb)
    only_servers(linked.host("target"))
    linked.lab.start(vdb)


def test_snapshot_of_a_stopped_vdb(linked: Site, vdb: str) -> None:
    before = linked.fingerprint(vdb)
    linked.lab.stop(vdb)
    linked.lab.snapshot(vdb)
    assert linked.latest(vdb).metadata["consistency"] == "Stopped"
    only_servers(linked.host("target"))
    linked.provision("child", vdb)
    same(before, linked.fingerprint("child"))


def test_a_killed_vdb_starts_and_its_snapshot_serves(linked: Site, vdb: str) -> None:
    """What was acknowledged before the crash is there after it; Aria and MyISAM repair."""
    target = linked.host("target")
    mark(linked.sql(vdb), "before the crash")
    kill(target, server_pid(linked, vdb))
    assert linked.lab.status(vdb) == "INACTIVE"
    linked.lab.snapshot(vdb)
    assert linked.latest(vdb).metadata["consistency"] == "Crash Consistent"
    linked.provision("child", vdb)
    linked.lab.start(vdb)
    for name in (vdb, "child"):
        assert marks(linked.sql(name))[-1] == "before the crash"
        assert proofs.writable(name, linked.sql(name)) == []


def test_the_target_host_restarts(linked: Site, vdb: str) -> None:
    before = linked.fingerprint(vdb)
    linked.host("target").restart()
    assert linked.lab.status(vdb) == "INACTIVE"
    linked.lab.start(vdb)
    same(before, linked.fingerprint(vdb))


def test_what_the_owner_chooses(linked: Site) -> None:
    """Binary log, events, settings, address and id; optional keys may be null."""
    linked.provision(
        "chosen",
        NAME,
        binaryLog=True,
        eventScheduler=True,
        bindAddress="127.0.0.1",
        serverId=77,
        configSettings=[{"propertyName": "max-connections", "value": "33"}],
        recordSizeInKB=None,
        initial_snapshot=False,
    )
    server = linked.sql("chosen")
    asked = "SELECT @@log_bin, @@server_id, @@max_connections, @@bind_address"
    assert server.query(asked) == [("1", "77", "33", "127.0.0.1")]
    until(
        lambda: server.value("SELECT COUNT(*) FROM metrics.tick") != "0",
        "an event runs on the VDB",
    )
    target, port = linked.host("target"), linked.lab.container("chosen").parameters["port"]
    login = (DEVELOPER.user, DEVELOPER.password)
    assert proofs.open_doors(target, ("127.0.0.1", port), [login]) == []
    assert proofs.unreachable(target, (target.address, port)) == []
    linked.lab.stop("chosen")
    linked.lab.start("chosen")
    assert server.query(asked) == [("1", "77", "33", "127.0.0.1")]
    linked.lab.delete("chosen")


def test_the_starter_file_of_the_host(linked: Site, vdb: str) -> None:
    """Settings for all servers of a host; a line that cannot be taken changes nothing."""
    target = linked.host("target")
    path = f"{target.toolkit_path}/mariadb.cnf"
    asked = "SELECT @@max_connections, @@port, @@lower_case_table_names"
    (usual,) = linked.sql(vdb).query(asked)
    text = "[mysqld]\nmax-connections = 44\nport = 1\nlower_case_table_names = 2\n"
    target.write_file(path, text.encode())
    try:
        linked.lab.stop(vdb)
        linked.lab.start(vdb)
        assert linked.sql(vdb).query(asked) == [("44", *usual[1:])]
        target.write_file(path, b"[mysqld]\n!include /etc/mysql/my.cnf\n")
        linked.lab.stop(vdb)
        refused("MDB-012", lambda: linked.lab.start(vdb), "line 2: !include is not followed")
        assert linked.lab.status(vdb) == "INACTIVE"
    finally:
        target.run_as_root(["rm", path])
    linked.lab.start(vdb)
    assert linked.sql(vdb).query(asked) == [usual]
