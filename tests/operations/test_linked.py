"""dSource operations: what each step is given, and what is made of its answers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from dlpx.virtualization.api import common_pb2, platform_pb2

from domain.replica import ReplicaStatus
from tests.operations.engine import (
    LINKED,
    MANUAL,
    REPLICATION_PASSWORD,
    RESYNC,
    SECRET_VARIABLES,
    SOURCE_PASSWORD,
    STAGING_PASSWORD,
    Engine,
    World,
    account,
    linked,
)
from tests.operations.fake_host import Reply, fails, row, says
from tests.operations.healthy import FACTS, HOST_FACTS, REPLICA, SOURCE_FACTS

SYNC = World()
REPLICATOR = account("replicator", REPLICATION_PASSWORD)


def lines(text: str) -> list[str]:
    return text.splitlines()


# Mount specification, start, stop, status, size


def test_mount_specification(engine: Engine) -> None:
    mount = engine.run("linked.mount_specification").staged_mount
    assert mount.mount_path == "/mnt/sales"
    assert mount.remote_environment.host.name == "stg1.example"
    given = engine.host.given("mount_check")
    assert (given["MOUNT"], given["GUID"]) == ("/mnt/sales", "dsource-1")


def test_mount_path_is_refused_before_the_host_is_asked(engine: Engine) -> None:
    world = linked(mountPath="/usr/sales")
    assert engine.refused("linked.mount_specification", world).entry.name == "MOUNT_PATH_INVALID"
    assert engine.host.steps == []


def test_start_staging(engine: Engine) -> None:
    engine.run("linked.start_staging")
    given = engine.host.given("server_start")
    assert {name: given[name] for name in ("MOUNT", "PORT", "SERVER_ID", "RESTART")} == {
        "MOUNT": "/mnt/sales",
        "PORT": "3310",
        "SERVER_ID": "77",
        "RESTART": "no",
    }
    # The dataset knows which installation made it.
    assert (given["DAEMON"], given["BASE_DIR"]) == ("", "")
    assert "# Role: staging" in lines(given["CONFIG"])
    assert "max_connections = 50" in lines(given["CONFIG"])
    assert "`osuser`@'localhost'" in given["INIT_SQL"]
    assert "replication is running" in engine.host.log_text


def test_start_staging_with_broken_replication_starts_all_the_same(engine: Engine) -> None:
    """Enabling a dSource must work; the next sync names the error and its cure."""
    broken = {**REPLICA, "sqlRunning": "No", "sqlError": "1062: Duplicate entry"}
    engine.host.on("replica_start", says(broken))
    engine.run("linked.start_staging")
    assert "1062: Duplicate entry" in engine.host.log_text


@pytest.mark.parametrize("stopped", ["yes", "no"])
def test_stop_staging(engine: Engine, stopped: str) -> None:
    engine.host.on("server_stop", says({"stopped": stopped}))
    engine.run("linked.stop_staging")
    assert engine.host.given("server_stop")["MOUNT"] == "/mnt/sales"


@pytest.mark.parametrize(
    ("answers", "active"),
    [
        ({"running": "yes", "answering": "yes"}, True),
        ({"running": "yes", "answering": "no"}, False),
        ({"running": "no"}, False),
        ({}, False),
    ],
)
@pytest.mark.parametrize("operation", ["linked.status", "virtual.status"])
def test_status(engine: Engine, operation: str, answers: dict[str, str], active: bool) -> None:
    engine.host.on("server_status", says(answers))
    expected = (
        platform_pb2.StagedStatusResult.ACTIVE
        if active
        else platform_pb2.StagedStatusResult.INACTIVE
    )
    assert engine.run(operation).status == expected


@pytest.mark.parametrize("operation", ["linked.source_size", "virtual.source_size"])
def test_size(engine: Engine, operation: str) -> None:
    engine.host.on("size", says({"sizeInBytes": str(5 * 2**40)}))
    assert engine.run(operation).database_size == 5 * 2**40
    engine.host.on("size", says({"sizeInBytes": "large"}))
    assert engine.refused(operation).entry.name == "ANSWER_UNREADABLE"


# Sync


def test_a_sync_waits_for_what_the_source_has_now(engine: Engine) -> None:
    engine.run("linked.pre_snapshot", SYNC)
    asked = engine.host.given("source_position")
    assert (asked["SOURCE_HOST"], asked["SOURCE_PORT"]) == ("db.example", "3306")
    assert (asked["SOURCE_USER"], asked["SOURCE_PASSWORD"]) == ("reader", SOURCE_PASSWORD)
    waited = engine.host.given("catch_up")
    assert (waited["TARGET"], waited["WAIT_SECONDS"]) == ("0-1-500", "5")
    assert engine.host.given("quiesce")["NEEDS_SERVER"] == "yes"
    assert "waiting for 0-1-500: replication is running" in engine.host.log_text


@pytest.mark.parametrize(
    ("answers", "code", "word"),
    [
        ({"binlog": "0"}, "SOURCE_NO_BINLOG", "log_bin is OFF"),
        ({"binlog": "1", "gtid": "nonsense"}, "POSITION_MISSING", "'nonsense'"),
        ({"binlog": "1", "gtid": "0-1-5", "applied": "x"}, "POSITION_MISSING", "'x'"),
        (
            {"binlog": "1", "gtid": "0-1-5,1-1-9", "applied": "0-1-6,1-2-10,7-7-7"},
            "REPLICA_DIVERGED",
            "staging has applied 0-1-6, 1-2-10, the source is at 0-1-5,1-1-9",
        ),
    ],
)
def test_position_of_the_source(
    engine: Engine, answers: dict[str, str], code: str, word: str
) -> None:
    engine.host.on("source_position", says(answers))
    error = engine.refused("linked.pre_snapshot", SYNC)
    assert error.entry.name == code
    assert word in error.message
    assert "quiesce" not in engine.host.steps


def test_a_source_without_transactions_is_fine(engine: Engine) -> None:
    engine.host.on("source_position", says({"binlog": "1", "gtid": "", "applied": ""}))
    engine.host.on("catch_up", says({**REPLICA, "reached": "yes", "gtidPosition": ""}))
    engine.run("linked.pre_snapshot", SYNC)
    assert engine.host.given("catch_up")["TARGET"] == ""


BROKEN: list[tuple[dict[str, str], str, str]] = [
    ({"replica": "no"}, "REPLICATION_NOT_SET_UP", "replication is not set up"),
    (
        {"sqlRunning": "No", "sqlError": "1146: Table 'shop.gone' doesn't exist"},
        "REPLICATION_BROKEN",
        "1146: Table 'shop.gone'",
    ),
    (
        {"ioRunning": "No", "ioError": "1236: could not find the position"},
        "REPLICATION_BROKEN",
        "1236: could not find",
    ),
    ({"sqlRunning": "No"}, "REPLICATION_BROKEN", "replication is stopped"),
    *(
        (
            {"ioRunning": "Connecting", "ioError": f"{number}: refused"},
            "SOURCE_LOGIN_REFUSED",
            f"{number}: refused",
        )
        for number in (1045, 1698, 1130, 4151, 1862)
    ),
]


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
        ({"replicationCredentials": account("", "x")}, "replication account has no user name"),
    ],
)
def test_accounts_are_refused_before_anything_runs(
    engine: Engine, changes: dict[str, Any], word: str
) -> None:
    error = engine.refused("linked.pre_snapshot", linked(**changes))
    assert error.entry.name == "INPUT_INVALID"
    assert word in error.message
    assert engine.host.steps == []


@pytest.mark.parametrize(
    ("user", "password"),
    [("é" * 64, "x" * 96), ("a", "é" * 48), ("o'neil", " \t'\"\\$`"), ("a", "")],
)
def test_accounts_at_the_limit_are_taken(engine: Engine, user: str, password: str) -> None:
    engine.run("linked.pre_snapshot", linked(sourceCredentials=account(user, password)))
    given = engine.host.given("source_facts")
    assert (given["SOURCE_USER"], given["SOURCE_PASSWORD"]) == (user, password)


def test_a_source_that_nothing_names(engine: Engine) -> None:
    """A source config typed by hand, of a server that no environment holds."""
    world = World(linked={**LINKED, "sourceHost": None}, source_host="")
    error = engine.refused("linked.pre_snapshot", world)
    assert error.entry.name == "INPUT_INVALID"
    assert "sourceHost is missing" in error.message


# Resync


def test_a_resync_gives_each_step_what_it_needs(engine: Engine) -> None:
    engine.run("linked.pre_snapshot", linked(replicationCredentials=REPLICATOR))
    host = engine.host
    assert host.given("host_facts")["PORT"] == "3310"
    facts = host.given("source_facts")
    assert facts["SOURCE_PASSWORD"] == SOURCE_PASSWORD
    assert facts["REPLICATION_USER"] == "replicator"
    assert facts["REPLICATION_PASSWORD"] == REPLICATION_PASSWORD
    assert "sql_mode" in facts["VARIABLE_NAMES"].split(",")
    made = host.given("dataset_create")
    marker = json.loads(made["MARKER"])
    assert (marker["guid"], marker["role"], marker["port"]) == ("dsource-1", "staging", 3310)
    assert {"propertyName": "lower_case_table_names", "value": "0"} in marker["requiredSettings"]
    assert "basedir = /usr" in lines(made["REQUIRED"])
    assert "# Role: loading" in lines(host.given("server_start", 0)["CONFIG"])
    assert host.given("server_start", 0)["RESTART"] == "no"
    copied = host.given("ingest_start")
    assert (copied["SOURCE_PASSWORD"], copied["LOG_SYNC"]) == (SOURCE_PASSWORD, "yes")
    assert "--dump-history" in copied["DUMP_OPTIONS"]
    assert "# Role: staging" in lines(host.given("server_start", 1)["CONFIG"])
    assert host.given("server_start", 1)["RESTART"] == "yes"
    replica = host.given("replica_set")
    assert replica["GTID"] == "0-1-400"
    assert "replicator" in replica.variables.values()
    assert replica["REPLICATION_PASSWORD"] == REPLICATION_PASSWORD
    assert "SOURCE_PASSWORD" not in replica.variables
    assert "42 objects copied" in host.log_text


def test_passwords_go_only_to_steps_that_log_in(engine: Engine) -> None:
    engine.run("linked.pre_snapshot", linked(replicationCredentials=REPLICATOR))
    told = {
        (call.step, name)
        for call in engine.host.calls
        for name in SECRET_VARIABLES
        if call.variables.get(name)
    }
    assert told == {
        ("source_facts", "SOURCE_PASSWORD"),
        ("source_facts", "REPLICATION_PASSWORD"),
        ("ingest_start", "SOURCE_PASSWORD"),
        ("replica_set", "REPLICATION_PASSWORD"),
        ("source_position", "SOURCE_PASSWORD"),
    }


def test_without_a_replication_account_the_source_account_replicates(engine: Engine) -> None:
    engine.run("linked.pre_snapshot", RESYNC)
    assert engine.host.given("source_facts")["REPLICATION_USER"] == ""
    replica = engine.host.given("replica_set")
    assert "reader" in replica.variables.values()
    assert replica["REPLICATION_PASSWORD"] == SOURCE_PASSWORD


def test_progress_is_told(engine: Engine) -> None:
    running = [
        says({"state": "running", "phase": phase, "bytes": str(size)})
        for phase, size in (("locking", 0), ("tables", 10**8), ("tables", 2 * 10**8))
    ]
    engine.host.on(
        "job_status",
        *running,
        *[says({"state": "running", "phase": "tables", "bytes": str(3 * 10**8)})] * 10,
        says({"state": "done", "gtid": "0-1-400", "objects": "42"}),
    )
    engine.run("linked.pre_snapshot", RESYNC)
    pauses = engine.host.clock.pauses
    assert len(pauses) == 13
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (0.25, 5.0)
    assert "locking: 0 MB in 0 s (0.0 MB/s)" in engine.host.log_text
    assert "tables: 100 MB" in engine.host.log_text
    assert "s left of 1074 MB" in engine.host.log_text


def test_a_broken_view_is_told_and_left_out(engine: Engine) -> None:
    done = {"state": "done", "gtid": "0-1-400", "objects": "1", "brokenView": ["shop.v1", "a.b"]}
    engine.host.on("job_status", says(done))
    engine.run("linked.pre_snapshot", RESYNC)
    assert "view shop.v1 refers to something that is gone" in engine.host.log_text
    assert "view a.b refers to something that is gone" in engine.host.log_text


@pytest.mark.parametrize(
    ("host_facts", "source_facts", "code"),
    [
        ({"installation": []}, {}, "INSTALLATION_NOT_FOUND"),
        ({"installation": row("/x/mysqld", "/x", "10.3.1-MariaDB")}, {}, "INSTALLATION_NOT_FOUND"),
        ({"freeBytes": "1000"}, {}, "DISK_SPACE"),
        ({"freeBytes": "much"}, {}, "ANSWER_UNREADABLE"),
        ({"installation": row("/usr/sbin/mariadbd", "/usr")}, {}, "ANSWER_UNREADABLE"),
        ({}, {"variable": row("version", "8.0.36")}, "SOURCE_NOT_MARIADB"),
        ({}, {"variable": row("version", "10.3.2-MariaDB")}, "VERSION_UNSUPPORTED"),
        (
            {},
            {"variable": [row("version", "11.4.2-MariaDB"), row("log_bin", "1")]},
            "VERSION_MISMATCH",
        ),
        ({}, {"variable": row("version", "10.11.1-MariaDB")}, "SOURCE_NO_BINLOG"),
        ({}, {"grant": "GRANT USAGE ON *.* TO `reader`@`%`"}, "SOURCE_PRIVILEGE_MISSING"),
        (
            {},
            {
                "variable": [
                    row("version", "10.11.1-MariaDB"),
                    row("log_bin", "ON"),
                    row("server_id", "77"),
                ]
            },
            "SERVER_ID_IN_USE",
        ),
    ],
)
def test_a_check_that_refuses_changes_nothing(
    engine: Engine, host_facts: dict[str, Any], source_facts: dict[str, Any], code: str
) -> None:
    engine.host.on("host_facts", says({**HOST_FACTS, **host_facts}))
    engine.host.on("source_facts", says({**SOURCE_FACTS, **source_facts}))
    assert engine.refused("linked.pre_snapshot", RESYNC).entry.name == code
    assert set(engine.host.steps) <= {"host_facts", "source_facts"}


def test_an_empty_variable_of_the_source_is_carried(engine: Engine) -> None:
    variables = [*SOURCE_FACTS["variable"][:-1], row("sql_mode", ""), row("old_mode", "")]
    engine.host.on("source_facts", says({**SOURCE_FACTS, "variable": variables}))
    engine.run("linked.pre_snapshot", RESYNC)
    assert 'sql_mode = ""' in lines(engine.host.given("dataset_create")["REQUIRED"])


def test_staging_runs_the_installation_of_the_source_series(engine: Engine) -> None:
    """The repository is of the source's environment; staging may have none like it."""
    found = [
        row("/opt/b/bin/mariadbd", "/opt/b", "11.4.2-MariaDB"),
        row("/opt/a/bin/mariadbd", "/opt/a", "10.11.4-MariaDB"),
        row("/opt/c/bin/mariadbd", "/opt/c", "10.6.9-MariaDB"),
    ]
    engine.host.on("host_facts", says({**HOST_FACTS, "installation": found}))
    engine.run("linked.pre_snapshot", RESYNC)
    assert engine.host.given("source_facts")["DAEMON"] == "/opt/b/bin/mariadbd"
    assert engine.host.given("dataset_create")["DAEMON"] == "/opt/a/bin/mariadbd"
    assert engine.host.given("server_start", 1)["BASE_DIR"] == "/opt/a"


