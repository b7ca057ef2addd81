"""Genuine dvp: upload (first, upgrade, downgrade), download-logs."""

import json
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.lab import Lab
from tests.clients.support import Served, serving
from tests.lab.engine_support import SAMPLE, changed_artifact


@pytest.fixture(scope="module")
def fresh(empty_lab: Lab) -> Iterator[Served]:
    with serving(empty_lab) as server:
        yield server


def dvp(fresh: Served, *arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """dvp with its login; nothing of a user's configuration is read."""
    program = Path(sys.executable).with_name("dvp")
    login = ["-e", fresh.address, "-u", fresh.told["user"], "--password", fresh.told["password"]]
    return subprocess.run(
        [str(program), *arguments, *login],
        capture_output=True,
        text=True,
        check=False,
        cwd=home,
        env={"PATH": "/usr/bin:/bin", "HOME": str(home), "LC_ALL": "C.UTF-8"},
    )


def upload(fresh: Served, artifact: Path, home: Path) -> subprocess.CompletedProcess[str]:
    return dvp(fresh, "upload", "-a", str(artifact), "--wait", home=home)


def test_upload_upgrade_downgrade_and_logs(
    fresh: Served, artifact: Path, second_artifact: Path, tmp_path: Path
) -> None:
    done = upload(fresh, artifact, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    (plugin,) = fresh.lab.plugins()
    assert plugin.build_number == "1"
    done = upload(fresh, second_artifact, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert fresh.lab.plugins()[0].build_number == "1.1"
    assert fresh.lab.plugins()[0].reference == plugin.reference
    done = upload(fresh, artifact, tmp_path)
    assert done.returncode == 1 and "cannot be downgraded" in done.stdout + done.stderr
    assert fresh.lab.plugins()[0].build_number == "1.1"
    fresh.caller().wait(
        fresh.caller().ok("POST", "/environment/UNIX_HOST_ENVIRONMENT-1/refresh")["job"]
    )
    done = dvp(
        fresh,
        *("download-logs", "-c", str(SAMPLE / "plugin_config.yml"), "-d", str(tmp_path)),
        home=tmp_path,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (bundle,) = tmp_path.glob("dlpx-plugin-logs-*.tar.gz")
    with tarfile.open(bundle) as opened:
        names = opened.getnames()
    assert f"log/mgmt_log/plugin_log/{plugin.name}/debug.log" in names


@pytest.mark.parametrize(
    "change",
    [
        {"pluginId": "../../x"},
        {"buildNumber": "../1"},
        {"buildNumber": "one"},
        {"name": "../x"},
        {"name": ".."},
        {"manifest": []},
        {"snapshotSchema": 5},
    ],
    ids=str,
)
def test_an_artifact_whose_names_are_no_names(
    fresh: Served, artifact: Path, change: dict[str, Any]
) -> None:
    content = {**json.loads(artifact.read_text()), **change}
    refused(fresh, json.dumps(content).encode())


@pytest.mark.parametrize(
    "content", [b"no json", b"[]", json.dumps({"type": "Plugin"}).encode()], ids=str
)
def test_what_is_no_artifact(fresh: Served, content: bytes) -> None:
    refused(fresh, content)


def refused(fresh: Served, content: bytes) -> None:
    """The upload is refused at once, and uses its token up."""
    before = fresh.lab.plugins()
    caller = fresh.caller()
    token = caller.ok("POST", "/toolkit/requestUploadToken")["result"]["token"]
    files = {"token": (None, token), "file": ("a.json", content)}
    answer = caller.session.post(caller.base + "/data/upload", files=files, timeout=30).json()
    assert answer["type"] == "ErrorResult" and "fault" not in answer["error"]["id"], answer
    again = caller.session.post(caller.base + "/data/upload", files=files, timeout=30).json()
    assert "token" in again["error"]["details"]
    assert fresh.lab.plugins() == before


def test_wrong_password(fresh: Served, artifact: Path, tmp_path: Path) -> None:
    fresh.told["password"], right = "wrong", fresh.told["password"]
    done = upload(fresh, artifact, tmp_path)
    fresh.told["password"] = right
    assert done.returncode == 1 and "Invalid username or password" in done.stdout + done.stderr


def test_an_artifact_of_an_old_python(fresh: Served, artifact: Path, tmp_path: Path) -> None:
    old = changed_artifact(artifact, tmp_path, language="PYTHON38", buildNumber="9")
    done = upload(fresh, old, tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert fresh.lab.plugins()[0].build_number != "9"
