"""Writes Needs, Constants, Fails and Inputs of bash headers anew, from what the files really use.

    .venv/bin/python tools/headers.py

The shape tests hold the same; this saves the counting. A new input is written as optional
(`NAME?`): take the mark off where the step demands it. Secrets and answers are left to people.
"""

from __future__ import annotations

import re
import sys
import textwrap
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src"), str(ROOT / "build")]

from remote.constants import CONSTANTS  # noqa: E402
from remote.script import OF_STEP, header  # noqa: E402
from tests.shape.bash import TOP, reached, units  # noqa: E402
from tests.shape.test_scripts import GIVEN  # noqa: E402
from tests.shape.tree import libraries, name_of, steps  # noqa: E402

_CONTINUED = re.compile(r"#\s{2,}\S")


@cache
def definers() -> dict[str, Path]:
    """Functions and constants of the libraries, and where each is defined."""
    found: dict[str, Path] = {}
    for path in libraries():
        for unit in units(path):
            found |= dict.fromkeys([unit.name] if unit.name != TOP else unit.sets, path)
    return found


@cache
def needed(path: Path) -> tuple[Path, ...]:
    """The libraries that a file uses itself."""
    own = {unit.name for unit in units(path)}
    own |= {name for unit in units(path) if unit.name == TOP for name in unit.sets}
    used = {word for unit in units(path) for word in unit.words | unit.reads} - own
    return tuple(sorted({definers()[name] for name in used if name in definers()} - {path}))


def constants(path: Path) -> set[str]:
    """The constants of Python that a file reads."""
    return {name for unit in units(path) for name in unit.reads} & (set(CONSTANTS) | OF_STEP)


def closure(path: Path, above: tuple[Path, ...] = ()) -> list[Path]:
    """A file and all that it uses, what is used first."""
    found: list[Path] = []
    for other in needed(path):
        if other in above:
            raise SystemExit(f"a circle: {[name_of(item) for item in (*above, path, other)]}")
        found += [item for item in closure(other, (*above, path)) if item not in found]
    return [*found, path]


def line(name: str, words: list[str]) -> list[str]:
    """A field of a header, wrapped."""
    return textwrap.wrap(
        f"# {name}: {' '.join(words) or '-'}",
        110,
        subsequent_indent="#     ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def inputs(path: Path, text: str) -> list[str]:
    """The inputs of a step: those told already and still read, and the new ones."""
    found = reached(closure(path))
    read = {name for unit in found for name in unit.reads} - GIVEN
    known = {name for unit in found for name in unit.sets}
    known |= {name for file in closure(path) for name in constants(file)}
    told = header(text).words("Inputs")
    secrets = {word.rstrip("?") for word in header(text).words("Secrets")}
    new = sorted(read - known - {word.rstrip("?") for word in told} - secrets)
    return [word for word in told if word.rstrip("?") in read] + [f"{name}?" for name in new]


def fails(path: Path, text: str) -> list[str]:
    """The codes of a step, with the remark that its header makes of them."""
    remark = re.search(r"\(and whatever .*?\)", header(text).fields.get("Fails", ""))
    codes = sorted({name for unit in reached(closure(path)) for name in unit.fails})
    return [*codes, *([remark[0]] if remark else [])]


def rewritten(path: Path) -> str:
    """The file with its header written anew."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    end = next(at for at, item in enumerate(lines) if at and not item.startswith("#"))
    step = "steps" in path.parts
    fields = {"Inputs": inputs(path, text), "Fails": fails(path, text)} if step else {}
    head: list[str] = []
    dropped = False
    for item in lines[1:end]:
        found = re.match(r"# ([A-Z][a-z]+):", item)
        if found and found[1] in ("Needs", "Constants", *fields):
            dropped = True
            head += line(found[1], fields[found[1]]) if found[1] in fields else []
        elif not (dropped and _CONTINUED.match(item)):
            dropped = False
            head.append(item)
    shellcheck = [item for item in head if item.startswith("# shellcheck")]
    head = [item for item in head if item not in shellcheck]
    names = sorted(name_of(other).removeprefix("lib/") for other in needed(path))
    head += line("Needs", names) if names else []
    head += line("Constants", sorted(constants(path))) if constants(path) else []
    return "\n".join([lines[0], *head, *shellcheck, *lines[end:], ""])


def main() -> None:
    """Rewrites what differs, and names it."""
    for path in libraries() + steps():
        text = rewritten(path)
        if text != path.read_text(encoding="utf-8"):
            path.write_text(text, encoding="utf-8")
            print(f"{name_of(path)}: header written anew")


main()
