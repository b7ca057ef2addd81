"""MEMORY tables: each start of a server empties them, so no row is copied and none replicated."""

import pytest

from testbed.site import Site
from tests.workflows.support import RESYNC, refused

pytestmark = pytest.mark.difference

NAME, VDB = "cache", "cache_vdb"
TABLES = ("hash", "odd ``one's")


def rows(site: Site, name: str, table: str) -> int:
    """How many there are on a VDB or on staging."""
    return int(site.sql(name).value(f"SELECT COUNT(*) FROM cache.`{table}`"))


def told(site: Site) -> str:
    """The warnings of the newest snapshot."""
    return "\n".join(site.latest(NAME).metadata["warnings"])


@pytest.fixture(scope="module")
def cache(site: Site) -> Site:
    """Two MEMORY tables on the source, and one that each change of them is copied to."""
    server = site.source.server
    server.query(
        "SET GLOBAL binlog_format = 'ROW'; CREATE DATABASE cache; USE cache;"
        " CREATE TABLE kept (id INT PRIMARY KEY, word VARCHAR(20)) ENGINE = InnoDB;"
        + "".join(
            f"CREATE TABLE `{name}` (id INT PRIMARY KEY, word CHAR(9), f FLOAT) ENGINE = MEMORY;"
            f"INSERT INTO `{name}` VALUES (1, 'old', 0.1), (2, 'old', 0.2);"
            for name in TABLES
        )
    )
    site.link(NAME, databases=["cache"])
    return site


def test_their_rows_stay_behind_and_a_change_of_one_is_passed_over(cache: Site) -> None:
    """MEMORY tables are empty on staging: an UPDATE of an old row does not end replication."""
    server = cache.source.server
    assert [rows(cache, NAME, name) for name in TABLES] == [0, 0]
    for name in TABLES:
        server.query(
            f"UPDATE cache.`{name}` SET word = 'new'; DELETE FROM cache.`{name}` WHERE id = 2"
        )
        server.query(f"INSERT INTO cache.kept SELECT id + {len(name)}, word FROM cache.`{name}`")
    cache.lab.sync(NAME)
    kept = "SELECT * FROM cache.kept ORDER BY id"
    assert cache.sql(NAME).query(kept) == server.query(kept) == [("5", "new"), ("12", "new")]
    assert "cache.hash" in told(cache) and "cache.odd `one's" in told(cache)
    assert "not replicated" in told(cache)


def test_one_that_is_made_later_lasts_until_staging_starts_again(cache: Site) -> None:
    """A MEMORY table that replication made goes on until a restart empties it; then it is told."""
    server = cache.source.server
    server.query("CREATE TABLE cache.later (id INT PRIMARY KEY, word VARCHAR(20)) ENGINE = MEMORY")
    server.query("INSERT INTO cache.later VALUES (1, 'old')")
    cache.lab.sync(NAME)
    assert rows(cache, NAME, "later") == 1 and "cache.later" not in told(cache)
    cache.lab.disable(NAME)
    cache.lab.enable(NAME)
    server.query("UPDATE cache.later SET word = 'new'; INSERT INTO cache.kept VALUES (99, 'after')")
    cache.lab.sync(NAME)
    assert rows(cache, NAME, "later") == 0 and "cache.later" in told(cache)
    assert cache.sql(NAME).value("SELECT COUNT(*) FROM cache.kept WHERE id = 99") == "1"
    cache.provision(VDB, NAME)
    assert [rows(cache, VDB, name) for name in TABLES] == [0, 0]
    cache.sql(VDB).query("INSERT INTO cache.hash VALUES (7, 'mine', 1)")
    cache.lab.delete(VDB)


def test_one_that_is_converted_is_named(cache: Site) -> None:
    """A MEMORY table that became InnoDB: replication passed over that, so a resync is demanded."""
    server = cache.source.server
    server.query("ALTER TABLE cache.hash ENGINE = InnoDB")
    refused("MDB-060", lambda: cache.lab.sync(NAME), "cache.hash", "MEMORY")
    cache.lab.sync(NAME, RESYNC)
    assert rows(cache, NAME, "hash") == 1
    assert "cache.hash" not in told(cache) and "cache.later" in told(cache)
    server.query("UPDATE cache.hash SET word = 'now'")
    cache.lab.sync(NAME)
    assert cache.sql(NAME).value("SELECT word FROM cache.hash") == "now"


def test_without_log_sync_they_are_told_as_well(cache: Site) -> None:
    """MEMORY tables in a copy that is not replicated are told."""
    cache.link("once", databases=["cache"], logSync=False, stagingPort=3344)
    assert "cache.later" in "\n".join(cache.latest("once").metadata["warnings"])
    assert rows(cache, "once", "later") == 0 and rows(cache, "once", "hash") == 1
