"""VDB operations: what each step is given, and what is made of its answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.operations.caller import (
    REPOSITORY,
    SNAPSHOT,
    VDB_PASSWORD,
    VIRTUAL,
    Engine,
    World,
    account,
    virtual,
)
from tests.operations.fake_libs import says

BOTH = pytest.mark.parametrize(
    ("operation", "keep_logs"), [("virtual.configure", "no"), ("virtual.reconfigure", "yes")]
)


def test_mount_specification(engine: Engine) -> None:
    (mount,) = engine.run("virtual.mount_specification").mounts
    assert mount.mount_path == "/mnt/copy"
    assert mount.remote_environment.host.name == "tgt1.example"
    assert engine.host.given("mount_check")["GUID"] == "vdb-1"


@BOTH
def test_configure(engine: Engine, operation: str, keep_logs: str) -> None:
    result = engine.run(operation)
    given = engine.host.given("vdb_configure")
    names = ("MOUNT", "DAEMON", "BASE_DIR", "PORT", "SERVER_ID", "KEEP_LOGS", "LOGIN_USER")
    assert {name: given[name] for name in names} == {
        "MOUNT": "/mnt/copy",
        "DAEMON": "/usr/sbin/mariadbd",
        "BASE_DIR": "/usr",
        "PORT": "3320",
        "SERVER_ID": "88",
        "KEEP_LOGS": keep_logs,
        "LOGIN_USER": "dev",
    }
    assert given["LOGIN_PASSWORD"] == VDB_PASSWORD
    marker = json.loads(given["MARKER"])
    assert (marker["guid"], marker["role"], marker["serverId"]) == ("vdb-1", "vdb", 88)
    assert marker["requiredSettings"] == SNAPSHOT["requiredSettings"]
    assert "lower_case_table_names = 1" in given["REQUIRED"].splitlines()
    config = given["CONFIG"].splitlines()
    assert {"# Role: vdb", "skip_log_bin", "bind_address = *", "port = 3320"} <= set(config)
    assert "event_scheduler = OFF" in config
    content = json.loads(result.source_config.parameters.json)
    assert content == {
        "name": "MariaDB on port 3320 (/mnt/copy)",
        "port": 3320,
        "dataDir": "/mnt/copy/data",
        "host": "tgt1.example",
        "socket": "/mnt/copy/run/mariadb.sock",
    }
    assert "/mnt/copy runs MariaDB 10.11.19-MariaDB" in engine.host.log_text


def test_an_empty_vdb(engine: Engine) -> None:
    result = engine.run("virtual.initialize")
    made = engine.host.given("dataset_create")
    marker = json.loads(made["MARKER"])
    assert (marker["guid"], marker["role"], marker["requiredSettings"]) == ("vdb-1", "vdb", [])
    login = engine.host.given("login_create")
    assert (login["LOGIN_USER"], login["LOGIN_PASSWORD"]) == ("dev", VDB_PASSWORD)
    assert json.loads(result.source_config.parameters.json)["port"] == 3320


def test_an_empty_vdb_without_a_login(engine: Engine) -> None:
    engine.run("virtual.initialize", virtual(vdbCredentials=None))
    assert engine.host.steps == ["dataset_create", "server_start", "vdb_prove"]


def test_an_empty_vdb_needs_a_supported_version(engine: Engine) -> None:
    world = World(repository={**REPOSITORY, "version": "10.3.1"})
    assert engine.refused("virtual.initialize", world).entry.name == "VERSION_UNSUPPORTED"
    assert engine.host.steps == []


@BOTH
@pytest.mark.parametrize("supplier", [None, {}])
def test_no_login_is_created_unless_wanted(
    engine: Engine, operation: str, keep_logs: str, supplier: dict[str, str] | None
) -> None:
    engine.run(operation, virtual(vdbCredentials=supplier))
    given = engine.host.given("vdb_configure")
    assert given["LOGIN_USER"] == ""
    assert "LOGIN_PASSWORD" not in given.variables


def test_options_of_a_vdb_reach_its_configuration(engine: Engine) -> None:
    world = virtual(
        bindAddress="10.0.0.5",
        binaryLog=True,
        eventScheduler=True,
        configSettings=[
            {"propertyName": "innodb-buffer-pool-size", "value": "2G"},
            {"propertyName": "innodb_flush_log_at_trx_commit", "commentProperty": True},
        ],
    )
    engine.run("virtual.configure", world)
    config = set(engine.host.given("vdb_configure")["CONFIG"].splitlines())
    assert {
        "bind_address = 10.0.0.5",
        "log_bin = /mnt/copy/log/binlog",
        "event_scheduler = ON",
        "innodb_buffer_pool_size = 2G",
        "# innodb_flush_log_at_trx_commit",
    } <= config
    assert not {"skip_log_bin", "innodb_flush_log_at_trx_commit = 1"} & config


@BOTH
@pytest.mark.parametrize(
    ("written_by", "runs", "code"),
    [
        ("10.11.19-MariaDB", "10.11.4", None),
        # A snapshot of plugin 1.0.0: the step reads the version from the files.
        ("unknown", "10.11.4", None),
        ("10.11.4-MariaDB", "10.11.19", None),
        ("10.3.9-MariaDB", "10.3.9", "VERSION_UNSUPPORTED"),
        ("gone", "10.11.19", "VERSION_UNSUPPORTED"),
    ],
)
def test_the_repository_must_fit_the_snapshot(
    engine: Engine, operation: str, keep_logs: str, written_by: str, runs: str, code: str | None
) -> None:
    world = World(
        snapshot={**SNAPSHOT, "serverVersion": written_by},
        repository={**REPOSITORY, "version": runs},
    )
    if code is None:
        engine.run(operation, world)
        return
    assert engine.refused(operation, world).entry.name == code
    assert engine.host.steps == []


def test_a_snapshot_without_required_settings(engine: Engine) -> None:
    snapshot = {key: value for key, value in SNAPSHOT.items() if key != "requiredSettings"}
    engine.run("virtual.configure", World(snapshot=snapshot))
    assert engine.host.given("vdb_configure")["REQUIRED"].splitlines()[1:] == [
        "[mysqld]",
        "basedir = /usr",
    ]


@pytest.mark.parametrize(
    ("changes", "code", "word"),
    [
        ({"mountPath": "/etc/copy"}, "MOUNT_PATH_INVALID", "operating system"),
        (
            {"configSettings": [{"propertyName": "datadir", "value": "/x"}]},
            "SETTING_REFUSED",
            "'datadir' belongs to the plugin",
        ),
        ({"vdbCredentials": account("", VDB_PASSWORD)}, "INPUT_INVALID", "login to create has no"),
    ],
)
def test_parameters_are_refused_before_anything_runs(
    engine: Engine, changes: dict[str, Any], code: str, word: str
) -> None:
    error = engine.refused("virtual.configure", virtual(**changes))
    assert error.entry.name == code
    assert word in error.message
    assert engine.host.steps == []


def test_start_leaves_a_running_server_alone(engine: Engine) -> None:
    engine.host.on("server_start", says({"already": "yes", "version": "10.11.19-MariaDB"}))
    engine.run("virtual.start")
    assert engine.host.given("server_start")["RESTART"] == "no"


def test_a_server_id_is_derived_from_the_guid(engine: Engine) -> None:
    world = World(virtual={key: VIRTUAL[key] for key in ("mountPath", "port")})
    engine.run("virtual.start", world)
    server_id = int(engine.host.given("server_start")["SERVER_ID"])
    assert 2**31 <= server_id < 2**32
    assert f"server_id = {server_id}" in engine.host.given("server_start")["CONFIG"]


def test_a_snapshot_of_a_stopped_vdb_needs_no_server(engine: Engine) -> None:
    engine.run("virtual.pre_snapshot")
    assert engine.host.given("quiesce")["NEEDS_SERVER"] == "no"
