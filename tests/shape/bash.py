"""Bash as the shape tests see it: what each function calls, fails with, reads, sets and writes.

Read by tree-sitter, not by patterns: strings, here-documents and comments are what they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

_PARSER = Parser(Language(tree_sitter_bash.language()))
# The code of a file that stands in no function.
TOP = ""
# They take the name of a variable, or of several, and set it.
_SETTERS = {"read", "mapfile", "printf"}
_TAKE_NO_COMMAND = {"answer", "answer_lines", "exec", "export", "fail", "finish", "log"}
# Programs and builtins that change something outside of the step.
_CHANGING = frozenset(
    "rm mv cp mkdir mkfifo ln chmod chgrp chown touch dd tee install kill setsid".split()
)


@dataclass
class Unit:
    """A function, or what stands in no function of a file.

    Attributes:
        name: empty for what stands in no function.
        words: of commands, and of arguments that may be commands for others (`await 5 is_gone`).
        fails: names of the catalogue that it ends the step with.
        reads, sets: variables in capitals.
        writes: what it does to the host, as text.
        lines: how long it is.
    """

    name: str
    path: Path
    words: set[str] = field(default_factory=set)
    fails: set[str] = field(default_factory=set)
    reads: set[str] = field(default_factory=set)
    sets: set[str] = field(default_factory=set)
    writes: list[str] = field(default_factory=list)
    lines: int = 0


def _tree(path: Path) -> Node:
    # tree-sitter does not know the redirection <>.
    return _PARSER.parse(path.read_bytes().replace(b'<>"$', b'< "$')).root_node


@cache
def units(path: Path) -> tuple[Unit, ...]:
    """The functions of a file, and first what stands in none."""
    root = _tree(path)
    assert not root.has_error, f"{path}: tree-sitter cannot read it"
    top = Unit(TOP, path)
    found = [top]
    for node in root.children:
        if node.type == "function_definition":
            unit = Unit(_text(node.child_by_field_name("name")), path)
            body = node.child_by_field_name("body")
            assert body is not None
            _collect(body, unit)
            unit.lines = node.end_point.row - node.start_point.row + 1
            found.append(unit)
        else:
            _collect(node, top)
    return tuple(found)


def reached(files: Iterable[Path]) -> list[Unit]:
    """What a step made of these files can come to: from what stands in no function, on and on."""
    every = [unit for path in files for unit in units(path)]
    by_name = {unit.name: unit for unit in every if unit.name}
    waiting = [unit for unit in every if unit.name == TOP]
    seen: list[Unit] = []
    while waiting:
        unit = waiting.pop()
        if unit not in seen:
            seen.append(unit)
            waiting += [by_name[word] for word in sorted(unit.words) if word in by_name]
    return seen


def _collect(node: Node, unit: Unit) -> None:
    if node.type == "unset_command":  # names variables and reads none
        return
    handler = _HANDLERS.get(node.type)
    if handler:
        handler(node, unit)
    for child in node.children:
        _collect(child, unit)


def _command(node: Node, unit: Unit) -> None:
    name = _text(node.child_by_field_name("name"))
    arguments = node.children_by_field_name("argument")
    words = [_text(item) for item in arguments if item.type == "word"]
    unit.words |= {name}
    # `read -r name` and `answer name` name no function; `await 5 name` does.
    if name not in _SETTERS | _TAKE_NO_COMMAND:
        unit.words |= set(words)
    if name == "trap":
        for item in arguments:
            if item.type in ("raw_string", "string"):
                _collect(_PARSER.parse(_text(item)[1:-1].encode()).root_node, unit)
    if name in ("fail", "finish") and words:
        unit.fails.add(words[0])
    if name in _SETTERS:
        unit.sets |= {word for word in words if word.isupper()}
    if name in _CHANGING and not (name == "kill" and words[:1] == ["-0"]):
        unit.writes.append(_text(node))


def _redirect(node: Node, unit: Unit) -> None:
    target = node.child_by_field_name("destination")
    operator = next(child.type for child in node.children if child.type[0] in "<>&")
    if target is None or operator not in (">", ">>", "&>", ">|"):
        return
    if _text(target) != "/dev/null":
        unit.writes.append(_text(node))


def _assignment(node: Node, unit: Unit) -> None:
    name = node.child_by_field_name("name")
    assert name is not None
    variable = name if name.type == "variable_name" else name.child_by_field_name("name")
    unit.sets.add(_text(variable))


def _declaration(node: Node, unit: Unit) -> None:
    for child in node.children:
        if child.type == "variable_name":
            unit.sets.add(_text(child))


def _loop(node: Node, unit: Unit) -> None:
    unit.sets.add(_text(node.child_by_field_name("variable")))


def _variable(node: Node, unit: Unit) -> None:
    name = _text(node)
    parent = node.parent
    declared = parent is not None and parent.type in ("declaration_command", "for_statement")
    assigned = (
        parent is not None and parent.type == "variable_assignment" and parent.children[0] == node
    )
    if name[:1].isalpha() and name.isupper() and not declared and not assigned:
        if name.startswith("ERR_"):
            unit.fails.add(name.removeprefix("ERR_"))
        else:
            unit.reads.add(name)


_HANDLERS = {
    "command": _command,
    "file_redirect": _redirect,
    "variable_assignment": _assignment,
    "declaration_command": _declaration,
    "for_statement": _loop,
    "variable_name": _variable,
}


def _text(node: Node | None) -> str:
    return node.text.decode() if node is not None and node.text is not None else ""


def comment_lines(path: Path) -> set[int]:
    """Numbers of the lines that are a comment and nothing else."""
    found: set[int] = set()
    lines = path.read_bytes().splitlines()
    waiting = [_tree(path)]
    while waiting:
        node = waiting.pop()
        if (
            node.type == "comment"
            and not lines[node.start_point.row][: node.start_point.column].strip()
        ):
            found.add(node.start_point.row + 1)
        waiting += node.children
    return found


def walk(path: Path) -> Iterator[Unit]:
    """As `units`, without what stands in no function."""
    return (unit for unit in units(path) if unit.name)
