"""The parameter `verify`: a sync that proves staging's rows by comparing them with the source."""

import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from testbed.parameters import Json
from testbed.site import Site, mark, marks, until
from testbed.writer import Table, Writer
from tests.workflows.proof import REPLICATED, SCHEMA, TABLES, VERIFY
from tests.workflows.support import (
    only_servers,
    refused,
    restart_source,
    session,
    stop_source,
)

NAME = "sales"


@pytest.fixture(scope="module")
def linked(site: Site) -> Site:
    server = site.source.server
    server.query("SET GLOBAL event_scheduler = OFF")
    server.query(SCHEMA)
    site.link(NAME)
    server.query(REPLICATED)
    return site


def verified(site: Site) -> Json:
    """What the newest snapshot says of its comparison."""
    found: Json = site.latest(NAME).metadata["verified"]
    return found


def test_equal_data_passes_and_says_so(linked: Site) -> None:
    linked.lab.sync(NAME, VERIFY)
    snapshot = linked.latest(NAME)
    told = verified(linked)
    assert told["gtidPosition"] == snapshot.metadata["gtidPosition"]
    assert told["tables"] == int(linked.source.server.query(TABLES)[0][0])
    assert told["rows"] > 2000
    assert told["notCompared"] == ["in memory: proof.memory"]
    mark(linked.source.server, "after verify")
    until(lambda: "after verify" in marks(linked.sql(NAME)), "replication goes on by itself")
    linked.lab.sync(NAME)
    assert "verified" not in linked.latest(NAME).metadata


Change = tuple[str, str, str]
OTHER = "rows with other contents"

# What is done to staging, the table, and what is seen of it.
FIRST: list[Change] = [
    ("UPDATE proof.types SET dc = dc + 0.0000000001 WHERE id = 1", "types", f"3 {OTHER}"),
    # As many rows, and each of them is somewhere.
    ("UPDATE proof.keyless SET a = 2 WHERE a = 1 AND b = 'one' LIMIT 1", "keyless", f"10 {OTHER}"),
    # Two rows exchange a value: sums of CRC32 would not see it.
    ("UPDATE proof.pairs SET b = IF(n = 1, ',y', 'y') WHERE n IN (1, 2)", "pairs", f"3 {OTHER}"),
    ("INSERT INTO proof.nothing VALUES (NULL)", "nothing", "0 rows on the source, 1 on staging"),
    ("UPDATE proof.plain SET b = 'b' LIMIT 1", "plain", f"3 {OTHER}"),
    ("DO SETVAL(proof.numbers, 7000)", "numbers", f"1 {OTHER}"),
    ("DELETE FROM proof.upper", "upper", "1 rows on the source, 0 on staging"),
    ("GRANT INSERT ON proof.* TO proof_user@'%'", "@", "its grants or its password differ"),
]
SECOND: list[Change] = [
    ("DELETE FROM proof.types WHERE id = 1", "types", "3 rows on the source, 2 on staging"),
    (
        "INSERT INTO proof.keyless VALUES (1, 'one')",
        "keyless",
        "10 rows on the source, 11 on staging",
    ),
    # The separator between two values is moved.
    (
        "UPDATE proof.pairs SET b = IF(n = 1, 'y', ',y') WHERE n IN (1, 2); "
        "UPDATE proof.pairs SET a = 'x', b = ',y' WHERE n = 1",
        "pairs",
        f"3 {OTHER}",
    ),
    ("ALTER TABLE proof.nothing MODIFY a BIGINT", "nothing", "its columns differ"),
    (
        "ALTER TABLE proof.plain ENGINE=Aria",
        "plain",
        "engine MyISAM on the source, Aria on staging",
    ),
    ("DROP TABLE proof.upper", "upper", "is not on staging"),
    ("CREATE TABLE proof.extra (a INT)", "extra", "is not on the source"),
    ("DELETE HISTORY FROM proof.versioned", "versioned", "4 rows on the source, 1 on staging"),
    ("DELETE FROM proof.aria WHERE a = 1", "aria", "2 rows on the source, 1 on staging"),
    ("DROP USER proof_user@'%'", "@", "its grants or its password differ"),
]
THIRD: list[Change] = [
    ("UPDATE proof.parts SET b = NULL WHERE a = 2", "parts", f"2 {OTHER}"),
]


def _names(changes: list[Change]) -> dict[str, str]:
    account = "account 'proof_user'@'%'"
    return {account if name == "@" else f"proof.{name}": seen for _, name, seen in changes}


def test_each_difference_is_named_and_no_other(linked: Site) -> None:
    """Behind the plugin's back; those of a later round come on top of the earlier ones."""
    expected: dict[str, str] = {}
    staging = linked.sql(NAME)
    for changes in (THIRD, FIRST, SECOND):
        before = linked.lab.snapshots(NAME)
        for statement, _, _ in changes:
            staging.query(f"SET sql_log_bin = 0; {statement}")
        expected |= _names(changes)
        error = refused("MDB-065", lambda: linked.lab.sync(NAME, VERIFY), "at GTID 0-1-")
        listed = error.message.partition("at GTID ")[2].partition(": ")[2].splitlines()[0]
        told = dict(part.rstrip(")").split(" (", 1) for part in listed.split("; "))
        assert told == expected
        assert linked.lab.snapshots(NAME) == before
    mark(linked.source.server, "goes on")
    until(lambda: marks(staging)[-1] == "goes on", "replication goes on by itself")
    linked.lab.sync(NAME)


def test_a_resync_heals_and_may_be_verified_itself(linked: Site) -> None:
    linked.lab.sync(NAME, {"resync": True, "verify": True})
    assert verified(linked)["gtidPosition"] == linked.latest(NAME).metadata["gtidPosition"]
    query = "SELECT * FROM proof.keyless ORDER BY 1, 2"
    assert linked.sql(NAME).query(query) == linked.source.server.query(query)


