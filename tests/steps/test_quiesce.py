"""The backup lock around a snapshot: it really holds, and it always goes."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from domain.options.settings import Setting
from tests.steps.support import Dataset, wait_for

ENGINES = ("InnoDB", "MyISAM", "Aria")
LONG_SELECT = "SELECT COUNT(*) FROM work.InnoDB a, work.InnoDB b WHERE SLEEP(20)"


@pytest.fixture(autouse=True)
def running(server: Dataset) -> Iterator[None]:
    server.good("server_start")
    if server.sql("SHOW DATABASES LIKE 'work'") == "":
        tables = "".join(
            f"CREATE TABLE work.{engine} (n INT PRIMARY KEY) ENGINE = {engine};"
            f" INSERT INTO work.{engine} VALUES (1);"
            for engine in ENGINES
        )
        plain = "CREATE TABLE work.plain (n INT PRIMARY KEY) ENGINE = Aria TRANSACTIONAL = 0"
        server.sql(f"CREATE DATABASE work; {tables} {plain}")
    yield
    server.good("server_start", RESTART="yes")
    assert holders(server) == []


def holders(server: Dataset) -> list[str]:
    """Sessions that hold the lock or wait for it."""
    question = (
        "SELECT id FROM information_schema.processlist"
        " WHERE info LIKE 'DO SLEEP(%' OR info LIKE 'BACKUP STAGE%'"
    )
    return server.sql(question).split()


def refused(server: Dataset, statement: str) -> bool:
    """Whether a statement has to wait for a lock that somebody else holds."""
    try:
        server.sql(f"SET lock_wait_timeout = 1; {statement}")
    except Exception as error:
        assert "Lock wait timeout" in str(error)
        return True
    return False


@contextmanager
def session(server: Dataset, statement: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A client that is busy with a statement."""
    argv = ["setpriv", "--reuid=1701", "--regid=1701", "--clear-groups"]
    client = ["mariadb", "--no-defaults", f"--socket={server.layout.socket}", "-e", statement]
    none = subprocess.DEVNULL
    with server.host.popen_as_root([*argv, *client], stdout=none, stderr=none) as process:
        question = "SELECT info FROM information_schema.processlist WHERE info IS NOT NULL"
        wait_for(f"{statement} runs", lambda: statement[:40] in server.sql(question))
        try:
            yield process
        finally:
            process.terminate()


# REPLACE: a statement that gave up waiting at its commit has written to an Aria table all the same.
WRITES = {engine: f"REPLACE INTO work.{engine} VALUES (2)" for engine in ENGINES} | {
    "DDL": "CREATE TABLE IF NOT EXISTS work.later (n INT)",
    "ALTER": "ALTER TABLE work.InnoDB ADD COLUMN IF NOT EXISTS c INT",
    "plain Aria": "REPLACE INTO work.plain VALUES (2)",
    "accounts": "CREATE USER IF NOT EXISTS later@localhost",
}
# Tables that recover to any moment of their own.
GO_ON = {"InnoDB", "Aria", "accounts"}
UNDO = (
    "".join(f"DELETE FROM work.{name} WHERE n = 2;" for name in (*ENGINES, "plain"))
    + "DROP TABLE IF EXISTS work.later; ALTER TABLE work.InnoDB DROP COLUMN IF EXISTS c;"
    " DROP USER IF EXISTS later@localhost"
)


@pytest.mark.parametrize(
    ("staging", "doublewrite", "expected"),
    [("no", "ON", GO_ON), ("no", "OFF", set()), ("yes", "ON", set())],
)
def test_what_waits_while_it_holds(
    server: Dataset, staging: str, doublewrite: str, expected: set[str]
) -> None:
    """Without the doublewrite buffer a moment in storage is none that InnoDB starts from.

    The position of staging is that of the lock.
    """
    setting = Setting("innodb_doublewrite", doublewrite)
    server.with_(setting).good("server_start", RESTART="yes")
    server.good("quiesce", NEEDS_SERVER=staging)
    goes_on = {name for name, write in WRITES.items() if not refused(server, write)}
    assert goes_on == expected
    counts = [server.sql(f"SELECT COUNT(*) FROM work.{engine}") for engine in ("InnoDB", "MyISAM")]
    assert counts == [("2" if "InnoDB" in expected else "1"), "1"]
    facts = server.good("release")
    assert facts.text("consistency") == "Consistent"
    assert facts.number("lockedMilliseconds") > 0
    assert "work" in facts.many("database")
    for write in WRITES.values():
        server.sql(write)
    server.sql(UNDO)


def test_it_goes_by_itself(server: Dataset) -> None:
    server.good("quiesce", HOLD_SECONDS="2")
    assert refused(server, WRITES["MyISAM"])
    wait_for("the lock is gone", lambda: holders(server) == [], 5)
    server.sql(WRITES["Aria"])
    server.sql(UNDO)
    lost = server.run("release")
    assert lost.failure == "QUIESCE_LOST"


