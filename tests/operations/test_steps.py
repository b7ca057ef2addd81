"""Which steps each operation runs, on which host, and what happens when one of them fails."""

from __future__ import annotations

import re
import types

import pytest
from dlpx.virtualization.libs import PlatformHandler

from errors import CATALOGUE, by_exit_code
from remote.host import OUTPUT_LIMIT
from tests.operations.caller import (
    MANUAL,
    OPERATIONS,
    PASSWORDS,
    SOURCE_PASSWORD,
    STAGING_PASSWORD,
    VDB_PASSWORD,
    Engine,
)
from tests.operations.cases import CASES, Case
from tests.operations.fake_libs import Reply, fails
from tests.shape.tree import RESOURCES, header

# The host, and of a resync the step as well.
WHERE = re.compile(r"While .* on \S+\.example( \(resync: [a-z ]+\))?: ")
HOSTS = {"discovery": "src1.example", "linked": "stg1.example", "virtual": "tgt1.example"}
PHYSICAL_HOST = "phys1.example"
# Steps that run before a server of their dataset can be named; all others say its port.
WITHOUT_PORT = (
    "discover_repositories",
    "discover_servers",
    "host_facts",
    "mount_check",
    "backup_inspect",
)
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
STEPS = [
    pytest.param(case, number, id=f"{case.name}-{number}-{step}")
    for case in CASES
    for number, step in enumerate(case.steps)
]
every_step = pytest.mark.parametrize(("case", "number"), STEPS)


def host_of(case: Case) -> str:
    if case.operation.endswith("_to_physical"):
        return PHYSICAL_HOST
    return HOSTS[case.operation.split(".", 1)[0]]


def secret_of(case: Case, number: int) -> str:
    """The password that a step knows, and so can say in its story; empty when it knows none."""
    told = {
        **dict.fromkeys(
            (
                "source_facts",
                "copy_plan",
                "ingest_start",
                "copy_prove",
                "source_position",
                "replica_set",
                "position_gtid",
            ),
            SOURCE_PASSWORD,
        ),
        "job_status": SOURCE_PASSWORD if "ingest_start" in case.steps else "",
        "login_create": STAGING_PASSWORD if case.world.linked is MANUAL else VDB_PASSWORD,
        # The last one: a server that only recovers files gets no login.
        "vdb_configure": "" if "vdb_configure" in case.steps[number + 1 :] else VDB_PASSWORD,
        "physical_finish": VDB_PASSWORD,
        "vdb_prove": "" if case.operation == "virtual.start" else VDB_PASSWORD,
    }
    return told.get(case.steps[number], "")


def codes_of(step: str) -> list[int]:
    """The exit codes of a step's header, and some that no header has."""
    names = header(RESOURCES / f"steps/{step}.sh").words("Fails")
    known = [CATALOGUE[name].code for name in names if name in CATALOGUE]
    return [*known, 99, 1, 2, 44, 126, 127, 137, 255, -1]


def test_every_operation_of_the_plugin_has_a_case(runner: types.ModuleType) -> None:
    defined = {
        f"{group}.{name.removesuffix('_impl')}"
        for group in ("discovery", "linked", "virtual")
        for name, function in vars(getattr(runner.plugin, group)).items()
        if name.endswith("_impl") and function
    }
    assert defined == set(OPERATIONS) == {case.operation for case in CASES}


def test_log_records_go_to_the_engine(runner: types.ModuleType) -> None:
    assert [type(handler) for handler in runner.handlers_of_test] == [PlatformHandler]


@every_case
def test_steps_in_order_on_the_right_host(engine: Engine, case: Case) -> None:
    case.prepare(engine.host)
    engine.run(case.operation, case.world)
    assert tuple(engine.host.steps) == case.steps
    assert {(call.host, call.user) for call in engine.host.calls} <= {(host_of(case), "osuser")}


@every_step
def test_a_failing_step(engine: Engine, case: Case, number: int) -> None:
    """Each code of the step: the error says all there is to say, later steps do not run."""
    codes = codes_of(case.steps[number])
    if number in case.again:
        codes = [
            code for code in codes if by_exit_code(code).name not in (*case.cured, *case.filled)
        ]
    if case.steps[number] == "source_position":
        codes = [code for code in codes if by_exit_code(code).name not in case.borne]
    for code in codes:
        case.prepare(engine.host)
        _one_failure(engine, case, number, code)