def test_a_writing_source(linked: Site) -> None:
    """Transactions go on all the time: each comparison is at one position, that of its snapshot."""
    place = linked.source
    with Writer(place.server, place.popen, tables=[Table.LEDGER]) as writer:
        for _ in range(3):
            before = writer.acknowledged[Table.LEDGER]
            linked.lab.sync(NAME, VERIFY)
            told = verified(linked)
            assert told["gtidPosition"] == linked.latest(NAME).metadata["gtidPosition"]
            assert told["notCompared"] == ["in memory: proof.memory"]
            assert writer.acknowledged[Table.LEDGER] > before


TICKING = """
CREATE TABLE proof.ticks (a INT); CREATE SEQUENCE proof.ticking NOCACHE;
INSERT INTO proof.ticks VALUES (1);
"""
# Until the table is empty.
TICK = """DELIMITER //
BEGIN NOT ATOMIC
  WHILE EXISTS (SELECT 1 FROM proof.ticks) DO
    SET @number = NEXTVAL(proof.ticking); DO SLEEP(0.05);
  END WHILE;
END //
"""


@contextmanager
def ticking(site: Site) -> Iterator[None]:
    """A sequence that never stands still."""
    server = site.source.server
    server.query(TICKING)
    with ThreadPoolExecutor() as pool:
        ticks = pool.submit(server.query, TICK)
        try:
            yield
        finally:
            server.query("DELETE FROM proof.ticks")
    ticks.result()


def test_tables_that_never_stand_still(linked: Site) -> None:
    """MyISAM, Aria and sequences are in no snapshot: they are told, and nothing else is."""
    place = linked.source
    with ticking(linked), Writer(place.server, place.popen, pause_seconds=0.1):
        linked.lab.sync(NAME, VERIFY)
    memory, *restless = verified(linked)["notCompared"]
    assert memory == "in memory: proof.memory"
    assert all(text.startswith("changing on the source all the time: ") for text in restless)
    names = set(re.findall(r"\b\w+\.\w+(?= \()", "".join(restless)))
    logs = {f"demo_writer.{table.value}" for table in Table if table != Table.LEDGER}
    assert names <= logs | {"proof.ticking"}
    # They stand still now.
    linked.lab.sync(NAME, VERIFY)
    assert verified(linked)["notCompared"] == ["in memory: proof.memory"]


def test_only_the_selected_databases(linked: Site) -> None:
    """What is not copied is no difference, and what is copied is compared."""
    name = "chosen"
    linked.source.server.query("SET GLOBAL binlog_format = 'ROW'")
    linked.link(name, databases=["proof"], stagingPort=3311)
    linked.lab.sync(name, VERIFY)
    told = linked.latest(name).metadata["verified"]
    wanted = f"{TABLES} AND table_schema = 'proof'"
    assert told["tables"] == int(linked.source.server.query(wanted)[0][0])
    linked.sql(name).query("SET sql_log_bin = 0; DELETE FROM proof.keyless LIMIT 1")
    error = refused("MDB-065", lambda: linked.lab.sync(name, VERIFY), "proof.keyless (10 rows on")
    assert "; " not in error.message
    linked.lab.delete(name)


# -- ends before its time ------------------------------------------------------------------------

QUERY = """SELECT id FROM information_schema.processlist
  WHERE info LIKE '%AS delphix_verify%' AND id <> CONNECTION_ID()"""


@contextmanager
def held_up(site: Site) -> Iterator[Future[object]]:
    """A sync that compares, and waits for a table of the source."""
    with ThreadPoolExecutor() as pool, session(site.source, "LOCK TABLES proof.keyless WRITE"):
        job = pool.submit(site.lab.sync, NAME, VERIFY)
        until(lambda: bool(site.source.server.query(QUERY)) or job.done(), "the comparison waits")
        yield job


def goes_on(site: Site, name: str) -> None:
    """Nothing is left of the comparison, and replication goes on by itself."""
    until(lambda: not site.source.server.query(QUERY), "no query is left on the source")
    only_servers(site.host("staging"), site.mount(NAME))
    mark(site.source.server, name)
    until(lambda: name in marks(site.sql(NAME)), "the row arrives on staging")


def test_a_comparison_that_is_killed(linked: Site) -> None:
    before = linked.lab.snapshots(NAME)
    staging = linked.host("staging")
    with held_up(linked) as job:
        pid = staging.read_file(f"{linked.mount(NAME)}/run/job/pid").split()[0]
        staging.run_as_root(["kill", "-KILL", pid.decode()])
        refused("MDB-054", job.result)
        goes_on(linked, "killed")
    assert linked.lab.snapshots(NAME) == before


def test_the_source_is_restarted_meanwhile(linked: Site) -> None:
    before = linked.lab.snapshots(NAME)
    with held_up(linked) as job:
        stop_source(linked)
        refused("MDB-040", job.result)
    restart_source(linked)
    goes_on(linked, "restarted")
    assert linked.lab.snapshots(NAME) == before


class EngineDied(Exception):
    """Nothing of the operation is left to tidy up."""


def test_a_snapshot_that_is_never_finished(linked: Site) -> None:
    """Replication rests then, and the next sync lets it go on."""

    def die() -> None:
        raise EngineDied

    linked.hooks.once("storage snapshot", die)
    with pytest.raises(EngineDied):
        linked.lab.sync(NAME, VERIFY)
    mark(linked.source.server, "rests")
    linked.lab.sync(NAME)
    assert marks(linked.sql(NAME))[-1] == "rests"
