"""Background jobs."""

from collections.abc import Callable

import pytest

from tests.steps.copying import ended
from tests.steps.support import Bench, Dataset, process_files, wait_for

ENDLESS = "work() { phase working; answer gtid 0-1-1; while :; do sleep 0.1; done; }"


def begin(dataset: Dataset, work: str, **given: str) -> int:
    """Start a job that runs the function `work`; its process."""
    again = "if [[ ${1:-} == job ]]; then job_main work; return; fi"
    outcome = dataset.library(
        f"{work}\n{again}\nrequire_ours\nuse_installation\njob_start", **given
    )
    assert outcome.failure == "", outcome.story
    wait_for("the job works", lambda: "working" in dataset.read("run/job/phase"))
    return int(dataset.read("run/job/pid").split()[0])


@pytest.fixture
def place(fresh: Callable[..., Dataset]) -> Dataset:
    """A dataset without a server."""
    dataset = fresh("jobs", 3440, extra={"INITIALISE": "no"})
    dataset.good("dataset_create")
    return dataset


def test_a_job_tells_how_it_goes_and_how_it_ended(place: Dataset) -> None:
    work = """work() {
        phase working; echo 4711 >$MOUNT/run/job/bytes; answer gtid "a	b\\\\c"; log INFO story
        while [[ ! -e $MOUNT/run/go ]]; do sleep 0.05; done; answer objects 3; }"""
    begin(place, work)
    answer = place.good("job_status")
    assert (answer.text("state"), answer.text("phase"), answer.number("bytes")) == (
        "running",
        "working",
        4711,
    )
    place.write("run/go", "")
    done = ended(place)
    assert done.failure == ""
    assert done.answer.text("state") == "done"
    assert done.answer.text("gtid") == "a\tb\\c"
    assert done.answer.number("objects") == 3
    assert "INFO story" in done.story


def test_one_look_waits_for_the_end(place: Dataset) -> None:
    begin(place, "work() { phase working; sleep 2; answer objects 3; }")
    done = place.good("job_status", WAIT_SECONDS="600")
    assert (done.text("state"), done.number("objects")) == ("done", 3)


def test_each_line_is_told_once_and_whole(place: Dataset) -> None:
    work = """work() {
        log INFO first; log INFO "second é	x"; printf 'half of a' >&2; copy_phase working
        while [[ ! -e $MOUNT/run/go ]]; do sleep 0.05; done
        phase waiting; while [[ ! -e $MOUNT/run/more ]]; do sleep 0.05; done
        printf 'at the end' >&2; }"""
    begin(place, work)
    one = place.run("job_status", TOLD="0")
    lines = one.story.splitlines()
    assert [line[9:] for line in lines[:2]] == ["INFO first", "INFO second é\\tx"]
    assert lines[2].startswith("half of a")
    assert lines[2].endswith("INFO phase: working")
    assert (one.answer.text("copying"), one.answer.number("told")) == ("yes", 3)
    again = place.run("job_status", TOLD="3")
    assert (again.story, again.answer.number("told")) == ("", 3)
    place.write("run/go", "")
    wait_for("the next phase", lambda: "waiting" in place.read("run/job/phase"))
    two = place.run("job_status", TOLD="3")
    assert [line[9:] for line in two.story.splitlines()] == ["INFO phase: waiting"]
    assert (two.answer.text("copying"), two.answer.number("told")) == ("no", 4)
    place.write("run/more", "")
    ended(place)
    assert place.run("job_status", TOLD="4").story == "at the end"


def test_many_lines_come_in_as_many_looks_as_it_takes(place: Dataset) -> None:
    """Of one step Python tells 200 lines."""
    begin(place, "work() { seq 450 >&2; phase working; while :; do sleep 0.1; done; }")
    told, seen = 0, []
    for _ in range(3):
        outcome = place.run("job_status", TOLD=str(told))
        told = outcome.answer.number("told")
        seen.append(outcome.story.splitlines())
    assert [len(lines) for lines in seen] == [200, 200, 51]
    assert [line for lines in seen for line in lines][:450] == [str(n) for n in range(1, 451)]


def test_bytes_are_the_place_in_the_files_that_a_program_unpacks(place: Dataset) -> None:
    """Packed bytes, as the size of a backup is; what earlier files had stays counted."""
    work = """work() {
        local file; WORK=$MOUNT/run/job; COMPRESSION=gzip
        for file in one two; do head -c 300000 /dev/urandom | gzip >"$WORK/$file.gz"; done
        stat -c %s "$WORK/one.gz" "$WORK/two.gz" >$MOUNT/run/sizes
        BACKUP_PATH=$WORK/one.gz; noted_unpack >/dev/null
        moved_bytes "$WORK/unpack.pid" >/dev/null
        cp "$WORK/bytes" $MOUNT/run/first
        mkfifo "$WORK/f"; exec 8<>"$WORK/f"; BACKUP_PATH=$WORK/two.gz; noted_unpack >"$WORK/f" &
        await 10 begun; cp "$WORK/bytes" $MOUNT/run/second
        phase working; while :; do sleep 0.1; done; }
        begun() {
            moved_bytes "$WORK/unpack.pid" >/dev/null
            (($(<"$WORK/bytes") > $(<$MOUNT/run/first) + 9000)); }"""
    begin(place, work)
    one, two = (int(size) for size in place.read("run/sizes").split())
    assert int(place.read("run/first")) == one
    # The reader takes nothing: gzip waits, far from the end of its file.
    assert one < int(place.read("run/second")) < one + two