def _one_failure(engine: Engine, case: Case, number: int, code: int) -> None:
    step = case.steps[number]
    password = secret_of(case, number)
    story = f"early line\n12:00:00 ERROR it hurts here {password}"
    engine.host.fail_at(number, fails(code, f"seen by the step {password}", story))
    error = engine.refused(case.operation, case.world)
    entry = by_exit_code(code)
    message, action, output = error.args
    assert error.entry is entry, f"{step} ended with {code}"
    assert message.startswith(f"{entry.label} {entry.message}. While ")
    assert WHERE.search(message), message
    assert f" on {host_of(case)}" in message
    assert step in WITHOUT_PORT or " port 33" in message
    assert action == f"{entry.action} (docs: {entry.anchor})"
    assert output.startswith("early line\n")
    if entry.name == "UNEXPECTED":
        assert f"exit status {code}, 12:00:00 ERROR it hurts here" in message
    else:
        assert "seen by the step" in message
    if password:
        assert "***" in message
        assert "***" in output
        assert "***" in engine.host.log_text
    undone = undoing(case, number, cut_off=entry.name == "STEP_KILLED")
    assert engine.host.steps == [*case.steps[: number + 1], *undone]


def undoing(case: Case, number: int, cut_off: bool) -> list[str]:
    """What runs after a failure; a step that was cut off could not tidy up by itself."""
    by_hand = {"server_start": "server_stop", "vdb_configure": "server_stop"}
    by_hand |= {"quiesce": "release", "release": "release"}
    first = [by_hand[case.steps[number]]] if cut_off and case.steps[number] in by_hand else []
    stopped = ["server_stop"] if number in case.recovery else []
    return [*first, *stopped, *([case.undo_by] if number in case.undo else [])]


@pytest.mark.parametrize(
    ("case", "number", "name"),
    [
        pytest.param(case, number, name, id=f"{case.name}-{number}-{name}")
        for case in CASES
        for number in case.again
        for name in case.cured
    ],
)
def test_where_a_restart_is_the_cure_it_is_tried_once(
    engine: Engine, case: Case, number: int, name: str
) -> None:
    """A load or a replicated statement may replace the management account."""
    code = CATALOGUE[name].code
    case.prepare(engine.host)
    engine.host.fail_at(number, fails(code, "server 4711 refuses osuser"))
    engine.run(case.operation, case.world)
    steps = list(case.steps[: number + 1])
    assert engine.host.steps[: number + 3] == [*steps, "start_facts", "server_start"]
    assert engine.host.given("server_start", -1)["RESTART"] == "yes"
    assert engine.host.steps[number + 3] == case.steps[case.again[0]]
    assert engine.host.steps[-1] == case.steps[-1]
    assert "server 4711 refuses osuser; restarting" in engine.host.log_text
    case.prepare(engine.host)
    engine.host.on(case.steps[number], fails(code, "still refused"))
    assert engine.refused(case.operation, case.world).entry.code == code
    assert engine.host.steps.count("server_start") == case.steps.count("server_start") + 1


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.filled], ids=lambda case: case.name
)
def test_a_dataset_that_was_never_filled_is_filled(engine: Engine, case: Case) -> None:
    """The first sync may ask for no resync; what it finds empty is no fault."""
    case.prepare(engine.host)
    engine.host.fail_at(0, fails(CATALOGUE["DATASET_EMPTY"].code, "nothing is in it"))
    engine.run(case.operation, case.world)
    assert engine.host.steps.count("dataset_create") == 1
    assert engine.host.steps[-len(case.steps) :] == list(case.steps)


@every_step
def test_a_host_that_cannot_be_reached(engine: Engine, case: Case, number: int) -> None:
    case.prepare(engine.host)
    engine.host.fail_at(number, Reply(unreachable="connection refused by the host"))
    error = engine.refused(case.operation, case.world)
    assert error.entry.name == "HOST_UNREACHABLE"
    assert "connection refused by the host" in error.message
    assert WHERE.search(error.message), error.message
    assert f" on {host_of(case)}" in error.message
    undone = undoing(case, number, cut_off=True)
    assert engine.host.steps == [*case.steps[: number + 1], *undone]


