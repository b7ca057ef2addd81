"""The host's starter file: asked for once wherever a server gets its option file."""

from __future__ import annotations

import pytest

from tests.operations.caller import RESYNC, Engine, World
from tests.operations.fake_libs import says
from tests.operations.healthy import HOST_FACTS, MARKER

TOOLKIT = "/u01/toolkit/Delphix_COMMON_1_osuser_host/scripts/bin"
PATH = "/u01/toolkit/mariadb.cnf"
LINES = ["[mysqld]", "max_connections = 300", "port = 1"]


def known(**changes: object) -> World:
    return World(binary_path=TOOLKIT, **changes)  # type: ignore[arg-type]


def answer_both(engine: Engine, lines: list[str]) -> None:
    """The host's file, with what a dataset needs or without."""
    there = {
        "daemonPath": "/usr/sbin/mariadbd",
        "baseDir": "/usr",
        "marker": MARKER.render(),
    }
    engine.host.on("starter_read", says({"starterLine": lines}))
    engine.host.on("start_facts", says({"starterLine": lines, **there}))


@pytest.mark.parametrize(
    ("operation", "steps"),
    [
        ("virtual.configure", ["starter_read", "vdb_configure"]),
        ("virtual.reconfigure", ["starter_read", "vdb_configure"]),
        ("virtual.start", ["start_facts", "server_start"]),
        ("virtual.initialize", ["starter_read", "dataset_create", "server_start", "login_create"]),
        ("virtual.stop", ["server_stop"]),
        (
            "linked.start_staging",
            ["start_facts", "server_start", "source_position", "replica_start"],
        ),
    ],
)
def test_a_server_begins_with_it(engine: Engine, operation: str, steps: list[str]) -> None:
    answer_both(engine, LINES)
    engine.run(operation, known())
    assert engine.host.steps[: len(steps)] == steps
    for step in set(steps) & {"vdb_configure", "server_start", "dataset_create"}:
        config = engine.host.given(step)["CONFIG"].splitlines()
        assert {f"# From {PATH}", "max_connections = 300", "# port = 1"} <= set(config)
        assert config.count("port = 1") == 0


def test_a_resync_reads_it_with_the_facts_of_the_host(engine: Engine) -> None:
    engine.host.on("host_facts", says({**HOST_FACTS, "starterLine": LINES}))
    engine.run("linked.pre_snapshot", known(snapshot_parameters=RESYNC.snapshot_parameters))
    assert "starter_read" not in engine.host.steps
    assert engine.host.given("host_facts")["STARTER"] == PATH
    for which, step in ((0, "dataset_create"), (0, "server_start"), (1, "server_start")):
        assert "max_connections = 300" in engine.host.given(step, which)["CONFIG"].splitlines()


@pytest.mark.parametrize("operation", ["virtual.configure", "virtual.start", "virtual.initialize"])
def test_a_file_that_cannot_be_taken_changes_nothing(engine: Engine, operation: str) -> None:
    answer_both(engine, ["[mysqld]", "!include /x"])
    error = engine.refused(operation, known())
    assert error.entry.name == "SETTING_REFUSED"
    assert engine.host.steps in (["starter_read"], ["start_facts"])
    assert f"{PATH}: line 2: !include is not followed" in error.message


def test_a_resync_with_such_a_file_changes_nothing(engine: Engine) -> None:
    engine.host.on("host_facts", says({**HOST_FACTS, "starterLine": ["x y"]}))
    world = known(snapshot_parameters=RESYNC.snapshot_parameters)
    assert engine.refused("linked.pre_snapshot", world).entry.name == "SETTING_REFUSED"
    assert "dataset_create" not in engine.host.steps
