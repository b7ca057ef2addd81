"""A lab that serves the engine's interface, and clients that run in their own environment."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from lab.lab import Lab
from tests.lab.engine_support import NOTEBOOK

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = Path(__file__).parent / "scripts"
CLIENTS = ROOT / ".venv-clients" / "bin" / "python"
# What the servers of all tests have been asked.
CALLS = ROOT / "build" / "clients"
PREFIX = "/resources/json/delphix"
PATIENCE = 60.0
VERSION = {"type": "APIVersion", "major": 1, "minor": 11, "micro": 52}


@dataclass
class Served:
    """A lab whose server runs."""

    lab: Lab
    process: subprocess.Popen[bytes]
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return str(self.told["url"])

    @property
    def address(self) -> str:
        return self.url.removeprefix("http://")

    def given(self, **more: Any) -> dict[str, Any]:
        """What a script of a client is told."""
        return {key: self.told[key] for key in ("url", "user", "password", "key")} | more

    def life(self, artifact: Path) -> dict[str, Any]:
        """What the scripts of a whole life are told, with the sample plugin."""
        told = self.given(
            artifact=str(artifact),
            plugin=json.loads(artifact.read_text())["pluginId"],
            staging="staging",
            target="target",
            source={"host": "source", "name": None},
            linked={"mountPath": "/mnt/NAME"},
            virtual={"mountPath": "/mnt/NAME"},
            physical={"title": "NAME"},
            broken={"fault": "linked.pre_snapshot=user_error"},
            failure="the message",
        )
        return told | {"by hand": {"name": "by hand", "path": f"{NOTEBOOK}/two"}}

    def access_log(self) -> list[list[str]]:
        """Method, path, status, milliseconds, client of each call."""
        text = (self.lab.root / "log" / "access.log").read_text()
        return [line.split("\t")[1:] for line in text.splitlines()]

    def caller(self) -> "Caller":
        return Caller(self.url, self.told["user"], self.told["password"])


@contextmanager
def serving(lab: Lab, *options: str) -> Iterator[Served]:
    """The lab's server as a process of its own, on any free port, until the end."""
    file = lab.root / "api.json"
    file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "lab.cli", "--root", str(lab.root)]
    process = subprocess.Popen(
        [*command, "serve", "--port", "0", *options], cwd=ROOT, stderr=subprocess.PIPE
    )
    try:
        deadline = time.monotonic() + PATIENCE
        while not file.exists():
            assert process.poll() is None, process.stderr.read() if process.stderr else ""
            assert time.monotonic() < deadline, "the server does not come up"
            time.sleep(0.05)
        yield Served(lab, process, json.loads(file.read_text()))
    finally:
        _keep_calls(lab)
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)


def _keep_calls(lab: Lab) -> None:
    """For the table of the page engine-api.md."""
    log = lab.root / "log" / "access.log"
    if log.exists():
        CALLS.mkdir(parents=True, exist_ok=True)
        with (CALLS / f"{os.getpid()}.tsv").open("a") as kept:
            kept.write(log.read_text())


def run_client(script: str, given: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Run a script of this folder in the clients' environment: the JSON that it prints."""
    assert CLIENTS.exists(), "the clients are not installed: run the tests by ./dev test"
    file = folder / "given.json"
    file.write_text(json.dumps(given))
    done = subprocess.run(
        [str(CLIENTS), str(SCRIPTS / script), str(file)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


class Caller:
    """A plain HTTP client that has logged in."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self.base = url + PREFIX
        self.session = requests.Session()
        self.ok("POST", "/session", {"type": "APISession", "version": VERSION})
        login = {"type": "LoginRequest", "username": user, "password": password}
        self.ok("POST", "/login", login)

    def call(self, method: str, path: str, body: Any = None) -> requests.Response:
        return self.session.request(method, self.base + path, json=body, timeout=PATIENCE)

    def ok(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        answer: dict[str, Any] = self.call(method, path, body).json()
        assert answer["status"] == "OK", answer
        return answer

    def get(self, path: str) -> Any:
        return self.ok("GET", path)["result"]

    def error(self, method: str, path: str, body: Any = None, status: int = 200) -> dict[str, Any]:
        """The APIError of a call that is refused with this HTTP status."""
        response = self.call(method, path, body)
        answer = response.json()
        assert (response.status_code, answer["type"]) == (status, "ErrorResult"), answer
        error: dict[str, Any] = answer["error"]
        assert error["type"] == "APIError" and error["details"]
        return error

    def wait(self, job: str) -> dict[str, Any]:
        """The job when it has ended."""
        deadline = time.monotonic() + PATIENCE
        while (row := self.get(f"/job/{job}"))["jobState"] == "RUNNING":
            assert time.monotonic() < deadline, row
            time.sleep(0.1)
        found: dict[str, Any] = row
        return found

    def source_of(self, name: str) -> dict[str, Any]:
        """The source of a dSource or VDB."""
        (found,) = [row for row in self.get("/source") if row["name"] == name]
        return dict(found)


def raw(served: Served, request: bytes) -> bytes:
    """What the server says to these bytes."""
    host, port = served.address.split(":")
    with closing(socket.create_connection((host, int(port)), timeout=30)) as stream:
        stream.sendall(request)
        said = b""
        while part := stream.recv(65536):
            said += part
            head, _, body = said.partition(b"\r\n\r\n")
            if b"content-length: %d\r\n" % len(body) in head.lower() + b"\r\n":
                break
    return said
