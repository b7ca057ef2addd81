"""A sync with `verify`: rounds of comparison, and that replication goes on whatever happens."""

from __future__ import annotations

import json
from typing import Any

import pytest

from errors import CATALOGUE
from tests.operations.caller import MANUAL, SOURCE_PASSWORD, Engine, World, backup, linked
from tests.operations.fake_libs import Reply, fails, row, says
from tests.operations.healthy import FACTS, REPLICA, files
from tests.shape.tree import RESOURCES, header

VERIFY = World(snapshot_parameters={"verify": True})
FOUND: dict[str, Any] = {
    "state": "done",
    "gtid": "0-1-500",
    "tables": "12",
    "rows": "3456",
    "bytes": "789",
    "unequalCount": "0",
    "skippedCount": "0",
}
BEFORE = ["source_position", "reach_check", "catch_up", "catch_up", "files_facts"]
ROUND = ["verify_start", "job_status"]


def compares(*rounds: dict[str, Any], engine: Engine) -> None:
    """What each round answers; the last one goes on for ever."""
    replies = [says({**FOUND, **found}) for found in rounds]
    engine.host.on("job_status", *replies)
    engine.host.on("verify_start", says({"job": "started"}))
    engine.host.on("verify_end", says())


def unequal(*rows: tuple[str, str, str, str, str], more: int = 0) -> dict[str, Any]:
    """A round with these differences."""
    return {"unequal": [row(*item) for item in rows], "unequalCount": str(len(rows) + more)}


def rests(kind: str, name: str, still: bool) -> tuple[str, str, str, str, str]:
    """One difference."""
    return (kind, "shop", name, "10 rows on the source, 9 on staging", "yes" if still else "no")


def told(engine: Engine) -> dict[str, Any]:
    """What goes into the snapshot's facts."""
    found: dict[str, Any] = json.loads(engine.host.given("quiesce")["VERIFIED"])
    return found


def test_a_sync_that_finds_no_difference(engine: Engine) -> None:
    compares({"skipped": [row("in memory", "shop", "hot")], "skippedCount": "3"}, engine=engine)
    engine.run("linked.pre_snapshot", VERIFY)
    assert engine.host.steps == [*BEFORE, *ROUND, "quiesce"]
    given = engine.host.given("verify_start")
    assert (given["SOURCE_USER"], given["SOURCE_PASSWORD"]) == ("reader", SOURCE_PASSWORD)
    assert (given["AGAIN"], given["SUSPECTS"], given["ACCOUNTS"]) == ("no", "", "yes")
    assert (given["HISTORY"], given["WAIT_SECONDS"]) == ("yes", "20")
    assert "account_locked" in given["CLOSED_SQL"]
    assert told(engine) == {
        "gtid_position": "0-1-500",
        "tables": 12,
        "rows": 3456,
        "bytes": 789,
        "seconds": 0,
        "not_compared": ["in memory: shop.hot", "and 2 tables more"],
    }
    assert "12 tables with 3456 rows are equal at GTID 0-1-500" in engine.host.log_text


def test_nothing_is_compared_unasked(engine: Engine) -> None:
    engine.run("linked.pre_snapshot", World(snapshot_parameters={"verify": False}))
    assert "verify_start" not in engine.host.steps
    assert engine.host.given("quiesce")["VERIFIED"] == ""


def test_the_snapshot_tells_it_and_replication_goes_on(engine: Engine) -> None:
    text = json.dumps({"gtid_position": "0-1-5", "tables": 1, "rows": 2, "bytes": 3, "seconds": 4})
    engine.host.on("release", says({**FACTS, **REPLICA, "verified": text}))
    result = engine.run("linked.post_snapshot", VERIFY)
    assert engine.host.steps == ["release", "replica_start"]
    assert json.loads(result.snapshot.parameters.json)["verified"] == {
        "gtidPosition": "0-1-5",
        "tables": 1,
        "rows": 2,
        "bytes": 3,
        "seconds": 4,
    }


def test_replication_that_does_not_start_fails_no_snapshot(engine: Engine) -> None:
    text = json.dumps({"gtid_position": "", "tables": 0, "rows": 0, "bytes": 0, "seconds": 0})
    engine.host.on("release", says({**FACTS, **REPLICA, "verified": text}))
    engine.host.on("replica_start", fails(76, "gone"))
    engine.run("linked.post_snapshot", VERIFY)
    assert "replication rests until the next sync: gone" in engine.host.log_text


@pytest.mark.parametrize("text", ["{", "[]", "7", '{"gtid_position": "x"}', '{"tables": 1}'])
def test_facts_that_somebody_has_changed(engine: Engine, text: str) -> None:
    engine.host.on("release", says({**FACTS, **REPLICA, "verified": text}))
    error = engine.refused("linked.post_snapshot", VERIFY)
    assert error.entry.name in ("ANSWER_UNREADABLE", "POSITION_MISSING")


