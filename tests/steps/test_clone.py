"""A copy of a dataset becomes a server of its own, with no way back to where it came from."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from domain.options.my_cnf import Role
from domain.options.settings import Setting
from tests.steps.support import Bench, Dataset

PARENT = """
CREATE DATABASE shop; CREATE TABLE shop.t (n INT PRIMARY KEY); INSERT INTO shop.t VALUES (1);
CREATE USER 'l@`o'@'%' IDENTIFIED BY 'x'; GRANT EVENT ON shop.* TO 'l@`o'@'%';
CREATE DEFINER = 'l@`o'@'%' EVENT shop.`a``b c`
    ON SCHEDULE EVERY 1 DAY DISABLE ON SLAVE DO SELECT 1;
CREATE EVENT shop.off ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1;
CHANGE MASTER TO MASTER_HOST = '127.0.0.9', MASTER_PORT = 9, MASTER_USER = 'r',
    MASTER_PASSWORD = 's3cr3t-Zq7';
CHANGE MASTER 'second ä' TO MASTER_HOST = '127.0.0.8', MASTER_PORT = 9, MASTER_USER = 'r';
"""


@pytest.fixture(scope="module")
def parent(bench: Bench) -> Iterator[Dataset]:
    dataset = bench.dataset("parent", 3460, role=Role.STAGING).create()
    dataset.sql(PARENT, "--default-character-set=utf8mb4")
    dataset.good("source_note", SOURCE_SEEN="host\tdb.example")
    assert dataset.read("run/source.seen") == "host\tdb.example\n"
    yield dataset
    bench.drop(dataset)


@pytest.fixture
def copy(bench: Bench, parent: Dataset) -> Iterator[Dataset]:
    dataset = replace(bench.clone(parent, "copy", 3461), role=Role.VDB)
    yield dataset
    bench.drop(dataset)
    bench.machine.pool.delete_snapshot("bench/copy")


def test_nothing_of_the_replication_is_left(parent: Dataset, copy: Dataset) -> None:
    assert "s3cr3t-Zq7" in parent.read("data/master.info")
    copy.good("vdb_configure")
    assert copy.sql("SHOW ALL SLAVES STATUS") == ""
    files = copy.host.run_as_root(["find", copy.mount, "-printf", "%P\n"]).text.split("\n")
    assert "run/source.seen" not in files
    named = [name for name in files if name.endswith(".info") or "relay" in name]
    assert all(copy.read(name).strip() == "" for name in named), named
    found = copy.host.run_as_root(["grep", "-rl", "s3cr3t-Zq7", copy.mount], check=False)
    assert found.text == ""
    log = copy.read("log/error.log")
    assert "127.0.0.9" not in log
    assert "Slave I/O" not in log


def test_parent_and_copy_are_two_servers(parent: Dataset, copy: Dataset) -> None:
    copy.good("vdb_configure")
    who = "SELECT @@port, @@server_id, @@datadir, @@read_only"
    first, second = (dataset.sql(who).split("\t") for dataset in (parent, copy))
    assert second[:3] == ["3461", "4461", "/mnt/copy/data/"]
    assert (first[3], second[3]) == ("1", "0")
    copy.sql("INSERT INTO shop.t VALUES (2)")
    assert parent.sql("SELECT COUNT(*) FROM shop.t") == "1"


def test_events_wake_up_with_their_own_definers(copy: Dataset) -> None:
    copy.good("vdb_configure")
    question = "SELECT event_name, status, definer FROM information_schema.events ORDER BY 1"
    assert copy.sql(question).split("\n") == [
        "a`b c\tENABLED\tl@`o@%",
        "off\tDISABLED\tdelphix@localhost",
    ]
    assert copy.sql("SELECT @@event_scheduler") == "OFF"


@pytest.mark.parametrize("keep", ["yes", "no"])
def test_binary_logs_stay_or_go(bench: Bench, fresh: Callable[..., Dataset], keep: str) -> None:
    parent = fresh("logged", 3462, binary_log=True).create()
    parent.sql("CREATE DATABASE one; FLUSH BINARY LOGS; CREATE DATABASE two")
    sequence = int(parent.sql("SELECT @@gtid_binlog_pos").rpartition("-")[2])
    copy = bench.clone(parent, "logcopy", 3463)
    try:
        copy.good("vdb_configure", KEEP_LOGS=keep)
        copy.sql("CREATE DATABASE three")
        listed = [line.split()[0] for line in copy.sql("SHOW BINARY LOGS").split("\n")]
        index = copy.read("log/binlog.index").split()
        assert index == [f"/mnt/logcopy/log/{name}" for name in listed]
        assert ("binlog.000001" in listed, len(listed) > 1) == (
            (True, True) if keep == "yes" else (True, False)
        )
        position = copy.sql("SELECT @@gtid_binlog_pos")
        assert position.endswith(f"-4463-{sequence + 1 if keep == 'yes' else 1}"), position
    finally:
        bench.drop(copy)
        bench.machine.pool.delete_snapshot("bench/logcopy")


def test_it_may_be_repeated(copy: Dataset) -> None:
    copy.good("vdb_configure")
    first = copy.pids()
    copy.sql("INSERT INTO shop.t VALUES (3)")
    copy.good("vdb_configure")
    assert copy.pids() != first
    assert copy.sql("SELECT COUNT(*) FROM shop.t") == "2"


@pytest.mark.parametrize(
    ("setting", "failure"),
    [
        (Setting("innodb_read_only", "1"), "VDB_NOT_WRITABLE SERVER_DIED SQL_FAILED"),
        (Setting("innodb_force_recovery", "5"), "VDB_NOT_WRITABLE SERVER_DIED SQL_FAILED"),
        (Setting("no_such_setting", "1"), "SERVER_DIED"),
    ],
)
def test_a_vdb_that_cannot_be_written_to_is_taken_back(
    copy: Dataset, setting: Setting, failure: str
) -> None:
    outcome = copy.with_(setting).run("vdb_configure")
    assert outcome.failure in failure.split(), f"{outcome.seen}\n{outcome.story}"
    assert outcome.seen != ""
    assert copy.pids() == []
    copy.good("vdb_configure")


def test_a_server_that_recovers_is_taken_as_long_as_it_writes(copy: Dataset) -> None:
    """Level 4 was refused for a while, because nobody had tried it."""
    people = {"PROVE": "yes", "BIND_ADDRESS": "*", "EVENTS": "no"}
    outcome = copy.with_(Setting("innodb_force_recovery", "4")).good("vdb_configure", **people)
    assert "not proven" not in outcome.story
    copy.sql("INSERT INTO shop.t VALUES (4)")


def test_a_snapshot_without_a_data_directory(copy: Dataset) -> None:
    copy.host.run_as_root(["rm", "-rf", f"{copy.mount}/data/mysql"])
    outcome = copy.run("vdb_configure")
    assert outcome.failure == "SNAPSHOT_UNUSABLE"
    assert "ibdata1" in outcome.seen


def test_a_login_for_people(copy: Dataset) -> None:
    name, password = 'o\'neil \\ "x" #', "p'\\ \"#;ä☃$(id)`"
    copy.good("vdb_configure", LOGIN_USER=name, LOGIN_PASSWORD=password)
    ask = 'mariadb --no-defaults -h 127.0.0.1 -P "$P" -u "$U" -N -e "SELECT CURRENT_USER()" --raw'
    given = {"P": str(copy.port), "U": name, "MYSQL_PWD": password}
    assert copy.host.run_as_user(ask, given).text == f"{name}@%\n"
    found = copy.host.run_as_root(["grep", "-rlF", "☃$(id)", copy.mount], check=False)
    assert found.text == ""


def test_a_parent_that_has_lost_what_no_data_need(bench: Bench) -> None:
    """Backups and people leave these out: a login is made all the same."""
    parent = bench.dataset("lost", 3466, role=Role.STAGING).create()
    parent.sql("DROP TABLE mysql.general_log; DROP DATABASE performance_schema")
    copy = replace(bench.clone(parent, "found", 3467), role=Role.VDB)
    copy.good("vdb_configure", LOGIN_USER="dev", LOGIN_PASSWORD="x1")
    assert copy.sql("SELECT COUNT(*) FROM mysql.global_priv WHERE User = 'dev'") == "1"
    for dataset in (copy, parent):
        bench.drop(dataset)
    bench.machine.pool.delete_snapshot("bench/found")
