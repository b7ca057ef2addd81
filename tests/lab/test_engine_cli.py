"""The lab on the command line."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from lab.cli.main import cli, output, pass_lab
from lab.errors import LabError
from lab.lab import Lab
from lab.model import Json
from tests.lab.engine_support import NOTEBOOK
from tests.lab.machine_support import leftovers

pytestmark = pytest.mark.root
Run = Callable[..., Result]


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Run]:
    """Runs a command on a lab of its own."""
    root = tmp_path / "lab"

    def run(*arguments: str, mix: bool = True) -> Result:
        return CliRunner(mix_stderr=mix).invoke(cli, ["--root", str(root), *arguments])

    yield run
    assert run("down").exit_code == 0
    assert leftovers(root) == []


def prepare(lab: Run, artifact: Path, root: Path) -> None:
    """A lab with the plugin, and a notebook on the host `source` to link."""
    assert lab("up", "--pool-gib", "2", "--host", "staging", "--host", "source").exit_code == 0
    assert lab("upload", str(artifact)).exit_code == 0
    opened = Lab.open(root)
    opened.hosts["source"].run_as_root(["mkdir", "-p", NOTEBOOK])
    opened.hosts["source"].write_file(f"{NOTEBOOK}/a.txt", b"one\n")
    opened.close()


def test_a_session(lab: Run, artifact: Path, tmp_path: Path) -> None:
    def done(*arguments: str, code: int = 0) -> str:
        result = lab(*arguments)
        assert result.exit_code == code, result.output
        return result.output

    assert "staging" in done("up", "--pool-gib", "2", "--host", "staging", "--host", "source")
    assert "no plugin in the lab" in done("discover", code=1)
    prepare(lab, artifact, tmp_path / "lab")
    assert "Notebook 1" in done("upload", str(artifact))
    assert "a.txt" in done("discover")
    (tmp_path / "p.json").write_text('{"mountPath": "/mnt/x", "pages": 5}')
    linked = done("link", "ds", "--params-file", str(tmp_path / "p.json"), "--param", "pages=9")
    assert "DB_SYNC ds: COMPLETED" in linked
    assert "linked.pre_snapshot" in linked
    wrong = ("--param", "mountPath=/mnt/y", "--param", "pages=many")
    assert "pages: 'many' is not of type" in done("link", "d2", *wrong, code=1)
    done("sync", "ds")
    failed = done(
        *("provision", "vdb", "--from", "ds", "--host", "source"),
        *("--param", "mountPath=/mnt/v", "--param", "fault=virtual.configure=user_error"),
        code=1,
    )
    assert "DB_PROVISION vdb: FAILED" in failed
    assert "the message\nWhat to do: the action\nthe output" in failed
    done("provision", "vdb", "--from", "ds", "--host", "source", "--param", "mountPath=/mnt/v")
    assert "lines=4" in done("snapshots", "vdb")
    for command in ("snapshot", "stop", "start", "disable", "enable", "refresh"):
        assert "vdb: COMPLETED" in done(command, "vdb")
    done("export", "vdb", "/srv/copy", "--host", "staging")
    assert "ACTIVE" in done("status")
    assert done("run", "source", "id", "-un") == "delphix\n"
    done("run", "source", "exit 3", code=3)
    assert "no host nowhere" in done("run", "nowhere", "true", code=1)
    assert "copied 4 bytes" in done("logs")
    assert "DB_REFRESH" in done("jobs")
    assert "user_error" not in done("jobs", "JOB-1")
    assert "no job JOB-99\nWhat to do: There are: " in done("jobs", "JOB-99", code=1)
    done("delete", "vdb")
    done("delete", "ds")


class Machine:
    """Asks the lab with --json, as a program does."""

    def __init__(self, lab: Run) -> None:
        self._lab = lab

    def __call__(self, *arguments: str, code: int = 0) -> Any:
        result = self._lab(*arguments, "--json", mix=False)
        assert result.exit_code == code, result.stdout + result.stderr
        return json.loads(result.stdout)

    def job(self, *arguments: str) -> str:
        """The action of the job that a work command answers."""
        job = self(*arguments)
        assert set(job) >= set("reference action target targetName state started ended".split())
        assert (job["state"], job["error"]) == ("COMPLETED", None)
        for step in job["steps"]:
            assert set(step) == {"name", "kind", "seconds", "remoteCalls", "remoteSeconds", "ended"}
        return str(job["action"])


def test_a_session_of_a_machine(lab: Run, artifact: Path, tmp_path: Path) -> None:
    prepare(lab, artifact, tmp_path / "lab")
    machine = Machine(lab)
    uploaded = machine("upload", str(artifact))
    assert (uploaded["action"], uploaded["plugin"]["buildNumber"]) == ("PLUGIN_UPLOAD", "1")
    source = machine("discover", "source")["hosts"][0]
    assert (source["name"], source["job"]["state"]) == ("source", "COMPLETED")
    (config,) = source["repositories"][0]["sourceConfigs"]
    assert (config["name"], config["present"], config["manual"]) == ("a.txt", True, False)
    typed = ("--param", "name=b", "--param", f"path={NOTEBOOK}/b.txt")
    assert machine("add-source-config", "source", *typed)["manual"] is True

    link = ("link", "ds", "--source-config", "a.txt", "--param", "mountPath=/mnt/ds")
    assert machine.job(*link) == "DB_SYNC"
    assert machine.job("sync", "ds") == "DB_SYNC"
    at_source = (
        "--host",
        "source",
        "--param",
        "mountPath=/mnt/vdb",
        "--param",
        "password=secret77",
    )
    assert machine.job("provision", "vdb", "--from", "ds", "--snapshot", "1", *at_source)
    rows = machine("snapshots", "ds")["snapshots"]
    assert [row["number"] for row in rows] == [1, 2]
    assert [row["metadata"]["parameters"] for row in rows] == ["given", "none"]
    for command in ("snapshot", "stop", "start", "disable", "enable"):
        assert machine.job(command, "vdb")
    assert machine.job("rollback", "vdb", "-1") == "DB_ROLLBACK"
    assert machine.job("refresh", "vdb", "--snapshot", "latest") == "DB_REFRESH"
    assert machine.job("export", "vdb", "/srv/copy", "--host", "staging") == "DB_EXPORT"

    status = machine("status")
    assert [host["state"] for host in status["hosts"]] == ["up", "up"]
    vdb = status["containers"][1]
    assert (vdb["name"], vdb["kind"], vdb["status"], vdb["problem"]) == (
        "vdb",
        "VDB",
        "ACTIVE",
        None,
    )
    assert vdb["mounts"] == [{"host": "source", "path": "/mnt/vdb"}]
    assert vdb["referencedBytes"] >= vdb["ownBytes"] >= 0
    assert "secret77" not in json.dumps(status)
    listed = machine("jobs")["jobs"]
    assert machine("jobs", listed[-1]["reference"]) == listed[-1]
    assert machine.job("delete", "vdb") == machine.job("delete", "ds") == "DB_DELETE"


def test_what_a_machine_is_told_of_failures(lab: Run, artifact: Path, tmp_path: Path) -> None:
    machine = Machine(lab)
    assert machine("status", code=1)["error"]["action"] == "Make one: up."
    prepare(lab, artifact, tmp_path / "lab")
    machine("discover", "source")
    fault = ("--param", "mountPath=/mnt/s2", "--param", "fault=linked.pre_snapshot=user_error")
    failed = machine("link", "s2", *fault, code=1)
    error = {"message": "the message", "action": "the action", "output": "the output"}
    assert failed["error"] == failed["job"]["error"] == error
    assert failed["job"]["state"] == "FAILED"
    assert machine("jobs", failed["job"]["reference"]) == failed["job"]
    again = machine("link", "s2", "--param", "mountPath=/mnt/s2", code=1)
    assert again["error"]["message"] == "s2 was linked but never synced"
    provision = ("provision", "v", "--host", "source", "--param", "mountPath=/mnt/v", "--from")
    assert machine(*provision, "s2", code=1)["error"] == again["error"]
    assert "job" not in again
    action = machine(*provision, "S2", code=1)["error"]["action"]
    assert action == "Did you mean s2? There are: s2."
    wrong = machine("sync", "s2", "--param", "x", code=2)
    assert "not KEY=VALUE" in wrong["error"]["message"]
    assert "no such option: --lines" in machine("jobs", "--lines", code=2)["error"]["message"]
    machine("update", "s2", "--unset", "fault")
    machine("sync", "s2", "--resync")
    machine("delete", "s2")


def test_parameters_are_changed(lab: Run, artifact: Path, tmp_path: Path) -> None:
    prepare(lab, artifact, tmp_path / "lab")
    lab("discover")
    lab("link", "ds", "--param", "mountPath=/mnt/ds", "--param", "pages=5")
    (tmp_path / "p.json").write_text('{"pages": 6, "fault": ""}')
    changed = lab("update", "ds", "--params-file", str(tmp_path / "p.json"), "--param", "pages=9")
    assert changed.output == "ds: changed pages, fault\n"
    with Lab.open(tmp_path / "lab") as opened:
        assert opened.container("ds").parameters == {
            "mountPath": "/mnt/ds",
            "pages": 9,
            "fault": "",
        }
    assert lab("update", "ds", "--param", "pages=9").output == "ds: nothing changed\n"
    answer = Machine(lab)("update", "ds", "--unset", "pages", "--unset", "fault")
    assert (answer["name"], answer["changed"]) == ("ds", ["pages", "fault"])
    for arguments, words in (
        (("--param", "pages=true"), "pages: true is not of type 'integer'"),
        (("--param", "pagse=1"), "What to do: Did you mean pages?"),
        (("--param", "mountPath=x"), "mountPath: 'x' is not a 'unixpath'"),
        (("--unset", "mountPath"), "'mountPath' is a required property"),
        (("--unset", "mount"), "ds has no parameter mount\nWhat to do: Did you mean mountPath?"),
        ((), "Nothing to change"),
    ):
        result = lab("update", "ds", *arguments)
        assert result.exit_code != 0
        assert words in result.output
    lab("delete", "ds")


def test_off_a_terminal_a_row_is_a_line(lab: Run, artifact: Path, tmp_path: Path) -> None:
    prepare(lab, artifact, tmp_path / "lab")
    lab("discover")
    path = f"/mnt/{'long' * 50}"
    lab("link", "ds", "--param", f"mountPath={path}")
    assert f"\tstaging:{path}\n" in lab("status").output
    title, row = lab("snapshots", "ds").output.splitlines()
    assert title.split("\t") == ["number", "snapshot", "name", "metadata"]
    assert row.startswith("1\tAPPDATA_SNAPSHOT-1\t@")
    assert row.endswith(f"\tlines=2, origin={NOTEBOOK}/a.txt, parameters=given")
    lab("delete", "ds")


def test_parameters_that_cannot_be_read(lab: Run, tmp_path: Path) -> None:
    assert "not KEY=VALUE" in lab("link", "ds", "--param", "x").output
    (tmp_path / "p.json").write_text("[1]")
    assert "not a JSON object" in lab("link", "d", "--params-file", str(tmp_path / "p.json")).output


def test_without_a_lab(lab: Run) -> None:
    result = lab("status")
    assert result.exit_code == 1
    assert "There is no lab in" in result.output
    assert "What to do: Make one: up." in result.output


def test_another_package_can_add_commands(lab: Run) -> None:
    @cli.command("hello")
    @click.argument("name")
    @pass_lab
    def hello(opened: Lab, name: str) -> None:
        """Say hello."""
        raise LabError(f"{name} {opened.root.name}", "wave")

    try:
        result = lab("hello", "you")
        assert (result.exit_code, result.output) == (1, "you lab\nWhat to do: wave\n")
    finally:
        cli.commands.pop("hello")


def test_a_fault_of_the_lab_is_told_to_a_machine_too(lab: Run) -> None:
    @cli.command("broken")
    @pass_lab
    @output
    def broken(_opened: Lab) -> Json:
        """Break."""
        raise KeyError("gone")

    try:
        result = lab("broken", "--json", mix=False)
        assert json.loads(result.stdout)["error"]["message"] == "Fault of the lab: KeyError: 'gone'"
        assert "Traceback" in result.stderr
        assert isinstance(lab("broken").exception, KeyError)
    finally:
        cli.commands.pop("broken")