def test_what_stood_still_and_differs_twice_is_a_difference(engine: Engine) -> None:
    account = ("account", "bob", "%", "its grants or its password differ", "yes")
    compares(
        unequal(rests("rows", "orders", False), rests("rows", "log", False), account),
        unequal(rests("rows", "orders", True), rests("rows", "log", False), account),
        engine=engine,
    )
    error = engine.refused("linked.pre_snapshot", VERIFY)
    assert error.entry.name == "VERIFY_DIFFERS"
    assert "at GTID 0-1-500: shop.orders (10 rows on the source, 9 on staging)" in error.message
    assert "account 'bob'@'%' (its grants" in error.message
    assert "shop.log" not in error.message
    assert engine.host.steps == [*BEFORE, *ROUND, *ROUND, "verify_end"]
    again = engine.host.given("verify_start", 1)
    assert (again["AGAIN"], again["ACCOUNTS"]) == ("yes", "yes")
    assert again["SUSPECTS"] == "shop\torders\nshop\tlog"


def test_what_is_equal_at_the_second_look_is_equal(engine: Engine) -> None:
    compares(unequal(rests("rows", "a\tb", False)), {}, engine=engine)
    engine.run("linked.pre_snapshot", VERIFY)
    again = engine.host.given("verify_start", 1)
    assert (again["ACCOUNTS"], again["SUSPECTS"]) == ("no", "shop\ta\\tb")
    assert "not_compared" not in told(engine)


def test_what_never_stands_still_is_told(engine: Engine) -> None:
    compares(unequal(rests("rows", "log", False)), engine=engine)
    engine.run("linked.pre_snapshot", VERIFY)
    assert engine.host.steps == [*BEFORE, *ROUND * 4, "quiesce"]
    (text,) = told(engine)["not_compared"]
    assert text.startswith("changing on the source all the time: shop.log (10 rows on the source")


def test_a_later_round_judges_its_suspects_only(engine: Engine) -> None:
    """Names are found whatever their case, so a round may tell of others."""
    compares(
        unequal(rests("rows", "log", False)),
        unequal(rests("rows", "LOG", False)),
        engine=engine,
    )
    engine.run("linked.pre_snapshot", VERIFY)
    assert engine.host.steps == [*BEFORE, *ROUND * 2, "quiesce"]


def test_more_than_can_be_told(engine: Engine) -> None:
    compares(unequal(rests("rows", "log", False), more=900), {}, engine=engine)
    error = engine.refused("linked.pre_snapshot", VERIFY)
    assert error.entry.name == "VERIFY_FAILED"
    assert "900 more than 1 tables" in error.message
    assert engine.host.steps[-1] == "verify_end"


@pytest.mark.parametrize(
    ("world", "accounts", "history", "left_out"),
    [
        (World(), "yes", "no", ["history of versioned tables"]),
        (
            World(linked=backup().linked),
            "no",
            "no",
            ["accounts: the backup was provided", "history of versioned tables"],
        ),
    ],
)
def test_what_the_copy_does_not_carry(
    engine: Engine, world: World, accounts: str, history: str, left_out: list[str]
) -> None:
    compares({}, engine=engine)
    engine.host.on("files_facts", files("10.5.23-MariaDB", "open"))
    engine.run(
        "linked.pre_snapshot", World(linked=world.linked, snapshot_parameters={"verify": True})
    )
    given = engine.host.given("verify_start")
    assert (given["ACCOUNTS"], given["HISTORY"]) == (accounts, history)
    assert told(engine)["not_compared"] == left_out


@pytest.mark.parametrize("given", [MANUAL, linked(logSync=False).linked])
@pytest.mark.parametrize("resync", [False, True])
def test_without_logsync_nothing_is_touched(engine: Engine, given: Any, resync: bool) -> None:
    asked = {"verify": True, "resync": resync}
    error = engine.refused("linked.pre_snapshot", World(linked=given, snapshot_parameters=asked))
    assert error.entry.name == "INPUT_INVALID"
    assert "parameter verify needs LogSync" in error.message
    assert engine.host.steps == []


def failures() -> list[Any]:
    """Each step from the comparison on, with each of its errors."""
    known = {
        step: [*header(RESOURCES / f"steps/{step}.sh").words("Fails"), "JOB_LOST", "VERIFY_FAILED"]
        for step in ("files_facts", "verify_start", "job_status", "quiesce")
    }
    return [
        pytest.param(number, CATALOGUE[name].code, name, id=f"{step}-{name}")
        for number, step in enumerate((*known,), len(BEFORE) - 1)
        for name in known[step]
        if name in CATALOGUE and name not in ("ENTRY_REFUSED", "SERVER_OLD_LAYOUT", "DATASET_EMPTY")
    ]


def engine_step(number: int) -> str:
    """The name of the call with this number."""
    return [*BEFORE, *ROUND, "quiesce"][number]


@pytest.mark.parametrize(("number", "code", "name"), failures())
def test_after_any_failure_replication_goes_on(
    engine: Engine, number: int, code: int, name: str
) -> None:
    compares({}, engine=engine)
    # Only the step and the job know the password.
    known = SOURCE_PASSWORD if engine_step(number) in ROUND else ""
    engine.host.fail_at(number, fails(code, f"seen {known}", f"story {known}"))
    error = engine.refused("linked.pre_snapshot", VERIFY)
    assert error.entry.name == name
    assert "verify_end" in engine.host.steps[number:]


def test_a_host_that_is_gone_leaves_the_first_error(engine: Engine) -> None:
    compares({}, engine=engine)
    engine.host.on("verify_start", Reply(unreachable="gone"))
    engine.host.on("verify_end", Reply(unreachable="gone"))
    assert engine.refused("linked.pre_snapshot", VERIFY).entry.name == "HOST_UNREACHABLE"
