"""dSource operations around a sync: mounts, start, stop, status, size, facts, the vault."""

from __future__ import annotations

import json
from typing import Any

import pytest
from dlpx.virtualization.api import common_pb2, platform_pb2

from domain.replication.status import ReplicaStatus
from tests.operations.caller import MANUAL, REPLICATOR, RESYNC, Engine, World, linked
from tests.operations.fake_libs import lines, row, says
from tests.operations.healthy import (
    FACTS,
    REPLICA,
)

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
    # The dataset knows which installation made it; a step has proven that it is one.
    assert (given["DAEMON"], given["BASE_DIR"]) == ("/usr/sbin/mariadbd", "/usr")
    assert lines(given["REQUIRED"])[1:] == [
        "[mysqld]",
        "basedir = /usr",
        "lower_case_table_names = 0",
    ]
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
        ({**FACTS, "sourceGtid": "0-1-5"}, {**COMMON, "sourceGtidPosition": "0-1-5"}),
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
    assert set(asked) == {*REPLICA, "making", "busy", "logSize"}


# The vault


@pytest.mark.parametrize("operation", ["linked.pre_snapshot", "virtual.configure"])
def test_a_vault_that_fails(engine: Engine, operation: str) -> None:
    engine.host.vault_error = "vault is sealed"
    error = engine.refused(operation)
    assert error.entry.name == "CREDENTIALS_UNAVAILABLE"
    assert "vault is sealed" in error.message
    assert engine.host.steps == []


@pytest.mark.parametrize(
    ("operation", "world"),
    [
        ("linked.stop_staging", World()),
        ("linked.status", World()),
        ("linked.post_snapshot", World()),
        ("linked.post_snapshot", World(linked=MANUAL)),
        ("linked.pre_snapshot", World(linked=MANUAL)),
        ("virtual.start", World()),
        ("virtual.stop", World()),
        ("virtual.unconfigure", World()),
        ("virtual.post_snapshot", World()),
    ],
)
def test_what_needs_no_login_asks_no_vault(engine: Engine, operation: str, world: World) -> None:
    engine.host.vault_error = "vault is sealed"
    engine.run(operation, world)
    assert engine.host.vault_calls == []


@pytest.mark.parametrize(
    ("world", "asked"),
    [
        (World(), ["reader"]),
        (RESYNC, ["reader"]),
        (linked(replicationCredentials=REPLICATOR), ["reader", "replicator"]),
        (World(linked=MANUAL, snapshot_parameters={"resync": True}), ["loader"]),
    ],
)
def test_the_vault_is_asked_once_for_a_login(
    engine: Engine, world: World, asked: list[str]
) -> None:
    engine.run("linked.pre_snapshot", world)
    assert engine.host.vault_calls == asked
