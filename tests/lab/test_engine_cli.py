"""The lab on the command line."""

from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from lab.cli.main import cli, pass_lab
from lab.errors import LabError
from lab.lab import Lab
from tests.lab.engine_support import NOTEBOOK
from tests.lab.machine_support import leftovers

pytestmark = pytest.mark.root
Run = Callable[..., Result]


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Run]:
    """Runs a command on a lab of its own."""
    root = tmp_path / "lab"

    def run(*arguments: str) -> Result:
        environment = {"COLUMNS": "150"}
        return CliRunner(mix_stderr=True).invoke(
            cli, ["--root", str(root), *arguments], env=environment
        )

    yield run
    assert run("down").exit_code == 0
    assert leftovers(root) == []


def test_a_session(lab: Run, artifact: Path, tmp_path: Path) -> None:
    def done(*arguments: str, code: int = 0) -> str:
        result = lab(*arguments)
        assert result.exit_code == code, result.output
        return result.output

    assert "staging" in done("up", "--pool-gib", "2", "--host", "staging", "--host", "source")
    assert "no plugin in the lab" in done("discover", code=1)
    assert "Notebook 1" in done("upload", str(artifact))
    opened = Lab.open(tmp_path / "lab")
    opened.hosts["source"].run_as_root(["mkdir", "-p", NOTEBOOK])
    opened.hosts["source"].write_file(f"{NOTEBOOK}/a.txt", b"one\n")
    opened.close()
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
    assert "no job JOB-99" in done("jobs", "JOB-99", code=1)
    done("delete", "vdb")
    done("delete", "ds")


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