@every_step
@pytest.mark.parametrize("code", [0, 34])
def test_an_answer_that_cannot_be_read(engine: Engine, case: Case, number: int, code: int) -> None:
    """A host that prints something of its own, such as a greeting, into the answer."""
    case.prepare(engine.host)
    engine.host.fail_at(number, Reply("Welcome\x1b[31m to the host\n", "story", code))
    error = engine.refused(case.operation, case.world)
    assert error.entry.name == ("PORT_IN_USE" if code else "ANSWER_UNREADABLE")
    assert "line 'Welcome?[31m to the host'" in error.message
    assert "\x1b" not in error.message


@pytest.mark.parametrize(("case", "number"), [step for step in STEPS if secret_of(*step.values)])
@pytest.mark.parametrize("code", [0, 34])
def test_a_password_in_an_unreadable_answer(
    engine: Engine, case: Case, number: int, code: int
) -> None:
    case.prepare(engine.host)
    engine.host.fail_at(number, Reply(f"no tab but {secret_of(case, number)}\n", "", code))
    assert "no tab but ***" in engine.refused(case.operation, case.world).message


# Answers without which an operation cannot go on.
NEEDED = {
    "discover_servers": (),
    "host_facts": ("freeBytes", "memoryBytes"),
    "source_facts": ("account", "dataBytes"),
    "release": ("marker", "takenAt", "serverVersion", "consistency", "sizeInBytes"),
    "size": ("sizeInBytes",),
    "vdb_configure": ("version",),
    "physical_check": ("freeBytes",),
    "physical_finish": ("version",),
    "backup_inspect": ("kind", "sizeBytes"),
    "position_gtid": ("gtid",),
    "copy_plan": ("copyBytes",),
    "job_status": ("gtid",),
}
RESYNC_CASE = "linked.pre_snapshot resync"
MISSING = [
    pytest.param(case, number, key, id=f"{case.name}-{step}-{key}")
    for case in CASES
    for number, step in enumerate(case.steps)
    for key in NEEDED.get(step, ())
    if not (key == "gtid" and step == "job_status" and case.name != RESYNC_CASE)
    if not (step == "host_facts" and case.world.linked is MANUAL)
]


@pytest.mark.parametrize(("case", "number", "key"), MISSING)
def test_an_answer_that_lacks_a_key(engine: Engine, case: Case, number: int, key: str) -> None:
    step = case.steps[number]
    case.prepare(engine.host)
    for index, reply in enumerate(engine.host.replies[step]):
        lines = reply.stdout.splitlines(keepends=True)
        kept = "".join(line for line in lines if not line.startswith(f"{key}\t"))
        engine.host.replies[step][index] = Reply(kept)
    error = engine.refused(case.operation, case.world)
    assert error.entry.name == "ANSWER_UNREADABLE"
    assert f"no {key!r} in the answer" in error.message


def test_the_story_is_cut_to_its_end(engine: Engine) -> None:
    """Redacted first: a password at the cut must not leave its second half."""
    filler = "é" * (OUTPUT_LIMIT // 2 - 3)
    story = f"{VDB_PASSWORD}\n{filler}\nlast"
    engine.host.fail_at(0, fails(71, "died", story))
    _, _, output = engine.refused("virtual.configure").args
    assert output.endswith("\nlast")
    assert OUTPUT_LIMIT - 2 <= len(output.encode()) <= OUTPUT_LIMIT
    assert "***" not in output
    assert not any(password[-4:] in output for password in PASSWORDS)


def test_story_lines_reach_the_plugin_log(engine: Engine) -> None:
    engine.host.on("server_start", Reply("", "12:00:00 INFO first\n12:00:01 INFO second\n"))
    engine.run("virtual.start")
    assert "server_start: 12:00:00 INFO first\nserver_start: 12:00:01 INFO second" in (
        engine.host.log_text
    )
