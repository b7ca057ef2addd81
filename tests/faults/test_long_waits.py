"""Waits that no cell is long enough for: `./dev faults` runs them, `./dev test` does not."""

import pytest

from lab.errors import LabError
from tests.faults.bench import DSOURCE, Bench
from tests.faults.points import BeforeStep
from tests.faults.strikes import CutNetwork
from tests.faults.work import Work
from tests.lab.support import mark

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
