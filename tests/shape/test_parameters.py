"""schema.json, the Python that reads it, and every text that names a parameter: one thing."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Callable, Iterator
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest

from catalogue import ENTRIES, Refusal
from domain.options.settings import LINE_BYTES
from domain.parameters import linked_parameters, physical_parameters, virtual_parameters
from domain.problems import CHECKS
from domain.snapshot import SnapshotFacts
from tests.shape.tree import ROOT, python_files, strings

Json = dict[str, Any]

SCHEMA: Json = json.loads((ROOT / "schema.json").read_text(encoding="utf-8"))
# Read by the engine when it makes the dataset, not by the plugin.
OF_THE_ENGINE = {"recordSizeInKB"}
READERS: dict[str, Callable[[Any, str], Any]] = {
    "linkedSourceDefinition": linked_parameters,
    "virtualSourceDefinition": virtual_parameters,
    "virtualToPhysicalDefinition": lambda given, guid: physical_parameters(given, guid, "/srv/x"),
}
# What is needed for anything to be read at all.
LEAST: dict[str, Json] = {
    "linkedSourceDefinition": {
        "mountPath": "/mnt/x",
        "ingestionMode": "Replication",
        "stagingPort": 3310,
        "tlsCaPath": "/etc/ca.pem",
    },
    "virtualSourceDefinition": {"mountPath": "/mnt/x", "port": 3320},
    "virtualToPhysicalDefinition": {"port": 3306},
}
# Camel case, as parameters and properties are written, and nothing else is in the docs' backticks.
CAMEL = re.compile(r"\b(?!dSource)[a-z]+(?:[A-Z][a-z0-9]+)+(?:KB)?\b")
every_kind = pytest.mark.parametrize("kind", READERS)


def properties(kind: str) -> Json:
    """The properties of one definition of the schema."""
    found: Json = SCHEMA[kind]["properties"]
    return found


def snake(name: str) -> str:
    """As dvp names the attribute of a property."""
    return re.sub(r"([A-Z]+)", r"_\1", name).lower()


def read(kind: str, **changed: Any) -> Any:
    """What Python makes of a definition; a key that is missing is None, as dvp makes it."""
    content = {**dict.fromkeys(properties(kind)), **LEAST[kind], **changed}
    values = {snake(name): value for name, value in content.items()}
    return READERS[kind](SimpleNamespace(**values), "guid")


def accepts(kind: str, name: str, value: Any) -> bool:
    """Whether Python takes a value, whatever else the parameters need with it."""
    try:
        read(kind, **{name: value})
    except Refusal as refusal:
        return name not in refusal.seen and "mount path" not in refusal.seen
    return True


def those(key: str, *types: str) -> list[Any]:
    """Every property that has this key, for a test each."""
    return [
        pytest.param(kind, name, id=f"{kind.removesuffix('Definition')}.{name}")
        for kind in READERS
        for name, found in properties(kind).items()
        if key in found and name not in OF_THE_ENGINE and (not types or found["type"] in types)
    ]


@every_kind
def test_keys(kind: str) -> None:
    """Python reads every property, and nothing that is none."""
    seen: set[str] = set()

    class Recording(SimpleNamespace):
        def __getattribute__(self, name: str) -> Any:
            seen.add(name)
            return super().__getattribute__(name)

    values = {snake(name): value for name, value in LEAST[kind].items()}
    values |= {"backup_origin": "User Provided Backup", "backup_path": "/b"}
    READERS[kind](Recording(**values), "guid")
    wanted = {snake(name) for name in set(properties(kind)) - OF_THE_ENGINE}
    assert {name for name in seen if not name.startswith("__")} == wanted


@pytest.mark.parametrize(("kind", "name"), those("enum"))
def test_enums(kind: str, name: str) -> None:
    values = properties(kind)[name]["enum"]
    assert all(accepts(kind, name, value) for value in values)
    with pytest.raises(Refusal) as caught:
        read(kind, **{name: "something else"})
    assert caught.value.seen.endswith(f"knows {', '.join(map(repr, values))}")


@pytest.mark.parametrize(("kind", "name"), those("default"))
def test_defaults(kind: str, name: str) -> None:
    """A form fills them in, automation leaves them out: both mean the same."""
    given = properties(kind)[name]["default"]
    assert read(kind, **{name: given}) == read(kind, **{name: None})


@pytest.mark.parametrize(("kind", "name"), those("minimum", "integer"))
def test_bounds(kind: str, name: str) -> None:
    least, most = properties(kind)[name]["minimum"], properties(kind)[name]["maximum"]
    tried = {value: accepts(kind, name, value) for value in (least - 1, least, most, most + 1)}
    assert list(tried.values()) == [False, True, True, False], tried


@pytest.mark.parametrize(("kind", "name"), those("maxLength", "string"))
def test_lengths(kind: str, name: str) -> None:
    longest = properties(kind)[name]["maxLength"]
    text = ("/mnt/" + "x" * longest)[:longest] if name == "mountPath" else "x" * longest
    assert accepts(kind, name, text)
    assert not accepts(kind, name, text + "x")


@pytest.mark.parametrize(("kind", "name"), those("pattern"))
def test_patterns(kind: str, name: str) -> None:
    """The form and Python take the same characters, wherever they stand."""
    pattern = re.compile(properties(kind)[name]["pattern"])
    start = "/mnt/" if name == "mountPath" else ""
    for char in string.printable + "é":
        text = f"{start}a{char}b"
        assert bool(pattern.search(text)) == accepts(kind, name, text), repr(text)


@every_kind
def test_required(kind: str) -> None:
    for name in SCHEMA[kind]["required"]:
        if "default" not in properties(kind)[name]:
            assert not accepts(kind, name, None), name


def test_names_of_databases() -> None:
    longest = properties("linkedSourceDefinition")["databases"]["items"]["maxLength"]
    assert accepts("linkedSourceDefinition", "databases", ["é" * longest])
    assert not accepts("linkedSourceDefinition", "databases", ["é" * (longest + 1)])


@every_kind
def test_settings(kind: str) -> None:
    item = properties(kind)["configSettings"]["items"]["properties"]
    assert item["value"]["maxLength"] == LINE_BYTES
    pattern, longest = (
        re.compile(item["propertyName"]["pattern"]),
        item["propertyName"]["maxLength"],
    )

    def taken(name: str, value: str = "1") -> bool:
        try:
            read(kind, configSettings=[{"propertyName": name, "value": value}])
        except Refusal as refusal:
            return "is not the name" not in refusal.seen
        return True

    for char in string.printable:
        assert bool(pattern.search(f"a{char}b")) == taken(f"a{char}b"), repr(char)
    assert taken("a" * longest)
    assert not taken("a" * (longest + 1))


def test_snapshot_facts_are_the_properties_of_a_snapshot() -> None:
    fields = set(SnapshotFacts.__dataclass_fields__)
    assert fields == {snake(name) for name in properties("snapshotDefinition")}


# -- texts -----------------------------------------------------------------------------------------


@cache
def known_names() -> frozenset[str]:
    """Every property of every definition."""

    def walk(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            yield from node.get("properties", {})
            for value in node.values():
                yield from walk(value)

    return frozenset(walk(SCHEMA))


def test_hints_about_a_dsource_name_parameters_of_a_dsource() -> None:
    linked = set(properties("linkedSourceDefinition"))
    for check in CHECKS.values():
        assert set(CAMEL.findall(check.hint)) <= linked, check


def test_actions_name_parameters_that_exist() -> None:
    for entry in ENTRIES:
        assert set(CAMEL.findall(entry.action)) <= known_names(), entry.action


def test_messages_name_parameters_that_exist() -> None:
    told = {
        name
        for path in python_files("src")
        for node in strings(path)
        for name in re.findall(r"\bparameters? (\w+)", str(node.value))
        if CAMEL.fullmatch(name)
    }
    assert told
    assert told <= known_names()


# In the docs, and none of the plugin's: of the engine's API and UI, of dvp, of certificates, and
# keys of what the lab answers to machines.
FOREIGN = set(
    """
    attemptCleanup attemptStart buildNumber createEmpty externalVersion hideExpression
    jobState linkData logsyncEnabled messageAction messageCommandOutput messageDetails
    parentAction subjectAltName syncParameters timeflowPointParameters
    ownBytes parentSnapshot pluginId referencedBytes remoteCalls remoteSeconds
    filesystemLayout sourceConfig sourceConfigs targetDirectory targetName
    downloadOutputStream getJob percentComplete requestUploadToken stagingEnvironment
    stagingEnvironmentUser workSource
    """.split()
)


def test_docs_name_parameters_that_exist() -> None:
    wrong: dict[str, set[str]] = {}
    for path in sorted((ROOT / "docs").rglob("*.md")):
        text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
        named = {word for part in re.findall(r"`([^`\n]+)`", text) for word in CAMEL.findall(part)}
        if unknown := named - known_names() - FOREIGN - set(SCHEMA):
            wrong[str(path.relative_to(ROOT))] = unknown
    assert not wrong