@pytest.mark.parametrize(
    ("last", "failure", "seen"),
    [
        ('fail DUMP_FAILED "the reason"', "DUMP_FAILED", "the reason"),
        ('x=$(fail LOAD_FAILED "inside"); echo never', "LOAD_FAILED", "inside"),
        ("false", "UNEXPECTED", ""),
        ("echo $undefined", "UNEXPECTED", ""),
        ("exit 0", "JOB_LOST", ""),
    ],
)
def test_a_failed_job_ends_with_its_own_reason(
    place: Dataset, last: str, failure: str, seen: str
) -> None:
    begin(place, f"work() {{ phase working; sleep 0.2; {last}; }}")
    outcome = ended(place)
    assert (outcome.failure, outcome.seen) == (failure, seen)


@pytest.mark.parametrize("name", ["TERM", "HUP", "PIPE", "KILL", "SEGV"])
def test_a_job_that_a_signal_ends_is_no_success(place: Dataset, name: str) -> None:
    job = begin(place, ENDLESS)
    place.host.run_as_root(["kill", f"-{name}", str(job)])
    if name == "PIPE":  # what it wrote to has gone: the write fails, the job decides
        place.host.run_as_root(["kill", "-TERM", str(job)])
    outcome = ended(place)
    assert outcome.failure == "JOB_LOST"
    assert outcome.answer.maybe("state") == ""


def test_an_error_in_the_watch_of_a_job_ends_it(place: Dataset) -> None:
    """What it moved cannot be noted any more: it must not go on until nothing has moved."""
    work = """work() {
        WORK=$MOUNT/run/job PHASE=working STALL_SECONDS=300; mkdir $WORK/bytes; phase working
        run_watched $WORK/out sleep 1000; }"""
    begin(place, work)
    assert ended(place).failure == "UNEXPECTED"


def test_a_write_to_a_dead_reader_does_not_end_a_job(place: Dataset) -> None:
    work = """work() {
        mkfifo $MOUNT/run/job/f; cat <$MOUNT/run/job/f >/dev/null & reader=$!
        exec 8>$MOUNT/run/job/f; phase working; kill $reader; wait $reader || :
        printf x >&8 2>/dev/null || :; fail SOURCE_UNREACHABLE "noticed"; }"""
    begin(place, work)
    outcome = ended(place)
    assert (outcome.failure, outcome.seen) == ("SOURCE_UNREACHABLE", "noticed")


@pytest.mark.parametrize("leader", ["alive", "dead", "stopped"])
def test_an_abandoned_job_is_cleared_with_all_it_started(
    bench: Bench, place: Dataset, leader: str
) -> None:
    work = """work() {
        (trap '' TERM HUP; while :; do sleep 0.1; done) &
        sleep 1000 | cat | cat & phase working; while :; do sleep 0.1; done; }"""
    job = begin(place, work)
    if leader != "alive":
        signal = "KILL" if leader == "dead" else "STOP"
        place.host.run_as_root(["kill", f"-{signal}", str(job)])
    place.good("server_stop")
    wait_for("nothing of it is left", lambda: bench.processes_of_user() == [], 5)


def test_a_job_has_the_environment_of_its_step(place: Dataset) -> None:
    """A client of a tarball may need LD_LIBRARY_PATH, which the user's profile exports."""
    work = """work() {
        bash -c 'printf "%s\\n" "$FROM_PROFILE" "$MOUNT" "${TMP:-none}"' >$MOUNT/run/told
        printf %s "$TMP" >$MOUNT/run/ours; phase working; }"""
    begin(place, work, FROM_PROFILE="~/x ü", TMP="/var/tmp")
    ended(place)
    assert place.read("run/told") == f"~/x ü\n{place.mount}\nnone\n"
    assert place.read("run/ours") == "tmp", "a constant of ours"


def test_what_an_abandoned_job_has_started_is_found_by_later_steps(
    bench: Bench, place: Dataset
) -> None:
    """Also when the job itself is dead: by the environment, as what a dead step has started."""
    work = "work() { setsid sleep 1000 & phase working; while :; do sleep 0.1; done; }"
    job = begin(place, work, DELPHIX_STEP="ingest_start")
    place.host.run_as_root(["kill", "-KILL", str(job)])
    assert "sleep" in bench.processes_of_user()
    assert place.library("require_mount; take_over").failure == ""
    wait_for("nothing of it is left", lambda: bench.processes_of_user() == [], 5)


def test_a_new_job_ends_the_one_before(bench: Bench, place: Dataset) -> None:
    first = begin(place, ENDLESS)
    second = begin(place, ENDLESS)
    assert first != second
    wait_for("the first is gone", lambda: first not in process_files(bench.host, "stat"), 15)
    place.good("server_stop")


def test_there_was_never_a_job(place: Dataset) -> None:
    assert place.run("job_status").failure == "JOB_LOST"
