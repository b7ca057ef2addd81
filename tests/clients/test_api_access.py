"""Who may use the engine's interface, from where, and what it never shows."""

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.clients.conftest import OWNERS
from tests.clients.support import PREFIX, VERSION, Caller, Served, raw, serving
from tests.lab.engine_support import SECRET

LINKED, VIRTUAL = "AppDataLinkedStagedSource", "AppDataVirtualSource"
STARS = "********"


# -- sessions ------------------------------------------------------------------------------------


def bare(served: Served, method: str, path: str, **more: Any) -> requests.Response:
    return requests.request(method, served.url + PREFIX + path, timeout=30, **more)


def test_without_a_session_nothing_is_told(served: Served) -> None:
    for path in ("/job", "/database", "/toolkit", "/source/APPDATA_STAGED_SOURCE-1", "/about"):
        answer = bare(served, "GET", path)
        assert answer.status_code == 403 and "session" in answer.json()["error"]["details"]
    answer = bare(served, "POST", "/data/upload", data=b"x")
    assert answer.status_code == 403


def test_a_session_alone_is_no_login(served: Served) -> None:
    client = requests.Session()
    client.post(
        served.url + PREFIX + "/session",
        json={"type": "APISession", "version": VERSION},
        timeout=30,
    )
    answer = client.get(served.url + PREFIX + "/job", timeout=30)
    assert answer.status_code == 403 and "logged in" in answer.json()["error"]["details"]


@pytest.mark.parametrize("password", ["", "wrong", "\ud800", "x" * 100_000, None, 5], ids=repr)
def test_a_wrong_password_lets_nobody_in(served: Served, password: Any) -> None:
    client = requests.Session()
    base = served.url + PREFIX
    opened = {"type": "APISession", "version": VERSION}
    client.post(base + "/session", json=opened, timeout=30)
    login = {"type": "LoginRequest", "username": served.told["user"], "password": password}
    answer = client.post(base + "/login", json=login, timeout=30)
    assert answer.json()["type"] == "ErrorResult" and answer.status_code in (200, 401)
    assert client.get(base + "/job", timeout=30).status_code == 403


def test_who_has_logged_out_is_out(served: Served, caller: Caller) -> None:
    other = served.caller()
    other.ok("POST", "/logout")
    other.error("GET", "/job", status=403)
    assert isinstance(caller.get("/job"), list)


def test_a_session_expires(served: Served) -> None:
    with serving(served.lab, "--idle", "1") as hasty:
        other = hasty.caller()
        for _ in range(4):
            time.sleep(0.4)
            other.get("/group")
        time.sleep(1.3)
        assert "expired" in other.error("GET", "/group", status=403)["details"]


@pytest.mark.parametrize("micro", [50, 52, 53, 999])
def test_versions_up_to_the_newest_are_spoken(served: Served, micro: int) -> None:
    opened = {"type": "APISession", "version": {**VERSION, "micro": micro}}
    answer = bare(served, "POST", "/session", json=opened)
    if micro <= 52:
        assert answer.json()["status"] == "OK"
        cookies = answer.cookies
        told = bare(served, "GET", "/session", cookies=cookies).json()["result"]
        assert told["version"]["micro"] == micro
    else:
        assert "not supported" in answer.json()["error"]["details"]
        assert "set-cookie" not in answer.headers


def test_the_cookie_is_for_the_server_alone(served: Served) -> None:
    answer = bare(served, "POST", "/session", json={"type": "APISession", "version": VERSION})
    words = {word.strip().lower() for word in answer.headers["set-cookie"].split(";")[1:]}
    assert {"httponly", "samesite=strict", "path=/"} <= words
    assert "server" not in answer.headers and answer.headers["x-frame-options"] == "DENY"


def test_a_token_is_good_for_once_and_on_its_own_server(served: Served, caller: Caller) -> None:
    token = caller.ok("POST", "/toolkit/requestUploadToken")["result"]["token"]
    (plugin,) = caller.get("/toolkit")
    body = {
        "type": "SupportBundleGenerateParameters",
        "bundleType": "PLUGIN_LOG",
        "plugin": plugin["reference"],
    }
    bundle = caller.ok("POST", "/service/support/bundle/generate", body)["result"]
    with serving(served.lab) as second:
        other = second.caller()
        other.error("GET", f"/data/downloadOutputStream?token={bundle}")
        files = {"token": (None, token), "file": ("a.json", b"{}")}
        url = other.base + "/data/upload"
        answer = other.session.post(url, files=files, timeout=30).json()
        assert "token" in answer["error"]["details"]
    for status in ("application/octet-stream", "application/json"):
        answer = caller.call("GET", f"/data/downloadOutputStream?token={bundle}")
        assert answer.headers["content-type"] == status


