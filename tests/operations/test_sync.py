"""A sync: the source's position, catching up with it, and healing replication."""

from __future__ import annotations

from typing import Any

import pytest

from tests.operations.caller import (
    LINKED,
    REPLICATION_PASSWORD,
    REPLICATOR,
    SOURCE_PASSWORD,
    Engine,
    World,
    account,
    linked,
)
from tests.operations.fake_libs import Reply, fails, row, says
from tests.operations.healthy import (
    BROKEN,
    POSITION,
    REPLICA,
    SOURCE_NOW,
)

SYNC = World()
LOOKING = ("source_position", "reach_check")


# Sync


def test_a_sync_waits_for_what_the_source_has_now(engine: Engine) -> None:
    engine.run("linked.pre_snapshot", SYNC)
    asked = engine.host.given("source_position")
    assert (asked["SOURCE_HOST"], asked["SOURCE_PORT"]) == ("db.example", "3306")
    assert (asked["SOURCE_USER"], asked["SOURCE_PASSWORD"]) == ("reader", SOURCE_PASSWORD)
    waited = engine.host.given("catch_up")
    assert (waited["TARGET"], waited["WAIT_SECONDS"]) == ("0-1-500", "5")
    assert engine.host.given("quiesce")["NEEDS_SERVER"] == "yes"
    assert engine.host.given("quiesce")["SOURCE_GTID"] == POSITION
    assert "waiting for 0-1-500: replication is running" in engine.host.log_text


def now(applied: str, **variables: str) -> Reply:
    """The source with other variables than the healthy ones."""
    known = dict(item.split("\t") for item in SOURCE_NOW["variable"]) | variables
    return says(
        {
            **SOURCE_NOW,
            "applied": applied,
            "read": [],
            "variable": [row(name, value) for name, value in known.items()],
        }
    )


@pytest.mark.parametrize(
    ("reply", "code", "word"),
    [
        (now("", log_bin="OFF"), "SOURCE_NO_BINLOG", "log_bin is OFF"),
        (now("", gtid_binlog_pos="nonsense"), "POSITION_MISSING", "'nonsense'"),
        (now("x"), "POSITION_MISSING", "'x'"),
        (
            now("0-1-6,1-2-10,7-7-7", gtid_binlog_pos="0-1-5,1-1-9"),
            "REPLICA_DIVERGED",
            "staging has applied 0-1-6, 1-2-10, 7-7-7, the source is at 0-1-5,1-1-9",
        ),
        (now("0-1-500", gtid_binlog_pos="0-2-500"), "REPLICA_DIVERGED", "applied 0-1-500"),
        (now("", log_slave_updates="OFF", wsrep_on="ON"), "SOURCE_LOG_INCOMPLETE", "Galera"),
    ],
)
def test_what_the_source_says(engine: Engine, reply: Reply, code: str, word: str) -> None:
    engine.host.on("source_position", reply)
    error = engine.refused("linked.pre_snapshot", SYNC)
    assert error.entry.name == code
    assert word in error.message
    assert "quiesce" not in engine.host.steps


def test_a_source_without_transactions_is_fine(engine: Engine) -> None:
    engine.host.on("source_position", now("", gtid_binlog_pos=""))
    engine.host.on("catch_up", says({**REPLICA, "reached": "yes", "gtidPosition": ""}))
    engine.run("linked.pre_snapshot", SYNC)
    assert engine.host.given("catch_up")["TARGET"] == ""


@pytest.mark.parametrize(("change", "code", "word"), BROKEN)
@pytest.mark.parametrize("reached", ["no", "yes"])
def test_a_sync_refuses_broken_replication(
    engine: Engine, change: dict[str, str], code: str, word: str, reached: str
) -> None:
    engine.host.on("catch_up", says({**REPLICA, **change, "reached": reached}))
    error = engine.refused("linked.pre_snapshot", SYNC)
    assert error.entry.name == code
    assert word in error.message
    assert engine.host.steps[-1] == "catch_up"
    assert "quiesce" not in engine.host.steps


