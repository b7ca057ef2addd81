"""What is made of SHOW SLAVE STATUS: health, story, and what may help."""

from __future__ import annotations

import pytest

from domain.replication.gtid import Position
from domain.replication.status import Cure, Health, ReplicaStatus, cure_of

SOURCE = "db.example:3306"
FINE = {
    "replica": "yes",
    "replicatesFrom": SOURCE,
    "ioRunning": "Yes",
    "sqlRunning": "Yes",
    "ioError": "",
    "sqlError": "",
    "lagSeconds": "12",
    "binlogFile": "binlog.000007",
    "binlogPosition": "4711",
    "gtidPosition": "0-1-42",
}


def status(**changes: str) -> ReplicaStatus:
    answers = {**FINE, **changes}
    return ReplicaStatus.of(lambda key: answers.get(key, ""))


def test_of() -> None:
    assert status() == ReplicaStatus(
        configured=True,
        source=SOURCE,
        io_running="Yes",
        sql_running="Yes",
        io_error="",
        sql_error="",
        lag_seconds=12,
        binlog_file="binlog.000007",
        binlog_position=4711,
        gtid_position=Position.parse("0-1-42"),
    )


@pytest.mark.parametrize("text", ["", "NULL", "-1", "x"])
def test_numbers_that_are_unknown(text: str) -> None:
    assert status(lagSeconds=text).lag_seconds is None
    assert status(binlogPosition=text).binlog_position == 0


def test_nothing_said() -> None:
    assert ReplicaStatus.of(lambda key: "").health is Health.ABSENT


LOGIN = "1045: Access denied for user"
TABLE = [
    ({}, Health.RUNNING, Cure.NONE),
    ({"replica": "no"}, Health.ABSENT, Cure.NONE),
    ({"replica": "no", "sqlRunning": "No"}, Health.ABSENT, Cure.NONE),
    ({"ioRunning": "Connecting"}, Health.CONNECTING, Cure.NONE),
    ({"ioRunning": "Preparing"}, Health.CONNECTING, Cure.NONE),
    (
        {"ioRunning": "Connecting", "ioError": "2003: Can't connect"},
        Health.CONNECTING,
        Cure.NONE,
    ),
    ({"ioRunning": "Connecting", "ioError": LOGIN}, Health.CONNECTING, Cure.RENEW),
    ({"ioRunning": "No", "ioError": LOGIN}, Health.BROKEN, Cure.RENEW),
    ({"ioRunning": "No", "ioError": LOGIN, "sqlError": "1062: x"}, Health.BROKEN, Cure.NONE),
    ({"ioRunning": "No"}, Health.STOPPED, Cure.RESTART),
    ({"sqlRunning": "No"}, Health.STOPPED, Cure.RESTART),
    ({"ioRunning": "No", "sqlRunning": "No"}, Health.STOPPED, Cure.RESTART),
    ({"sqlRunning": "No", "sqlError": "1062: Duplicate entry"}, Health.BROKEN, Cure.NONE),
    ({"sqlRunning": "No", "sqlError": "1213: Deadlock found"}, Health.BROKEN, Cure.RESTART),
    ({"sqlRunning": "No", "sqlError": "1205: Lock wait"}, Health.BROKEN, Cure.RESTART),
    ({"sqlRunning": "No", "sqlError": "12051: other"}, Health.BROKEN, Cure.NONE),
    ({"ioRunning": "No", "ioError": "1236: no such position"}, Health.BROKEN, Cure.NONE),
    ({"ioRunning": "No", "ioError": "2013: Lost connection"}, Health.BROKEN, Cure.RESTART),
    (
        {"ioRunning": "No", "ioError": "2013: Lost", "sqlRunning": "No", "sqlError": "1062: x"},
        Health.BROKEN,
        Cure.NONE,
    ),
    ({"sqlError": "1062: while it still says Yes"}, Health.BROKEN, Cure.NONE),
]


@pytest.mark.parametrize(("changes", "health", "cure"), TABLE)
def test_health_and_cure(changes: dict[str, str], health: Health, cure: Cure) -> None:
    assert status(**changes).health is health
    assert cure_of(status(**changes), SOURCE) is cure


@pytest.mark.parametrize(
    ("changes", "cure"),
    [
        ({}, Cure.RENEW),
        ({"ioRunning": "No"}, Cure.RENEW),
        ({"replica": "no"}, Cure.NONE),
        ({"sqlError": "1062: Duplicate entry"}, Cure.NONE),
    ],
)
def test_a_source_that_has_moved(changes: dict[str, str], cure: Cure) -> None:
    assert cure_of(status(**changes), "new.example:3306") is cure


@pytest.mark.parametrize("number", [1045, 1698, 1130, 4151, 1862])
def test_login_refused(number: int) -> None:
    assert status(ioError=f"{number}: refused").login_refused
    assert not status(ioError=f"1{number}: refused").login_refused
    assert not status().login_refused


@pytest.mark.parametrize(
    ("changes", "summary"),
    [
        ({}, "replication is running; applied up to GTID 0-1-42"),
        ({"replica": "no", "gtidPosition": ""}, "replication is not set up"),
        (
            {"ioRunning": "No", "ioError": "1236: gone", "sqlError": "1062: twice"},
            "replication is broken; I/O thread: 1236: gone; SQL thread: 1062: twice;"
            " applied up to GTID 0-1-42",
        ),
    ],
)
def test_summary(changes: dict[str, str], summary: str) -> None:
    assert status(**changes).summary == summary
