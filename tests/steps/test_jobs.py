"""Background jobs, and the largest of them: the streamed copy of a source."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from domain.options.my_cnf import Role
from lab.errors import CommandFailed
from tests.steps.support import Bench, Dataset, Outcome, process_files, wait_for

GRANTS = (
    "SET SESSION sql_log_bin = 0; CREATE OR REPLACE USER reader@'%' IDENTIFIED BY 's3cr3t-Zq7';"
    " GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, LOCK TABLES, BINLOG MONITOR, REPLICATION SLAVE,"
    " EXECUTE, RELOAD ON *.* TO reader@'%';"
)
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


def ended(dataset: Dataset) -> Outcome:
    """The state of a job that has ended, or is about to."""
    wait_for(
        "the job has ended", lambda: dataset.run("job_status").answer.maybe("state") != "running"
    )
    return dataset.run("job_status")


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


# --- the copy ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def source(bench: Bench) -> Iterator[Dataset]:
    dataset = bench.dataset("source", 3441, binary_log=True).create()
    dataset.sql(GRANTS)
    yield dataset
    bench.drop(dataset)


@pytest.fixture
def staging(fresh: Callable[..., Dataset]) -> Dataset:
    return fresh("staging", 3442, role=Role.LOADING).create()


def source_inputs(source: Dataset) -> dict[str, str]:
    return {
        "SOURCE_HOST": "127.0.0.1",
        "SOURCE_PORT": str(source.port),
        "SOURCE_USER": "reader",
        "SOURCE_PASSWORD": "s3cr3t-Zq7",
        "TLS_MODE": "DISABLED",
        "LOG_SYNC": "yes",
        "STALL_SECONDS": "20",
        "LOCK": "all",
        "LOCK_SECONDS": "5",
    }


def copy(source: Dataset, staging: Dataset) -> Outcome:
    staging.good("ingest_start", **source_inputs(source))
    return ended(staging)


def quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


# mariadb-dump itself cannot take quotes and backslashes in a database that has events or routines.
NAMES = [
    *("a b", "a`b", "a.b", "--all-databases", "-x", "ä☃", "#h", "a;b", "a%b", "a_b", "$x"),
    *("`id`", "a\tb", " lead", "select", "a/b", "UPPER", "x" * 60, "a", "b.a"),
]


def odd_database(name: str) -> str:
    def q(suffix: str) -> str:
        return quoted(name + suffix)

    return f"""CREATE DATABASE {q("")}; USE {q("")};
