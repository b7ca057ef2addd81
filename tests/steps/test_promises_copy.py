"""What a copy holds up on its source, and what discovery finds; the docs' own sentences."""

import subprocess
from collections.abc import Callable, Iterator

import pytest

from domain.options.my_cnf import Role
from tests.steps.copying import GRANTS, begin_copy, ended, said
from tests.steps.support import DAEMON, Bench, Dataset, run_step, wait_for

TABLES = (
    "CREATE DATABASE held; USE held; CREATE TABLE i (n INT PRIMARY KEY) ENGINE = InnoDB;"
    " CREATE TABLE a (n INT PRIMARY KEY) ENGINE = Aria;"
    " CREATE TABLE m (n INT PRIMARY KEY, s LONGTEXT) ENGINE = MyISAM;"
    " INSERT INTO m SELECT seq, REPEAT('x', 100000) FROM seq_1_to_1000"
)
GO_ON = (
    "INSERT INTO held.i VALUES (1)",
    "SELECT COUNT(*) FROM held.a",
    "CREATE EVENT held.e ON SCHEDULE EVERY 1 DAY DO SET @a = 1",
)
WAIT = (
    "INSERT INTO held.a VALUES (1)",
    "INSERT INTO held.m VALUES (0, '')",
    "CREATE USER held@localhost",
    "GRANT SELECT ON held.* TO reader@'%'",
    "CREATE PROCEDURE held.p() SELECT 1",
)


@pytest.fixture(scope="module")
def source(bench: Bench) -> Iterator[Dataset]:
    dataset = bench.dataset("source", 3441, binary_log=True).create()
    dataset.sql(GRANTS)
    dataset.sql(TABLES)
    yield dataset
    bench.drop(dataset)


@pytest.fixture
def staging(fresh: Callable[..., Dataset]) -> Dataset:
    return fresh("staging", 3442, role=Role.LOADING).create()


WAITING = (
    "SELECT info FROM information_schema.processlist"
    " WHERE state LIKE 'Waiting for%' AND info IS NOT NULL AND info NOT LIKE '%processlist%'"
)


def test_what_waits_and_what_goes_on_while_the_locks_are_held(
    bench: Bench, source: Dataset, staging: Dataset
) -> None:
    begin_copy(source, staging)
    folder = f"{staging.mount}/run/job"
    path = f"{folder}/others.pid"
    stop = f'until [[ -s {path} ]]; do sleep 0.01; done; kill -STOP "$(<{path})"; cat {path}'
    pid = bench.host.run_as_root(["bash", "-c", stop], timeout=30).text.strip()
    try:
        assert "others.status" not in bench.host.run_as_root(["ls", folder]).text
        for statement in GO_ON:
            source.sql(f"SET SESSION lock_wait_timeout = 1; {statement}")
        sessions = [said(source, statement) for statement in WAIT]
        wait_for(
            "they all wait", lambda: sorted(source.sql(WAITING).split("\n")) == sorted(WAIT), 10
        )
    finally:
        bench.host.run_as_root(["kill", "-CONT", pid])
    outcome = ended(staging)
    assert outcome.failure == "", outcome.story
    assert [session.wait(20) for session in sessions] == [0] * len(WAIT)
    # One moment for all: what was written while the locks were held came after it.
    counts = "SELECT (SELECT COUNT(*) FROM held.i), (SELECT COUNT(*) FROM held.m)"
    assert staging.sql(counts) == "0\t1000"


def test_locks_that_are_not_granted_are_given_up(source: Dataset, staging: Dataset) -> None:
    """And nothing is left that waits for them, or holds others."""
    statement = "LOCK TABLES held.a WRITE; DO SLEEP(40)"
    asked = "SELECT COUNT(*) FROM information_schema.processlist WHERE "
    with said(source, statement) as process:
        try:
            wait_for("it holds", lambda: source.sql(f"{asked} info LIKE 'DO SLEEP%'") == "1")
            begin_copy(source, staging, LOCK_SECONDS="1")
            outcome = ended(staging)
            assert outcome.failure == "SOURCE_LOCK_TIMEOUT", outcome.story
            wait_for("all is free", lambda: source.sql(f"{asked} user = 'reader'") == "0", 5)
            source.sql("SET SESSION lock_wait_timeout = 1; REPLACE INTO held.m VALUES (0, '')")
        finally:
            process.terminate()


def test_a_server_that_says_another_number_is_not_taken(staging: Dataset) -> None:
    config = f"{staging.variables['CONFIG']}[mysqld]\nserver_id = 99\n"
    outcome = staging.run("server_start", RESTART="yes", CONFIG=config)
    assert outcome.failure == "SERVER_FOREIGN", outcome.story
    assert "expected port 3442 and server id 4442, the server says 3442 and 99" in outcome.seen
    assert staging.pids() == []


def test_the_path_of_a_server_that_runs_is_looked_at(bench: Bench) -> None:
    """Wherever it lies: no other place names this installation."""
    program = "/srv/somewhere/deep/down/sbin/mariadbd"
    put = f"install -D -m 755 {DAEMON} {program}; install -d -o mysql /srv/away"
    bench.host.run_as_root(["bash", "-c", put])

    def found() -> bool:
        outcome = run_step(bench.host, "discover_repositories", {})
        assert outcome.failure == "", outcome.story
        return program in [row[0] for row in outcome.answer.rows("installation", 3)]

    assert not found()
    make = "mariadb-install-db --no-defaults --user=mysql --datadir=/srv/away >/dev/null"
    bench.host.run_as_root(["bash", "-c", make])
    argv = ["setpriv", "--reuid=mysql", "--regid=mysql", "--clear-groups", program]
    options = ["--no-defaults", "--datadir=/srv/away", "--socket=/srv/away/s", "--port=3459"]
    with bench.host.popen_as_root([*argv, *options], stderr=subprocess.DEVNULL) as process:
        try:
            ping = ["mariadb", "--no-defaults", "--socket=/srv/away/s", "-e", "SELECT 1"]
            up = lambda: bench.host.run_as_root(ping, check=False).exit_code == 0  # noqa: E731
            wait_for("it answers", up)
            assert found()
        finally:
            process.terminate()
    bench.host.run_as_root(["rm", "-r", "/srv/somewhere", "/srv/away"])
