"""Examples that no test runs: Terraform and Ansible. They fit the schemas, and hold no secret."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hcl2
import pytest
import yaml

from lab.api import app, work
from lab.api.calls import require
from lab.plugin.schema import check
from tests.clients.support import ROOT

EXAMPLES = ROOT / "examples"
PLUGIN = json.loads((ROOT / "schema.json").read_text())
TERRAFORM = json.loads((Path(__file__).parent / "terraform_schema.json").read_text())
DEFINITIONS = {
    "parameters": "linkedSourceDefinition",
    "sync_parameters": "snapshotParametersDefinition",
    "appdata_source_params": "virtualSourceDefinition",
}
TYPES = {"string": str, "boolean": bool, "integer": int}


# -- Terraform -----------------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """What python-hcl2 read, with its quotes and notes away and an example for each variable."""
    if isinstance(value, dict):
        return {
            plain(key): plain(part)
            for key, part in value.items()
            if key not in ("__is_block__", "__comments__")
        }
    if isinstance(value, list):
        return [plain(part) for part in value]
    if not isinstance(value, str):
        return value
    if value == "${each.value}":
        return 3320
    text = re.sub(r"\$\{(?:var\.\w+|each\.key)\}", "example", value)
    return text[1:-1] if text.startswith('"') else text


def encoded(value: str) -> Any:
    """The object in jsonencode(...)."""
    found = re.fullmatch(r"\$\{jsonencode\((.*)\)\}", value, flags=re.S)
    assert found, value
    return plain(hcl2.loads(f"x = {found[1]}\n"))["x"]


def blocks(file: str, kind: str) -> dict[str, Any]:
    with (EXAMPLES / "terraform" / file).open() as opened:
        read = hcl2.load(opened)
    return {key.strip('"'): part for block in read[kind] for key, part in block.items()}


@pytest.mark.parametrize("kind", ["delphix_appdata_dsource", "delphix_vdb"])
def test_terraform_resources(kind: str) -> None:
    known = TERRAFORM["resources"][kind]
    attributes = known["required"] | known["optional"]
    (given,) = blocks("main.tf", "resource")[kind].values()
    given = {key: part for key, part in given.items() if not key.startswith("__")}
    (times,) = plain(given.pop("timeouts"))
    assert set(times) == set(known["timeouts"])
    assert all(re.fullmatch(r"\d+[hm]", text) for text in times.values())
    given.pop("for_each", None)
    assert set(known["required"]) <= set(given) <= set(attributes)
    for name, value in given.items():
        assert isinstance(plain(value), TYPES[attributes[name]]), name
    told = DEFINITIONS.keys() & given
    assert told
    for name in told:
        check(name, PLUGIN[DEFINITIONS[name]], encoded(given[name]))


def test_terraform_provider_and_variables() -> None:
    wanted = plain(blocks("versions.tf", "terraform"))["required_providers"]
    assert wanted == [{"delphix": TERRAFORM["provider"]}]
    variables = plain(blocks("variables.tf", "variable"))
    assert variables["dct_key"]["sensitive"] is True and "default" not in variables["dct_key"]
    text = "".join(path.read_text() for path in (EXAMPLES / "terraform").glob("*.tf"))
    assert set(re.findall(r"\bvar\.(\w+)", text)) == set(variables)


# -- Ansible -------------------------------------------------------------------------------------

FILES = sorted((EXAMPLES / "ansible").rglob("*.yml"))
URI, INCLUDE = "ansible.builtin.uri", "ansible.builtin.include_tasks"


def tasks() -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in FILES:
        content = yaml.safe_load(path.read_text())
        for part in content:
            for task in part.get("tasks", [part]):
                yield path, task


def test_ansible_tasks() -> None:
    """Each call is one of the engine's, has a time-out, and says nothing of a secret."""
    paths = {f"{method} {path}" for method, path, _ in (*app.CALLS, *app.OPEN_CALLS)}
    seen = set()
    for path, task in tasks():
        modules = set(task) & {URI, INCLUDE, "ansible.builtin.set_fact"}
        assert task["name"] and len(modules) == 1, (path, task)
        if INCLUDE in task:
            assert (path.parent / task[INCLUDE]).exists()
            called = f"POST {task['vars']['path']}" if "vars" in task else ""
        elif URI in task:
            uri = task[URI]
            assert uri["timeout"] and uri["url"].startswith("{{ base }}")
            assert not {"user", "password", "url_password"} & set(uri)
            called = f"{uri.get('method', 'GET')} {uri['url'].removeprefix('{{ base }}')}"
            assert uri.get("method") != "POST" or task["no_log"] is True
        else:
            assert task["no_log"] is True
            called = ""
        if called and called != "POST {{ path }}":
            called = re.sub(r"\{\{.*?\}\}", "{reference}", called.partition("?")[0])
            assert called in paths
            seen.add(called)
    assert {"POST /login", "POST /database/link", "POST /database/{reference}/refresh"} <= seen


def test_ansible_bodies() -> None:
    known = {
        "LinkParameters": work._LINK,
        "AppDataSyncParameters": work._SYNC,
        "RefreshParameters": work._REFRESH,
    }
    seen = set()
    for _, task in tasks():
        content = task.get("vars", {}).get("content")
        if content is None:
            continue
        seen.add(content["type"])
        require(known[content["type"]], content)
        if content["type"] == "LinkParameters":
            linked = content["linkData"]
            check("parameters", PLUGIN["linkedSourceDefinition"], linked["parameters"])
            content = linked["syncParameters"]
        if content["type"] == "AppDataSyncParameters":
            check("sync", PLUGIN["snapshotParametersDefinition"], content["parameters"])
    assert seen == set(known)


# -- all -----------------------------------------------------------------------------------------


def test_no_secret_is_written_down() -> None:
    """Credentials come from a vault, the login from the environment."""
    for path in EXAMPLES.rglob("*.*"):
        text = path.read_text()
        assert "NamedPasswordCredential" not in text, path
        values = re.findall(r"\b(?:password|key)['\"]?\s*[:=]\s*[\"']([^\"']+)[\"']", text)
        assert all(value.startswith("{{") for value in values), (path, values)