def test_a_limit_for_statements_does_not_end_it(server: Dataset) -> None:
    """max_statement_time wakes a sleeping session, and the lock went with it."""
    server.sql("SET GLOBAL max_statement_time = 1")
    server.good("quiesce")
    time.sleep(2)
    server.good("release")


def test_a_frozen_server_lets_go_by_itself_when_it_goes_on(server: Dataset) -> None:
    """Its answer is not needed: the client of the session that holds the lock is ended."""
    server.good("quiesce")
    (pid,) = server.pids()
    server.host.run_as_root(["kill", "-STOP", str(pid)])
    try:
        outcome = server.run("release")
    finally:
        server.host.run_as_root(["kill", "-CONT", str(pid)])
    assert outcome.failure == "SERVER_NOT_READY"
    assert "is frozen (state T" in outcome.seen
    wait_for("the lock is gone", lambda: holders(server) == [], 8)
    server.sql("REPLACE INTO work.InnoDB VALUES (5); DELETE FROM work.InnoDB WHERE n = 5")


def test_a_long_select_does_not_hold_it_off(server: Dataset) -> None:
    with session(server, LONG_SELECT):
        started = time.monotonic()
        server.good("quiesce")
        assert time.monotonic() - started < 5.0
        server.good("release")


def test_a_long_change_of_a_myisam_table_holds_it_off_and_nothing_stays(server: Dataset) -> None:
    pipe = f"{server.mount}/run/files/pipe"
    server.as_owner(["mkfifo", pipe])
    with session(server, f"LOAD DATA INFILE '{pipe}' INTO TABLE work.MyISAM"):
        outcome = server.run("quiesce", LOCK_SECONDS="1")
        assert outcome.failure == "QUIESCE_FAILED"
        assert "1205" in outcome.seen
        wait_for("nobody waits for the lock", lambda: holders(server) == [], 5)
        server.sql("REPLACE INTO work.InnoDB VALUES (4); DELETE FROM work.InnoDB WHERE n = 4")
        server.host.run_as_root(["bash", "-c", f": >{pipe}"])
    server.good("quiesce")
    server.good("release")


def test_a_second_quiesce_takes_over_an_abandoned_one(server: Dataset) -> None:
    server.good("quiesce")
    first = holders(server)
    outcome = server.run("quiesce")
    assert outcome.failure == ""
    assert "released the lock of an earlier snapshot" in outcome.story
    assert len(holders(server)) == 1
    assert holders(server) != first
    server.good("release")


@pytest.mark.parametrize("how", ["session", "client", "server"])
def test_a_killed_holder_is_noticed(server: Dataset, how: str) -> None:
    server.good("quiesce")
    if how == "session":
        server.sql(f"KILL {holders(server)[0]}")
    elif how == "client":
        server.host.run_as_root(["pkill", "-KILL", "-u", "1701", "-x", "mariadb"])
    else:
        server.host.run_as_root(["kill", "-KILL", str(server.pids()[0])])
        wait_for("the server is gone", lambda: server.pids() == [])
        server.good("server_start")
    wait_for("the session has ended", lambda: holders(server) == [])
    assert server.run("release").failure == "QUIESCE_LOST"


def test_a_release_without_a_snapshot(server: Dataset) -> None:
    assert server.run("release").failure == "QUIESCE_LOST"


def test_the_lock_goes_when_the_facts_cannot_be_noted(server: Dataset) -> None:
    facts = f"{server.mount}/run/snapshot.facts"
    server.host.run_as_root(["bash", "-c", f"rm -f {facts} && mkdir {facts}"])
    try:
        assert server.run("quiesce").failure
        wait_for("the lock is gone", lambda: holders(server) == [], 3)
    finally:
        server.host.run_as_root(["rmdir", facts])


@pytest.mark.parametrize(
    ("end", "consistency"), [("TERM", "Stopped"), ("KILL", "Crash Consistent")]
)
def test_a_stopped_server_needs_no_lock(server: Dataset, end: str, consistency: str) -> None:
    server.host.run_as_root(["kill", f"-{end}", str(server.pids()[0])])
    wait_for("the server is gone", lambda: server.pids() == [])
    assert server.run("quiesce").failure == "SERVER_NOT_RUNNING"
    server.good("quiesce", NEEDS_SERVER="no")
    facts = server.good("release")
    assert facts.text("consistency") == consistency
    assert facts.text("serverVersion") != ""
    server.good("server_start")


def test_a_quiesce_leaves_one_process_and_a_release_none(server: Dataset) -> None:
    def clients() -> int:
        listing = server.host.run_as_root(["pgrep", "-c", "-x", "mariadb"], check=False)
        return int(listing.text)

    server.good("quiesce")
    assert clients() == 1
    server.good("release")
    wait_for("the client is gone", lambda: clients() == 0)
