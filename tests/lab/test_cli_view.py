"""How the command line shows things, on a terminal and off: nothing of it needs a lab."""

import io
import json

import pytest
from rich.console import Console

from lab.cli.documents import document, failure
from lab.cli.view import Pace, View
from lab.errors import LabError
from lab.jobs import Event, EventKind, JobFailed
from lab.model import (
    Action,
    Container,
    ContainerState,
    Job,
    JobError,
    JobState,
    Kind,
    MountPoint,
    Step,
    StepKind,
)

JOB = Job(
    "JOB-1",
    Action.DB_LINK,
    "APPDATA_CONTAINER-1",
    "sales",
    JobState.FAILED,
    "2026-01-01T00:00:00.000Z",
    error=JobError("m", "a", "o"),
    steps=(Step("linked.pre_snapshot", StepKind.PLUGIN, 3.0, 4, 2.5),),
)
METADATA = {"a": None, "b": True, "c": "é", "d": [1, {"e": False}], "f": "x" * 200}


def view(*, terminal: bool) -> tuple[View, io.StringIO, io.StringIO]:
    out, err = io.StringIO(), io.StringIO()
    consoles = (
        Console(file=stream, width=80, force_terminal=terminal, color_system=None)
        for stream in (out, err)
    )
    return View(*consoles), out, err


def test_on_a_terminal_the_last_column_is_cut_to_one_row() -> None:
    shown, out, _ = view(terminal=True)
    rows = [("1", "APPDATA_SNAPSHOT-1", "@2026-01-01T00:00:00.000", shown.values(METADATA))]
    shown.table(("number", "snapshot", "name", "metadata"), rows, cut=True)
    lines = out.getvalue().splitlines()
    assert len(lines) == 2
    assert "APPDATA_SNAPSHOT-1  @2026-01-01T00:00:00.000  a=null, b=true" in lines[1]
    assert lines[1].endswith("d=… ")
    assert len(lines[1]) == 80


def test_off_a_terminal_a_row_is_whole_on_one_line() -> None:
    shown, out, err = view(terminal=False)
    rows = [("1", "a\tb\nc", shown.values(METADATA))]
    shown.table(("n", "text", "metadata"), rows, cut=True)
    values = f'a=null, b=true, c=é, d=[1, {{"e": false}}], f={"x" * 200}'
    assert out.getvalue() == f"n\ttext\tmetadata\n1\ta b c\t{values}\n"
    shown.error(LabError("m" * 200, "a" * 200))
    assert err.getvalue() == f"{'m' * 200}\nWhat to do: {'a' * 200}\n"


@pytest.mark.parametrize("terminal", [True, False])
def test_with_json_nothing_else_is_on_standard_output(terminal: bool) -> None:
    shown, out, err = view(terminal=terminal)
    shown.switch_to_json()
    with shown.watching("link"):
        shown.progress(Event(EventKind.STEP, JOB, "linked.pre_snapshot"))
        shown.console.print("words")
    shown.job(JOB)
    shown.table(("a",), [("b",)])
    shown.answer({"job": JOB, "text": "é\n" * 100})
    assert json.loads(out.getvalue()) == {"job": document(JOB), "text": "é\n" * 100}
    assert err.getvalue() == ""


def test_off_a_terminal_progress_is_on_standard_error() -> None:
    shown, out, err = view(terminal=False)
    with shown.watching("link"):
        shown.progress(Event(EventKind.STEP, JOB, "linked.pre_snapshot"))
    assert (out.getvalue(), err.getvalue()) == ("", "  linked.pre_snapshot\n")


def test_off_a_terminal_log_lines_come_at_a_measured_pace() -> None:
    now = [0.0]
    shown, _, err = view(terminal=False)
    shown.pace = Pace(lambda: now[0])
    said = [
        (0.0, "job_status: 12:00:00 INFO phase: copying"),
        (1.2, "copying: 900 kB of about 9.0 MB after 1 s, 800 kB/s now, about 8 s left"),
        (2.0, "copying: 1.5 MB of about 9.0 MB after 2 s, 1.0 MB/s now, about 7 s left"),
        (2.0, "job_status: 12:00:02 INFO locks released"),
        (4.0, "copying: 5.5 MB of about 9.0 MB after 4 s, 1.5 MB/s now, about 3 s left"),
        (6.0, "copying: 8.5 MB of about 9.0 MB after 6 s, 1.5 MB/s now, about 1 s left"),
    ]
    with shown.watching("link"):
        for now[0], text in said:
            shown.progress(Event(EventKind.LOG, JOB, text))
    assert err.getvalue().splitlines() == [f"    {said[number][1]}" for number in (0, 1, 3, 4)]


def test_without_json_there_is_no_document() -> None:
    shown, out, _ = view(terminal=False)
    shown.answer({"a": 1})
    assert out.getvalue() == ""


def test_a_failure_tells_its_job() -> None:
    told = failure(JobFailed(JOB))
    assert told["error"] == told["job"]["error"] == {"message": "m", "action": "a", "output": "o"}
    assert told["job"]["targetName"] == "sales"
    assert told["job"]["steps"] == [
        {
            "name": "linked.pre_snapshot",
            "kind": "plugin",
            "seconds": 3.0,
            "remoteCalls": 4,
            "remoteSeconds": 2.5,
            "ended": "",
        }
    ]
    assert set(failure(LabError("m"))) == {"error"}


def test_parameters_of_a_vdb_are_not_told() -> None:
    vdb = Container(
        *(
            "C-1",
            "dev1",
            Kind.VDB,
            "g",
            "E-1",
            "R-1",
            {"password": "x"},
            ContainerState.ENABLED,
            "T-1",
        ),
        mounts=(MountPoint("E-1", "/mnt/a"),),
    )
    told = document({"rows": [vdb], "kept_as_it_is": {"some_key": None}})
    assert told["kept_as_it_is"] == {"some_key": None}
    (row,) = told["rows"]
    assert "parameters" not in row
    assert (row["kind"], row["sourceConfig"]) == ("VDB", None)
    assert row["mounts"] == [{"environment": "E-1", "path": "/mnt/a"}]
