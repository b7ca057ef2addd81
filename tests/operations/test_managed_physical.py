"""A managed physical copy: the source host sends its files, and staging takes them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.operations.caller import SOURCE_PASSWORD, Engine, World, linked
from tests.operations.fake_libs import fails, row, says
from tests.operations.healthy import HOST_FACTS, LOCAL

STEPS = (
    "host_facts source_facts send_check dataset_create send_start receive_start send_to "
    "job_status send_status job_status send_end server_start files_prove_start job_status "
    "replica_set source_position reach_check catch_up catch_up quiesce"
).split()
BROKEN, FAILED, LOST, FULL = 67, 68, 54, 33


def physical(**changes: Any) -> World:
    return linked(backupMethod="Physical", **changes)


def test_steps_on_both_hosts(engine: Engine) -> None:
    engine.run("linked.pre_snapshot", physical())
    assert engine.host.steps == STEPS
    for call in engine.host.calls:
        there = "src1.example" if call.step.startswith("send_") else "stg1.example"
        assert (call.host, call.user) == (there, "osuser"), call.step


def test_each_end_knows_the_other(engine: Engine) -> None:
    engine.run("linked.pre_snapshot", physical())
    given = engine.host.given
    listening = given("receive_start")
    assert (listening["PEER_CERTIFICATE"], listening["PEER_TIME"]) == ("S", "10")
    assert (listening["TRANSFER_PORTS"], listening["PACKED"]) == ("13306-13325", "no")
    told = given("send_to")
    assert (told["PEER_CERTIFICATE"], told["PEER_TIME"]) == ("R", "20")
    assert (told["ADDRESS"], told["PORT"]) == ("stg1.example", "13306")
    assert told["SEND_DIR"] == "/tmp/delphix-send-1"
    with_password = [
        call.step for call in engine.host.calls if call.variables.get("SOURCE_PASSWORD")
    ]
    assert [step for step in with_password if step.startswith("send")] == [
        "send_check",
        "send_start",
    ]
    assert given("send_start")["SOURCE_PASSWORD"] == SOURCE_PASSWORD
    assert given("send_start")["DATA_DIR"] == "/var/lib/mysql"


def test_a_port_and_packing(engine: Engine) -> None:
    engine.run("linked.pre_snapshot", physical(transferPort=14000, transferCompression=True))
    assert engine.host.given("receive_start")["TRANSFER_PORTS"] == "14000-14000"
    for step in ("send_check", "send_start", "receive_start"):
        assert engine.host.given(step)["PACKED"] == "yes"


@pytest.mark.parametrize(
    ("config", "socket", "port"),
    [
        ({"socket": "/run/x.sock", "port": 3307}, "/run/x.sock", "3307"),
        ({"port": 3307}, "", "3307"),
    ],
)
def test_how_the_server_is_asked_on_its_host(
    engine: Engine, config: dict[str, Any], socket: str, port: str
) -> None:
    world = physical()
    given = {"name": "typed", "dataDir": "", **config}
    whole = World(linked=world.linked, snapshot_parameters={"resync": True}, source_config=given)
    engine.run("linked.pre_snapshot", whole)
    asked = engine.host.given("send_check")
    assert (asked["SOURCE_SOCKET"], asked["SOURCE_PORT"]) == (socket, port)


def test_it_is_followed_from_its_position(engine: Engine) -> None:
    own = [row("innodb_page_size", "8192")]
    done = {"state": "done", "toldGtid": row("own", "0-1-9", "0"), "objects": "3", "setting": own}
    engine.host.on("job_status", says(done))
    engine.run("linked.pre_snapshot", physical())
    assert engine.host.given("replica_set")["GTID"] == "0-1-9"
    assert engine.host.given("dataset_create")["INITIALISE"] == "no"
    pairs = json.loads(engine.host.given("server_start")["MARKER"])["requiredSettings"]
    assert {"propertyName": "innodb_page_size", "value": "8192"} in pairs
    proven = engine.host.given("files_prove_start")
    assert (proven["PARTIAL"], proven["FOLLOWED"]) == ("no", "yes")


def test_coordinates_become_a_gtid(engine: Engine) -> None:
    place = row("own", "binlog.000003", "342", "22")
    engine.host.on("job_status", says({"state": "done", "toldPosition": place, "objects": "7"}))
    engine.run("linked.pre_snapshot", physical())
    assert engine.host.given("position_gtid")["SOURCE_PORT"] == "3306"
    assert engine.host.given("replica_set")["GTID"] == "0-1-300"


def test_without_a_position(engine: Engine) -> None:
    engine.host.on("job_status", says({"state": "done", "objects": "7"}))
    assert engine.refused("linked.pre_snapshot", physical()).entry.name == "POSITION_MISSING"
    assert engine.host.steps[-2:] == ["send_end", "server_stop"]


def test_without_log_sync(engine: Engine) -> None:
    engine.host.on("job_status", says({"state": "done", "objects": "7"}))
    engine.run("linked.pre_snapshot", physical(logSync=False))
    assert "replica_set" not in engine.host.steps


@pytest.mark.parametrize(
    ("local", "code", "word"),
    [
        ({"variable": [row("server_id", "2")]}, "SOURCE_FOREIGN", "server_id is '1'"),
        ({"grant": "GRANT USAGE ON *.* TO `r`@`%`"}, "SOURCE_PRIVILEGE_MISSING", "GRANT RELOAD"),
        ({"toolVersion": "10.5.2"}, "VERSION_MISMATCH", "mariadb-backup on the source host"),
        (
            {"variable": [*LOCAL["variable"], row("innodb_encrypt_tables", "FORCE")]},
            "SOURCE_ENCRYPTED",
            "innodb_encrypt_tables = FORCE",
        ),
        ({"fileBytes": str(2**40)}, "DISK_SPACE", "the files of the source hold 1024.0 GiB"),
    ],
)
def test_refused_before_anything_is_touched(
    engine: Engine, local: dict[str, Any], code: str, word: str
) -> None:
    engine.host.on("send_check", says({**LOCAL, **local}))
    error = engine.refused("linked.pre_snapshot", physical())
    assert error.entry.name == code, error
    assert word in error.message
    assert engine.host.steps == ["host_facts", "source_facts", "send_check"]


def test_files_need_the_same_series(engine: Engine) -> None:
    newer = row("/opt/11.8/bin/mariadbd", "/opt/11.8", "11.8.6-MariaDB")
    engine.host.on("host_facts", says({**HOST_FACTS, "installation": newer}))
    error = engine.refused("linked.pre_snapshot", physical())
    assert error.entry.name == "VERSION_MISMATCH"
    assert "written by 10.11.19, staging has 11.8.6" in error.message


def test_selected_databases_are_refused(engine: Engine) -> None:
    error = engine.refused("linked.pre_snapshot", physical(databases=["shop"]))
    assert error.entry.name == "INPUT_INVALID"
    assert "databases" in error.message
    assert engine.host.steps == []


# -- one end breaks --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("staging", "source", "told"),
    [
        # Who knows more than that the stream broke tells it.
        (FULL, None, FULL),
        (LOST, None, LOST),
        (BROKEN, FAILED, FAILED),
        (BROKEN, BROKEN, BROKEN),
        (None, FAILED, FAILED),
        (None, BROKEN, BROKEN),
        (FULL, BROKEN, FULL),
    ],
)
def test_which_end_has_broken_the_stream(
    engine: Engine, staging: int | None, source: int | None, told: int
) -> None:
    running = says({"state": "running", "phase": "p", "told": "0", "bytes": "1"})
    first = [running] if source else []
    ends = [fails(staging, "of staging")] if staging else [running]
    engine.host.on("job_status", *first, *ends)
    if source:
        engine.host.on("send_status", fails(source, "of the source"))
    error = engine.refused("linked.pre_snapshot", physical())
    assert error.entry.code == told, error
    assert engine.host.steps[-2:] == ["send_end", "server_stop"]


def test_the_source_host_may_tell_a_moment_later(engine: Engine) -> None:
    engine.host.on("job_status", fails(BROKEN, "cut off"))
    engine.host.on("send_status", says({"state": "sending", "told": "0"}), fails(FAILED, "killed"))
    assert engine.refused("linked.pre_snapshot", physical()).entry.code == FAILED


def test_neither_end_knows_more(engine: Engine) -> None:
    engine.host.on("job_status", fails(BROKEN, "cut off"))
    engine.host.on("send_status", says({"state": "sending", "told": "0"}))
    assert engine.refused("linked.pre_snapshot", physical()).entry.code == BROKEN


def test_a_job_that_does_not_listen_tells_why(engine: Engine) -> None:
    engine.host.on("receive_start", says({"job": "started"}))
    engine.host.on("job_status", fails(34, "port 13306 is listened on by a program"))
    assert engine.refused("linked.pre_snapshot", physical()).entry.name == "PORT_IN_USE"
    assert "send_to" not in engine.host.steps
    assert "send_end" in engine.host.steps


def test_what_cannot_be_ended_is_told(engine: Engine) -> None:
    engine.host.on("send_end", fails(33, "it hangs"))
    engine.run("linked.pre_snapshot", physical())
    assert "the sending job could not be ended: it hangs" in engine.host.log_text


def test_one_that_has_sent_all_is_not_asked_any_more(engine: Engine) -> None:
    running = says({"state": "running", "phase": "preparing", "told": "0", "bytes": "1"})
    done = says({"state": "done", "toldGtid": row("own", "0-1-9", "0"), "objects": "3"})
    engine.host.on("job_status", running, running, running, done)
    engine.host.on("send_status", says({"state": "done", "told": "4"}))
    engine.run("linked.pre_snapshot", physical())
    assert engine.host.steps.count("send_status") == 1
