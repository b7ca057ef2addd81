"""A managed cloud source: fewer grants, tables that the service writes, accounts of its own."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from domain.options.settings import Setting
from tests.operations.caller import REPLICATOR, RESYNC, Engine, backup, linked
from tests.operations.fake_libs import fails, lines, row, says
from tests.operations.healthy import DIRECTORY, FACTS, MARKER, REPLICA, SOURCE_FACTS

SERVICE = [row("db"), row("rds_heartbeat2"), row("rds_kill")]
GRANTED = SOURCE_FACTS["grant"][0]
PLAIN = row("shop", "2", "a (MyISAM), b (Aria)")


@pytest.mark.parametrize(
    ("changes", "lock"),
    [
        ({}, "all"),
        ({"plainTables": PLAIN}, "all"),
        ({"grant": GRANTED.replace(" RELOAD,", "")}, "none"),
        ({"grant": GRANTED.replace(" LOCK TABLES,", "")}, "none"),
        (
            {
                "plainTables": PLAIN,
                "grant": [
                    GRANTED.replace(" LOCK TABLES,", ""),
                    "GRANT LOCK TABLES ON `shop`.* TO `reader`@`%`",
                ],
            },
            "tables",
        ),
    ],
)
def test_what_may_be_locked_is_decided_by_the_grants(
    engine: Engine, changes: dict[str, Any], lock: str
) -> None:
    engine.host.on("source_facts", says({**SOURCE_FACTS, **changes}))
    engine.run("linked.pre_snapshot", RESYNC)
    assert engine.host.given("ingest_start")["LOCK"] == lock


def test_tables_that_need_a_lock_demand_the_right_to_it(engine: Engine) -> None:
    changes = {"plainTables": PLAIN, "grant": GRANTED.replace(" RELOAD,", "")}
    engine.host.on("source_facts", says({**SOURCE_FACTS, **changes}))
    error = engine.refused("linked.pre_snapshot", RESYNC)
    assert error.entry.name == "SOURCE_PRIVILEGE_MISSING"
    assert "GRANT RELOAD ON *.* TO `reader`@`%` /* read locks: 2 tables" in error.message
    assert engine.host.steps == ["host_facts", "source_facts"]


@pytest.mark.parametrize("told", [row("shop", "many", "a"), row("shop", "1")])
def test_an_answer_about_tables_that_cannot_be_read(engine: Engine, told: str) -> None:
    engine.host.on("source_facts", says({**SOURCE_FACTS, "plainTables": told}))
    assert engine.refused("linked.pre_snapshot", RESYNC).entry.name == "ANSWER_UNREADABLE"


def test_the_replication_account_is_told_by_its_own_name(engine: Engine) -> None:
    usage = "GRANT USAGE ON *.* TO `replicator`@`10.%`"
    changes = {"replicationAccount": "replicator@10.%", "replicationGrant": usage}
    engine.host.on("source_facts", says({**SOURCE_FACTS, **changes}))
    error = engine.refused("linked.pre_snapshot", linked(replicationCredentials=REPLICATOR))
    assert "GRANT REPLICATION SLAVE ON *.* TO `replicator`@`10.%`;" in error.message


def test_what_only_a_service_has_is_left_out_of_replication(engine: Engine) -> None:
    engine.host.on("source_facts", says({**SOURCE_FACTS, "systemObject": SERVICE}))
    engine.host.on("copy_plan", says({"systemObject": row("db"), "copyBytes": "0"}))
    engine.run("linked.pre_snapshot", RESYNC)
    required = lines(engine.host.given("server_start", 1)["REQUIRED"])
    assert "replicate_ignore_table = mysql.rds_heartbeat2" in required
    assert "replicate_ignore_table = mysql.rds_kill" in required
    assert "replicate_ignore_table = mysql.db" not in required
    assert any(line.startswith("replicate_wild_ignore_table") for line in required)
    assert "mysql of staging lacks it: rds_heartbeat2, rds_kill" in engine.host.log_text


@pytest.mark.parametrize("staging", [SERVICE, [*SERVICE, row("proc")]])
def test_an_ordinary_source_is_replicated_without_filters(
    engine: Engine, staging: list[str]
) -> None:
    engine.host.on("source_facts", says({**SOURCE_FACTS, "systemObject": SERVICE}))
    engine.host.on("copy_plan", says({"systemObject": staging, "copyBytes": "0"}))
    engine.run("linked.pre_snapshot", RESYNC)
    assert "replicate_" not in engine.host.given("server_start", 1)["REQUIRED"]


def test_a_backup_of_files_brings_the_tables_of_the_service(engine: Engine) -> None:
    engine.host.on("backup_inspect", says(DIRECTORY))
    engine.host.on("source_facts", says({**SOURCE_FACTS, "systemObject": SERVICE}))
    engine.host.on(
        "job_status",
        says({"state": "done", "toldGtid": row("own", "0-1-400", "0"), "objects": "7"}),
    )
    engine.run("linked.pre_snapshot", backup())
    assert "replicate_" not in engine.host.given("server_start")["REQUIRED"]


CHANGED = fails(57, "changed on the source while it was copied without locks: accounts")


@pytest.mark.parametrize("times", [1, 2])
def test_a_source_that_changed_is_copied_again(engine: Engine, times: int) -> None:
    done = says({"state": "done", "gtid": "0-1-400", "objects": "42"})
    engine.host.on("job_status", *[CHANGED] * times, done)
    engine.run("linked.pre_snapshot", RESYNC)
    assert engine.host.steps.count("dataset_create") == times + 1
    assert "without locks: accounts; copying again" in engine.host.log_text


def test_a_source_that_goes_on_changing_is_given_up(engine: Engine) -> None:
    engine.host.on("job_status", CHANGED)
    error = engine.refused("linked.pre_snapshot", RESYNC)
    assert error.entry.name == "SOURCE_CHANGED"
    assert engine.host.steps.count("dataset_create") == 3
    assert engine.host.steps[-2:] == ["job_status", "server_stop"]


def test_filters_of_replication_do_not_reach_the_snapshot(engine: Engine) -> None:
    own = (Setting("replicate_ignore_table", "mysql.rds_kill"), *MARKER.required)
    marker = dataclasses.replace(MARKER, required=own).render()
    engine.host.on("release", says({**FACTS, **REPLICA, "marker": marker}))
    metadata = str(engine.run("linked.post_snapshot"))
    assert "lower_case_table_names" in metadata
    assert "replicate_" not in metadata
