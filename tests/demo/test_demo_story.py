"""The demo's telling, tables and defaults: what needs no server."""

import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from demo import tables
from demo.__main__ import main
from demo.reference import parts_of
from demo.story import (
    ByHand,
    Check,
    Copy,
    Operation,
    Result,
    Stall,
    Story,
    operation_of,
    size_text,
)
from lab.model import Action, Job, JobState, Step, StepKind
from testbed import proofs
from testbed.cli import cli
from testbed.compare import Fact, Fingerprint, Kind
from testbed.parameters import READER, REPLICATOR, link_parameters, vdb_parameters

JOB = Job(
    "JOB-1",
    Action.DB_LINK,
    "APPDATA_CONTAINER-1",
    "sales",
    JobState.COMPLETED,
    "2026-01-01T00:00:00.000Z",
    steps=(
        Step("linked.pre_snapshot", StepKind.PLUGIN, 3.0, 4, 2.5),
        Step("storage snapshot", StepKind.ENGINE, 0.5),
        Step("linked.post_snapshot", StepKind.PLUGIN, 0.25, 1, 0.2),
    ),
)
WHOLE = Result(
    300_000,
    61.2344,
    (
        Operation("link dSource", 10.0, 17, 8.5),
        Operation("provision VDB", 1.5, 2, 1.25),
        Check("it holds", ()),
        Copy("VDB dev1", 200 * 2**20, 10 * 2**20),
        Copy("nothing", 0, 0),
        ByHand("mariadb-dump | mariadb", 12.5, "link dSource"),
        ByHand("something else", 1.0, "no such operation"),
        Stall("snapshot VDB", 20.4),
    ),
)


def told() -> tuple[Story, io.StringIO]:
    stream = io.StringIO()
    return Story(Console(file=stream, width=120)), stream


def test_a_job_is_summed_up() -> None:
    assert operation_of("link dSource", JOB, 3.9) == Operation("link dSource", 3.9, 5, 2.7)


def test_the_rows_of_the_tables() -> None:
    assert tables.operation_rows(WHOLE) == [
        ("link dSource", "10.00", "17", "8.50"),
        ("provision VDB", "1.50", "2", "1.25"),
    ]
    assert tables.storage_rows(WHOLE) == [
        ("VDB dev1", "200.0 MiB", "10.0 MiB", "5 %"),
        ("nothing", "0.0 MiB", "0.0 MiB", ""),
    ]
    assert tables.by_hand_rows(WHOLE) == [
        ("mariadb-dump | mariadb", "12.50", "link dSource", "10.00"),
        ("something else", "1.00", "no such operation", ""),
    ]
    assert tables.stall_rows(WHOLE) == [("snapshot VDB", "20")]


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0.0 MiB"), (2**19, "0.5 MiB"), (3 * 2**30, "3,072.0 MiB")]
)
def test_sizes_for_people(size: int, text: str) -> None:
    assert size_text(size) == text


def test_the_result_for_machines() -> None:
    data = json.loads(WHOLE.to_json())
    assert (data["rows"], data["seconds"]) == (300_000, 61.234)
    assert data["operations"][1] == {
        "name": "provision VDB",
        "seconds": 1.5,
        "remote_calls": 2,
        "remote_seconds": 1.25,
    }
    assert data["checks"] == [{"text": "it holds", "problems": []}]
    assert data["storage"][0]["own_bytes"] == 10 * 2**20
    assert data["by_hand"][0]["operation"] == "link dSource"
    assert data["stalls"] == [{"during": "snapshot VDB", "worst_ms": 20.4}]


def test_one_check_that_fails_is_what_the_end_says() -> None:
    bad = Result(2_000, 9.0, (*WHOLE.items, Check("no account is open", ("root got in",))))
    assert [check.text for check in bad.failed] == ["no account is open"]
    assert "✘ 1 of 2 checks failed" in tables.verdict(bad, completed=True).plain
    assert "✔ all 1 checks passed" in tables.verdict(WHOLE, completed=True).plain
    assert "✘ not completed" in tables.verdict(WHOLE, completed=False).plain


def test_the_story_tells_and_keeps() -> None:
    story, stream = told()
    story.chapter("Link")
    operation = story.perform("link dSource", "link the dSource sales", lambda: JOB)
    story.check("all is well", [])
    story.check("nothing is lost", ["ledger: 5 is missing"])
    result = story.result(2_000)
    assert result.operation("link dSource") == operation
    assert result.operation("refresh VDB") is None
    assert [check.passed for check in result.of(Check)] == [True, False]
    text = stream.getvalue()
    for words in ("Link", "link the dSource sales", "✔ all is well", "✘ nothing is lost"):
        assert words in text
    assert "ledger: 5 is missing" in text


def test_a_step_that_fails_still_shows_its_seconds() -> None:
    story, stream = told()
    with pytest.raises(ValueError, match="broken"), story.working("load"):
        raise ValueError("broken")
    assert " s  load" in stream.getvalue()


