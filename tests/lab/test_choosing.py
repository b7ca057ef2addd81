"""What a person means by what was typed: nothing of it needs a lab."""

from dataclasses import dataclass

import pytest

from lab.choosing import listed, meant, pick, pick_snapshot, unknown
from lab.errors import LabError
from lab.model import Container, ContainerState, Kind, Snapshot


@dataclass(frozen=True)
class Row:
    name: str
    reference: str


ROWS = [Row("sales", "C-1"), Row("crm", "C-2")]
SNAPSHOTS = [
    Snapshot(f"APPDATA_SNAPSHOT-{n}", f"@2026-01-0{n}", "C-1", "T-1", "", {}) for n in (4, 5, 7)
]


def container(kind: Kind) -> Container:
    return Container("C-1", "sales", kind, "g", "E-1", "R-1", {}, ContainerState.ENABLED, "T-1")


@pytest.mark.parametrize(
    ("wanted", "number"),
    [
        (None, 7),
        ("latest", 7),
        ("1", 4),
        ("3", 7),
        ("-1", 7),
        ("-3", 4),
        ("@2026-01-05", 5),
        ("APPDATA_SNAPSHOT-5", 5),
    ],
)
def test_a_snapshot_by_any_of_its_names(wanted: str | None, number: int) -> None:
    found = pick_snapshot(container(Kind.VDB), SNAPSHOTS, wanted)
    assert found.reference == f"APPDATA_SNAPSHOT-{number}"


@pytest.mark.parametrize("wanted", ["0", "4", "-4", "last", "", "1.0"])
def test_no_such_snapshot_says_which_there_are(wanted: str) -> None:
    with pytest.raises(LabError) as error:
        pick_snapshot(container(Kind.VDB), SNAPSHOTS, wanted)
    assert error.value.message == f"sales has no snapshot {wanted}"
    names = "There are: 1 (@2026-01-04), 2 (@2026-01-05), 3 (@2026-01-07)."
    assert error.value.action == names


@pytest.mark.parametrize(
    ("kind", "message", "action"),
    [
        (Kind.DSOURCE, "sales was linked but never synced", "then sync --resync, or delete it"),
        (Kind.VDB, "sales has no snapshot", "Take a snapshot first."),
    ],
)
def test_without_a_snapshot_it_says_why(kind: Kind, message: str, action: str) -> None:
    with pytest.raises(LabError) as error:
        pick_snapshot(container(kind), [], "1")
    assert error.value.message == message
    assert action in error.value.action


def test_a_row_by_name_or_reference_or_the_only_one() -> None:
    assert pick("dSource", ROWS, "crm") == pick("dSource", ROWS, "C-2") == ROWS[1]
    assert pick("dSource", ROWS[:1], None) == ROWS[0]


@pytest.mark.parametrize(
    ("rows", "name", "message", "action"),
    [
        (
            ROWS,
            "Slaes",
            "There is no dSource Slaes on a",
            "Did you mean sales? There are: sales, crm.",
        ),
        (ROWS, "x", "There is no dSource x on a", "There are: sales, crm."),
        ([], None, "There is no dSource on a", "There are: none; link."),
        (ROWS, None, "2 fit: choose a dSource on a", "There are: sales (C-1), crm (C-2)."),
    ],
)
def test_what_cannot_be_picked(
    rows: list[Row], name: str | None, message: str, action: str
) -> None:
    with pytest.raises(LabError) as error:
        pick("dSource", rows, name, where="on a", none="none; link")
    assert (error.value.message, error.value.action) == (message, action)


def test_of_many_names_the_last_are_listed() -> None:
    assert listed(f"JOB-{n}" for n in range(1, 26)).startswith("There are: 5 more, JOB-6, JOB-7,")
    assert unknown("m", "x", []).action == "There are: none."
    assert meant("colour", ["color", "pages"]) == "Did you mean color? "
