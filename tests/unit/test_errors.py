"""The catalogue of errors and what people see of it."""

from __future__ import annotations

import ast
import re

import pytest
from dlpx.virtualization.platform.exceptions import UserError

from catalogue import ENTRIES, Error
from errors import CATALOGUE, PluginError, by_exit_code, signal_of
from tests.shape.tree import code, libraries, python_files, steps, strings, tree, where

every_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)


def test_names_and_codes_are_unique_and_in_order() -> None:
    codes = [entry.code for entry in ENTRIES]
    assert len({entry.name for entry in ENTRIES}) == len(ENTRIES) == len(CATALOGUE)
    assert codes == sorted(set(codes))
    assert all(10 <= code <= 99 for code in codes), "1, 2 and 126 up belong to the shell"


@every_entry
def test_texts_of_an_entry(entry: Error) -> None:
    assert re.fullmatch(r"[A-Z]+(_[A-Z]+)*", entry.name)
    assert re.fullmatch(r"[A-Z].*[^.\s]", entry.message), "one sentence without a full stop"
    assert re.fullmatch(r"[A-Z].*\.", entry.action), "whole sentences"
    assert "  " not in entry.message + entry.action
    assert entry.label == f"MDB-{entry.code:03d}"
    assert entry.anchor == f"error-codes#mdb-{entry.code:03d}-{entry.name.lower()}"


@every_entry
def test_an_error_says_everything(entry: Error) -> None:
    error = PluginError(entry.name, "starting the server", "it said no", "the story")
    message, action, output = error.args
    assert isinstance(error, UserError)
    assert error.entry is entry
    assert error.seen == "it said no"
    assert error.message == message
    assert message == (f"{entry.label} {entry.message}. While starting the server: it said no")
    assert action == f"{entry.action} (docs: {entry.anchor})"
    assert output == "the story"
    assert PluginError(entry.name, "x", "y").args[2] == ""


def test_a_name_that_is_not_in_the_catalogue() -> None:
    with pytest.raises(KeyError):
        PluginError("NO_SUCH_NAME", "x", "y")


@pytest.mark.parametrize("status", range(-1, 300))
def test_every_exit_status_has_an_entry(status: int) -> None:
    known = {entry.code: entry for entry in ENTRIES}
    other = "STEP_KILLED" if 128 < status <= 192 else "UNEXPECTED"
    assert by_exit_code(status) is known.get(status, CATALOGUE[other])


def test_a_step_that_a_signal_ended_says_which() -> None:
    assert [signal_of(status) for status in (0, 99, 128, 137, -9, -1, 255)] == [0, 0, 0, 9, 9, 0, 0]


def test_nothing_in_an_error_acts_on_a_terminal() -> None:
    error = PluginError("SQL_FAILED", "copying t\x1b[31m\n", "it\x07 said\nno \u202e", "x")
    assert error.seen == "it\\x07 said\nno \\u202e"
    assert "While copying t\\e[31m\\n: it" in error.message


def test_every_entry_is_used_somewhere() -> None:
    names = {str(node.value) for path in python_files("src") if path.name != "catalogue.py"
             for node in strings(path)}  # fmt: skip
    shell = "\n".join(code(path) for path in (*steps(), *libraries()))
    unused = [name for name in CATALOGUE if name not in names and not re.search(name, shell)]
    assert not unused


def test_python_raises_only_names_of_the_catalogue() -> None:
    for path in python_files("src"):
        for node in ast.walk(tree(path)):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id == "PluginError" and isinstance(node.args[0], ast.Constant):
                assert node.args[0].value in CATALOGUE, where(path, node)
