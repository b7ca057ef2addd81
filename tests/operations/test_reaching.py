"""Tables of a source that reach out of it: asked for at each sync, and kept apart from the copy."""

from __future__ import annotations

import pytest

from tests.operations.caller import MANUAL, RESYNC, Engine, World
from tests.operations.fake_libs import fails, row, says
from tests.operations.healthy import REPLICA

SYNC = World()
FOUND = {"reaching": [row("erp", "remote", "FEDERATED")], "binlogFormat": "MIXED"}
STOPPED = {
    **REPLICA,
    "sqlRunning": "No",
    "sqlError": "1286: Error 'Unknown storage engine 'FEDERATED''",
}
CURE = ["reach_check", "reach_cure", "start_facts", "server_start", "replica_start"]


def test_a_source_without_any_costs_one_question(engine: Engine) -> None:
    engine.run("linked.pre_snapshot", SYNC)
    assert engine.host.steps.count("reach_check") == 1
    assert "reach_settle" not in engine.host.steps
    assert engine.host.given("quiesce")["WARNINGS"] == ""


def test_tables_that_reach_out_are_looked_after_and_told(engine: Engine) -> None:
    engine.host.on("reach_check", says({**FOUND, "function": ["twice"]}))
    engine.host.on("reach_settle", says({"replaced": "erp.remote"}))
    engine.run("linked.pre_snapshot", SYNC)
    assert engine.host.steps.index("reach_settle") > engine.host.steps.index("catch_up")
    assert engine.host.given("reach_settle")["REACHED"] == row("erp", "remote", "FEDERATED")
    told = engine.host.given("quiesce")["WARNINGS"]
    assert "binlog_format is MIXED" in told
    assert "not loaded on a copy: twice" in told
    assert "erp.remote reaches out on the source" in engine.host.log_text


def test_row_events_are_no_reason_to_warn(engine: Engine) -> None:
    engine.host.on("reach_check", says({**FOUND, "binlogFormat": "ROW"}))
    engine.run("linked.pre_snapshot", SYNC)
    assert engine.host.given("quiesce")["WARNINGS"] == ""


@pytest.mark.parametrize("operation", ["linked.pre_snapshot", "linked.worker"])
def test_replication_that_stopped_at_one_goes_on(engine: Engine, operation: str) -> None:
    engine.host.on("replica_status", says(STOPPED))
    engine.host.on(
        "catch_up", says({**STOPPED, "reached": "no"}), says({**REPLICA, "reached": "yes"})
    )
    engine.host.on("reach_cure", says({"leftOut": "erp.remote", "cured": "erp.remote"}))
    engine.run(operation, SYNC)
    first = engine.host.steps.index("reach_cure") - 1
    assert engine.host.steps[first : first + 5] == CURE
    started = engine.host.given("server_start")
    assert "replicate_ignore_table = erp.remote" in started["REQUIRED"]
    assert "replicate_ignore_table" in started["MARKER"]
    assert started["RESTART"] == "yes"


def test_what_the_source_has_no_more_stays_an_error(engine: Engine) -> None:
    engine.host.on("catch_up", says({**STOPPED, "reached": "no"}))
    error = engine.refused("linked.pre_snapshot", SYNC)
    assert error.entry.name == "REPLICATION_BROKEN"
    assert "1286" in error.message
    assert "server_start" not in engine.host.steps


def test_a_staging_server_that_could_still_reach_out_is_restarted(engine: Engine) -> None:
    engine.host.on("reach_check", fails(78), says({"binlogFormat": "ROW"}))
    engine.run("linked.pre_snapshot", SYNC)
    assert "server_start" in engine.host.steps
    assert engine.host.steps[-1] == "quiesce"


def test_a_server_that_must_not_replicate_is_told_so(engine: Engine) -> None:
    engine.run("linked.pre_snapshot", RESYNC)
    assert engine.host.given("quiesce")["REPLICATES"] == "yes"
    engine.run("linked.pre_snapshot", World(linked=MANUAL))
    assert engine.host.given("quiesce", 1)["REPLICATES"] == "no"
