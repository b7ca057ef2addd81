"""Jobs through the engine's interface: two at once, cancelled, and a server that ends meanwhile."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lab.jobs import fail_abandoned
from lab.lab import Lab
from lab.model import Action, Job, JobState, Step, StepKind
from lab.state import Store
from tests.clients.support import Caller, Served, serving
from tests.lab.engine_support import set_fault

SYNC = {"type": "AppDataSyncParameters", "parameters": {"resync": False}}


@contextmanager
def waiting_sync(served: Served, caller: Caller) -> Iterator[tuple[str, str]]:
    """A sync of ds that waits in a command on a host: its job, and the dSource."""
    container = caller.source_of("ds")["container"]
    set_fault(served.lab, "ds", "linked.pre_snapshot=wait")
    job = caller.ok("POST", f"/database/{container}/sync", SYNC)["job"]
    try:
        until(lambda: sleepers(served.lab))
        yield job, container
    finally:
        caller.call("POST", f"/job/{job}/cancel")
        caller.wait(job)
        set_fault(served.lab, "ds", None)


def sleepers(lab: Lab) -> list[str]:
    """The commands of the fault `wait` that run on staging."""
    found = lab.hosts["staging"].run_as_root(["pgrep", "-xf", "sleep 30"], check=False)
    return found.text.split()


def until(condition: Any, seconds: float = 20) -> float:
    """Wait for it: the seconds it took."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < seconds, "it does not come true"
        time.sleep(0.05)
    return time.monotonic() - started


def usable(served: Served, caller: Caller, container: str) -> None:
    """The dSource can be synced, and nothing of the earlier job is left in the storage."""
    set_fault(served.lab, "ds", None)
    job = caller.wait(caller.ok("POST", f"/database/{container}/sync", SYNC)["job"])
    assert job["jobState"] == "COMPLETED", job
    path = f"/snapshot?database={container}"
    assert len(caller.get(path)) == len(served.lab.snapshots("ds"))


# -- two at once -------------------------------------------------------------------------------


def test_of_two_jobs_on_one_object_the_second_is_refused(served: Served, caller: Caller) -> None:
    with waiting_sync(served, caller) as (job, container):
        source = caller.source_of("ds")["reference"]
        before = caller.get("/database"), [row["reference"] for row in caller.get("/job")]
        calls = [
            (f"/database/{container}/sync", SYNC),
            (f"/source/{source}/disable", {"type": "AppDataDisableParameters"}),
            (f"/source/{source}/enable", {"type": "AppDataEnableParameters"}),
            (f"/database/{container}", {"type": "AppDataContainer", "name": "renamed"}),
            (
                f"/source/{source}",
                {"type": "AppDataLinkedStagedSource", "parameters": {"mountPath": "/mnt/x"}},
            ),
            (f"/snapshot/{caller.get('/snapshot')[0]['reference']}/delete", None),
        ]
        for path, body in calls:
            error = caller.error("POST", path, body)
            assert job in error["details"] or "VDBs" in error["details"], error
        assert before == (caller.get("/database"), [row["reference"] for row in caller.get("/job")])
        assert caller.get(f"/job/{job}")["jobState"] == "RUNNING"


