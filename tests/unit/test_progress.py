"""The line that tells how far a copy is."""

from __future__ import annotations

import pytest

from server.jobs import progress

MB = 10**6


@pytest.mark.parametrize(
    ("done", "expected", "seconds", "line"),
    [
        (0, 0, 0.0, "copying: 0 MB in 0 s (0.0 MB/s)"),
        (0, 900 * MB, 10.0, "copying: 0 MB in 10 s (0.0 MB/s)"),
        (
            300 * MB,
            900 * MB,
            10.0,
            "copying: 300 MB in 10 s (30.0 MB/s), about 20 s left of 900 MB",
        ),
        (900 * MB, 900 * MB, 30.0, "copying: 900 MB in 30 s (30.0 MB/s)"),
        (999 * MB, 900 * MB, 30.0, "copying: 999 MB in 30 s (33.3 MB/s)"),
    ],
)
def test_progress(done: int, expected: int, seconds: float, line: str) -> None:
    assert progress("copying", done, expected, seconds) == line