CREATE TABLE {q("")} (n INT PRIMARY KEY, {q("c")} TEXT) ENGINE = InnoDB;
INSERT INTO {q("")} VALUES (1, 'x'), (2, 'y');
CREATE TABLE {q("m")} (n INT PRIMARY KEY) ENGINE = MyISAM;
INSERT INTO {q("m")} VALUES (1), (2), (3);
CREATE VIEW {q("v")} AS SELECT * FROM {q("")};
CREATE FUNCTION {q("f")}() RETURNS INT DETERMINISTIC RETURN 5;
CREATE TRIGGER {q("t")} BEFORE INSERT ON {q("")} FOR EACH ROW SET NEW.n = NEW.n;
CREATE EVENT {q("e")} ON SCHEDULE EVERY 1 DAY DO SELECT 1;
CREATE SEQUENCE {q("s")};
"""


UTF8 = "--default-character-set=utf8mb4"


@pytest.fixture
def filled(source: Dataset) -> Iterator[Dataset]:
    source.sql("".join(odd_database(name) for name in NAMES), UTF8)
    yield source
    source.sql("".join(f"DROP DATABASE {quoted(name)};" for name in NAMES), UTF8)


def test_odd_names_arrive_whole(filled: Dataset, staging: Dataset) -> None:
    outcome = copy(filled, staging)
    assert outcome.failure == "", f"{outcome.seen}\n{outcome.story}"
    for name in NAMES:
        parts = [f"{quoted(name)}.{quoted(name + suffix)}" for suffix in ("", "m", "v", "f", "s")]
        counts = "".join(f"SELECT COUNT(*) FROM {part};" for part in parts[:3])
        said = staging.sql(f"{counts} SELECT {parts[3]}(), NEXTVAL({parts[4]})", UTF8)
        assert said.split() == ["2", "3", "2", "5", "1"], name


def test_the_password_is_nowhere_to_be_seen(
    bench: Bench, source: Dataset, staging: Dataset
) -> None:
    """Neither in arguments nor in the environment of any process, nor in a file of the dataset."""
    source.sql(
        "CREATE OR REPLACE DATABASE slow; USE slow; CREATE TABLE t (s LONGTEXT);"
        " INSERT INTO t SELECT REPEAT('x', 100000) FROM seq_1_to_300"
    )
    staging.good("ingest_start", **source_inputs(source))
    seen: list[str] = []
    while staging.run("job_status").answer.maybe("state") == "running":
        for name in ("cmdline", "environ"):
            for pid, raw in process_files(bench.host, name).items():
                if b"s3cr3t-Zq7" in raw:
                    seen.append(f"{name} of {pid}: {raw!r}")
    assert seen == []
    found = bench.host.run_as_root(
        ["grep", "-rl", "s3cr3t-Zq7", staging.mount, "/tmp"], check=False
    )
    assert found.text == ""
    source.sql("DROP DATABASE slow")


def test_a_source_without_user_databases(source: Dataset, staging: Dataset) -> None:
    outcome = copy(source, staging)
    assert outcome.failure == "", outcome.seen
    assert outcome.answer.text("gtid") == source.sql("SELECT @@gtid_binlog_pos")


def test_an_account_named_like_the_environment_user(
    bench: Bench, source: Dataset, fresh: Callable[..., Dataset]
) -> None:
    other = fresh("named", 3443, binary_log=True).create()
    other.sql(GRANTS + "CREATE DATABASE shop; CREATE TABLE shop.t (n INT)")
    row = "(SELECT Priv FROM (SELECT * FROM mysql.global_priv) g WHERE User = 'reader')"
    other.sql(f"UPDATE mysql.global_priv SET Priv = {row} WHERE User = 'delphix'")
    staging = fresh("staging", 3442, role=Role.LOADING).create()
    outcome = copy(other, staging)
    assert outcome.failure == "", outcome.seen
    assert staging.sql("SELECT CURRENT_USER()") == "delphix@localhost"


def test_tables_of_the_source_stay_inside_the_dataset(
    bench: Bench, source: Dataset, staging: Dataset
) -> None:
    bench.host.run_as_root(
        ["bash", "-c", "install -d -o delphix /srv/fast && cd /srv && rm -rf fast/*"]
    )
    linking = source.variables["CONFIG"].replace("skip_symbolic_links", "symbolic_links")
    source.good("server_start", RESTART="yes", CONFIG=linking)
    source.sql(
        "CREATE OR REPLACE DATABASE far;"
        " CREATE TABLE far.away (n INT) DATA DIRECTORY = '/srv/fast';"
        " INSERT INTO far.away VALUES (7)"
    )
    bench.host.run_as_root(["test", "-f", "/srv/fast/far/away.ibd"])
    bench.host.run_as_root(["mv", "/srv/fast", "/srv/fast.source"])
    bench.host.run_as_root(["install", "-d", "-o", "delphix", "/srv/fast"])
    try:
        outcome = copy(source, staging)
        assert outcome.failure == "", outcome.seen
        assert staging.sql("SELECT n FROM far.away") == "7"
        assert bench.host.run_as_root(["find", "/srv/fast", "-type", "f"]).text == ""
    finally:
        bench.host.run_as_root(["rm", "-rf", "/srv/fast"])
        bench.host.run_as_root(["mv", "/srv/fast.source", "/srv/fast"])
        source.sql("DROP DATABASE far")


def test_a_copy_without_its_leader_is_cleared(
    bench: Bench, source: Dataset, staging: Dataset
) -> None:
    """The dump hangs, as when the network is gone; the source's read locks must go all the same."""
    source.sql(
        "CREATE OR REPLACE DATABASE big; USE big; CREATE TABLE big.t (s LONGTEXT);"
        " INSERT INTO big.t SELECT REPEAT('x', 100000) FROM seq_1_to_1500"
    )
    staging.good("ingest_start", **source_inputs(source))
    job = int(staging.read("run/job/pid").split()[0])
    dump = ["pkill", "-STOP", "-x", "mariadb-dump"]
    wait_for("the dump runs", lambda: bench.host.run_as_root(dump, check=False).exit_code == 0)
    bench.host.run_as_root(["kill", "-KILL", str(job)])
    assert ended(staging).failure == "JOB_LOST"
    staging.good("server_stop")
    wait_for("nothing of it runs", lambda: set(bench.processes_of_user()) == {"mariadbd"}, 10)
    question = "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'reader'"
    wait_for("the source is free", lambda: source.sql(question) == "0", 5)
    source.sql("DROP DATABASE big")


