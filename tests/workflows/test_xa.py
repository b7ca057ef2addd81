"""XA transactions that are prepared while a copy or a snapshot is made."""

from collections.abc import Iterator

import pytest

from testbed.client import Server
from testbed.site import Site
from tests.workflows.copying import in_background
from tests.workflows.support import RESYNC, refused

pytestmark = pytest.mark.difference

NAME, VDB = "bank", "bank_vdb"


def prepare(server: Server, name: str, *statements: str) -> None:
    """Leave a prepared transaction behind: its session ends, it stays."""
    work = "; ".join(statements)
    server.query(f"XA START '{name}'; {work}; XA END '{name}'; XA PREPARE '{name}'")


def prepared(server: Server) -> list[str]:
    """The names of those that are prepared."""
    return [row[3] for row in server.query("XA RECOVER")]


def balances(server: Server) -> list[tuple[str, ...]]:
    """Every row."""
    return server.query("SELECT * FROM bank.account ORDER BY id")


@pytest.fixture(scope="module")
def bank(site: Site) -> Iterator[Site]:
    """A database of its own."""
    server = site.source.server
    server.query(
        "SET GLOBAL binlog_format = 'ROW'; CREATE DATABASE bank;"
        " CREATE TABLE bank.account (id INT PRIMARY KEY, balance INT);"
        " INSERT INTO bank.account VALUES (1, 100), (2, 200), (3, 300)"
    )
    yield site


def test_a_copy_waits_until_none_is_prepared(bank: Site) -> None:
    """An XA transaction is prepared when a copy begins: the copy waits for its commit."""
    server = bank.source.server
    prepare(server, "first", "UPDATE bank.account SET balance = balance - 10 WHERE id = 1")
    with in_background(lambda: bank.link(NAME, databases=["bank"])) as work:
        story = "/mnt/delphix/bank/run/job/story"
        told = ["grep", "-q", "waiting for prepared XA transactions", story]
        host = bank.host("staging")
        work.until(lambda: host.run_as_root(told, check=False).exit_code == 0, "the copy waits")
        server.query("XA COMMIT 'first'")
        work.result()
    bank.lab.sync(NAME)
    assert balances(server)[0] == ("1", "90")
    assert balances(bank.sql(NAME)) == balances(server)
    assert (
        "warnings" not in bank.latest(NAME).metadata or not bank.latest(NAME).metadata["warnings"]
    )


def test_a_vdb_rolls_back_what_was_prepared_at_the_sync(bank: Site) -> None:
    """An XA transaction is prepared at a sync: it is told, and a VDB rolls it back."""
    server = bank.source.server
    prepare(server, "second", "UPDATE bank.account SET balance = 0 WHERE id = 2")
    bank.lab.sync(NAME)
    assert prepared(bank.sql(NAME)) == ["second"]
    (warning,) = bank.latest(NAME).metadata["warnings"]
    assert "1 XA transactions are prepared" in warning and "'second'" in warning
    bank.provision(VDB, NAME)
    vdb = bank.sql(VDB)
    assert prepared(vdb) == []
    vdb.query("SET SESSION innodb_lock_wait_timeout = 1; UPDATE bank.account SET balance = 7")
    log = "".join(path.read_text() for path in (bank.lab.root / "log").rglob("info.log"))
    assert "rolled back 1 XA transactions" in log
    # The VDB's own stay with it, whatever becomes of its server.
    prepare(vdb, "own", "UPDATE bank.account SET balance = 8 WHERE id = 3")
    bank.lab.disable(VDB)
    bank.lab.enable(VDB)
    assert prepared(bank.sql(VDB)) == ["own"]
    bank.lab.delete(VDB)
    server.query("XA COMMIT 'second'")
    bank.lab.sync(NAME)
    assert balances(bank.sql(NAME)) == balances(server)
    assert prepared(bank.sql(NAME)) == []


def test_one_that_stays_prepared_is_named(bank: Site) -> None:
    """An XA transaction stays prepared: with LogSync the copy is refused and names it."""
    server = bank.source.server
    prepare(server, "stays", "UPDATE bank.account SET balance = 1 WHERE id = 3")
    refused("MDB-047", lambda: bank.lab.sync(NAME, RESYNC), "'stays'")
    bank.link("still", databases=["bank"], logSync=False, stagingPort=3322)
    assert balances(bank.sql("still"))[2] == ("3", "300")
    server.query("XA ROLLBACK 'stays'")
    bank.lab.sync(NAME, RESYNC)
    bank.lab.sync(NAME)
    assert balances(bank.sql(NAME)) == balances(server)
