"""Schemas, artifacts and the state file: no machine needed."""

import json
import multiprocessing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.errors import LabError
from lab.model import (
    Action,
    Container,
    ContainerState,
    Job,
    JobError,
    JobState,
    Kind,
    MountPoint,
    Step,
    StepKind,
)
from lab.plugin.artifact import Artifact, compare_builds, sort_migrations
from lab.plugin.runtime import child
from lab.plugin.runtime.runtime import operation_name
from lab.plugin.schema import check, refuse_secrets, secrets
from lab.state import Store, from_json, to_json
from lab.workflows.operations import manifest_flag
from tests.lab.engine_support import CREDENTIALS, SECRET, changed_artifact

PLATFORM = "https://delphix.com/platform/api#/definitions/"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "path": {"type": "string", "format": "unixpath"},
        "port": {"type": "integer", "minimum": 1},
        "pin": {"type": "string", "format": "password", "pattern": "^[0-9]+$"},
        "login": {"$ref": PLATFORM + "passwordCredentialsSupplier"},
        "any": {"$ref": PLATFORM + "credentialsSupplier"},
        "list": {"type": "array", "items": {"$ref": PLATFORM + "keyCredentialsSupplier"}},
        "inner": {
            "type": "object",
            "properties": {"size": {"type": "integer"}},
            "required": ["size"],
        },
    },
    "required": ["path"],
    "additionalProperties": False,
}
KEYS = {"type": "NamedKeyPairCredential", "username": "u", "publicKey": "p", "privateKey": "q"}
VAULT = {"type": "HashiCorpVaultCredential", "vault": "v", "engine": "e", "path": "p"}
VAULT = {**VAULT, "usernameKey": "u", "secretKey": "s", "expectedSecretType": "any"}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"port": None, "login": None, "inner": None},
        {"port": 1, "inner": {"size": 3, "unknown": None}},
        {"login": CREDENTIALS},
        {"login": VAULT},
        {"any": KEYS},
        {"list": [KEYS, VAULT]},
    ],
)
def test_what_fits(more: dict[str, Any]) -> None:
    check("x", SCHEMA, {"path": "/a", **more})


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"path": None}, "x, path: null is not of type 'string'"),
        ({"path": "a"}, "x, path: 'a' is not a 'unixpath'"),
        ({"port": 0}, "x, port: 0 is less than"),
        ({"port": 1.0}, "x, port: 1.0 is not of type 'integer'"),
        ({"port": "1"}, "x, port: '1' is not of type"),
        ({"colour": 1}, "x: Additional properties"),
        ({"inner": {"size": None}}, "x, inner.size: null is not"),
        ({"login": KEYS}, "x, login: does not fit"),
        ({"list": [CREDENTIALS]}, "x, list.0: does not fit"),
    ],
)
def test_what_does_not_fit(more: dict[str, Any], message: str) -> None:
    with pytest.raises(LabError) as error:
        check("x", SCHEMA, {"path": "/a", **more})
    assert error.value.message.startswith(message)


def test_values_are_told_as_json_has_them() -> None:
    schema = {"properties": {"mode": {"enum": ["a", None, True]}, "on": {"type": "string"}}}
    with pytest.raises(LabError) as error:
        check("x", schema, {"mode": False})
    assert error.value.message == 'x, mode: false is not one of ["a", null, true]'
    with pytest.raises(LabError, match=r'x, on: {"deep": \[null, "é"\]} is not of type'):
        check("x", schema, {"on": {"deep": [None, "é"]}})


@pytest.mark.parametrize(
    ("key", "action"),
    [
        ("prot", "Did you mean port?"),
        ("PORT", "Did you mean port?"),
        ("colour", f"There are: {', '.join(SCHEMA['properties'])}."),
    ],
)
def test_an_unknown_key_names_the_nearest_one(key: str, action: str) -> None:
    with pytest.raises(LabError) as error:
        check("x", SCHEMA, {"path": "/a", key: 1})
    assert error.value.action == action


@pytest.mark.parametrize("wrong", [{"pin": SECRET}, {"login": {**CREDENTIALS, "username": 1}}])
def test_a_schema_error_does_not_tell_a_secret(wrong: dict[str, Any]) -> None:
    with pytest.raises(LabError, match="does not fit") as error:
        check("x", SCHEMA, {"path": "/a", **wrong})
    assert SECRET not in str(error.value)


def test_secrets_are_found_by_schema() -> None:
    value = {"path": "/a", "pin": "1234", "login": CREDENTIALS, "list": [KEYS], "any": None}
    assert sorted(secrets(SCHEMA, value)) == ["1234", SECRET, "q"]


