"""README and docs: each command, file and sample has a test or a reason; `./dev` knows them."""

import json
import re
from collections.abc import Mapping

import click
import pytest

from demo.__main__ import main as demo
from lab.plugin.schema import check
from testbed.cli import cli as lab
from tests.pages.blocks import PAGES, units
from tests.pages.kinds import Covered
from tests.pages.manifest import BLOCKS, keyed, kinds, named, that_run
from tests.shape.tree import ROOT, functions

SCHEMA = json.loads((ROOT / "schema.json").read_text(encoding="utf-8"))
RUNNER = ROOT / "tests/workflows/test_doc_commands.py"
DEV = (ROOT / "dev").read_text(encoding="utf-8")
# `./dev COMMAND` as main() knows them; the words behind are those of other programs.
COMMANDS = set(
    re.findall(r"^ {8}(\w+)(?: \|.*)?\)", DEV.partition('case "$command" in')[2], flags=re.M)
)
LANGUAGES = {"console", "bash", "sql", "python", "ini", "json", "text", "yaml", "hcl"}
# A block with this, anywhere in README and docs, is one of these types of the schema.
CREDENTIALS = SCHEMA["linkedSourceDefinition"]["properties"]["sourceCredentials"]


@pytest.mark.parametrize("page", PAGES)
def test_every_command_file_and_sample_is_classified(page: str) -> None:
    for unit, said in kinds(page):
        assert unit.language in LANGUAGES, unit
        assert len(said) == 1, f"tests/pages/manifest.py says {said or 'nothing'} of {unit}"


def test_the_manifest_names_nothing_that_is_gone() -> None:
    for page, listed in BLOCKS.items():
        for key in listed if isinstance(listed, Mapping) else ():
            found = len(named(page, key))
            assert found == 1, f"{page}: {key!r} is a line of {found}"


def test_the_tests_that_it_names_are_there() -> None:
    for page in PAGES:
        for unit, said in kinds(page):
            for kind in said:
                if isinstance(kind, Covered):
                    path, _, name = kind.test.partition("::")
                    assert name in {item.name for item in functions(ROOT / path)}, unit


def test_what_runs_is_asked_for_by_the_runner() -> None:
    """Its last test sees that all of it ran; here, without a lab, that it names each key."""
    text = RUNNER.read_text(encoding="utf-8")
    gone = [key for _, key in that_run() if key not in text and repr(key)[1:-1] not in text]
    assert not gone, f"{RUNNER.name} runs nothing of {gone}"


# -- what no server is needed for ---------------------------------------------------------------


def test_json_fits_the_schema() -> None:
    """Parameters, whole or in part, and credentials."""
    for page in PAGES:
        for unit in units(page):
            if unit.language == "json" and page != "docs/guides/automation.md":
                for value in _values(unit.text):
                    _fits(page, value)


def _values(text: str) -> list[object]:
    """JSON values one after the other; a key with its value is an object without its braces."""
    text = text if text.lstrip()[0] in "[{" else f"{{{text}}}"
    found, rest = [], text.strip()
    while rest:
        value, end = json.JSONDecoder().raw_decode(rest)
        found.append(value)
        rest = rest[end:].strip()
    return found


def _fits(page: str, value: object) -> None:
    if isinstance(value, list):
        value = {"configSettings": value}
    assert isinstance(value, dict)
    if "type" in value:
        return check(page, CREDENTIALS, value)
    for definition in ("linkedSourceDefinition", "virtualSourceDefinition", "snapshotDefinition"):
        schema = SCHEMA[definition]
        if set(value) <= set(schema["properties"]):
            part = {**schema, "required": [key for key in schema["required"] if key in value]}
            return check(page, part, value)
    pytest.fail(f"{page}: of no definition of schema.json: {value}")


def test_the_header_is_that_of_the_file() -> None:
    block = keyed("docs/maintainers/architecture.md", "#!/usr/bin/env bash")
    files = [path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.sh")]
    assert [text for text in files if text.startswith(block.text + "\n")], block.text


def test_the_folders_are_there() -> None:
    """Of the tree in docs/maintainers/architecture.md; what stands deeper is inside."""
    above = [ROOT]
    count = 0
    for line in keyed("docs/maintainers/architecture.md", "plugin_config.yml").lines():
        depth = (len(line) - len(line.lstrip())) // 2
        del above[depth + 1 :]
        words = re.match(r"(?:[\w.]+/\s+)*[\w.]+/(?=\s|$)", line.strip())
        for word in words.group().split() if words else ():
            assert (above[-1] / word).is_dir(), line
            count += 1
        above += [above[-1] / words.group().split()[0]] if words else []
    assert count > 25


# -- ./dev ------------------------------------------------------------------------------------


def _calls() -> list[tuple[str, str]]:
    """Page and words of every `./dev ...` in a line of prose or a command."""
    found: list[tuple[str, str]] = []
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        found += [(page, words) for words in re.findall(r"`\./dev ([^`\n]+)`", text)]
        found += [
            (page, words.split(" | ")[0])
            for unit in units(page)
            if unit.language == "console"
            for words in re.findall(r"\./dev (.*)", re.sub(r"\s+#\s.*", "", unit.text))
        ]
    return found


def test_every_dev_command_in_the_pages_is_there() -> None:
    calls = _calls()
    assert len(calls) > 40
    for page, words in calls:
        command, *rest = words.split()
        assert command in COMMANDS or words == "...", f"{page}: ./dev {words}"
        if command == "lab":
            _known_to_the_lab(page, rest)
        elif command == "demo":
            _known(page, demo, rest)
        elif command == "test":
            gone = [
                word for word in rest if word.startswith("tests/") and not (ROOT / word).exists()
            ]
            assert not gone, f"{page}: ./dev {words}"


def test_the_table_of_the_lab_s_commands_is_true() -> None:
    """docs/maintainers/lab.md: it names the commands that are there, with their options."""
    page = "docs/maintainers/lab.md"
    text = (ROOT / page).read_text(encoding="utf-8")
    table = text.partition("| Command | Does |\n")[2].partition("\n\n")[0]
    named: set[str] = set()
    for cells in re.findall(r"^\| (`.*?`) \|", table, flags=re.M):
        words = [words.split() for words in re.findall(r"`([^`]+)`", cells)]
        for command, *rest in words:
            if not command.startswith("-"):
                named.add(command)
                _known_to_the_lab(page, [command, *rest])
    missing = set(lab.commands) - named - {"serve"}  # it has a page of its own
    assert not missing, f"{page} does not tell of {missing}"


def _known_to_the_lab(page: str, words: list[str]) -> None:
    """A command with options; capital words stand for anything."""
    words = [word.strip("[]") for word in words]
    if words and words[0] == "--root":
        words = words[2:]
    if not words or words[0] == "..." or words[0].isupper() or words[0] == "--help":
        return
    assert words[0] in lab.commands, f"{page}: ./dev lab {' '.join(words)}"
    _known(page, lab.commands[words[0]], words[1:])


def _known(page: str, command: click.Command, words: list[str]) -> None:
    known = {name for option in command.params for name in option.opts} | {"--help"}
    for word in words:
        option = word.strip("[]").partition("=")[0]
        if option.startswith("--"):
            assert option in known, f"{page}: {command.name} has no {option}, but {sorted(known)}"