def test_a_connection_that_comes_back_may_pass(engine: Engine) -> None:
    lost = {**REPLICA, "ioRunning": "Connecting", "ioError": "2003: Can't connect"}
    engine.host.on("catch_up", says({**lost, "reached": "no"}), says({**REPLICA, "reached": "yes"}))
    engine.run("linked.pre_snapshot", SYNC)
    assert "2003: Can't connect" in engine.host.log_text


@pytest.mark.parametrize(("seconds", "turns"), [(1, [1]), (20, [5, 5, 5, 5]), (12, [5, 5, 2])])
def test_catch_up_has_a_deadline(engine: Engine, seconds: int, turns: list[int]) -> None:
    engine.host.on("catch_up", says({**REPLICA, "reached": "no", "gtidPosition": "0-1-450"}))
    world = World(linked={**LINKED, "catchUpTimeout": seconds})
    error = engine.refused("linked.pre_snapshot", world)
    assert error.entry.name == "CATCH_UP_TIMEOUT"
    assert f"waited {seconds} s for GTID 0-1-500; replication is running" in error.message
    assert "applied up to GTID 0-1-450" in error.message
    waits = [call["WAIT_SECONDS"] for call in engine.host.calls if call.step == "catch_up"]
    assert waits == [str(turn) for turn in turns]
    assert "quiesce" not in engine.host.steps


def test_reached_is_proved_by_the_position_itself(engine: Engine) -> None:
    engine.host.on("catch_up", says({**REPLICA, "reached": "yes", "gtidPosition": "0-1-499"}))
    error = engine.refused("linked.pre_snapshot", SYNC)
    assert error.entry.name == "REPLICA_DIVERGED"
    assert "applied 0-1-499, awaited 0-1-500" in error.message


# Where the source is and who may read it


@pytest.mark.parametrize(
    ("changes", "source_config", "expected"),
    [
        ({}, {}, ("db.example", "3306")),
        ({"sourceHost": None, "sourcePort": None}, {}, ("src1.example", "3306")),
        ({"sourceHost": "", "sourcePort": 3399.0}, {}, ("src1.example", "3399")),
        ({"sourceHost": None}, {"host": "other.example"}, ("other.example", "3306")),
        ({}, {"host": "other.example", "port": 4000}, ("db.example", "3306")),
        ({"sourcePort": None}, {"port": 4000}, ("db.example", "4000")),
    ],
)
def test_where_the_source_is(
    engine: Engine,
    changes: dict[str, Any],
    source_config: dict[str, Any],
    expected: tuple[str, str],
) -> None:
    config = {"name": "s", "port": 3306, **source_config}
    engine.run("linked.pre_snapshot", World(linked={**LINKED, **changes}, source_config=config))
    given = engine.host.given("source_position")
    assert (given["SOURCE_HOST"], given["SOURCE_PORT"]) == expected


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"sourceCredentials": None}, "sourceCredentials is missing"),
        ({"sourceCredentials": account("", "x")}, "source account has no user name"),
        ({"sourceCredentials": account("a" * 129, "x")}, "more than 128 bytes"),
        ({"sourceCredentials": account("é" * 65, "x")}, "more than 128 bytes"),
        ({"sourceCredentials": account("a\nb", "x")}, "user name with a control character"),
        ({"sourceCredentials": account("a", "é" * 49)}, "password of more than 96 bytes"),
        ({"sourceCredentials": account("a", "x\ny")}, "password with a line break or NUL"),
        ({"sourceCredentials": account("", "x\0y")}, "no user name and has a password with"),
        (
            {"sourceCredentials": {"username": "a", "privateKey": "k"}},
            "source account has a key, not a password",
        ),
        ({"replicationCredentials": account("é", "x")}, "'é' has letters beyond ASCII"),
        ({"sourceCredentials": account("é", "x")}, "'é' has letters beyond ASCII"),
        ({"replicationCredentials": account("", "x")}, "replication account has no user name"),
    ],
)
def test_accounts_are_refused_before_anything_changes(
    engine: Engine, changes: dict[str, Any], word: str
) -> None:
    error = engine.refused("linked.pre_snapshot", linked(**changes))
    assert error.entry.name == "INPUT_INVALID"
    assert word in error.message
    assert set(engine.host.steps) <= {"host_facts"}


