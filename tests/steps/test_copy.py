"""The streamed copy of a source, and what it must not be wrong in."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from domain.options.my_cnf import Role
from lab.errors import CommandFailed
from tests.steps.copying import GRANTS, begin_copy, copy, ended, said, source_inputs
from tests.steps.support import Bench, Dataset, process_files, wait_for


@pytest.fixture(scope="module")
def source(bench: Bench) -> Iterator[Dataset]:
    dataset = bench.dataset("source", 3441, binary_log=True).create()
    dataset.sql(GRANTS)
    yield dataset
    bench.drop(dataset)


@pytest.fixture
def staging(fresh: Callable[..., Dataset]) -> Dataset:
    return fresh("staging", 3442, role=Role.LOADING).create()


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
    begin_copy(source, staging)
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
    begin_copy(source, staging)
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
    begin_copy(source, staging)
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
        " INSERT INTO i SELECT REPEAT('x', 100000) FROM seq_1_to_1500; ANALYZE TABLE i"
    )
    begin_copy(source, staging)
    question = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'large'"
    wait_for("the large table comes", lambda: staging.sql(question) != "0")
    shares = [row.split("\t") for row in staging.read("run/job/shares").splitlines()]
    (pipe,) = [row[0] for row in shares if row[2:4] == ["large", "i"]]
    pid = staging.read(f"run/job/{pipe}.pid").strip()
    bench.host.run_as_root(["kill", "-STOP", pid])
    try:
        assert (
            f"{pipe}.status" not in bench.host.run_as_root(["ls", f"{staging.mount}/run/job"]).text
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


# --- what comes to the source between the plan and the moment of the copy ------------------------


@pytest.fixture(params=["", "CREATE TABLE shop.f (n INT PRIMARY KEY, f FLOAT);"])
def shop(source: Dataset, request: pytest.FixtureRequest) -> Iterator[Dataset]:
    """A database on the source, which has a table with a FLOAT column or has none."""
    source.sql(
        f"CREATE DATABASE shop; CREATE TABLE shop.t (n INT); INSERT INTO shop.t VALUES (1);"
        f" CREATE VIEW shop.v AS SELECT CAST(n AS FLOAT) AS f FROM shop.t; {request.param}"
    )
    yield source
    source.sql("DROP DATABASE IF EXISTS late; DROP DATABASE shop")


@pytest.mark.difference
@pytest.mark.parametrize(
    ("late", "seen"),
    [
        (
            "CREATE DATABASE late; CREATE TABLE late.t (n INT)",
            "databases were created or dropped while the copy began: late",
        ),
        (
            "CREATE TABLE shop.late (f FLOAT); INSERT INTO shop.late VALUES (0.123456789)",
            "FLOAT columns came while the copy began, in shop.late",
        ),
        (
            "ALTER TABLE shop.t ADD f FLOAT DEFAULT 3.14159265",
            "FLOAT columns came while the copy began, in shop.t",
        ),
    ],
    ids=["database", "table with FLOAT", "FLOAT column"],
)
def test_what_came_after_the_plan_ends_the_copy(
    shop: Dataset, staging: Dataset, late: str, seen: str
) -> None:
    """It would be missing, or rounded, and replication would not bring it."""
    staging.good("copy_plan", **source_inputs(shop))
    shop.sql(late)
    staging.good("ingest_start", **source_inputs(shop))
    outcome = ended(staging)
    assert (outcome.failure, outcome.seen) == ("SOURCE_CHANGED", seen), outcome.story


@pytest.mark.difference
def test_a_table_that_came_after_the_lock_ends_the_copy(source: Dataset, staging: Dataset) -> None:
    """It is copied while it is written to, and its rows may come again by replication."""
    source.sql(
        "CREATE DATABASE shop; CREATE TABLE shop.f (f FLOAT);"
        " CREATE TABLE shop.m (n INT) ENGINE = Aria"
    )
    writer = said(source, "BEGIN; INSERT INTO shop.f VALUES (1); SELECT SLEEP(600)")
    # Not innodb_trx: what that tells stays as it was while it is asked more often than every 0.1 s.
    sleeps = "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP%'"
    wait_for("a transaction is open", lambda: source.sql(sleeps) == "1")
    begin_copy(source, staging, LOCK_SECONDS="30")
    waits = "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'LOCK TABLES%'"
    wait_for("the copy waits for it", lambda: source.sql(waits) == "1")
    source.sql("CREATE TABLE shop.late (n INT) ENGINE = MyISAM; INSERT INTO shop.late VALUES (1)")
    sleeper = "SELECT id FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP%'"
    source.sql(f"KILL {source.sql(sleeper)}")
    writer.wait()
    outcome = ended(staging)
    seen = "tables that take no part in a consistent snapshot came while the copy began: shop.late"
    assert (outcome.failure, outcome.seen) == ("SOURCE_CHANGED", seen), outcome.story
    source.sql("DROP DATABASE shop")