# -- pages from elsewhere ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "http://127.0.0.1", "http://127.0.0.1:1", "https://x", ""],
)
def test_a_page_of_another_origin_can_do_nothing(
    served: Served, caller: Caller, origin: str
) -> None:
    before = caller.get("/group")
    answer = caller.session.post(
        caller.base + "/group",
        data=b'{"type": "Group", "name": "foreign"}',
        headers={"Origin": origin, "Content-Type": "text/plain"},
        timeout=30,
    )
    assert answer.status_code == 403 and "origin" in answer.json()["error"]["details"]
    assert caller.get("/group") == before


def test_its_own_page_may_call(served: Served, caller: Caller) -> None:
    answer = caller.session.get(caller.base + "/group", headers={"Origin": served.url}, timeout=30)
    assert answer.status_code == 200
    name = f"localhost:{served.address.split(':')[1]}"
    cookie = f"JSESSIONID={caller.session.cookies['JSESSIONID']}"
    headers = {"Origin": f"http://{name}", "Host": name, "Cookie": cookie}
    assert requests.get(caller.base + "/group", headers=headers, timeout=30).ok


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil@x", "[", "", "10.0.0.1:80"]
)
def test_a_name_of_another_machine_is_refused(served: Served, host: str) -> None:
    said = raw(served, f"GET {PREFIX}/about HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    # What is no name at all is refused before that.
    assert said.split()[1] == b"400" or b"Host header" in said, said


def test_it_listens_on_loopback_only(served: Served) -> None:
    port = int(served.address.split(":")[1])
    listening = []
    for file in ("/proc/net/tcp", "/proc/net/tcp6"):
        lines = Path(file).read_text().splitlines()
        listening += [line.split()[1] for line in lines if line.split()[3] == "0A"]
    assert [one for one in listening if one.endswith(f":{port:04X}")] == [f"0100007F:{port:04X}"]


def test_a_port_that_is_taken_is_told(served: Served) -> None:
    port = served.address.rpartition(":")[2]
    command = [served.process.args[0], "-m", "lab.cli", "--root", str(served.lab.root)]  # type: ignore[index]
    done = subprocess.run(
        [*command, "serve", "--port", port], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode != 0 and f"Port {port} cannot be used" in done.stderr


# -- parameters and secrets ----------------------------------------------------------------------


def test_passwords_are_shown_as_stars_and_come_back(served: Served, caller: Caller) -> None:
    for name, kind in (("ds", LINKED), ("vdb", VIRTUAL)):
        before = served.lab.container(name).parameters
        row = caller.source_of(name)
        assert STARS in json.dumps(row) and SECRET not in json.dumps(row)
        changed = {**row["parameters"], "fault": "none=none"}
        path = f"/source/{row['reference']}"
        caller.ok("POST", path, {"type": kind, "parameters": changed})
        assert served.lab.container(name).parameters == {**before, "fault": "none=none"}
        caller.ok("POST", path, {"type": kind, "parameters": row["parameters"]})
        assert served.lab.container(name).parameters == before


def test_stars_are_no_password(served: Served, caller: Caller) -> None:
    row = caller.source_of("vdb")
    path = f"/source/{row['reference']}"
    bare = {key: value for key, value in row["parameters"].items() if key != "password"}
    before = served.lab.container("vdb").parameters
    caller.ok("POST", path, {"type": VIRTUAL, "parameters": bare})
    error = caller.error("POST", path, {"type": VIRTUAL, "parameters": row["parameters"]})
    assert "parameters.password" in error["details"]
    served.lab.update_parameters("vdb", before)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"mountPath": 5}, "mountPath"),
        ({"mountPath": "relative"}, "mountPath"),
        ({"unknown": 1}, "unknown"),
        ({"pages": 1000}, "pages"),
        ({"credentials": {"type": "NamedPasswordCredential", "password": SECRET}}, "credentials"),
        ({"credentials": SECRET}, "credentials"),
        ({"credentials": [SECRET]}, "credentials"),
    ],
    ids=str,
)
def test_parameters_that_do_not_fit_name_the_key(
    served: Served, caller: Caller, changes: dict[str, Any], word: str
) -> None:
    row = caller.source_of("ds")
    before = served.lab.container("ds")
    body = {"type": LINKED, "parameters": {**row["parameters"], **changes}}
    error = caller.error("POST", f"/source/{row['reference']}", body)
    assert word in error["details"] and SECRET not in json.dumps(error)
    assert served.lab.container("ds") == before


def test_no_password_is_anywhere(served: Served, caller: Caller) -> None:
    login = served.told["password"], served.told["key"]
    for path in ("source", "database", "sourceconfig", "snapshot", "job", "action", "toolkit"):
        text = caller.call("GET", f"/{path}").text
        assert not [word for word in (SECRET, OWNERS, *login) if word in text]
    for file in ("access.log", "api.log"):
        text = (served.lab.root / "log" / file).read_text()
        assert not [word for word in (SECRET, OWNERS, *login) if word in text]
