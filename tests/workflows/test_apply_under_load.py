"""Staging under load: no commit is lost, none comes twice, whatever happens meanwhile."""

from collections.abc import Iterator

import pytest

from testbed.client import Server
from testbed.site import Site, until
from tests.clones import heavy
from tests.workflows.support import RESYNC, kill, refused, server_pid

NAME = "sales"
POSITION = "SELECT @@global.gtid_slave_pos"
SUMS = "SELECT COUNT(*), SUM(n), SUM(CRC32(CONCAT_WS('|', id, n, pad))) FROM heavy.{}"


@pytest.fixture(scope="module")
def linked(site: Site) -> Iterator[Site]:
    site.link(NAME)
    yield site


def await_progress(site: Site, since: str = "") -> None:
    """Until staging has applied more than that, or than now."""
    before = since or site.sql(NAME).value(POSITION)
    until(lambda: site.sql(NAME).value(POSITION) != before, "it applies")


def content(server: Server) -> list[list[tuple[str, ...]]]:
    return [server.query(SUMS.format(table)) for table in ("a", "b")]


def test_a_killed_staging_server_goes_on_where_it_was(linked: Site) -> None:
    """It flushes its log once a second, and may be killed at any moment."""
    staging = linked.host("staging")
    with heavy.load(linked.source, ["move"] * 4 + ["definitions"]):
        for _ in range(4):
            await_progress(linked)
            kill(staging, server_pid(linked, NAME))
            linked.lab.enable(NAME)
    linked.lab.sync(NAME)
    assert content(linked.sql(NAME)) == content(linked.source.server)
    assert heavy.problems(linked.sql(NAME)) == []
    linked.provision("copy", NAME)
    assert content(linked.sql("copy")) == content(linked.source.server)


def test_a_snapshot_under_load_is_of_one_moment(linked: Site) -> None:
    """Its position is exact: nothing after it is in the snapshot."""
    with heavy.load(linked.source, ["move"] * 4):
        linked.lab.sync(NAME)
        metadata = linked.latest(NAME).metadata
        until(
            lambda: (
                linked.sql(NAME).value("SELECT @@global.gtid_slave_pos") != metadata["gtidPosition"]
            ),
            "the applier goes on after the snapshot",
        )
        linked.provision("under-load", NAME)
        copy = linked.sql("under-load")
        assert copy.value("SELECT @@global.gtid_slave_pos") in ("", metadata["gtidPosition"])
        assert heavy.problems(copy) == []


def test_an_applier_that_fails_is_told(linked: Site) -> None:
    """It meets a row that staging has already; nothing behind it is applied."""
    linked.sql(NAME).query(
        "SET SESSION sql_log_bin = 0; SET GLOBAL read_only = 0; CREATE DATABASE IF NOT EXISTS one;"
    )
    linked.source.server.query(
        "CREATE DATABASE IF NOT EXISTS one; CREATE TABLE one.t (id INT PRIMARY KEY) ENGINE = InnoDB"
    )
    linked.lab.sync(NAME)
    linked.sql(NAME).query("INSERT INTO one.t VALUES (500)")
    linked.source.server.query(
        "".join(f"INSERT INTO one.t VALUES ({number});" for number in range(1, 1001))
    )
    refused("MDB-060", lambda: linked.lab.sync(NAME), "1062")
    assert linked.sql(NAME).query("SELECT COUNT(*), MAX(id) FROM one.t") == [("500", "500")]
    refused("MDB-060", lambda: linked.lab.worker(NAME))
    linked.sql(NAME).query("DELETE FROM one.t WHERE id = 500")
    linked.lab.enable(NAME)
    linked.lab.sync(NAME)
    assert linked.sql(NAME).query("SELECT COUNT(*), MAX(id) FROM one.t") == [("1000", "1000")]


def test_a_definition_that_ran_already_is_told_and_a_resync_cures_it(linked: Site) -> None:
    """As after a kill between a definition and its position."""
    altered = "ALTER TABLE twice.t ADD COLUMN c INT DEFAULT 5"
    source = linked.source.server
    source.query("CREATE DATABASE twice; CREATE TABLE twice.t (id INT PRIMARY KEY)")
    source.query("INSERT INTO twice.t VALUES (1)")
    linked.lab.sync(NAME)
    linked.sql(NAME).query(f"SET SESSION sql_log_bin = 0; {altered}")
    source.query(f"{altered}; INSERT INTO twice.t VALUES (2, 6)")
    refused("MDB-060", lambda: linked.lab.sync(NAME), "1060", "Duplicate column name")
    linked.lab.sync(NAME, RESYNC)
    assert linked.sql(NAME).query("SELECT * FROM twice.t") == [("1", "5"), ("2", "6")]
