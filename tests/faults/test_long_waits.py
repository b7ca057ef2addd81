"""Waits that no cell is long enough for: `./dev faults` runs them, `./dev test` does not."""

import shutil

import pytest

from lab.errors import LabError
from testbed.backups import USER_BACKUP
from testbed.site import mark
from tests.faults.bench import DSOURCE, Bench
from tests.faults.points import BeforeStep
from tests.faults.strikes import CutNetwork
from tests.faults.work import Work
from tests.workflows.support import RESYNC, refused

# 90 s without a connection, and what it takes to see and to tell.
SECONDS = 150


@pytest.mark.fault
def test_a_sync_gives_up_a_source_that_stays_away(bench: Bench) -> None:
    """Its position was read; the network is cut before replication has got there."""
    bench.build()
    old = bench.site.change(DSOURCE, catchUpTimeout=600)
    bench.site.sql(DSOURCE).query("STOP SLAVE IO_THREAD")
    mark(bench.site.source.server, "not there yet")
    point = BeforeStep(bench, "staging", bench.site.mount(DSOURCE), "catch_up")
    cut = CutNetwork(bench, point, DSOURCE)
    point.arm()
    work = Work(lambda: bench.lab.sync(DSOURCE))
    try:
        point.reach(work)
        cut.strike()
        point.go_on()
        assert work.ends(SECONDS), f"no end in {SECONDS} s"
    finally:
        cut.lift()
        point.go_on()
    assert isinstance(work.error, LabError), work.error
    assert "MDB-040" in str(work.error)
    assert "no connection for 90 s" in str(work.error)
    bench.lab.update_parameters(DSOURCE, old)
    bench.lab.sync(DSOURCE)
    assert bench.equal_to_source(DSOURCE) == []


@pytest.mark.fault
@pytest.mark.skipif(not shutil.which("mergerfs"), reason="./dev faults installs mergerfs")
def test_a_backup_on_a_file_server_that_is_dead(bench: Bench) -> None:
    """Its mount hangs every look; the next attempt, with the server back, is told the truth."""
    bench.build()
    staging = bench.site.host("staging")
    staging.run_as_root(["mkdir", "-p", "/srv/there", "/srv/hung"])
    options = "allow_other,use_ino,func.getattr=newest"
    mounted = ["mergerfs", "-f", "-o", options, "/srv/there", "/srv/hung"]
    daemon = staging.popen_as_root(mounted)
    pid = ""
    try:
        look = ["bash", "-c", "until mountpoint -q /srv/hung; do sleep 0.1; done; pidof mergerfs"]
        pid = staging.run_as_root(look, timeout=20).text.strip()
        staging.run_as_root(["kill", "-STOP", pid])
        given = {**USER_BACKUP, "backupPath": "/srv/hung/it", "logSync": False}
        old = bench.site.change(DSOURCE, **given)
        work = Work(lambda: bench.lab.sync(DSOURCE, RESYNC))
        assert work.ends(90), "no end in 90 s"
        assert "MDB-056" in str(work.error)
        assert "does not answer within 30 s" in str(work.error)
        staging.run_as_root(["kill", "-CONT", pid])
        refused("MDB-056", lambda: bench.lab.sync(DSOURCE, RESYNC), "No such file")
        bench.lab.update_parameters(DSOURCE, old)
    finally:
        staging.run_as_root(["bash", "-c", f"kill -CONT {pid} || :; umount -l /srv/hung || :"])
        daemon.kill()
        daemon.wait()
    bench.lab.sync(DSOURCE)
    assert bench.equal_to_source(DSOURCE) == []
