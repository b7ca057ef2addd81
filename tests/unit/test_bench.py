"""The bench's arithmetic, its record, and the text of its page."""

import struct
from dataclasses import replace
from pathlib import Path

import pytest

from bench import load, shown, source
from bench.figures import CONSTANT, LINEAR, Figure, Goal, Sample, curves, exponent
from bench.measures import all_measures
from bench.page import markdown
from bench.programs import counted
from bench.record import Record
from bench.scale import FULL, QUICK, Shape
from lab.errors import LabError

CONDITIONS = {"scale": "quick", "artifact": "a1", "machine": "2 cores"}


def figure(
    ours: list[float], raw: list[float], goal: Goal | None = None, x: float | None = None
) -> Figure:
    samples = tuple(Sample(seconds, calls=3, programs=5, forks=7) for seconds in ours)
    return Figure("growth-bytes" if x else "sync", "link", samples, "by hand", tuple(raw), goal, x)


def test_median_and_ratio() -> None:
    found = figure([9.0, 2.0, 3.0], [4.0, 1.0, 2.0, 100.0])
    assert (found.seconds, found.raw_seconds, found.ratio, found.calls) == (3.0, 3.0, 1.0, 3)
    assert figure([1.0], [0.0]).ratio == float("inf")


@pytest.mark.parametrize(
    ("seconds", "raw", "goal", "met"),
    [
        (7.0, 10.0, Goal("", times=0.7), True),
        (7.1, 10.0, Goal("", times=0.7), False),
        (1.0, 0.1, Goal("", plus=1.0), True),
        (1.5, 1.0, Goal("", times=1.2, plus=0.3), True),
        (1.6, 1.0, Goal("", times=1.2, plus=0.3), False),
        (0.05, 1.0, Goal("", plus=0.1, calls=3), True),
        (0.05, 1.0, Goal("", plus=0.1, calls=1), False),
        (99.0, 1.0, Goal("", calls=3), True),
        (1.0, 1.0, None, None),
    ],
)
def test_goals(seconds: float, raw: float, goal: Goal | None, met: bool | None) -> None:
    assert figure([seconds], [raw], goal).met is met


@pytest.mark.parametrize(
    ("points", "wanted"),
    [
        ([(1, 5.0), (10, 5.0), (100, 5.0)], 0.0),
        ([(1, 2.0), (10, 20.0), (100, 200.0)], 1.0),
        ([(2, 4.0), (4, 16.0)], 2.0),
        ([(1, 5.0)], None),
        ([(1, 5.0), (1, 6.0)], None),
    ],
)
def test_exponent(points: list[tuple[float, float]], wanted: float | None) -> None:
    found = exponent(points)
    assert found == wanted if wanted is None else found == pytest.approx(wanted, abs=1e-9)


def test_a_curve_is_sorted_and_judged() -> None:
    (curve,) = curves(
        [figure([20.0], [1.0], x=10.0), figure([2.0], [1.0], x=1.0), figure([1], [1])]
    )
    assert [point.x for point in curve.points] == [1.0, 10.0]
    assert (curve.limit, curve.met) == (LINEAR, True)
    assert replace(curve, limit=CONSTANT).met is False
    assert "x^1.00" in shown.curve_verdict(curve) and "constant" in shown.curve_verdict(curve)


def test_a_record_is_taken_up_again(tmp_path: Path) -> None:
    record = Record.opened(tmp_path, CONDITIONS)
    one = figure([1.0, 2.0], [3.0], Goal("fast", plus=1.0), x=2.0)
    record.add("sync", {"seconds": 1.0}, [one])
    record.add("apply", {"error": "no"}, [])
    again = Record.opened(tmp_path, CONDITIONS)
    assert again.figures == [one]
    assert again.is_done("sync") and not again.is_done("apply") and not again.is_done("lag")


def test_figures_of_another_build_are_not_mixed(tmp_path: Path) -> None:
    Record.opened(tmp_path, CONDITIONS).add("sync", {}, [])
    with pytest.raises(LabError, match="another artifact, scale"):
        Record.opened(tmp_path, CONDITIONS | {"artifact": "b2", "scale": "full"})


def test_the_page_tells_all(tmp_path: Path) -> None:
    record = Record(tmp_path / "bench.json", CONDITIONS)
    missed = figure([3.0, 1.0, 2.0], [1.0], Goal("at most 1 s", plus=1.0))
    points = [figure([1.0], [1.0], x=1.0), figure([1.0], [1.0], x=10.0)]
    record.add("sync", {"at": "2026-01-02T03:04:05"}, [missed, *points])
    record.add("v2p", {"at": "2026-01-02T03:04:05", "error": "it broke"}, [])
    text = markdown(record)
    row = "2.00 (1.00 to 3.00) | 1.00 (one run) | 2.00 | at most 1 s | **no** | 3 | 5 + 7 |"
    assert row in text and "* **link**: by hand." in text
    assert "wanted at most x^1.05: met" in text and "* v2p: it broke" in text
    assert "images/measured-ratios.svg" in text and "images/measured-growth-bytes.svg" in text


def test_plots_fit_both_palettes() -> None:
    pytest.importorskip("matplotlib", reason="the plots' own environment has it: ./dev bench page")
    from bench import plots

    points = [figure([1.0], [1.0], x=1.0), figure([1.0], [1.0], x=10.0)]
    for text in (
        plots.ratios([figure([1.0], [2.0], Goal("", times=1.0))]),
        plots.growth(curves(points), "Title", "GB"),
    ):
        assert text.startswith("<svg ") and text.count("<title>") == 1 and "<desc>" in text
        assert "prefers-color-scheme: dark" in text and "#010203" not in text


def test_programs_of_the_user_are_counted() -> None:
    def record(uid: int, flag: int) -> bytes:
        head = struct.pack("<BBHIIIIIIf8H", flag, 3, 0, 0, uid, 0, 1, 1, 0, 0.0, *[0] * 8)
        return head + b"bash".ljust(16, b"\0")

    found = counted(record(7, 0) + record(7, 1) + record(7, 1) + record(0, 0), 7)
    assert (found.programs, found.forks) == (1, 2)
    with pytest.raises(LabError, match="version"):
        counted(struct.pack("<BB62x", 0, 9), 7)


@pytest.mark.parametrize("scale", [FULL, QUICK], ids=lambda scale: scale.name)
def test_names_of_measures_are_their_own(scale: object) -> None:
    names = [one.name for one in all_measures(scale)]  # type: ignore[arg-type]
    assert len(set(names)) == len(names)
    assert {"link", "sync", "apply", "provision", "stall", "growth-vdbs"} <= set(names)


def test_shapes() -> None:
    shape = Shape(10_000_000, tables=20, databases=2)
    names = source.table_names(shape)
    assert len(names) == 20 and names[0] == "bench1.sbtest1" and names[-1] == "bench2.sbtest10"
    assert shape.rows > 1000 and str(shape) == "10 MB, 20 tables in 2 databases"


def test_every_transaction_commits_two_rows() -> None:
    text = load.transaction(3)
    assert text.count("UPDATE") == text.count("INSERT") == text.count("COMMIT") == 1