def test_of_two_objects_with_one_name_only_one_is_made(served: Served, caller: Caller) -> None:
    place = served.lab.repositories("target")[0].reference
    body = {
        "type": "AppDataEmptyVFilesCreationParameters",
        "container": {"type": "AppDataContainer", "name": "twin"},
        "source": {"type": "AppDataVirtualSource", "parameters": {"mountPath": "/mnt/twin"}},
        "sourceConfig": {"type": "AppDataDirectSourceConfig", "repository": place},
    }
    answers: list[Any] = []
    callers = [served.caller() for _ in range(4)]

    def ask(one: Caller) -> None:
        answers.append(one.call("POST", "/database/createEmpty", body).json())

    threads = [threading.Thread(target=ask, args=[one]) for one in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    states = [caller.wait(one["job"])["jobState"] for one in answers if one["status"] == "OK"]
    assert states.count("COMPLETED") == 1
    assert [row["name"] for row in caller.get("/database")].count("twin") == 1
    served.lab.delete("twin")


# -- cancel ------------------------------------------------------------------------------------


def test_a_cancelled_job_ends_soon_and_leaves_the_object_usable(
    served: Served, caller: Caller
) -> None:
    with waiting_sync(served, caller) as (job, container):
        snapshots = served.lab.snapshots("ds")
        caller.ok("POST", f"/job/{job}/cancel")
        second = caller.error("POST", f"/job/{job}/cancel")["details"]
        assert "is being cancelled" in second or "is CANCELED" in second
        assert until(lambda: caller.get(f"/job/{job}")["jobState"] != "RUNNING") < 5
        row = caller.get(f"/job/{job}")
        assert (row["jobState"], row["parentActionState"]) == ("CANCELED", "CANCELED")
        last = row["events"][-1]
        assert (last["eventType"], last["messageCode"]) == ("ERROR", "event.job.canceled")
        assert "cancelled" in last["messageDetails"] and "cancelled" in row["cancelReason"]
        assert sleepers(served.lab) == []
        assert "CANCELED" in caller.error("POST", f"/job/{job}/cancel")["details"]
        assert served.lab.snapshots("ds") == snapshots
        usable(served, caller, container)


@pytest.mark.parametrize("fault", ["linked.post_snapshot=wait", "virtual.configure=wait"])
def test_what_a_cancelled_job_had_begun_is_taken_back(
    served: Served, caller: Caller, fault: str
) -> None:
    lab, linked = served.lab, fault.startswith("linked")
    before = lab.containers(), lab.engine.machine.pool.dataset_names()
    if linked:
        set_fault(lab, "ds", fault)
        path, body = f"/database/{caller.source_of('ds')['container']}/sync", dict[str, Any](SYNC)
        before = lab.containers(), lab.engine.machine.pool.dataset_names()
    else:
        path, body = "/database/provision", provision_body(served, caller, fault)
    job = caller.ok("POST", path, body)["job"]
    host = lab.hosts["staging" if linked else "target"]
    command = ["pgrep", "-xf", "sleep 30"]
    until(lambda: host.run_as_root(command, check=False).text)
    caller.ok("POST", f"/job/{job}/cancel")
    row = caller.wait(job)
    assert row["jobState"] == "CANCELED", row
    assert (lab.containers(), lab.engine.machine.pool.dataset_names()) == before
    kept = {row.storage_name for name in ("ds", "vdb") for row in lab.snapshots(name)}
    assert {path.name for path in lab.root.rglob("appdata_snapshot-*")} == kept
    if linked:
        set_fault(lab, "ds", None)


def provision_body(served: Served, caller: Caller, fault: str) -> dict[str, Any]:
    container = caller.source_of("ds")["container"]
    return {
        "type": "AppDataProvisionParameters",
        "container": {"type": "AppDataContainer", "name": "cut"},
        "source": {
            "type": "AppDataVirtualSource",
            "parameters": {"mountPath": "/mnt/cut", "fault": fault},
        },
        "sourceConfig": {
            "type": "AppDataDirectSourceConfig",
            "repository": served.lab.repositories("target")[0].reference,
        },
        "timeflowPointParameters": {
            "type": "TimeflowPointSemantic",
            "container": container,
            "location": "LATEST_SNAPSHOT",
        },
    }


# -- many readers ------------------------------------------------------------------------------


def test_readers_see_whole_answers_while_jobs_run(served: Served, caller: Caller) -> None:
    paths = ("/source", "/database", "/snapshot", "/sourceconfig", "/timeflow", "/job", "/action")
    wrong: list[str] = []
    done = threading.Event()

    def read(one: Caller) -> None:
        while not done.is_set():
            for path in paths:
                answer = one.call("GET", path)
                if answer.status_code != 200 or answer.json()["status"] != "OK":
                    wrong.append(f"{path}: {answer.text[:300]}")

    threads = [threading.Thread(target=read, args=[served.caller()]) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for number in range(2):
            body = provision_body(served, caller, "none=none")
            body["container"]["name"] = f"read{number}"
            body["source"]["parameters"]["mountPath"] = f"/mnt/read{number}"
            assert caller.wait(caller.ok("POST", "/database/provision", body)["job"])
            container = caller.source_of(f"read{number}")["container"]
            job = caller.ok("POST", f"/database/{container}/delete")["job"]
            assert caller.wait(job)["jobState"] == "COMPLETED"
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert wrong == []
    ends = [row["events"][-1]["messageDetails"] for row in caller.get("/job")]
    assert not [text for text in ends if "restarted" in text]


def test_a_reader_fails_no_job_that_ended_meanwhile(tmp_path: Path) -> None:
    reader, writer = Store(tmp_path), Store(tmp_path)
    row = Job("JOB-1", Action.DB_SYNC, "X-1", "x", JobState.RUNNING, "2026-01-01T00:00:00.000Z")
    writer.put(row)
    with reader.reading():
        writer.put(replace(row, state=JobState.COMPLETED))
        assert reader.get(Job, "JOB-1").state is JobState.RUNNING
        fail_abandoned(reader)
    assert writer.get(Job, "JOB-1").state is JobState.COMPLETED


def test_three_hundred_jobs_are_listed(served: Served, caller: Caller) -> None:
    store = served.lab.engine.store
    steps = tuple(Step(f"step {n}", StepKind.PLUGIN, 1.0, 2, 0.5, "2026-01-01") for n in range(12))
    time_text = "2026-01-01T00:00:00.000Z"
    rows = [
        Job(f"JOB-{n}", Action.DB_SYNC, "X-1", "x", JobState.COMPLETED, time_text, steps=steps)
        for n in range(10_000, 10_300)
    ]
    store.put(*rows)
    try:
        assert len(caller.get("/job")) >= 300
    finally:
        store.remove(*rows)


# -- the server ends ---------------------------------------------------------------------------


def test_a_server_that_is_told_to_end_ends_soon(served: Served, caller: Caller) -> None:
    with serving(served.lab) as second:
        other = second.caller()
        told = served.lab.root / "api.json"
        assert told.stat().st_mode & 0o777 == 0o600
        assert served.lab.root.stat().st_mode & 0o077 == 0
        set_fault(served.lab, "ds", "linked.pre_snapshot=wait")
        container = other.source_of("ds")["container"]
        job = other.ok("POST", f"/database/{container}/sync", SYNC)["job"]
        until(lambda: sleepers(served.lab))
        second.process.send_signal(signal.SIGTERM)
        # The job waits for 30 s.
        second.process.wait(20)
        assert second.process.returncode == 0 and not told.exists()
        row = caller.get(f"/job/{job}")
        assert row["jobState"] == "FAILED" and "stopped" in row["events"][-1]["messageDetails"]
        assert sleepers(served.lab) == []
        usable(served, caller, container)


def test_a_killed_server_leaves_a_failed_job_and_a_usable_object(
    served: Served, caller: Caller
) -> None:
    with serving(served.lab) as second:
        other = second.caller()
        set_fault(served.lab, "ds", "linked.pre_snapshot=wait")
        container = other.source_of("ds")["container"]
        job = other.ok("POST", f"/database/{container}/sync", SYNC)["job"]
        until(lambda: sleepers(served.lab))
        second.process.kill()
        second.process.wait(20)
    with serving(served.lab) as third:
        again = third.caller()
        row = again.get(f"/job/{job}")
        assert row["jobState"] == "FAILED" and "restarted" in row["events"][-1]["messageDetails"]
        usable(third, again, container)
    for name in sleepers(served.lab):
        served.lab.hosts["staging"].run_as_root(["kill", name], check=False)
