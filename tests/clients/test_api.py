"""The engine's interface is asked for what it should refuse: bodies, references, names."""

import socket
from typing import Any

import pytest
import requests

from tests.clients.support import PREFIX, Caller, Served, raw

# -- bodies --------------------------------------------------------------------------------------

BODIES = {
    "no JSON": b"{",
    "a list": b"[]",
    "null": b"null",
    "a text": b'"x"',
    "deep": b'{"type": ' + b"[" * 300 + b"]" * 300 + b"}",
    "very deep": b"[" * 200_000,
    "a deep object": b'{"a":' * 100_000,
    "NUL": b"\0",
    "a NUL inside": b'{"type": "Group", "na\0me": "x"}',
    "invalid UTF-8": b'{"type": "Group", "name": "\xff"}',
    "half a character": b'{"type": "Group", "name": "\\ud800"}',
    "not a number": b'{"type": "Group", "name": "x", "more": NaN}',
    "infinity": b'{"type": "Group", "name": "x", "more": 1e999}',
    "many digits": b'{"type": "Group", "name": "x", "more": ' + b"9" * 5000 + b"}",
    "no type": b'{"name": "x"}',
    "unknown type": b'{"type": "Grupp", "name": "x"}',
    "no name": b'{"type": "Group"}',
    "an empty name": b'{"type": "Group", "name": ""}',
    "a number for a name": b'{"type": "Group", "name": 5}',
    "a list for a type": b'{"type": ["Group"], "name": "x"}',
    "the name that is there": b'{"type": "Group", "name": "Untitled"}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_bad_body_is_refused_and_changes_nothing(caller: Caller, body: bytes) -> None:
    before = caller.get("/group")
    answer = caller.session.post(caller.base + "/group", data=body, timeout=30)
    assert answer.status_code == 200, answer.text
    assert answer.json()["type"] == "ErrorResult" and answer.json()["error"]["details"]
    assert caller.get("/group") == before


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(("path", "size"), [("/group", 5 << 20), ("/data/upload", 65 << 20)])
def test_a_large_body_is_cut_off(caller: Caller, chunked: bool, path: str, size: int) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    content = head + b" " * size
    parts = (content[at : at + (1 << 20)] for at in range(0, len(content), 1 << 20))
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    try:
        answer = caller.session.post(
            caller.base + path, data=parts if chunked else content, headers=headers, timeout=30
        )
    except requests.ConnectionError:
        # The server has hung up before all of it was sent.
        return
    assert answer.status_code == 413 and "MiB" in answer.json()["error"]["details"]


@pytest.mark.parametrize("content", [b"", b"--x", b"\0" * 100, b"--x\r\n\r\n"], ids=repr)
def test_what_is_no_form_is_told(caller: Caller, content: bytes) -> None:
    for kind in ("multipart/form-data; boundary=x", "multipart/form-data", "text/plain"):
        answer = caller.session.post(
            caller.base + "/data/upload", data=content, headers={"Content-Type": kind}, timeout=30
        )
        assert answer.status_code == 200 and answer.json()["type"] == "ErrorResult", answer.text


def test_half_a_request_does_not_hold_up_others(served: Served, caller: Caller) -> None:
    host, port = served.address.split(":")
    streams = []
    for _ in range(60):
        stream = socket.create_connection((host, int(port)))
        head = f"POST {PREFIX}/group HTTP/1.1\r\nHost: {served.address}\r\n"
        stream.sendall(f"{head}Content-Length: 9\r\n\r\n".encode())
        streams.append(stream)
    assert isinstance(caller.get("/group"), list)
    for stream in streams:
        stream.close()


# -- calls and references ------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_an_unknown_call_is_told(caller: Caller, method: str) -> None:
    error = caller.error(method, "/no/such", status=404)
    assert f"{method} /no/such" in error["details"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "POST"])
def test_a_wrong_method_is_told(caller: Caller, method: str) -> None:
    assert method in caller.error(method, "/job", status=404)["details"]


def test_head_is_a_get_without_a_body(caller: Caller) -> None:
    answer = caller.call("HEAD", "/job")
    assert (answer.status_code, answer.content) == (200, b"")


REFERENCES = {
    "GET": "toolkit environment repository sourceconfig database source snapshot timeflow job "
    "action".split(),
    "POST": "toolkit/*/delete environment/*/refresh sourceconfig/*/delete database/*/sync "
    "database/*/delete source/*/start source/*/stop source/*/enable source/*/disable "
    "snapshot/*/delete job/*/cancel".split(),
}


@pytest.mark.parametrize("wrong", ["JOB-999", "X", "..%2f..%2fetc", "%00", "%ff", "a b", "é" * 500])
def test_a_reference_of_nothing_is_told(caller: Caller, wrong: str) -> None:
    for method, paths in REFERENCES.items():
        for path in paths:
            full = path.replace("*", wrong) if "*" in path else f"{path}/{wrong}"
            answer = caller.call(method, f"/{full}")
            assert answer.json()["type"] == "ErrorResult", (method, full, answer.text)
            assert answer.status_code in (200, 404), (method, full, answer.text)


