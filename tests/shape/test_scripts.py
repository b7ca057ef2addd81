"""Habits of the bash code: a header that is the manual and is true, strict, careful."""

import re
import shlex
import statistics
from functools import cache
from pathlib import Path

import pytest

from remote import script
from remote.constants import CONSTANTS
from remote.script import MANUAL, OF_STEP, command_text
from tests.shape.bash import comment_lines, reached, units, walk
from tests.shape.tree import (
    ROOT,
    closure,
    code,
    header,
    libraries,
    name_of,
    steps,
    where,
)

STEP_LINES = 130
LIBRARY_LINES = 150
FUNCTION_LINES = 40
REQUIRED = re.compile(r"\$\{(\w+):?\?[^}]*\}")
# Variables that bash, the login or the engine sets.
GIVEN = {
    "BASHPID", "BASH_COMMAND", "BASH_REMATCH", "BASH_SOURCE", "BASH_SUBSHELL", "BASH_VERSION",
    "DLPX_BIN_JQ", "EPOCHREALTIME", "EPOCHSECONDS", "EUID", "FUNCNAME", "HOME", "HOSTNAME", "IFS",
    "LANG", "LC_ALL", "LINENO", "OPTARG", "OPTIND", "PATH", "PIPESTATUS", "PPID", "PWD", "RANDOM",
    "REPLY", "SECONDS", "TMPDIR", "UID", "USER",
}  # fmt: skip
FORBIDDEN = {
    "set -x shows secrets": r"\bset\s+-\w*x|\bset\s+-o\s+xtrace|\bbash\s+-\w*x",
    "a fixed sleep of a second or more: wait with a deadline": r"\bsleep\s+[\"']?[1-9]",
    "ps | finds itself and others: use the pid": r"\bps\b[^|&;\n]*\|(?!\|)",
    "eval": r"(?:^|[;&|({]|\bthen|\bdo)\s*eval\s",
    "env and set show secrets": r"(?:^|[;&|])\s*(?:env|printenv|set)\s*(?:\||$)",
}
REMOVE = re.compile(
    r"\brm\s+(?:-\S+\s+)*-[a-zA-Z]*[rR]|\brm\s+--recursive|\bfind\b.*\s-delete\b|-exec\s+rm\b"
)
COMMAND = r"(?:^|[;&|({!]|\bthen|\bdo|\belse)\s*"  # what stands before a command's name
ANSWER = re.compile(COMMAND + r"answer(?:_lines)?\s+[\"']?([A-Za-z_][\w.]*)[\"']?", re.MULTILINE)

every_step = pytest.mark.parametrize("path", steps(), ids=lambda path: path.stem)
every_file = pytest.mark.parametrize("path", steps() + libraries(), ids=lambda path: path.stem)


def _matching_lines(path: Path, pattern: str | re.Pattern[str]) -> list[str]:
    lines = enumerate(code(path).splitlines(), 1)
    return [f"{where(path, n)}: {line.strip()}" for n, line in lines if re.search(pattern, line)]


