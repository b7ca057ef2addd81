"""Other ways in: a seed server that its owner loads, and a backup that the user provides."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.operations.caller import MANUAL, SOURCE_PASSWORD, STAGING_PASSWORD, Engine, World, backup
from tests.operations.fake_libs import fails, lines, row, says
from tests.operations.healthy import (
    DIRECTORY,
    DUMP,
    FACTS,
    HOST_FACTS,
    SOURCE_FACTS,
)

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


# A backup that the user provides


def dump(version: str = "10.11.19-MariaDB", database: str = "", tool: str = "MariaDB dump") -> str:
    needs = "yes" if database else ""
    return row("/backups/sales", "gzip", tool, version, database, needs, "+00:00", "yes")


def test_a_dump_is_restored_through_a_server(engine: Engine) -> None:
    engine.host.on("backup_inspect", says({**DUMP, "dump": dump(database="shop")}))
    engine.run("linked.pre_snapshot", backup())
    host = engine.host
    assert host.given("backup_inspect")["BACKUP_PATH"] == "/backups/sales"
    assert host.given("dataset_create")["INITIALISE"] == "yes"
    restored = host.given("restore_dump_start")
    assert restored["DUMPS"] == row("/backups/sales", "gzip", "shop") and restored["UTC"] == "yes"
    assert host.given("replica_set")["GTID"] == "0-1-400"
    assert "restoring /backups/sales (dump) with MariaDB 10.11.19 (/usr)" in host.log_text


def test_files_bring_their_own_settings(engine: Engine) -> None:
    """What the files ask for goes before what the source says, and is written at the start."""
    own = [row("innodb_page_size", "8192"), row("lower_case_table_names", "1")]
    done = {"state": "done", "toldGtid": row("own", "0-1-9", "0"), "objects": "3", "setting": own}
    engine.host.on("backup_inspect", says(DIRECTORY))
    engine.host.on("job_status", says(done))
    engine.run("linked.pre_snapshot", backup())
    host = engine.host
    assert host.given("dataset_create")["INITIALISE"] == "no"
    assert host.steps.count("server_start") == 1
    started = host.given("server_start")
    assert started["RESTART"] == "yes"
    pairs = json.loads(started["MARKER"])["requiredSettings"]
    settings = {pair["propertyName"]: pair["value"] for pair in pairs}
    assert settings["innodb_page_size"] == "8192"
    assert settings["lower_case_table_names"] == "1"
    assert "sql_mode" in settings
    assert len(settings) == len(pairs)
    assert "innodb_page_size = 8192" in lines(started["REQUIRED"])
    assert host.given("replica_set")["GTID"] == "0-1-9"


@pytest.mark.parametrize("qpress", ["", "/opt/11.8/bin/qpress"])
def test_qpress_is_looked_for_beside_every_installation(engine: Engine, qpress: str) -> None:
    """The program that was found is the one that unpacks."""
    both = [
        row("/usr/sbin/mariadbd", "/usr", "10.11.19-MariaDB"),
        row("/opt/11.8/bin/mariadbd", "/opt/11.8", "11.8.6-MariaDB"),
    ]
    engine.host.on("host_facts", says({**HOST_FACTS, "installation": both}))
    engine.host.on("backup_inspect", says({**DIRECTORY, "qpress": qpress}))
    engine.run("linked.pre_snapshot", backup())
    given = engine.host.given("backup_inspect")
    assert given["QPRESS_FOLDERS"] == "/usr/bin:/usr/sbin:/opt/11.8/bin"
    assert engine.host.given("restore_files_start")["QPRESS"] == qpress


def test_coordinates_become_a_gtid(engine: Engine) -> None:
    engine.host.on(
        "job_status",
        says(
            {
                "state": "done",
                "toldPosition": row("own", "binlog.000003", "342", "22"),
                "objects": "7",
            }
        ),
    )
    engine.run("linked.pre_snapshot", backup())
    asked = engine.host.given("position_gtid")
    assert (asked["BINLOG_FILE"], asked["BINLOG_POSITION"]) == ("binlog.000003", "342")
    assert asked["SOURCE_PASSWORD"] == SOURCE_PASSWORD
    assert engine.host.given("replica_set")["GTID"] == "0-1-300"


@pytest.mark.parametrize(
    ("own_on_source", "taken"), [("0-1-9", "0-1-9"), ("0-1-4", "0-1-7"), ("", "0-1-7")]
)
def test_a_backup_of_a_replica_is_followed_from_its_source(
    engine: Engine, own_on_source: str, taken: str
) -> None:
    """Unless the source's own binary log has the same transaction at the backup's coordinates."""
    done = {
        "state": "done",
        "objects": "7",
        "toldGtid": [row("own", "0-1-9", "0"), row("master", "0-1-7", "0")],
        "toldPosition": row("own", "binlog.000003", "342", "0"),
    }
    engine.host.on("job_status", says(done))
    where = says({"gtid": own_on_source}) if own_on_source else fails(52, "not there")
    engine.host.on("position_gtid", where)
    engine.run("linked.pre_snapshot", backup())
    assert engine.host.given("replica_set")["GTID"] == taken


def test_several_positions_cannot_be_followed(engine: Engine) -> None:
    several = [row("own", "0-1-9", "0"), row("own", "0-1-7", "9")]
    engine.host.on("job_status", says({"state": "done", "toldGtid": several}))
    error = engine.refused("linked.pre_snapshot", backup())
    assert error.entry.name == "POSITION_MISSING" and "0-1-9, 0-1-7" in error.message


def test_a_dump_is_read_before_the_last_copy_goes(engine: Engine) -> None:
    engine.host.on("backup_read_start", says({"job": "started"}))
    engine.host.on("job_status", fails(56, "/backups/sales: it ends inside of a statement"))
    assert engine.refused("linked.pre_snapshot", backup()).entry.name == "BACKUP_UNUSABLE"
    assert "dataset_create" not in engine.host.steps


def test_a_dump_without_a_position_is_found_before_the_last_copy_goes(engine: Engine) -> None:
    engine.host.on("backup_read_start", says({"job": "started"}))
    engine.host.on("job_status", says({"state": "done", "objects": "7"}))
    assert engine.refused("linked.pre_snapshot", backup()).entry.name == "POSITION_MISSING"
    assert "dataset_create" not in engine.host.steps


def test_where_a_dump_goes_that_names_no_database(engine: Engine) -> None:
    engine.host.on("backup_inspect", says({**DUMP, "dump": dump(database="shop")}))
    engine.run("linked.pre_snapshot", backup(targetDatabase="other"))
    assert engine.host.given("restore_dump_start")["DUMPS"].endswith("\tother")


@pytest.mark.parametrize(
    ("found", "target", "seen"),
    [
        (dump(), "shop", "targetDatabase is shop, and /backups/sales names its databases itself"),
        (
            row("/backups/sales", "gzip", "", "", "", "yes", "", ""),
            "",
            "/backups/sales names no database for its tables",
        ),
    ],
)
def test_a_dump_and_its_target_must_agree(
    engine: Engine, found: str, target: str, seen: str
) -> None:
    engine.host.on("backup_inspect", says({**DUMP, "dump": found}))
    error = engine.refused("linked.pre_snapshot", backup(targetDatabase=target))
    assert seen in error.message


def test_a_backup_without_a_position_cannot_be_followed(engine: Engine) -> None:
    engine.host.on("job_status", says({"state": "done", "objects": "7"}))
    error = engine.refused("linked.pre_snapshot", backup())
    assert error.entry.name == "POSITION_MISSING"
    assert "--master-data=2 --gtid" in error.message
    assert engine.host.steps[-1] == "server_stop"


def test_without_log_sync_the_source_is_not_asked(engine: Engine) -> None:
    """Not even an account on the source is needed."""
    engine.host.on("job_status", says({"state": "done", "objects": "7"}))
    world = backup(logSync=False, sourceCredentials=None)
    engine.run("linked.pre_snapshot", world)
    assert not {"source_facts", "source_position", "replica_set"} & set(engine.host.steps)


@pytest.mark.parametrize(
    ("found", "source_facts", "code"),
    [
        ({"kind": "tape"}, {}, "ANSWER_UNREADABLE"),
        ({"compression": "lzma2"}, {}, "ANSWER_UNREADABLE"),
        ({"sizeBytes": "big"}, {}, "ANSWER_UNREADABLE"),
        ({"sizeBytes": str(2**50)}, {}, "DISK_SPACE"),
        ({"dump": dump("11.4.2-MariaDB")}, {}, "VERSION_MISMATCH"),
        ({"dump": dump("10.3.1-MariaDB")}, {}, "VERSION_UNSUPPORTED"),
        ({"backupType": "incremental"}, {}, "BACKUP_UNUSABLE"),
        ({"dump": dump("8.0.36", tool="MySQL dump")}, {}, "BACKUP_UNUSABLE"),
        ({**DIRECTORY, "qpress": "/bin/qpress", "sizeBytes": str(21 * 2**30)}, {}, "DISK_SPACE"),
        ({**DIRECTORY, "serverVersion": "10.6.8-MariaDB"}, {}, "VERSION_MISMATCH"),
        ({}, {"variable": row("version", "10.11.1-MariaDB")}, "SOURCE_NO_BINLOG"),
        (
            {},
            {"variable": [row("version", "11.4.2-MariaDB"), row("log_bin", "ON")]},
            "VERSION_MISMATCH",
        ),
        ({}, {"grant": "GRANT SELECT ON *.* TO `reader`@`%`"}, "SOURCE_PRIVILEGE_MISSING"),
        ({"dump": dump("")}, {"variable": row("version", "8.0.1")}, "SOURCE_NOT_MARIADB"),
    ],
)
def test_a_backup_that_cannot_be_used_changes_nothing(
    engine: Engine, found: dict[str, str], source_facts: dict[str, Any], code: str
) -> None:
    engine.host.on("backup_inspect", says({**DUMP, **found}))
    engine.host.on("source_facts", says({**SOURCE_FACTS, **source_facts}))
    assert engine.refused("linked.pre_snapshot", backup()).entry.name == code
    assert set(engine.host.steps) <= {"host_facts", "backup_inspect", "source_facts"}
