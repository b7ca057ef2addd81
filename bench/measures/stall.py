"""The longest write on a VDB during its snapshot."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from bench.figures import Figure, Goal, Pairs, Sample
from bench.measures.follow import dataset_of
from bench.measures.measure import Measure
from bench.raw import storage_snapshot
from bench.scale import Scale
from bench.stage import VDB, Stage
from testbed.writer import Table, Writer

_GOAL = Goal("at most 50 ms beyond the storage snapshot's own", times=1.0, plus=0.05)
# Of each kind: the longest of few is chance.
_ROUNDS = 5
# Before and after, so that a write that waits across an edge counts.
_EDGE_SECONDS = 0.2


def measures(scale: Scale) -> list[Measure]:
    """All of this module."""
    return [Measure("stall", scale.work, stall)]


def stall(
    stage: Stage, scale: Scale, *, measure: str = "stall", x: float | None = None
) -> Sequence[Figure]:
    """One client commits to InnoDB without a pause, meanwhile snapshots of both kinds."""
    stage.provisioned()
    place, pairs = stage.site.place(VDB), Pairs()
    dataset = dataset_of(stage.lab, VDB)
    with Writer(place.server, place.popen, tables=(Table.LEDGER,), pause_seconds=0) as writer:
        for _ in range(max(scale.repeats, _ROUNDS)):
            bare = _longest(writer, lambda: storage_snapshot(stage.lab, dataset))
            ours = _longest(writer, lambda: stage.lab.snapshot(VDB))
            pairs.add(Sample(ours, ours), bare)
    reference = "the longest write during a storage snapshot alone"
    note = "One client that commits transactions of four statements without a pause, InnoDB only."
    name = "longest write during a snapshot"
    return [pairs.figure(measure, name, reference, goal=_GOAL, x=x, note=note)]


def _longest(writer: Writer, snapshot: Callable[[], object]) -> float:
    """Seconds of the longest write that met the snapshot."""
    time.sleep(_EDGE_SECONDS)
    since = time.monotonic()
    snapshot()
    until = time.monotonic()
    time.sleep(_EDGE_SECONDS)
    return writer.worst_stall_ms(since, until) / 1000