def test_a_reference_of_another_kind_is_told(caller: Caller) -> None:
    linked, virtual = caller.source_of("ds"), caller.source_of("vdb")
    number = linked["reference"].rpartition("-")[2]
    caller.error("GET", f"/source/APPDATA_VIRTUAL_SOURCE-{number}")
    caller.error("GET", f"/database/{linked['reference']}")
    caller.error("GET", f"/snapshot/{virtual['container']}")
    last = caller.get("/job")[-1]["reference"]
    caller.error("GET", f"/action/{last}")
    caller.error("GET", f"/job/{last.replace('JOB', 'ACTION')}")


def test_bodies_that_name_nothing_make_nothing(caller: Caller) -> None:
    linked = caller.source_of("ds")
    data = {
        "type": "AppDataStagedLinkData",
        "config": linked["config"],
        "stagingEnvironment": linked["stagingEnvironment"],
        "parameters": {"mountPath": "/mnt/new"},
    }
    before = caller.get("/database"), caller.get("/job")
    for change in (
        {"config": "X-1"},
        {"stagingEnvironment": "X-1"},
        {"parameters": []},
        {"parameters": {"mountPath": 5}},
        {"parameters": {"mountPath": "/mnt/new", "unknown": 1}},
        {"parameters": {}},
    ):
        body = {"type": "LinkParameters", "name": "new", "linkData": {**data, **change}}
        caller.error("POST", "/database/link", body)
    for change in ({"group": "GROUP-99"}, {"name": "ds"}, {"name": 5}, {"linkData": None}):
        body = {"type": "LinkParameters", "name": "new", "linkData": data, **change}
        caller.error("POST", "/database/link", body)
    assert (caller.get("/database"), caller.get("/job")) == before


@pytest.mark.parametrize(
    "path",
    ["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fapi.json", "//etc/passwd"],
)
def test_no_file_of_the_machine_is_served(served: Served, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: {served.address}\r\nConnection: close\r\n\r\n"
    said = raw(served, request.encode())
    assert said.split()[1] == b"404" and b"root:" not in said


def test_a_path_does_not_forge_lines_of_the_log(served: Served, caller: Caller) -> None:
    caller.call("GET", "/job/x%0a2026-01-01%09GET%09/forged")
    assert not [row for row in served.access_log() if row[1:2] == ["/forged"]]
    assert all(len(row) == 5 for row in served.access_log())


# -- filters, names, groups ----------------------------------------------------------------------


def test_filters(caller: Caller) -> None:
    linked, virtual = caller.source_of("ds"), caller.source_of("vdb")
    container = virtual["container"]
    assert [row["name"] for row in caller.get(f"/source?database={container}")] == ["vdb"]
    for path in ("snapshot", "timeflow"):
        rows = caller.get(f"/{path}?database={container}")
        assert {row["container"] for row in rows} == {container}
    found = caller.get(f"/database?provisionContainer={linked['container']}")
    assert [row["name"] for row in found] == ["vdb"]
    for path in ("repository", "sourceconfig", "environment/user"):
        place = caller.get("/environment")[0]["reference"]
        assert 0 < len(caller.get(f"/{path}?environment={place}")) < len(caller.get(f"/{path}"))
    jobs = caller.get(f"/job?target={container}&jobState=COMPLETED&addEvents=false")
    assert {row["target"] for row in jobs} == {container}
    assert all(row["events"] == [] for row in jobs)
    assert caller.get("/job?jobState=SUSPENDED") == caller.get("/source?database=X") == []
    started = caller.get("/job")[-1]
    action = caller.get("/job?jobType=DB_LINK")[0]["parentAction"]
    (child,) = caller.get(f"/action?parentAction={action}")
    assert child["actionType"] == "DB_SYNC"
    time = started["startTime"]
    for since in (time, time.replace("Z", "+00:00"), time.replace("Z", "%2B00:00")):
        assert caller.get(f"/job?fromDate={since}")[0] == started
    assert caller.get("/job?toDate=2000-01-01") == []
    for wrong in ("yesterday", "%00", ""):
        assert "fromDate" in caller.error("GET", f"/job?fromDate={wrong}")["details"]


def test_names_and_groups(caller: Caller) -> None:
    container = caller.source_of("ds")["container"]
    group = caller.ok("POST", "/group", {"type": "Group", "name": "one"})["result"]
    caller.error("POST", "/group", {"type": "Group", "name": "one"})

    def change(**changes: Any) -> dict[str, Any]:
        return {"type": "AppDataContainer", **changes}

    caller.ok("POST", f"/database/{container}", change(name="other", group=group))
    (found,) = caller.get(f"/database?group={group}")
    assert (found["name"], found["reference"]) == ("other", container)
    for wrong in ({"name": "vdb"}, {"name": ""}, {"group": "GROUP-99"}, {"name": None}):
        caller.error("POST", f"/database/{container}", change(**wrong))
    assert caller.get(f"/database/{container}") == found
    caller.ok("POST", f"/database/{container}", change(name="ds", group="GROUP-1"))