@given(text=st.text(), short=st.sampled_from(["db", "a", "root"]))
def test_secrets_are_refused(text: str, short: str) -> None:
    with pytest.raises(LabError, match="secret"):
        refuse_secrets("x", {"a": [{"b": text + SECRET + text}]}, [SECRET])
    with pytest.raises(LabError, match="secret"):
        refuse_secrets("x", {"a": short}, [short])
    refuse_secrets("x", {"a": f"the {short} host", "n": 1, "z": None}, [short, SECRET])


def test_every_operation_has_its_manifest_flag(artifact: Path) -> None:
    manifest = json.loads(artifact.read_text())["manifest"]
    for rpc in child.WRAPPERS:
        name = operation_name(rpc)
        assert name.startswith("upgrade.") or manifest_flag(name) in manifest


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"type": "Toolkit"}, "no plugin artifact"),
        ({"sourceCode": None}, "lacks sourceCode"),
        ({"sourceCode": "xxxx"}, "cannot be unpacked"),
        ({"snapshotSchema": {"type": 3}}, "not a valid schema"),
    ],
)
def test_bad_artifacts(
    artifact: Path, tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(LabError, match=message):
        Artifact.load(changed_artifact(artifact, tmp_path, **changes)).unpack(tmp_path / "plugins")
    assert not list((tmp_path / "plugins").glob("*/*"))


def test_identity_fields_must_be_properties(artifact: Path, tmp_path: Path) -> None:
    discovery = json.loads(artifact.read_text())["discoveryDefinition"]
    discovery["repositoryIdentityFields"] = ["gone"]
    with pytest.raises(LabError, match="repository lacks the field gone"):
        Artifact.load(changed_artifact(artifact, tmp_path, discoveryDefinition=discovery))
    with pytest.raises(LabError, match="cannot be read"):
        Artifact.load(tmp_path / "none.json")
    (tmp_path / "text.json").write_text("{")
    with pytest.raises(LabError, match="not JSON"):
        Artifact.load(tmp_path / "text.json")


def test_build_numbers_and_migrations() -> None:
    assert [compare_builds("1.2", other) for other in ("1.10", "1.2.0", "1")] == [-1, 0, 1]
    assert sort_migrations(["2026.10", "2026.9", "1"]) == ["1", "2026.9", "2026.10"]


def test_objects_survive_the_state_file(tmp_path: Path) -> None:
    store = Store(tmp_path)
    mounts = (MountPoint("UNIX_HOST_ENVIRONMENT-1", "/mnt"),)
    container = Container(
        store.new_reference(Container.PREFIX),
        "ds",
        Kind.DSOURCE,
        "guid",
        "UNIX_HOST_ENVIRONMENT-1",
        "APPDATA_REPOSITORY-1",
        {"a": [1, None]},
        ContainerState.ENABLED,
        "APPDATA_TIMEFLOW-1",
        mounts=mounts,
    )
    steps = (Step("x", StepKind.PLUGIN, 1.5, 2, 0.5),)
    error = JobError("m", "a", "o")
    job = Job("JOB-1", Action.DB_LINK, "r", "n", JobState.FAILED, "t", "u", error, steps)
    store.put(container, job)
    again = Store(tmp_path)
    assert again.get(Container, "APPDATA_CONTAINER-1") == container
    assert again.all(Job) == [job]
    assert (tmp_path / "state.json").stat().st_mode & 0o777 == 0o600
    again.remove(container)
    assert again.new_reference(Container.PREFIX) == "APPDATA_CONTAINER-2"
    with pytest.raises(LabError, match="no Container APPDATA_CONTAINER-1"):
        store.get(Container, "APPDATA_CONTAINER-1")


@given(st.sampled_from(JobState), st.floats(0, 1e6), st.none() | st.text())
def test_json_round_trip(state: JobState, seconds: float, ended: str | None) -> None:
    steps = (Step("x", StepKind.ENGINE, seconds),)
    job = Job("JOB-1", Action.DB_SYNC, "r", "n", state, "t", ended, None, steps)
    assert from_json(Job, json.loads(json.dumps(to_json(job)))) == job


def _count(root: Path, times: int) -> None:
    store = Store(root)
    for _ in range(times):
        store.new_reference("JOB")


def test_two_processes_do_not_collide(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_count, args=(tmp_path, 25)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    assert Store(tmp_path).new_reference("JOB") == "JOB-76"
