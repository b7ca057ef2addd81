"""The command text of a step: its name, the codes, what it needs, the script; and bash reads it."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from errors import CATALOGUE
from remote import script
from remote.script import command_text
from tests.shape.bash import TOP, reached, walk
from tests.shape.tree import closure, header, library_text, steps

every_step = pytest.mark.parametrize("path", steps(), ids=lambda path: path.stem)


@every_step
def test_text(path: Path) -> None:
    text = command_text(path.stem)
    assert text.startswith(f"# step: {path.stem}\n")
    if text.startswith(f"# step: {path.stem}\nCOMMAND="):
        text = _unquoted(text)
    for name in header(path).words("Fails"):
        assert f"\nERR_{name}={CATALOGUE[name].code}\n" in text
    functions = [unit for file in closure(path) for unit in walk(file)]
    there = {unit.name for unit in reached(closure(path))}
    sent = [unit for unit in functions if f"\n{unit.name}() " in text]
    assert there <= {unit.name for unit in sent} | {TOP}
    places = [text.index(f"\n{unit.name}() ") for unit in sent]
    assert places == sorted(places), "what is needed stands first"
    assert text.endswith('\nstory_setup\nmain "$@"\n')
    assert "#!" not in text


def _unquoted(text: str) -> str:
    """What a text that knows itself holds."""
    return shlex.split(text.split("\n", 1)[1], comments=False)[0].removeprefix("COMMAND=")


def test_functions_that_nothing_calls_are_not_sent() -> None:
    text = (
        "A=1\none() { two; }\ntwo() {\n    three\n}\nthree() (\n    :\n)\nfour() {\n    five\n}\n"
        "five() { one; }\nB=2\ntrap 'one' EXIT\n"
    )
    whole = text.replace("four() {\n    five\n}\nfive() { one; }\n", "")
    assert script.reached(text) == whole
    assert script.reached("one() { :; }\n") == ""


def test_a_step_that_starts_a_job_knows_its_own_text() -> None:
    """As a transport runs it, and as the job runs it: the same text, the second time with `job`."""
    text = command_text("ingest_start").replace('main "$@"', 'echo "${1:-first} ${#COMMAND}"')
    first = subprocess.run(["bash", "-c", text], capture_output=True, text=True, check=True)
    word, size = first.stdout.split()
    assert (word, int(size)) == ("first", len(_unquoted(text)))
    command = ["bash", "-c", 'exec bash /dev/fd/9 job 9<"$0"', "/dev/stdin"]
    own = f"COMMAND=x\n{_unquoted(text)}"
    again = subprocess.run(command, input=own, capture_output=True, text=True, check=True)
    assert again.stdout == "job 1\n"


@every_step
def test_bash_can_read_it(path: object) -> None:
    done = subprocess.run(
        ["bash", "-n"], input=command_text(path.stem), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_codes_stand_before_the_libraries() -> None:
    text = command_text("size")
    assert text.index("ERR_UNEXPECTED=99") < text.index("story_setup()") < text.index("main() {")


def test_no_such_script() -> None:
    with pytest.raises(FileNotFoundError):
        command_text("no_such_step")


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_fail_ends_with_the_code_of_the_catalogue(name: str) -> None:
    """`fail NAME` of the library, run as a step runs it."""
    head = library_text("story")
    step = f'{head}\nmain() {{ fail {name} "two\nlines"; }}\nstory_setup\nmain\n'
    done = subprocess.run(["bash", "-c", step], capture_output=True, text=True, check=False)
    assert done.returncode == CATALOGUE[name].code
    assert done.stdout == "seen\ttwo\\nlines\n"
    assert f"ERROR {name}: two" in done.stderr


@pytest.mark.parametrize("step", ["false", "no_such_command", '"$(false)"', ": ${NAME:?}"])
def test_what_nobody_expected_ends_with_a_code_too(step: str) -> None:
    head = command_text("size").split("\nmain() {")[0]
    text = f"{head}\nmain() {{ {step}; echo went on; }}\nstory_setup\nmain\n"
    done = subprocess.run(["bash", "-c", text], capture_output=True, text=True, check=False)
    assert done.returncode in (1, 99, 127)
    assert "went on" not in done.stdout
    assert done.stderr