@pytest.mark.parametrize(
    ("user", "password"),
    [("é" * 64, "x" * 96), ("a", "é" * 48), ("o'neil", " \t'\"\\$`"), ("a", "")],
)
def test_accounts_at_the_limit_are_taken(engine: Engine, user: str, password: str) -> None:
    world = linked(sourceCredentials=account(user, password), logSync=False)
    engine.run("linked.pre_snapshot", world)
    given = engine.host.given("source_facts")
    assert (given["SOURCE_USER"], given["SOURCE_PASSWORD"]) == (user, password)


def test_a_source_that_nothing_names(engine: Engine) -> None:
    """A source config typed by hand, of a server that no environment holds."""
    world = World(linked={**LINKED, "sourceHost": None}, source_host="")
    error = engine.refused("linked.pre_snapshot", world)
    assert error.entry.name == "INPUT_INVALID"
    assert "sourceHost is missing" in error.message


# Healing replication


WORKER = ["replica_status", "source_position"]
LOGIN = {"ioRunning": "Connecting", "ioError": "1045: Access denied"}
STOPPED = {"ioRunning": "No", "sqlRunning": "No"}
DEADLOCK = {"sqlRunning": "No", "sqlError": "1213: Deadlock found"}
LASTING = {"sqlRunning": "No", "sqlError": "1062: Duplicate entry"}
HEALING: list[tuple[dict[str, str], str]] = [
    (LOGIN, "replica_renew"),
    (STOPPED, "replica_start"),
    (DEADLOCK, "replica_start"),
]


@pytest.mark.parametrize(("fault", "cure"), HEALING)
def test_the_worker_heals_what_passes(engine: Engine, fault: dict[str, str], cure: str) -> None:
    engine.host.on("replica_status", says({**REPLICA, **fault}))
    world = World(linked={**LINKED, "replicationCredentials": REPLICATOR})
    engine.run("linked.worker", world)
    assert engine.host.steps == [*WORKER, cure, "source_note"]
    if cure == "replica_renew":
        given = engine.host.given(cure)
        assert (given["SOURCE_USER"], given["REPLICATION_PASSWORD"]) == (
            "replicator",
            REPLICATION_PASSWORD,
        )


@pytest.mark.parametrize(
    ("status", "cure", "after", "code"),
    [
        (LASTING, None, {}, "REPLICATION_BROKEN"),
        ({"replica": "no"}, None, {}, "REPLICATION_NOT_SET_UP"),
        (DEADLOCK, "replica_start", LASTING, "REPLICATION_BROKEN"),
        (LOGIN, "replica_renew", LOGIN, "SOURCE_LOGIN_REFUSED"),
        (STOPPED, "replica_start", STOPPED, "REPLICATION_BROKEN"),
    ],
)
def test_the_worker_reports_what_lasts(
    engine: Engine, status: dict[str, str], cure: str | None, after: dict[str, str], code: str
) -> None:
    engine.host.on("replica_status", says({**REPLICA, **status}))
    if cure:
        engine.host.on(cure, says({**REPLICA, **after}))
    assert engine.refused("linked.worker").entry.name == code
    asked = WORKER[: 1 if code == "REPLICATION_NOT_SET_UP" else 2]
    assert engine.host.steps == [*asked, *([cure] if cure else [])]


