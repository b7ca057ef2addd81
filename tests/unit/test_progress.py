"""What is said of a job while it works."""

from __future__ import annotations

import pytest

from domain.progress import START, Look, duration, line, rate, seconds_left, size

MB = 10**6


def copying(seconds: float, megabytes: float, phase: str = "copying") -> Look:
    return Look(seconds, round(megabytes * MB), phase, copying=True)


def other(seconds: float, megabytes: float, phase: str = "locking") -> Look:
    return Look(seconds, round(megabytes * MB), phase, copying=False)


@pytest.mark.parametrize(
    ("looks", "expected", "said"),
    [
        ([copying(0, 0)], 0, "copying: nothing yet after 0 s"),
        ([copying(10, 0)], 900, "copying: nothing yet after 10 s"),
        ([other(10, 0)], 900, "locking: 10 s"),
        ([copying(10, 300)], 0, "copying: 300 MB after 10 s, 30 MB/s now"),
        (
            [copying(10, 300)],
            900,
            "copying: 300 MB of about 900 MB after 10 s, 30 MB/s now, about 20 s left",
        ),
        (
            [copying(10, 899)],
            900,
            "copying: 899 MB of about 900 MB after 10 s, 90 MB/s now, about 1 s left",
        ),
        # It stands still.
        ([copying(1, 300), copying(20, 300)], 900, "copying: 300 MB of about 900 MB after 20 s"),
        # The estimate was too small.
        (
            [copying(30, 900)],
            900,
            "copying: 900 MB, estimated were 900 MB, after 30 s, 30 MB/s now",
        ),
        (
            [copying(30, 990)],
            900,
            "copying: 990 MB, estimated were 900 MB, after 30 s, 33 MB/s now",
        ),
        # The copy is over, or has not begun: nothing of what is left.
        ([copying(9, 300), other(10, 300, "views")], 900, "views: 300 MB after 10 s"),
        ([other(10, 30, "preparing")], 900, "preparing: 30 MB after 10 s, 3.0 MB/s now"),
        # A phase that takes long before the copy does not make the copy look slow.
        (
            [other(8, 0), copying(10, 20)],
            60,
            "copying: 20 MB of about 60 MB after 10 s, 10 MB/s now, about 4 s left",
        ),
    ],
)
def test_line(looks: list[Look], expected: int, said: str) -> None:
    assert line([START, *looks], expected * MB) == said


@pytest.mark.parametrize(
    ("looks", "megabytes"),
    [
        ([], 0),
        ([copying(0, 5)], 0),
        ([copying(2, 10)], 5),
        # Of late, not since the start.
        ([copying(5, 1000), copying(10, 1001), copying(15, 1002)], 0.2),
        # However long ago the last look was.
        ([copying(5, 100), copying(105, 300)], 2),
        # A count that begins anew.
        ([copying(5, 100), copying(6, 10)], 0),
        # What came before the copy, and what came after it, has its own rate.
        ([other(3, 0), other(5, 0), copying(6, 7), copying(7, 14)], 7),
        ([copying(6, 700), other(7, 710), other(8, 710)], 5),
    ],
)
def test_rate(looks: list[Look], megabytes: float) -> None:
    assert rate([START, *looks]) == pytest.approx(megabytes * MB)


@pytest.mark.parametrize(
    ("looks", "expected", "left"),
    [
        ([copying(10, 100)], 150, 5),
        ([copying(10, 100)], 100, None),
        ([copying(10, 4)], 1000, None),
        ([copying(10, 100)], 99, None),
        ([copying(10, 100)], 0, None),
        ([other(10, 100)], 150, None),
        ([copying(10, 100), copying(21, 100)], 150, None),
    ],
)
def test_seconds_left(looks: list[Look], expected: int, left: float | None) -> None:
    assert seconds_left([START, *looks], expected * MB) == left


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (12_345, "12 kB"),
        (9_940_000, "9.9 MB"),
        (123_456_789, "123 MB"),
        (2_940_000_000, "2.9 GB"),
        (5_000_000_000_000, "5000 GB"),
    ],
)
def test_size(count: int, text: str) -> None:
    assert size(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "0 s"),
        (89, "89 s"),
        (90, "2 min"),
        (3600, "60 min"),
        (5400, "1 h 30 min"),
        (86_400, "24 h 0 min"),
    ],
)
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text
