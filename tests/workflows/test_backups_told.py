"""What a backup of a user has lost or cannot keep is told by name; the rest is replicated."""

import pytest

from testbed.backups import PHYSICAL, USER_BACKUP, WITH_GTID, drop_odd_names, make_backup
from testbed.client import Row, Server
from testbed.site import Site

pytestmark = pytest.mark.difference

DUMPED, FILES = "dumped", "files"


@pytest.fixture(scope="module")
def told(site: Site) -> Site:
    """A database with what a backup may change."""
    drop_odd_names(site.source.server)
    site.source.server.query(
        "SET GLOBAL binlog_format = 'ROW'; CREATE DATABASE told; USE told;"
        " CREATE TABLE rounded (id INT PRIMARY KEY, f FLOAT); INSERT INTO rounded VALUES (1, 1/3);"
        " CREATE TABLE no_key (id INT UNIQUE, f FLOAT); INSERT INTO no_key VALUES (1, 1/3);"
        " CREATE TABLE exact (id INT, f DOUBLE); INSERT INTO exact VALUES (1, 1/3);"
        " CREATE TABLE cache (id INT PRIMARY KEY, word CHAR(9)) ENGINE = MEMORY;"
        " INSERT INTO cache VALUES (1, 'old')"
    )
    return site


def warnings(site: Site, name: str) -> str:
    return "\n".join(site.latest(name).metadata["warnings"])


def rows(server: Server) -> list[Row]:
    return server.query("SELECT id, CAST(f AS DOUBLE) FROM told.rounded ORDER BY id")


def test_a_dump_with_rounded_floats_and_memory_tables(told: Site) -> None:
    """FLOAT columns that a user's dump has rounded are told, those without a key apart."""
    server = told.source.server
    make_backup(told, f"{WITH_GTID} > it")
    told.link(DUMPED, **USER_BACKUP)
    (floats, keyless) = (line for line in warnings(told, DUMPED).split("\n") if "FLOAT" in line)
    assert "told.rounded" in floats and "told.no_key" in floats and "told.exact" not in floats
    assert "told.no_key" in keyless and "told.rounded" not in keyless
    empty = "MEMORY tables are empty on staging and in each VDB: told.cache"
    assert empty in warnings(told, DUMPED).split("\n")
    server.query("UPDATE told.cache SET word = 'new'; UPDATE told.rounded SET f = 1/7")
    told.lab.sync(DUMPED)
    assert rows(told.sql(DUMPED)) == rows(server)
    told.lab.delete(DUMPED)


def test_files_with_memory_tables_and_a_prepared_transaction(told: Site) -> None:
    """An XA transaction prepared at a mariadb-backup is in it, and its commit is replicated."""
    server = told.source.server
    server.query(
        "XA START 'held'; UPDATE told.rounded SET f = 5; INSERT INTO told.rounded VALUES (2, 0.1);"
        " XA END 'held'; XA PREPARE 'held'"
    )
    make_backup(told, f"{PHYSICAL} --target-dir=it")
    told.link(FILES, **USER_BACKUP)
    assert [row[3] for row in told.sql(FILES).query("XA RECOVER")] == ["held"]
    assert "'held'" in warnings(told, FILES) and "told.cache" in warnings(told, FILES)
    assert "FLOAT" not in warnings(told, FILES)
    server.query("XA COMMIT 'held'; UPDATE told.cache SET word = 'newer'")
    told.lab.sync(FILES)
    assert rows(told.sql(FILES)) == rows(server)
    assert told.sql(FILES).query("XA RECOVER") == []