def test_the_named_staging_installation_is_taken_or_refused(engine: Engine) -> None:
    found = [
        row("/usr/sbin/mariadbd", "/usr", "10.11.19-MariaDB"),
        row("/opt/b/bin/mariadbd", "/opt/b", "11.4.2-MariaDB"),
    ]
    facts = {**HOST_FACTS, "installation": found}
    engine.host.on("host_facts", says({**facts, "extraDirectory": "/opt/b"}))
    engine.run("linked.pre_snapshot", linked(stagingBaseDir="/opt/link/"))
    assert engine.host.given("host_facts")["EXTRA_DIRECTORY"] == "/opt/link"
    assert engine.host.given("dataset_create")["DAEMON"] == "/opt/b/bin/mariadbd"
    engine.host.on("host_facts", says({**facts, "extraDirectory": ""}))
    error = engine.refused("linked.pre_snapshot", linked(stagingBaseDir="/opt/link/"))
    assert error.entry.name == "INSTALLATION_NOT_FOUND"


def test_older_tools_are_not_asked_for_history(engine: Engine) -> None:
    old = row("/usr/sbin/mariadbd", "/usr", "10.6.9-MariaDB")
    engine.host.on("host_facts", says({**HOST_FACTS, "installation": old}))
    variables = [row("version", "10.6.8-MariaDB"), *SOURCE_FACTS["variable"][1:]]
    engine.host.on("source_facts", says({**SOURCE_FACTS, "variable": variables}))
    engine.run("linked.pre_snapshot", RESYNC)
    assert "--dump-history" not in engine.host.given("ingest_start")["DUMP_OPTIONS"]