def test_square_brackets_are_no_markup() -> None:
    story, stream = told()
    story.check("[bold]x[/bold]", ["[red]y"])
    assert "[bold]x[/bold]" in stream.getvalue()
    assert "[red]y" in stream.getvalue()


def test_a_story_that_ended_early_shows_no_empty_table() -> None:
    story, stream = told()
    tables.show(story.console, story.result(0), completed=False)
    assert stream.getvalue().strip().startswith("✘ not completed; 0 checks")


# -- proofs ----------------------------------------------------------------------------------------


def fingerprint(name: str, facts: dict[tuple[Kind, str, str], str]) -> Fingerprint:
    return Fingerprint(name, {Fact(*key): text for key, text in facts.items()})


SHOP = {(Kind.CONTENT, "shop", "customer"): "5 rows, checksum 1"}
OPEN_ON_SOURCE = {
    (Kind.ACCOUNT, "@%", ""): "{}",
    (Kind.LOCK, "@%", ""): "open",
    (Kind.LOCK, "demo_nopassword@%", ""): "open",
}
CLOSED_ON_VDB = {
    (Kind.LOCK, "demo_nopassword@%", ""): "locked",
    (Kind.ACCOUNT, "delphix@localhost", ""): "{}",
    (Kind.ACCOUNT, "demo_developer@%", ""): "{}",
}


def test_a_vdb_may_differ_in_what_the_plugin_is_to_change_only() -> None:
    original = fingerprint("source", SHOP | OPEN_ON_SOURCE)
    assert proofs.same_as_source(original, fingerprint("dev1", SHOP | CLOSED_ON_VDB)) == []


@pytest.mark.parametrize(
    "change",
    [
        {(Kind.CONTENT, "shop", "customer"): "4 rows, checksum 9"},
        {(Kind.ACCOUNT, "stranger@%", ""): "{}"},
        {(Kind.TABLE, "shop", "extra"): "CREATE TABLE"},
    ],
)
def test_every_other_difference_is_told(change: dict[tuple[Kind, str, str], str]) -> None:
    original = fingerprint("source", SHOP | OPEN_ON_SOURCE)
    copy = fingerprint("dev1", SHOP | CLOSED_ON_VDB | change)
    assert len(proofs.same_as_source(original, copy)) == 1
    assert len(proofs.same(original, copy)) > 1


def test_a_wait_is_bearable_up_to_the_limit() -> None:
    assert proofs.at_most(100.0, 100.0) == []
    assert proofs.at_most(101.0, 100.0) == ["101 ms, more than 100 ms"]


def test_the_answer_of_the_raw_tools() -> None:
    assert parts_of("create 1.500000\ndump and load 10.250000\n") == {
        "create": 1.5,
        "dump and load": 10.25,
    }


# -- defaults --------------------------------------------------------------------------------------


def test_a_link_needs_no_parameter() -> None:
    assert link_parameters("sales", {}, [3310, 3311]) == {
        "mountPath": "/mnt/delphix/sales",
        "ingestionMode": "Replication",
        "stagingPort": 3312,
        "sourceCredentials": READER.supplier,
        "replicationCredentials": REPLICATOR.supplier,
    }


def test_what_a_person_gives_is_what_counts() -> None:
    mine = {"type": "NamedPasswordCredential", "username": "me", "password": "x"}
    given = {"stagingPort": 4000, "sourceCredentials": mine}
    parameters = link_parameters("sales", given)
    assert parameters["stagingPort"] == 4000
    assert parameters["sourceCredentials"] == mine
    assert "replicationCredentials" not in parameters
    assert vdb_parameters("dev1", {"mountPath": "/u02/x"}, [3320])["port"] == 3321
    assert vdb_parameters("dev1", {"mountPath": "/u02/x"})["mountPath"] == "/u02/x"


def test_a_password_never_shows_in_a_repr() -> None:
    assert READER.password not in repr(READER)


# -- commands --------------------------------------------------------------------------------------


def test_the_commands_of_the_lab() -> None:
    wanted = {
        *("up status upload discover link sync provision snapshot refresh rollback".split()),
        *("stop start disable enable delete run logs jobs down seed sql".split()),
    }
    assert wanted <= set(cli.commands)
    for name in cli.commands:
        done = CliRunner().invoke(cli, [name, "--help"])
        assert done.exit_code == 0, done.output


def test_commands_without_a_lab_say_what_to_do(tmp_path: Path) -> None:
    for command in (["seed"], ["sql", "dev1", "SELECT 1"], ["link", "sales"]):
        done = CliRunner(mix_stderr=False).invoke(cli, ["--root", str(tmp_path / "lab"), *command])
        assert done.exit_code == 1, done.output
        assert "What to do: " in done.stderr or "make a lab: up" in done.stderr, command


def test_too_few_rows_are_refused_before_anything_is_made(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["--rows", "10", "--lab", str(tmp_path / "lab")])
    assert done.exit_code == 2
    assert not (tmp_path / "lab").exists()