def test_the_worker_reports_a_server_that_is_gone(engine: Engine) -> None:
    engine.host.on("replica_status", fails(72, "the last of its log: x"))
    error = engine.refused("linked.worker")
    assert (error.entry.name, error.seen) == ("SERVER_NOT_RUNNING", "the last of its log: x")


def test_the_worker_reports_a_server_that_is_gone_without_log_sync(engine: Engine) -> None:
    engine.host.on("server_status", says({"running": "no", "answering": "no"}))
    engine.host.on("replica_status", fails(33, "full"))
    world = World(linked={**LINKED, "logSync": False})
    assert engine.refused("linked.worker", world).entry.name == "DISK_SPACE"
    assert engine.host.steps == ["server_status", "replica_status"]


def test_the_worker_leaves_a_server_alone_that_an_operation_stops(engine: Engine) -> None:
    engine.host.on("replica_status", says({"busy": "yes"}))
    engine.run("linked.worker")
    assert engine.host.steps == ["replica_status"]


@pytest.mark.parametrize(("fault", "cure"), HEALING)
def test_a_sync_heals_and_goes_on(engine: Engine, fault: dict[str, str], cure: str) -> None:
    engine.host.on(
        "catch_up",
        says({**REPLICA, **fault, "reached": "no"}),
        says({**REPLICA, "reached": "yes"}),
    )
    engine.run("linked.pre_snapshot", SYNC)
    assert engine.host.steps == [*LOOKING, "catch_up", cure, "catch_up", "quiesce"]


MOVED = {"replicatesFrom": "old.example:3306"}


def test_a_sync_follows_a_source_that_has_moved(engine: Engine) -> None:
    """The user changed sourceHost or the account: replication is told at the next sync."""
    engine.host.on(
        "catch_up",
        says({**REPLICA, **MOVED, "reached": "no"}),
        says({**REPLICA, "reached": "yes"}),
    )
    engine.run("linked.pre_snapshot", SYNC)
    assert engine.host.steps == [
        *LOOKING, "catch_up", "replica_renew", "catch_up", "quiesce",
    ]  # fmt: skip
    assert engine.host.given("replica_renew")["SOURCE_HOST"] == "db.example"


def test_the_worker_follows_a_source_that_has_moved(engine: Engine) -> None:
    engine.host.on("replica_status", says({**REPLICA, **MOVED}))
    engine.run("linked.worker")
    assert engine.host.steps == [*WORKER, "replica_renew", "source_note"]


def test_a_sync_heals_twice_and_no_more(engine: Engine) -> None:
    engine.host.on("catch_up", says({**REPLICA, **LOGIN, "reached": "no"}))
    assert engine.refused("linked.pre_snapshot", SYNC).entry.name == "SOURCE_LOGIN_REFUSED"
    assert engine.host.steps == [*LOOKING, *["catch_up", "replica_renew"] * 2, "catch_up"]


def test_a_login_that_was_refused_is_asked_for_again(engine: Engine) -> None:
    """A vault may have changed it since the resync of this very operation began."""
    engine.host.on("catch_up", says({**REPLICA, **LOGIN}), says({**REPLICA, "reached": "yes"}))
    engine.run("linked.pre_snapshot", linked(replicationCredentials=REPLICATOR))
    assert "replica_renew" in engine.host.steps
    assert engine.host.vault_calls == ["reader", "replicator", "replicator"]


def test_a_password_in_the_story_of_a_renewal_is_redacted(engine: Engine) -> None:
    engine.host.on("replica_status", says({**REPLICA, **LOGIN}))
    engine.host.on("replica_renew", fails(76, f"near '{SOURCE_PASSWORD}'", SOURCE_PASSWORD))
    assert "near '***'" in engine.refused("linked.worker").message


# Another server, or a source that cannot be asked