def test_without_log_sync_no_position_is_needed(engine: Engine) -> None:
    variables = [row("version", "10.11.19-MariaDB"), row("log_bin", "OFF")]
    engine.host.on("source_facts", says({**SOURCE_FACTS, "variable": variables}))
    engine.host.on("job_status", says({"state": "done", "objects": "3"}))
    engine.run("linked.pre_snapshot", linked(logSync=False))
    assert engine.host.given("ingest_start")["LOG_SYNC"] == "no"
    assert "replica_set" not in engine.host.steps


@pytest.mark.parametrize(("change", "code", "word"), BROKEN)
def test_replication_that_does_not_come_up_fails_the_resync(
    engine: Engine, change: dict[str, str], code: str, word: str
) -> None:
    engine.host.on("replica_set", says({**REPLICA, **change}))
    error = engine.refused("linked.pre_snapshot", RESYNC)
    assert error.entry.name == code
    assert word in error.message
    assert engine.host.steps[-2:] == ["replica_set", "server_stop"]


@pytest.mark.parametrize(
    "second",
    [fails(73, "process 4711 does not end"), Reply(unreachable="the connection is gone")],
)
def test_the_first_error_is_shown_when_stopping_fails_too(engine: Engine, second: Reply) -> None:
    engine.host.fail_at(4, fails(51, "ERROR 1005 at line 3"))
    engine.host.on("server_stop", second)
    error = engine.refused("linked.pre_snapshot", RESYNC)
    assert error.entry.name == "LOAD_FAILED"
    assert "ERROR 1005 at line 3" in error.message
    assert "could not be stopped: " + (second.unreachable or "process 4711") in (
        engine.host.log_text
    )


