"""Habits of the bash code: a header that is the manual and is true, strict, careful."""

import re
from pathlib import Path

import pytest

from tests.shape.tree import (
    FIELDS,
    ROOT,
    code,
    header,
    libraries,
    library_code,
    steps,
    where,
)

STEP_LINES = 200
LIBRARY_LINES = 300
STRICT = re.compile(r"^\s*set -E?euo pipefail$", re.MULTILINE)
FUNCTION = re.compile(r"^(\w+)\(\) [{(]\n(.*?)^[})]", re.MULTILINE | re.DOTALL)
REQUIRED = re.compile(r"\$\{(\w+):?\?[^}]*\}")
VARIABLE = re.compile(r"\$\{?[#!]?([A-Z][A-Z0-9_]*)\b")
ASSIGNED = re.compile(
    r"(?:^|[\s;({])([A-Z][A-Z0-9_]*)(?:\[[^]]*\])?\+?=|\b(?:read|mapfile|for|local|declare)\s[^;\n]*"
    r"?\b([A-Z][A-Z0-9_]*)\b",
    re.MULTILINE,
)
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
FAIL = re.compile(COMMAND + r"fail\s+([A-Z][A-Z0-9_]*)\b", re.MULTILINE)

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
    assert [name for name in fields if name in FIELDS] == list(FIELDS), (
        f"{where(path, 2)}: the header has {list(fields)}, wanted {list(FIELDS)} in this order"
    )
    assert fields["Summary"].endswith("."), f"{where(path, 2)}: the summary is one sentence"
    empty = [name for name in FIELDS if not fields[name]]
    assert not empty, f"{where(path, 2)}: write - for none in {empty}"
    assert re.match(r"(yes|no)[,:;.]\s+\S", fields["Repeatable"]), (
        f"{where(path, 2)}: Repeatable is yes or no, and why"
    )


@every_step
def test_inputs_of_header_and_body_agree(path: Path) -> None:
    words = header(path).words("Inputs")
    secrets = {word.rstrip("?") for word in header(path).words("Secrets")}
    required = {word for word in words if not word.endswith("?")}
    optional = {word.rstrip("?") for word in words if word.endswith("?")}
    body = code(path)
    lines = [line for line in body.splitlines() if line.lstrip().startswith(": ")]
    demanded = {name for line in lines for name in REQUIRED.findall(line)}
    assert required <= demanded, f'{where(path, 2)}: no : "${{NAME:?}}" for {required - demanded}'
    assert demanded <= required | secrets, (
        f"{where(path, 2)}: demanded and not in the header: {demanded - required - secrets}"
    )
    everything = body + library_code()
    used = {name for name in optional | secrets if re.search(rf"\b{name}\b", everything)}
    unused = (optional | secrets) - used
    assert not unused, f"{where(path, 2)}: in the header and never used: {unused}"
    assigned = {
        name for match in ASSIGNED.findall(body + "\n" + library_code()) for name in match if name
    }
    seen = {name for name in VARIABLE.findall(body) if not name.startswith("ERR_")}
    unknown = seen - required - optional - secrets - assigned - GIVEN
    assert not unknown, f"{where(path, 2)}: used and not in the header: {unknown}"


@every_step
def test_answers_of_header_and_body_agree(path: Path) -> None:
    told = set(header(path).words("Answers"))
    given = set(ANSWER.findall(code(path)))
    assert given <= told, f"{where(path, 2)}: answered and not in the header: {given - told}"
    # `answer_tagged` takes its keys from rows such as SELECT 'gtid', ...
    tagged = set(re.findall(r"SELECT (?:DISTINCT )?'(\w+)',", code(path) + library_code()))
    somewhere = given | tagged | set(ANSWER.findall(library_code()))
    assert told <= somewhere, f"{where(path, 2)}: never answered: {told - somewhere}"


@every_step
def test_failures_of_header_and_body_agree(path: Path) -> None:
    told = set(header(path).words("Fails"))
    raised = set(FAIL.findall(code(path)))
    assert raised <= told, f"{where(path, 2)}: fails and not in the header: {raised - told}"
    somewhere = raised | set(FAIL.findall(library_code()))
    words = set(re.findall(r"\b[A-Z][A-Z0-9_]*\b", code(path) + library_code()))
    assert told <= somewhere | words, (
        f"{where(path, 2)}: in the header and never raised: {told - somewhere - words}"
    )


@every_step
def test_scripts_are_strict(path: Path) -> None:
    """A step says `set -euo pipefail` itself or calls the library's function that does."""
    starters = [name for name, body in FUNCTION.findall(library_code()) if STRICT.search(body)]
    called = [name for name in starters if re.search(rf"^{name}\b", code(path), re.MULTILINE)]
    assert STRICT.search(code(path)) or called, f"{where(path, 1)}: set -euo pipefail is missing"
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
        assert re.search(r"^\w+\(\) [{(]", code(path), re.MULTILINE), f"{path.name}: no function"


def test_scripts_are_small() -> None:
    for paths, limit in ((steps(), STEP_LINES), (libraries(), LIBRARY_LINES)):
        for path in paths:
            lines = len(path.read_text(encoding="utf-8").splitlines())
            assert lines < limit, f"{where(path, 1)}: {lines} lines, fewer than {limit}"


def test_scripts_lie_where_they_are_looked_for() -> None:
    strays = {
        path
        for path in (ROOT / "src").rglob("*.sh")
        if path.parent not in (ROOT / "src/resources", ROOT / "src/resources/lib")
    }
    assert not strays
