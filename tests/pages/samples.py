"""Sample output of README and docs against what a run prints; `DOC_SAMPLES=write` makes it anew.

Numbers, times, sizes, versions, widths and line breaks may differ; words may not.
"""

import json
import os
import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from tests.pages.blocks import Unit, normal, replace_lines

WIDTH = 118
ELISION = "..."


def writing() -> bool:
    """Whether pages are to be written anew rather than compared."""
    return os.environ.get("DOC_SAMPLES") == "write"


def excerpt_holds(page: str, sample: Sequence[str], output: Sequence[str]) -> None:
    """All lines of the sample were printed, in their order.

    Several in a row that differ in numbers alone count as one.
    """
    found, place = [], 0
    for words, run in groupby(sample, normal):
        wanted = list(run)
        places = [at for at in range(place, len(output)) if normal(output[at]) == words]
        if not words:
            found += wanted
            continue
        assert places, _differs(page, wanted[0], output)
        found += [output[at] for at in places[: len(wanted)]]
        place = places[0] + 1
    _keep(page, sample, found)


def output_holds(page: str, sample: Sequence[str], output: Sequence[str]) -> None:
    """The sample is all that was printed. A line `...` at its beginning: it is the end of it."""
    wanted = [line for line in sample if line != ELISION]
    elided = len(sample) - len(wanted)
    assert not elided or sample[0] == ELISION, f"{page}: {ELISION} may stand at the beginning"
    end = "\n".join(output).rstrip().splitlines()
    end = end[-len(wanted) :] if elided else end
    same = [normal(line) for line in end] == [normal(line) for line in wanted]
    assert same or writing(), _differs(page, "\n".join(wanted), end)
    _keep(page, sample, [*sample[:elided], *end])


def message_holds(page: str, sample: Sequence[str], said: str) -> None:
    """The sample is this message, wrapped so that it is readable in the page."""
    same = normal(" ".join(sample)) == normal(said)
    assert same or writing(), _differs(page, "\n".join(sample), [said])
    newest: list[str] = []
    for part in said.splitlines():
        newest += textwrap.wrap(part, WIDTH, break_long_words=False, break_on_hyphens=False) or [""]
    _keep(page, sample, newest)


def values_hold(unit: Unit, sample: Any, real: Any) -> None:
    """JSON: each key of the sample is in the real object with such a value.

    A list is an excerpt: its items are in the real one, as they are.
    """
    assert isinstance(sample, dict) and isinstance(real, dict)
    text = unit.text
    for key, old, new in _leaves(unit.page, sample, real):
        was, now = (f'"{key}": {json.dumps(value)}' for value in (old, new))
        assert was in text, f"{unit.page}: write {was}"
        text = text.replace(was, now)
    _keep(unit.page, unit.lines(), text.splitlines())


def _leaves(page: str, sample: Any, real: Any) -> Iterator[tuple[str, Any, Any]]:
    for key, value in sample.items():
        assert key in real, f"{page}: there is no {key}, but {sorted(real)}"
        found = real[key]
        if isinstance(value, dict):
            yield from _leaves(page, value, found)
        elif isinstance(value, list):
            gone = [item for item in value if item not in found]
            assert not gone, f"{page}: {key} lacks {gone}: {found}"
        else:
            same = (type(value), normal(str(value))) == (type(found), normal(str(found)))
            assert same, f"{page}: {key} is {found!r}"
            yield key, value, found


def _differs(page: str, wanted: str, output: Sequence[str]) -> str:
    shown = "\n".join(output)
    return f"{page} shows\n{wanted}\nwhich is not what is printed (DOC_SAMPLES=write?):\n{shown}"


def _keep(page: str, sample: Sequence[str], newest: Sequence[str]) -> None:
    if writing() and [line.rstrip() for line in newest] != [line.rstrip() for line in sample]:
        replace_lines(page, list(sample), list(newest))