@pytest.mark.parametrize("signal", [KeyboardInterrupt, SystemExit])
def test_a_cancelled_resync_leaves_nothing_running(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, signal: type[BaseException]
) -> None:
    def cancel(seconds: float) -> None:
        raise signal

    monkeypatch.setattr(engine.host.clock, "sleep", cancel)
    with pytest.raises(signal):
        engine.run("linked.pre_snapshot", RESYNC)
    assert engine.host.steps[-2:] == ["job_status", "server_stop"]


# Facts of a snapshot


def snapshot_of(engine: Engine, operation: str) -> dict[str, Any]:
    snapshot: common_pb2.Snapshot = engine.run(operation).snapshot
    content = json.loads(snapshot.parameters.json)
    return {key: value for key, value in content.items() if value is not None}


COMMON = {
    "takenAt": "2026-11-22T10:00:00Z",
    "serverVersion": "10.11.19-MariaDB",
    "consistency": "Consistent",
    "sizeInBytes": 123456789,
    "databases": ["crm", "shop"],
    "requiredSettings": [{"propertyName": "lower_case_table_names", "value": "0"}],
}
REPLICATED = {
    "gtidPosition": "0-1-500",
    "binlogFile": "binlog.000007",
    "binlogPosition": 4711,
    "lagSeconds": 0,
}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({**FACTS, **REPLICA}, {**COMMON, **REPLICATED}),
        (
            {**FACTS, **REPLICA, "lagSeconds": ""},
            {**COMMON, **{key: REPLICATED[key] for key in REPLICATED if key != "lagSeconds"}},
        ),
        ({**FACTS, "replica": "no", "currentGtid": ""}, COMMON),
        (
            {**FACTS, "setting": [row("sql_mode", ""), row("lower_case_table_names", "1")]},
            {
                **COMMON,
                "requiredSettings": [
                    {"propertyName": "lower_case_table_names", "value": "1"},
                    {"propertyName": "sql_mode", "value": ""},
                ],
            },
        ),
        ({**FACTS, "currentGtid": "0-9-3"}, {**COMMON, "gtidPosition": "0-9-3"}),
        (
            {**FACTS, "database": [], "consistency": "Stopped"},
            {**COMMON, "databases": [], "consistency": "Stopped"},
        ),
    ],
)
@pytest.mark.parametrize("operation", ["linked.post_snapshot", "virtual.post_snapshot"])
def test_facts_of_a_snapshot(
    engine: Engine, operation: str, answers: dict[str, Any], expected: dict[str, Any]
) -> None:
    engine.host.on("release", says(answers))
    assert snapshot_of(engine, operation) == expected


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"marker": "no JSON"}, "MOUNT_NOT_OURS"),
        ({"marker": "{}"}, "MOUNT_NOT_OURS"),
        ({"sizeInBytes": ""}, "ANSWER_UNREADABLE"),
    ],
)
def test_a_snapshot_without_its_facts_is_refused(
    engine: Engine, answers: dict[str, str], code: str
) -> None:
    engine.host.on("release", says({**FACTS, **answers}))
    assert engine.refused("linked.post_snapshot").entry.name == code


