"""A link tells how far its job is, and what the job says, while it works."""

from __future__ import annotations

from tests.operations.caller import RESYNC, SOURCE_PASSWORD, Engine
from tests.operations.fake_libs import Reply, fails, says

MB = 10**6
DONE = {"state": "done", "gtid": "0-1-400", "objects": "42"}


def look(megabytes: int, told: int, *story: str, phase: str = "copying tables") -> Reply:
    copying = "yes" if phase == "copying tables" else "no"
    answer = {"state": "running", "phase": phase, "copying": copying, "told": str(told)}
    lines = "".join(f"{line}\n" for line in story)
    return says({**answer, "bytes": str(megabytes * MB)}, lines)


def told(engine: Engine) -> list[str]:
    """What the plugin log says of the job, from its first line on."""
    lines = engine.host.log_text.splitlines()
    first = next(n for n, line in enumerate(lines) if "job_status" in line)
    last = next(n for n, line in enumerate(lines) if "copied up to" in line)
    return lines[first:last]


def test_lines_come_while_the_job_works_and_each_once(engine: Engine) -> None:
    engine.host.on("copy_plan", says({"copyBytes": str(1000 * MB)}))
    engine.host.on(
        "job_status",
        look(0, 1, "phase: copying tables"),
        look(10, 1),
        look(20, 1),
        look(100, 2, "locks released"),
        look(150, 2),
        look(400, 2),
        look(1100, 2),
        look(1100, 3, "phase: copying views", phase="copying views"),
        says(DONE, "phase: done\n"),
    )
    engine.run("linked.pre_snapshot", RESYNC)
    assert told(engine) == [
        "job_status: phase: copying tables",
        "copying tables: nothing yet after 2 s",
        "copying tables: 10 MB of about 1.0 GB after 4 s, 2.5 MB/s now, about 7 min left",
        "copying tables: 20 MB of about 1.0 GB after 8 s, 2.5 MB/s now, about 7 min left",
        "job_status: locks released",
        "copying tables: 100 MB of about 1.0 GB after 16 s, 10 MB/s now, about 2 min left",
        "copying tables: 150 MB of about 1.0 GB after 24 s, 6.2 MB/s now, about 2 min left",
        "copying tables: 400 MB of about 1.0 GB after 32 s, 31 MB/s now, about 19 s left",
        "copying tables: 1.1 GB, estimated were 1.0 GB, after 40 s, 88 MB/s now",
        "job_status: phase: copying views",
        "copying views: 1.1 GB after 48 s",
        "job_status: phase: done",
    ]
    given = [call["TOLD"] for call in engine.host.calls if call.step == "job_status"]
    assert given == ["0", "1", "1", "1", "2", "2", "2", "2", "3"]


def test_an_error_shows_what_was_told_before_as_well(engine: Engine) -> None:
    """A program's own words may have come at an earlier look than the end."""
    first = look(1, 2, f"early {SOURCE_PASSWORD}", "tee: x: No space left on device")
    last = "ERROR unexpected status 1\nINFO room: 0 of 9 bytes are free\n"
    engine.host.on("job_status", first, fails(1, story=last))
    error = engine.refused("linked.pre_snapshot", RESYNC)
    assert error.entry.name == "DISK_SPACE"
    assert error.args[2].splitlines() == [
        "early ***",
        "tee: x: No space left on device",
        "ERROR unexpected status 1",
        "INFO room: 0 of 9 bytes are free",
    ]
    assert engine.host.log_text.count("early ***") == 1
