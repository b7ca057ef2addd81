"""The command text of a step: its name, the codes, every library, the script; and bash reads it."""

from __future__ import annotations

import subprocess

import pytest

from errors import CATALOGUE
from remote.script import LIBRARIES, command_text
from tests.shape.tree import libraries, steps

every_step = pytest.mark.parametrize("path", steps(), ids=lambda path: path.stem)


def test_libraries_are_those_that_lie_there() -> None:
    assert sorted(LIBRARIES) == [path.stem for path in libraries()]
    assert len(LIBRARIES) == len(set(LIBRARIES))


@every_step
def test_text(path: object) -> None:
    text = command_text(path.stem)
    assert text.startswith(f"# step: {path.stem}\n")
    for entry in CATALOGUE.values():
        assert f"\nERR_{entry.name}={entry.code}\n" in text
    for library in libraries():
        assert _body(library) in text
    assert text.endswith(_body(path))
    assert "#!" not in text


def _body(path: object) -> str:
    return path.read_text().split("\n", 1)[1]


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
    head = command_text("size").split("\nmain() {")[0]
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