def test_replica_answers_are_what_replica_status_reads() -> None:
    """The keys of this folder's healthy answers are those that the domain asks for."""
    asked: list[str] = []
    ReplicaStatus.of(lambda key: asked.append(key) or "")
    assert set(asked) == set(REPLICA)


# Healing replication

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
    assert engine.host.steps == ["server_status", "replica_status", cure]
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
    assert engine.host.steps == ["server_status", "replica_status", *([cure] if cure else [])]


def test_the_worker_leaves_a_stopped_server_alone(engine: Engine) -> None:
    engine.host.on("server_status", says({"running": "no"}))
    engine.run("linked.worker")
    assert engine.host.steps == ["server_status"]


@pytest.mark.parametrize(("fault", "cure"), HEALING)
def test_a_sync_heals_and_goes_on(engine: Engine, fault: dict[str, str], cure: str) -> None:
    engine.host.on(
        "catch_up",
        says({**REPLICA, **fault, "reached": "no"}),
        says({**REPLICA, "reached": "yes"}),
    )
    engine.run("linked.pre_snapshot", SYNC)
    assert engine.host.steps == ["source_position", "catch_up", cure, "catch_up", "quiesce"]


def test_a_sync_heals_twice_and_no_more(engine: Engine) -> None:
    engine.host.on("catch_up", says({**REPLICA, **LOGIN, "reached": "no"}))
    assert engine.refused("linked.pre_snapshot", SYNC).entry.name == "SOURCE_LOGIN_REFUSED"
    assert engine.host.steps == ["source_position", *["catch_up", "replica_renew"] * 2, "catch_up"]