@every_step
def test_header_is_complete(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("#!/usr/bin/env bash\n"), f"{where(path, 1)}: the first line"
    fields = header(path).fields
    assert [name for name in fields if name in MANUAL] == list(MANUAL), (
        f"{where(path, 2)}: the header has {list(fields)}, wanted {list(MANUAL)} in this order"
    )
    assert fields["Summary"].endswith("."), f"{where(path, 2)}: the summary is one sentence"
    empty = [name for name in MANUAL if not fields[name]]
    assert not empty, f"{where(path, 2)}: write - for none in {empty}"
    assert re.match(r"(yes|no)[,:;.]\s+\S", fields["Repeatable"]), (
        f"{where(path, 2)}: Repeatable is yes or no, and why"
    )


@every_step
def test_what_a_step_demands_is_in_its_header(path: Path) -> None:
    """`: "${NAME:?}"` for each input that is not optional, and for no other."""
    required = {word for word in header(path).words("Inputs") if not word.endswith("?")}
    lines = [line for line in code(path).splitlines() if line.lstrip().startswith(": ")]
    demanded = {name for line in lines for name in REQUIRED.findall(line)}
    assert required <= demanded, f'{where(path, 2)}: no : "${{NAME:?}}" for {required - demanded}'
    told = required | {word.rstrip("?") for word in header(path).words("Secrets")}
    assert demanded <= told, f"{where(path, 2)}: demanded and not in the header: {demanded - told}"


@every_step
def test_inputs_and_secrets_are_just_what_the_step_can_read(path: Path) -> None:
    """Over all functions that the step can come to, in all files that it needs."""
    inputs = {word.rstrip("?") for word in header(path).words("Inputs")}
    secrets = {word.rstrip("?") for word in header(path).words("Secrets")}
    found = reached(closure(path))
    read = {name for unit in found for name in unit.reads} - GIVEN
    set_here = {name for unit in found for name in unit.sets}
    constants = {word for file in closure(path) for word in header(file).words("Constants")}
    wanted = {name for name in read - set_here - constants}
    unknown = wanted - inputs - secrets
    assert not unknown, f"{where(path, 2)}: read and not in the header: {unknown}"
    unused = (inputs | secrets) - read
    assert not unused, f"{where(path, 2)}: in the header and never read: {unused}"
    assert {name for name in wanted if name.endswith("_PASSWORD")} <= secrets


@every_step
def test_secrets_stop_being_exported(path: Path) -> None:
    text = command_text(path.stem)
    named = " ".join(word.rstrip("?") for word in header(path).words("Secrets"))
    quoted = shlex.quote(named)
    # A text that is quoted as a whole, for a job, has its own quotes quoted.
    assert f"\nSECRETS={quoted}\n" in text or "\nSECRETS=" + quoted.replace("'", "'\\''") in text
    assert "export -n $SECRETS" in text


@every_step
def test_answers_of_header_and_body_agree(path: Path) -> None:
    told = set(header(path).words("Answers"))
    given = set(ANSWER.findall(code(path)))
    assert given <= told, f"{where(path, 2)}: answered and not in the header: {given - told}"
    # `answer_tagged` takes its keys from rows such as SELECT 'gtid', ...
    everything = "\n".join(code(file) for file in closure(path))
    tagged = set(re.findall(r"SELECT (?:DISTINCT )?'(\w+)',", everything))
    somewhere = given | tagged | set(ANSWER.findall(everything))
    assert told <= somewhere, f"{where(path, 2)}: never answered: {told - somewhere}"


@every_step
def test_a_step_fails_with_just_what_its_header_says(path: Path) -> None:
    """Every code that a function can end the step with to which the step can come."""
    told = set(header(path).words("Fails"))
    found = {name for unit in reached(closure(path)) for name in unit.fails}
    assert told == found, (
        f"{where(path, 2)}: can fail and is not in the header: {found - told}; "
        f"in the header and cannot fail: {told - found}"
    )


@every_file
def test_needs_and_constants_are_just_what_a_file_uses(path: Path) -> None:
    own = {unit.name for unit in units(path)} | _constants(path)
    used = {word for unit in units(path) for word in unit.words | unit.reads} - own
    needed = {name for name, file in _defined().items() if name in used and file != path}
    files = {name_of(_defined()[name]).removeprefix("lib/") for name in needed}
    told = set(header(path).words("Needs"))
    assert told == files, (
        f"{where(path, 2)}: needed and not in the header: {files - told}; "
        f"in the header and not needed: {told - files}"
    )
    read = {name for unit in units(path) for name in unit.reads}
    constants = read & (set(CONSTANTS) | OF_STEP)
    assert set(header(path).words("Constants")) == constants, f"{where(path, 2)}: {constants}"


@every_step
def test_every_function_called_is_there(path: Path) -> None:
    """And nothing is sent in vain: the step can come to something in each of its files."""
    files = closure(path)
    there = {unit.name for file in files for unit in units(file)}
    found = reached(files)
    called = {word for unit in found for word in unit.words if word in _defined()}
    assert called <= there, f"{where(path, 2)}: called and not sent: {called - there}"
    read = {name for unit in found for name in unit.reads}
    idle = [
        name_of(file)
        for file in files
        if not any(unit.path == file and unit.name for unit in found)
        and not _constants(file) & read
    ]
    assert not idle, f"{where(path, 2)}: sent and never used: {idle}"


def test_each_function_is_defined_once() -> None:
    """Over all libraries and steps, so that a name means one thing to a reader."""
    places: dict[str, list[str]] = {}
    for path in steps() + libraries():
        for unit in units(path):
            if unit.name and unit.name != "main":
                places.setdefault(unit.name, []).append(name_of(path))
    twice = {name: found for name, found in places.items() if len(found) > 1}
    assert not twice


def test_a_circle_of_files_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {
        "steps/a": "#!\n# Needs: b\n",
        "lib/b": "#!\n# Needs: c\n",
        "lib/c": "#!\n# Needs: b\n",
    }
    monkeypatch.setattr(script, "_resource", texts.__getitem__)
    with pytest.raises(ValueError, match="lib/b -> lib/c -> lib/b"):
        script.files_of.__wrapped__("steps/a")


@every_step
def test_a_step_that_only_reads_changes_nothing(path: Path) -> None:
    """But for a client, and the probe by which a step that failed sees whether bytes are taken."""
    if "only reads" not in header(path).fields["Repeatable"]:
        return
    done = {
        f"{unit.name}: {text}"
        for unit in reached(closure(path))
        for text in unit.writes
        if unit.name not in ("cannot_write", "begin_talk", "talk")
    }
    called = {word for unit in reached(closure(path)) for word in unit.words}
    assert not done, f"{where(path, 2)}: says it only reads: {done}"
    assert not called & {
        "write_text",
        "remove_inside",
        "must_sql",
        "secret_sql",
        "adopt_old_dataset",
    }


@every_file
def test_what_is_left_out_of_a_command_is_a_comment(path: Path) -> None:
    """Not the line of a here-document, say, that begins with #."""
    lines = path.read_text(encoding="utf-8").splitlines()
    marked = {number for number, line in enumerate(lines, 1) if line.lstrip().startswith("#")}
    assert marked == comment_lines(path)


@every_file
def test_no_short_wait_is_a_read(path: Path) -> None:
    """Before bash 5.2 one whose alarm comes before it reads waits for ever.

    What `./dev clones` found on Debian 11: a quiesce that hung under load. A read that waits for
    seconds is under way by then.
    """
    text = re.sub(r"^ *#.*", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = re.findall(r"\bread\b[^\n;|]* -r?t ?(\S+)", text)
    assert not found or path.stem in ("flush", "talk")
    assert set(found) <= {'"$1"', '"$2"'}


def test_commands_are_small() -> None:
    """A transport that passes the command as one argument breaks at 128 KiB."""
    sizes = {path.stem: len(command_text(path.stem).encode()) for path in steps()}
    large = {name: size for name, size in sizes.items() if size > 72_000}
    assert not large
    assert statistics.median(sizes.values()) <= 30_000


@cache
def _defined() -> dict[str, Path]:
    """Functions and constants of the libraries, and where each is defined."""
    names = {unit.name: path for path in libraries() for unit in units(path) if unit.name}
    return names | {name: path for path in libraries() for name in _constants(path)}


def _constants(path: Path) -> set[str]:
    """What a file sets outside of its functions."""
    return {name for unit in units(path) if not unit.name for name in unit.sets}


@every_step
def test_scripts_are_strict(path: Path) -> None:
    """Each begins and ends in the same way: the library's function makes bash strict."""
    assert path.read_text(encoding="utf-8").endswith('\n\nstory_setup\nmain "$@"\n'), where(path, 1)
    assert not re.search(r"^\s*set \+[eu]|^\s*set \+o", code(path), re.MULTILINE), (
        f"{where(path, 1)}: strictness is switched off"
    )


@every_file
def test_nothing_dangerous(path: Path) -> None:
    for reason, pattern in FORBIDDEN.items():
        assert not (found := _matching_lines(path, pattern)), f"{reason}: {found}"


def test_one_guarded_function_removes_trees() -> None:
    for path in steps():
        found = _matching_lines(path, REMOVE)
        assert not found, f"use the library's guarded function instead: {found}"
    found = [line for path in libraries() for line in _matching_lines(path, REMOVE)]
    assert len(found) <= 1, f"one function removes trees, these do: {found}"


def test_libraries_hold_functions_and_say_what_for() -> None:
    for path in libraries():
        lines = path.read_text(encoding="utf-8").splitlines()
        comments = [line for line in lines[:4] if re.match(r"# \w", line)]
        assert comments, f"{where(path, 1)}: a comment that says what the library is for"
        assert len(units(path)) > 1 or _constants(path), f"{path.name}: no function, no constant"


def test_scripts_are_small() -> None:
    for paths, limit in ((steps(), STEP_LINES), (libraries(), LIBRARY_LINES)):
        for path in paths:
            lines = len(path.read_text(encoding="utf-8").splitlines())
            assert lines < limit, f"{where(path, 1)}: {lines} lines, fewer than {limit}"


@every_file
def test_functions_of_bash_are_small(path: Path) -> None:
    for unit in walk(path):
        assert unit.lines <= FUNCTION_LINES, f"{where(path, 1)}: {unit.name}: {unit.lines} lines"


def test_scripts_lie_where_they_are_looked_for() -> None:
    strays = {path for path in (ROOT / "src").rglob("*.sh") if path not in steps() + libraries()}
    assert not strays
