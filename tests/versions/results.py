"""The table of every way in on every version, in build/log/ways.txt."""

import fcntl
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass

from tests.versions.support import CHECKOUT

TABLE = CHECKOUT / "build" / "log" / "ways.txt"
_HEAD = ("way in", "MariaDB", "result", "link s", "outside the dataset, KiB")


@dataclass
class Result:
    """One way in on one version.

    Attributes:
        way, series: what and where.
        verdict: FAILED until everything that is asked of it has been seen.
        seconds: of the job that linked.
        outside_kib: most that the staging host held outside the dataset meanwhile.
    """

    way: str
    series: str
    verdict: str = "FAILED"
    seconds: str = "-"
    outside_kib: str = "-"


@contextmanager
def recorded(way: str, series: str) -> Iterator[Result]:
    """Write how the inside ended into the table."""
    result = Result(way, series)
    try:
        yield result
        result.verdict = "ok"
    finally:
        _write(result)


def _write(result: Result) -> None:
    """In place of the older result: modules run at the same time and write the same file."""
    TABLE.parent.mkdir(parents=True, exist_ok=True)
    with TABLE.open("a+", encoding="utf-8") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        stream.seek(0)
        rows = {row[:2]: row for row in map(_columns, stream.read().splitlines()[1:])}
        row = astuple(result)
        rows[row[:2]] = row
        lines = [_HEAD, *sorted(rows.values(), key=_order)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        stream.truncate(0)
        for line in lines:
            cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
            stream.write("  ".join(cells).rstrip() + "\n")


def _columns(line: str) -> tuple[str, ...]:
    return tuple(re.split(" {2,}", line))


def _order(row: tuple[str, ...]) -> tuple[str, list[int]]:
    return row[0], [int(number) for number in row[1].split(".")]