def test_a_password_in_the_story_of_a_renewal_is_redacted(engine: Engine) -> None:
    engine.host.on("replica_status", says({**REPLICA, **LOGIN}))
    engine.host.on("replica_renew", fails(76, f"near '{SOURCE_PASSWORD}'", SOURCE_PASSWORD))
    assert "near '***'" in engine.refused("linked.worker").message


# The vault


@pytest.mark.parametrize("operation", ["linked.pre_snapshot", "virtual.configure"])
def test_a_vault_that_fails(engine: Engine, operation: str) -> None:
    engine.host.vault_error = "vault is sealed"
    error = engine.refused(operation)
    assert error.entry.name == "CREDENTIALS_UNAVAILABLE"
    assert "vault is sealed" in error.message
    assert engine.host.steps == []


# TLS


@pytest.mark.parametrize("step", ["source_facts", "ingest_start", "replica_set", "source_position"])
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("DISABLED", "", "", "")),
        ({"tlsMode": "Required"}, ("REQUIRED", "", "", "")),
        (
            {"tlsMode": "Verify CA", "tlsCaPath": "/c", "tlsCertPath": "/d", "tlsKeyPath": "/e"},
            ("VERIFY_CA", "/c", "/d", "/e"),
        ),
    ],
)
def test_every_way_to_the_source_is_protected_alike(
    engine: Engine, step: str, changes: dict[str, str], expected: tuple[str, ...]
) -> None:
    engine.run("linked.pre_snapshot", linked(**changes))
    given = engine.host.given(step)
    names = ("TLS_MODE", "TLS_CA", "TLS_CERT", "TLS_KEY")
    assert tuple(given[name] for name in names) == expected


# Chosen databases


def test_chosen_databases_are_copied_and_replicated(engine: Engine) -> None:
    variables = [*SOURCE_FACTS["variable"], row("binlog_format", "ROW")]
    engine.host.on("source_facts", says({**SOURCE_FACTS, "variable": variables}))
    engine.run("linked.pre_snapshot", linked(databases=["shop", "crm", "shop"]))
    assert engine.host.given("ingest_start")["DATABASES"] == "shop\ncrm"
    config = lines(engine.host.given("server_start", 1)["CONFIG"])
    assert [line for line in config if line.startswith("replicate_")] == [
        "replicate_wild_do_table = shop.%",
        "replicate_wild_do_table = crm.%",
        "replicate_wild_do_table = mysql.%",
    ]


