"""Storage that is really full (ENOSPC): one code in every step, and nothing is left."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from domain.dataset.layout import Layout
from tests.steps.support import Bench, Dataset, Outcome, wait_for

OUTER, MOUNT = "/mnt/storage", "/mnt/small"
SIZE = 420 * 1024 * 1024


class Small:
    """A dataset on a small file system, which is filled from outside of the dataset."""

    def __init__(self, bench: Bench) -> None:
        self.bench, self.host = bench, bench.host
        self.dataset = Dataset(bench.host, Layout(MOUNT), 3471, 4471)

    def root(self, command: str) -> str:
        return self.host.run_as_root(["sh", "-c", command]).text

    def up(self) -> None:
        owner = f"{self.host.uid}:{self.host.gid}"
        self.root(
            f"mkdir -p {OUTER} {MOUNT} && mount -t tmpfs -o size={SIZE},nr_inodes=2000 none {OUTER}"
            f" && mkdir {OUTER}/ds && chown {owner} {OUTER}/ds && mount --bind {OUTER}/ds {MOUNT}"
        )

    def down(self) -> None:
        for pid in self.bench.users_of(MOUNT):
            self.host.run_as_root(["kill", "-KILL", str(pid)], check=False)
        wait_for("nobody uses it", lambda: not self.bench.users_of(MOUNT))
        self.root(f"umount {MOUNT} && umount {OUTER}")

    def fill(self, leave: int = 0) -> None:
        for size in ("1M", "4k"):
            self.root(f"dd if=/dev/zero of={OUTER}/fill.{size} bs={size} 2>/dev/null || :")
        if leave:
            self.root(f"truncate -s -{leave} {OUTER}/fill.1M")

    def use_up_files(self) -> None:
        self.root(
            f"mkdir {OUTER}/fill.d; cd {OUTER}/fill.d; seq 2000 | xargs touch 2>/dev/null || :"
        )

    def free(self) -> None:
        self.root(f"rm -rf {OUTER}/fill.*")

    def full(self, step: str, **given: str) -> Outcome:
        """A step that ends for want of room, and says where and how much there is."""
        outcome = self.dataset.run(step, **given)
        assert outcome.failure == "DISK_SPACE", f"{step}: {outcome}"
        assert MOUNT in outcome.seen
        assert f"of {SIZE} bytes are free" in outcome.seen
        return outcome


@pytest.fixture(scope="module")
def small(bench: Bench) -> Iterator[Small]:
    made = Small(bench)
    made.up()
    yield made
    made.down()


@pytest.fixture(autouse=True)
def empty(small: Small) -> Iterator[None]:
    yield
    small.free()
    small.dataset.good("server_stop", STOP_SECONDS="5")


@pytest.fixture
def running(small: Small) -> Dataset:
    if "delphix.json" not in small.dataset.names():
        small.dataset.good("dataset_create")
    small.dataset.good("server_start")
    # As when a resync is over.
    small.root(f"rm -f {MOUNT}/run/making")
    return small.dataset


@pytest.mark.parametrize("leave", [0, 3_000_000, 60_000_000])
def test_a_new_data_directory(small: Small, leave: int) -> None:
    small.root(f"find {MOUNT} -mindepth 1 -delete")
    small.fill(leave)
    small.full("dataset_create")
    small.free()
    small.dataset.good("dataset_create")


@pytest.mark.parametrize("step", ["server_start", "vdb_configure"])
@pytest.mark.parametrize("leave", [0, 2_000_000])
def test_a_start(small: Small, running: Dataset, step: str, leave: int) -> None:
    running.good("server_stop")
    small.fill(leave)
    small.full(step, LOGIN_USER="", LOGIN_GRANTS="data")
    assert running.pids() == []
    small.free()
    running.good(step, LOGIN_USER="", LOGIN_GRANTS="data")


@pytest.mark.parametrize("runs", [True, False], ids=["running", "stopped"])
def test_a_snapshot_leaves_no_lock(small: Small, running: Dataset, runs: bool) -> None:
    """The lock's client could not write down that it holds the lock, and nobody found it again."""
    if not runs:
        running.good("server_stop")
    small.fill()
    small.full("quiesce", NEEDS_SERVER="yes" if runs else "no")
    small.free()
    # The second one would wait for a lock that was left.
    running.good("quiesce", NEEDS_SERVER="no", LOCK_SECONDS="2")
    running.good("release")


def test_a_lock_is_released_on_storage_that_is_full(small: Small, running: Dataset) -> None:
    running.good("quiesce")
    small.use_up_files()
    assert running.good("release").maybe("consistency") == "Consistent"


def test_files_are_used_up(small: Small, running: Dataset) -> None:
    small.use_up_files()
    for step in ("quiesce", "server_start"):
        assert ", 0 of 2000 files" in small.full(step, RESTART="yes").seen


def test_replication(small: Small, running: Dataset) -> None:
    small.fill()
    given = {"SOURCE_HOST": "127.0.0.1", "SOURCE_PORT": "1", "SOURCE_USER": "x"}
    small.full("replica_set", **given, REPLICATION_PASSWORD="x", CONNECT_SECONDS="2", GTID="")


def test_who_looks_after_a_server_sees_why_it_is_gone(small: Small, running: Dataset) -> None:
    (pid,) = running.pids()
    small.host.run_as_root(["kill", "-KILL", str(pid)])
    wait_for("it is gone", lambda: not running.pids())
    small.fill()
    small.full("replica_status")
    small.free()
    outcome = running.run("replica_status")
    assert outcome.failure == "SERVER_NOT_RUNNING"
    assert "the last of its log: " in outcome.seen


def test_a_server_that_was_stopped_just_now_is_no_alarm(small: Small, running: Dataset) -> None:
    running.good("server_stop")
    assert running.good("replica_status").flag("busy")
    small.root(f"touch -d '4 minutes ago' {MOUNT}/run/stopped")
    assert running.run("replica_status").failure == "SERVER_NOT_RUNNING"
    running.good("server_start")
    small.host.run_as_root(["kill", "-KILL", *map(str, running.pids())])
    wait_for("it is gone", lambda: not running.pids())
    assert running.run("replica_status").failure == "SERVER_NOT_RUNNING"


def test_a_server_without_the_dataset(small: Small, running: Dataset) -> None:
    elsewhere = replace(running, layout=Layout("/mnt/nowhere"))
    assert elsewhere.run("replica_status").failure == "MOUNT_NOT_MOUNTED"
