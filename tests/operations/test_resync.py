"""A resync by a copy that Delphix makes: what each step is given, and what is undone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.operations.caller import (
    REPLICATION_PASSWORD,
    REPLICATOR,
    RESYNC,
    SECRET_VARIABLES,
    SOURCE_PASSWORD,
    Engine,
    linked,
)
from tests.operations.fake_libs import Reply, fails, lines, row, says
from tests.operations.healthy import (
    BROKEN,
    HOST_FACTS,
    REPLICA,
    SOURCE_FACTS,
)

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
        ("copy_plan", "SOURCE_PASSWORD"),
        ("copy_prove", "SOURCE_PASSWORD"),
        ("ingest_start", "SOURCE_PASSWORD"),
        ("replica_set", "REPLICATION_PASSWORD"),
        ("source_position", "SOURCE_PASSWORD"),
        ("reach_check", "SOURCE_PASSWORD"),
        ("source_position", "REPLICATION_PASSWORD"),
    }


def test_definitions_are_read_before_the_copy_and_compared_after_it(engine: Engine) -> None:
    engine.run("linked.pre_snapshot", linked(databases=["shop"], logSync=False))
    copying = {"copy_plan", "ingest_start", "copy_prove"}
    told = [call for call in engine.host.calls if call.step in copying]
    assert [call.step for call in told] == ["copy_plan", "ingest_start", "copy_prove"]
    assert {call.variables["DATABASES"] for call in told} == {"shop"}


def test_without_a_replication_account_the_source_account_replicates(engine: Engine) -> None:
    engine.run("linked.pre_snapshot", RESYNC)
    assert engine.host.given("source_facts")["REPLICATION_USER"] == ""
    replica = engine.host.given("replica_set")
    assert "reader" in replica.variables.values()
    assert replica["REPLICATION_PASSWORD"] == SOURCE_PASSWORD


def test_progress_is_told(engine: Engine) -> None:
    running = [
        says({"state": "running", "phase": phase, "bytes": str(size)})
        for phase, size in (("locking", 0), ("locking", 0), ("locking", 0))
    ]
    tables = {"state": "running", "phase": "tables", "copying": "yes", "bytes": str(3 * 10**8)}
    engine.host.on(
        "job_status",
        *running,
        *[says(tables)] * 10,
        says({"state": "done", "gtid": "0-1-400", "objects": "42"}),
    )
    engine.run("linked.pre_snapshot", RESYNC)
    looks = [call for call in engine.host.calls if call.step == "job_status"]
    waits = [int(look["WAIT_SECONDS"]) for look in looks]
    assert waits == [2, 2, 4] + [8] * 11
    told = "tables: 300 MB of about 1.0 GB after 16 s, 38 MB/s now, about 19 s left"
    assert told in engine.host.log_text
    # It stands still.
    assert "tables: 300 MB of about 1.0 GB after 40 s\n" in engine.host.log_text


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


@pytest.mark.parametrize(
    ("tools", "source", "converted"),
    [("11.8.6", "10.11.19", True), ("11.8.6", "11.5.2", False), ("11.4.9", "10.11.19", False)],
)
def test_history_is_converted_across_the_change_of_timestamps(
    engine: Engine, tools: str, source: str, converted: bool
) -> None:
    """Else present rows of versioned tables would come as history: lost without a word."""
    found = row("/usr/sbin/mariadbd", "/usr", f"{tools}-MariaDB")
    engine.host.on("host_facts", says({**HOST_FACTS, "installation": found}))
    variables = [row("version", f"{source}-MariaDB"), *SOURCE_FACTS["variable"][1:]]
    engine.host.on("source_facts", says({**SOURCE_FACTS, "variable": variables}))
    engine.run("linked.pre_snapshot", RESYNC)
    options = engine.host.given("ingest_start")["DUMP_OPTIONS"].split()
    assert options == ["--dump-history", *(["--update-history"] if converted else [])]


def test_without_log_sync_no_position_is_needed(engine: Engine) -> None:
    variables = [row("version", "10.11.19-MariaDB"), row("log_bin", "OFF")]
    engine.host.on("source_facts", says({**SOURCE_FACTS, "variable": variables}))
    engine.host.on("job_status", says({"state": "done", "objects": "3"}))
    # The form shows no replication account then, and what is left in it is not used.
    world = linked(logSync=False, replicationCredentials=REPLICATOR)
    engine.run("linked.pre_snapshot", world)
    assert engine.host.given("source_facts")["REPLICATION_USER"] == ""
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
    def cancel(*_: object) -> None:
        raise signal

    monkeypatch.setattr("server.jobs.line", cancel)
    with pytest.raises(signal):
        engine.run("linked.pre_snapshot", RESYNC)
    assert engine.host.steps[-2:] == ["job_status", "server_stop"]


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
    required = lines(engine.host.given("server_start", 1)["REQUIRED"])
    filters = [line for line in required if line.startswith("replicate_wild_do")]
    assert filters[:2] == ["replicate_wild_do_table = shop.%", "replicate_wild_do_table = crm.%"]
    assert "replicate_wild_do_table = mysql.db" in filters
    assert "replicate_wild_do_table = mysql.%" not in filters


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
    engine.host.on("copy_prove", says({"objects": "1", "outside": "view shop.v"}))
    engine.run("linked.pre_snapshot", RESYNC)
    assert "a database that is not copied: view shop.v" in engine.host.log_text