@pytest.mark.parametrize(
    ("databases", "code"),
    [(["gone"], "SOURCE_DATABASE_UNKNOWN"), (["shop"], "SOURCE_BINLOG_FORMAT")],
)
def test_databases_that_cannot_be_copied(engine: Engine, databases: list[str], code: str) -> None:
    variables = [*SOURCE_FACTS["variable"], row("binlog_format", "MIXED")]
    engine.host.on("source_facts", says({**SOURCE_FACTS, "variable": variables}))
    error = engine.refused("linked.pre_snapshot", linked(databases=databases))
    assert error.entry.name == code
    assert engine.host.steps == ["host_facts", "source_facts"]


def test_what_looks_outside_is_told(engine: Engine) -> None:
    done = {"state": "done", "gtid": "0-1-400", "objects": "1", "outside": "view shop.v"}
    engine.host.on("job_status", says(done))
    engine.run("linked.pre_snapshot", RESYNC)
    assert "a database that is not copied: view shop.v" in engine.host.log_text


# Manual Ingestion

SEED = World(linked=MANUAL, snapshot_parameters={"resync": True})


def test_a_seed_server(engine: Engine) -> None:
    engine.run("linked.pre_snapshot", SEED)
    assert "# Role: seed" in lines(engine.host.given("server_start")["CONFIG"])
    login = engine.host.given("login_create")
    assert (login["LOGIN_USER"], login["LOGIN_PASSWORD"]) == ("loader", STAGING_PASSWORD)
    marker = json.loads(engine.host.given("dataset_create")["MARKER"])
    assert (marker["role"], marker["requiredSettings"]) == ("staging", [])
    for word in ("stg1.example", "osuser", "/mnt/sales/run/mariadb.sock", "loader", "port 3310"):
        assert word in engine.host.log_text


def test_a_seed_server_without_a_login(engine: Engine) -> None:
    world = World(
        linked={**MANUAL, "stagingCredentials": None}, snapshot_parameters={"resync": True}
    )
    engine.run("linked.pre_snapshot", world)
    assert "login_create" not in engine.host.steps


@pytest.mark.parametrize(
    ("base_dir", "facts", "daemon"),
    [
        (None, {}, "/usr/sbin/mariadbd"),
        (None, {"installation": row("/o/bin/mysqld", "/o", "11.4.2-MariaDB")}, "/o/bin/mysqld"),
        ("/usr", {"extraDirectory": "/usr"}, "/usr/sbin/mariadbd"),
        ("/gone", {"extraDirectory": ""}, None),
        (None, {"installation": row("/usr/sbin/mariadbd", "/usr", "10.3.1-MariaDB")}, None),
    ],
)
def test_installation_of_a_seed_server(
    engine: Engine, base_dir: str | None, facts: dict[str, str], daemon: str | None
) -> None:
    engine.host.on("host_facts", says({**HOST_FACTS, **facts}))
    world = World(
        linked={**MANUAL, "stagingBaseDir": base_dir}, snapshot_parameters={"resync": True}
    )
    if daemon:
        engine.run("linked.pre_snapshot", world)
        assert engine.host.given("dataset_create")["DAEMON"] == daemon
        return
    code = engine.refused("linked.pre_snapshot", world).entry.name
    assert code == ("INSTALLATION_NOT_FOUND" if base_dir else "VERSION_UNSUPPORTED")
    assert engine.host.steps == ["host_facts"]


@pytest.mark.parametrize(("databases", "empty"), [([], True), (["shop"], False)])
def test_a_snapshot_of_a_seed_server_says_how_to_load_it(
    engine: Engine, databases: list[str], empty: bool
) -> None:
    engine.host.on("release", says({**FACTS, "database": databases}))
    snapshot = engine.run("linked.post_snapshot", World(linked=MANUAL)).snapshot
    facts = json.loads(snapshot.parameters.json)
    assert facts["emptySeed"] is empty
    assert "stg1.example" in facts["loadWith"]
    assert "/mnt/sales/run/mariadb.sock" in facts["loadWith"]