SEEN = "\n".join(
    (
        *("uid\t", "host\tdb", "dataDir\t/var/lib/mysql/", "port\t3306", "serverId\t9"),
        *("started\t5", "file\tother.000001", "position\t4", "birth\t", "gtid\t0-1-1"),
        *("upstream\t", "logsAll\tyes", "logSize\t0"),
    )
).split("\n")
ANOTHER = says({**SOURCE_NOW, "seen": SEEN})


def test_another_server_is_connected_to_anew(engine: Engine) -> None:
    engine.host.on("source_position", ANOTHER)
    engine.host.on("replica_renew", says({**REPLICA, "logSize": "4711"}))
    engine.run("linked.pre_snapshot", SYNC)
    assert engine.host.steps[:2] == ["source_position", "replica_renew"]
    assert engine.host.steps[-2:] == ["catch_up", "quiesce"]
    note = engine.host.given("quiesce")["SOURCE_SEEN"].split("\n")
    assert {"serverId\t1", "file\tbinlog.000007", "logSize\t4711"} <= set(note)
    assert "another server answers in place of the source" in engine.host.log_text


LOST = (
    "1236: connecting slave requested to start from GTID 0-1-9, which is not in the master's binlog"
)


@pytest.mark.parametrize("step", ["replica_renew", "catch_up"])
def test_another_server_that_lacks_a_transaction(engine: Engine, step: str) -> None:
    engine.host.on("source_position", ANOTHER)
    refused = {**REPLICA, "ioRunning": "No", "ioError": LOST}
    engine.host.on(step, says({**refused, **({"reached": "no"} if step == "catch_up" else {})}))
    assert engine.refused("linked.pre_snapshot", SYNC).entry.name == "REPLICA_DIVERGED"
    assert "quiesce" not in engine.host.steps


@pytest.mark.parametrize(("reached", "noted"), [("yes", True), ("no", False)])
def test_the_worker_notes_another_server_when_it_goes_on(
    engine: Engine, reached: str, noted: bool
) -> None:
    engine.host.on("source_position", ANOTHER)
    engine.host.on("catch_up", says({**REPLICA, "reached": reached}))
    engine.run("linked.worker")
    assert ("source_note" in engine.host.steps) is noted


def test_an_enable_leaves_replication_stopped_where_the_source_is_another(engine: Engine) -> None:
    engine.host.on("source_position", now("0-1-501"))
    engine.run("linked.start_staging")
    assert "replica_start" not in engine.host.steps
    assert "replication is not started" in engine.host.log_text
    assert engine.refused("linked.worker").entry.name == "REPLICA_DIVERGED"


@pytest.mark.parametrize("code", [40, 41, 45, 48])
def test_a_source_that_cannot_be_asked_keeps_nobody_up(engine: Engine, code: int) -> None:
    engine.host.on("source_position", fails(code, "no answer"))
    engine.run("linked.start_staging")
    engine.run("linked.worker")
    assert engine.host.steps[-2:] == ["replica_status", "source_position"]
    assert engine.refused("linked.pre_snapshot", SYNC).entry.code == code


FOUND = {"name": "s", "port": 3306, "host": "other.example", "dataDir": "/srv/mysql"}


@pytest.mark.parametrize("resync", [None, {"resync": True}])
def test_the_server_that_was_discovered(engine: Engine, resync: dict[str, Any] | None) -> None:
    given = {**LINKED, "sourceHost": None, "sourcePort": None}
    world = World(linked=given, source_config=FOUND, snapshot_parameters=resync)
    error = engine.refused("linked.pre_snapshot", world)
    assert error.entry.name == "SOURCE_FOREIGN"
    assert "/srv/mysql" in error.message
    assert engine.host.steps[-1] == ("source_facts" if resync else "source_position")


def test_an_address_that_the_user_names_is_meant(engine: Engine) -> None:
    engine.run("linked.pre_snapshot", World(linked=LINKED, source_config=FOUND))
    assert "/srv/mysql" in engine.host.given("quiesce")["WARNINGS"]
