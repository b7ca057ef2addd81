"""All that is wrong is told at once, and nothing is touched."""

from __future__ import annotations

import json

import pytest

from tests.operations.caller import MANUAL, RESYNC, Engine, World, backup, linked
from tests.operations.fake_libs import fails, row, says
from tests.operations.healthy import DIRECTORY, HOST_FACTS, SOURCE_FACTS

TAKEN = {
    "portTaken": "port 3310 is listened on by a program",
    "serverIdTaken": "server id 77 belongs to another",
    "freeBytes": "1000",
}
BARE = {
    "grant": "GRANT USAGE ON *.* TO `reader`@`%`",
    "variable": row("version", "10.11.1-MariaDB"),
}
KEYS = [
    {"propertyName": "plugin-load-add", "value": "file_key_management"},
    {"propertyName": "file_key_management_filename", "value": "/etc/keys"},
]


def lines(engine: Engine, world: World) -> list[str]:
    """Names of the checks that are told, in their order."""
    error = engine.refused("linked.pre_snapshot", world)
    hints = error.args[2].splitlines()
    assert all(hint.split(": ")[0] in error.message for hint in hints)
    assert set(engine.host.steps) <= {"host_facts", "source_facts", "backup_inspect"}
    return [hint.split(": ")[0] for hint in hints]


def test_host_and_source_together(engine: Engine) -> None:
    engine.host.on("host_facts", says({**HOST_FACTS, **TAKEN}))
    engine.host.on("source_facts", says({**SOURCE_FACTS, **BARE}))
    told = ["port", "server-id", "binary-log", "privileges", "replication-privileges", "space"]
    assert lines(engine, RESYNC) == told


def test_a_host_that_ends_servers_at_logout(engine: Engine) -> None:
    seen = "systemd-logind ends the processes of delphix at logout"
    engine.host.on("host_facts", says({**HOST_FACTS, "endedAtLogout": seen}))
    for world in (RESYNC, World(linked=MANUAL, snapshot_parameters={"resync": True})):
        error = engine.refused("linked.pre_snapshot", world)
        assert error.entry.name == "HOST_ENDS_SERVERS"
        assert seen in error.message


def test_host_and_backup_together(engine: Engine) -> None:
    engine.host.on("host_facts", says({**HOST_FACTS, **TAKEN}))
    wrong = {"serverVersion": "11.4.2-MariaDB", "backupType": "incremental"}
    engine.host.on("backup_inspect", says({**DIRECTORY, **wrong}))
    told = ["port", "server-id", "backup-series", "backup-type", "space"]
    assert lines(engine, backup(logSync=False)) == told


@pytest.mark.parametrize("world", [RESYNC, backup()])
def test_a_source_that_does_not_answer_hides_nothing(engine: Engine, world: World) -> None:
    engine.host.on("host_facts", says({**HOST_FACTS, **TAKEN}))
    engine.host.on("source_facts", fails(40, "src1.example: no route"))
    assert lines(engine, world) == ["port", "server-id", "MDB-040"]


def test_a_seed_server_has_the_checks_of_the_host(engine: Engine) -> None:
    engine.host.on("host_facts", says({**HOST_FACTS, **TAKEN}))
    world = World(linked=MANUAL, snapshot_parameters={"resync": True})
    assert lines(engine, world) == ["port", "server-id"]


def test_encrypted_tables_need_keys_on_staging(engine: Engine) -> None:
    encrypted = {**SOURCE_FACTS, "encrypted": row("shop", "2", "a, b")}
    engine.host.on("source_facts", says(encrypted))
    error = engine.refused("linked.pre_snapshot", RESYNC)
    assert error.entry.name == "SOURCE_ENCRYPTED"
    assert engine.host.steps == ["host_facts", "source_facts"]
    engine.host.calls.clear()
    engine.run("linked.pre_snapshot", linked(configSettings=KEYS))
    wanted = [
        {"propertyName": "plugin_load_add", "value": "file_key_management"},
        {"propertyName": "file_key_management_filename", "value": "/etc/keys"},
    ]
    marker = json.loads(engine.host.given("dataset_create")["MARKER"])
    assert marker["requiredSettings"][-2:] == wanted


def test_other_databases_may_be_encrypted(engine: Engine) -> None:
    encrypted = {**SOURCE_FACTS, "encrypted": row("other", "2", "a, b")}
    engine.host.on("source_facts", says(encrypted))
    engine.run("linked.pre_snapshot", linked(databases=["shop"], logSync=False))
