"""A snapshot holds what was committed, also where a storage client keeps written pages for a while.

The host mounts its datasets through such a client, as NFS clients are; every series, every way in
which a server may leave its log to others.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from domain.options.settings import Setting
from lab.hosts.client import Client
from lab.hosts.host import HostSpec
from lab.machine import Machine
from testbed import releases
from tests.lab.machine_support import leftovers
from tests.steps.support import Bench, Dataset

pytestmark = pytest.mark.root

ROWS = 3_000
ENGINES = ("InnoDB", "MyISAM", "Aria", "Aria TRANSACTIONAL=0", "CSV")
# InnoDB would write its buffer each second, and its page cleaner what is in it.
LAZY = (
    Setting("loose_innodb_log_file_buffering", "ON"),
    Setting("innodb_flush_log_at_timeout", "2700"),
    Setting("sync_binlog", "0"),
    Setting("innodb_log_buffer_size", "64M"),
    Setting("general_log", "ON"),
)


@pytest.fixture(scope="module", params=sorted(releases.SERIES))
def bench(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bench]:
    """A host of a release whose storage client keeps what programs write."""
    machine = Machine(tmp_path_factory.mktemp(request.param) / "lab")
    try:
        (spec,) = releases.specs({"bench": request.param})
        machine.up([HostSpec("bench", spec.root, Client.WRITE_BACK)], pool_gib=2)
        yield Bench(machine, machine.hosts["bench"])
    finally:
        machine.down()
    assert leftovers(machine.root) == []


@contextmanager
def server(bench: Bench, name: str, *, binary_log: bool) -> Iterator[Dataset]:
    """A running server that leaves its logs to others."""
    made = bench.dataset(name, 3400, settings=LAZY, binary_log=binary_log)
    made.create()
    tables = "".join(
        f"CREATE TABLE work.t{number} (n INT NOT NULL, t VARCHAR(90) NOT NULL) ENGINE = {engine};"
        for number, engine in enumerate(ENGINES)
    )
    made.sql(f"CREATE DATABASE work; {tables}")
    try:
        yield made
    finally:
        bench.drop(made)


def rows(dataset: Dataset) -> list[str]:
    """How many rows each table has, and what they add up to."""
    questions = [
        f"SELECT 'table {number}', COUNT(*), SUM(n), SUM(LENGTH(t)) FROM work.t{number};"
        for number in range(len(ENGINES))
    ]
    return dataset.sql("".join(questions)).splitlines()


def write(dataset: Dataset, level: str) -> None:
    """Commits many small transactions with the log flushed as this level says."""
    inserts = "".join(
        f"INSERT INTO work.t{number % len(ENGINES)} VALUES ({number}, REPEAT('x', {number % 90}));"
        for number in range(ROWS)
    )
    dataset.sql(f"SET GLOBAL innodb_flush_log_at_trx_commit = {level}; {inserts}")


def logs(dataset: Dataset) -> str:
    """Sizes and contents of the binary log and the query log."""
    script = 'cd "$1/log" && shopt -s nullglob && sha256sum general.log binlog.0*'
    return dataset.host.run_as_root(["bash", "-c", script, "bash", dataset.mount]).text


@pytest.mark.parametrize("binary_log", [True, False])
def test_a_snapshot_holds_what_was_committed(bench: Bench, binary_log: bool) -> None:
    with server(bench, f"of{binary_log}", binary_log=binary_log) as original:
        for level in ("2", "0"):
            write(original, level)
            original.good("quiesce")
            copy = bench.clone(original, f"copy{binary_log}{level}", 3401)
            assert logs(copy) == logs(original), level
            expected = rows(original)
            original.good("release")
            copy.good("vdb_configure")
            assert rows(copy) == expected, level
            # What the server was told is as it was.
            assert original.sql("SELECT @@innodb_flush_log_at_trx_commit") == level
            bench.drop(copy)


def test_a_snapshot_of_a_stopped_server_holds_its_files(bench: Bench) -> None:
    with server(bench, "stopped", binary_log=True) as original:
        original.good("server_stop")
        keep = (
            f"open(F, '>>', '{original.mount}/log/general.log'); F->autoflush(1); print F 'x';"
            " STDOUT->autoflush(1); print '1'; sleep 600"
        )
        argv = ["perl", "-MIO::Handle", "-le", keep]
        with original.host.popen_as_root(argv, stdout=subprocess.PIPE) as program:
            assert program.stdout is not None
            assert program.stdout.readline() == b"1\n"
            original.good("quiesce", NEEDS_SERVER="no")
            copy = bench.clone(original, "copy", 3401)
            assert logs(copy) == logs(original)
            program.terminate()
        original.good("release")
        bench.drop(copy)


@pytest.mark.parametrize(
    ("sync", "seen"),
    [
        ("sleep 60", "sync has not ended in 1 s"),
        ("echo 'sync: error syncing: Input/output error'; return 1", "Input/output error"),
    ],
)
def test_what_cannot_be_flushed_is_refused(bench: Bench, sync: str, seen: str) -> None:
    """Storage that is away, or that has lost what was written."""
    dataset = bench.dataset("away", 3400)
    fake = f"sync() {{ if [[ $1 == --help ]]; then command sync --help; else {sync}; fi; }}"
    outcome = dataset.library(f"{fake}; mkdir -p $MOUNT/run; flush_dataset 1")
    bench.drop(dataset)
    assert outcome.failure == "FLUSH_FAILED", outcome.story
    assert seen in outcome.seen