def test_the_lock_session_that_dies_fails_the_copy(
    bench: Bench, source: Dataset, staging: Dataset
) -> None:
    source.sql(
        "CREATE OR REPLACE DATABASE big; USE big; CREATE TABLE big.m (s LONGTEXT) ENGINE = MyISAM;"
        " INSERT INTO big.m SELECT REPEAT('x', 100000) FROM seq_1_to_1500"
    )
    staging.good("ingest_start", **source_inputs(source))
    question = (
        "SELECT id FROM information_schema.processlist WHERE user = 'reader' AND command = 'Sleep'"
        " AND 'copying tables' = '{phase}'"
    )

    def kill() -> bool:
        phase = staging.read("run/job/phase").strip()
        # Another session of the copy may end by itself before it can be killed.
        killed = False
        for session in source.sql(question.format(phase=phase)).split():
            with suppress(CommandFailed):
                source.sql(f"KILL {session}")
                killed = True
        return killed

    started = time.monotonic()
    wait_for("the lock session was killed", kill)
    outcome = ended(staging)
    assert outcome.failure not in ("", "UNEXPECTED"), outcome.story
    assert time.monotonic() - started < 40.0
    source.sql("DROP DATABASE big")


def test_a_large_table_does_not_hold_up_the_locks_of_the_source(
    bench: Bench, source: Dataset, staging: Dataset
) -> None:
    """The load of a consistent stream locks nothing: the other stream makes the database anew."""
    source.sql(
        "CREATE OR REPLACE DATABASE large; USE large; CREATE TABLE i (s LONGTEXT) ENGINE = InnoDB;"
        " CREATE TABLE m (n INT) ENGINE = MyISAM; INSERT INTO m VALUES (1);"
        " INSERT INTO i SELECT REPEAT('x', 100000) FROM seq_1_to_1500"
    )
    staging.good("ingest_start", **source_inputs(source))
    question = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'large'"
    wait_for("the large table comes", lambda: staging.sql(question) != "0")
    pid = staging.read("run/job/tables.pid").strip()
    bench.host.run_as_root(["kill", "-STOP", pid])
    try:
        assert (
            "tables.status" not in bench.host.run_as_root(["ls", f"{staging.mount}/run/job"]).text
        )
        story = "locks of the source released"
        wait_for(story, lambda: story in staging.read("run/job/story"), 15)
    finally:
        bench.host.run_as_root(["kill", "-CONT", pid])
    assert ended(staging).failure == ""
    assert staging.sql("SELECT COUNT(*) FROM large.i") == "1500"
    source.sql("DROP DATABASE large")


def test_a_source_that_does_not_let_its_own_tables_be_locked(
    source: Dataset, staging: Dataset
) -> None:
    """The grants seemed to allow it: the data's tables are locked, accounts are compared."""
    quiet = "SET SESSION sql_log_bin = 0;"
    source.sql(
        f"{quiet} CREATE DATABASE own; CREATE TABLE own.m (n INT) ENGINE = MyISAM;"
        " REVOKE LOCK TABLES ON *.* FROM reader@'%'; GRANT LOCK TABLES ON own.* TO reader@'%';"
    )
    try:
        outcome = copy(source, staging)
    finally:
        source.sql(f"{quiet} DROP DATABASE own; REVOKE ALL ON own.* FROM reader@'%'; {GRANTS}")
    assert outcome.failure == "", outcome.story
    assert "does not let its tables of accounts and routines be locked: ERROR 1" in outcome.story
    assert staging.sql("SELECT COUNT(*) FROM own.m") == "0"
