"""How figures grow: with bytes, databases, VDBs on a host, snapshots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from bench.figures import Figure, Pairs
from bench.measures.follow import BY_HAND, dataset_of, status_figure, sync_by_hand
from bench.measures.link import managed
from bench.measures.measure import Measure, Work
from bench.measures.ready import BARE, PROVISION, provision, refresh, snapshot, started_by_hand
from bench.measures.stall import stall
from bench.raw import storage_snapshot
from bench.scale import Scale, Shape
from bench.stage import DSOURCE, VDB, Stage
from bench.watch import observed

_GB = 1_000_000_000


def measures(scale: Scale) -> list[Measure]:
    """All of this module: each point of a curve over data is a measure of its own."""
    small = scale.growth_bytes[0]
    points: list[tuple[str, Shape, Work]] = [
        ("growth-vdbs", small, vdbs),
        ("growth-snapshots", small, snapshots),
        *((f"growth-bytes-{_name(one)}", one, bytes_point) for one in scale.growth_bytes),
        *(
            (f"growth-databases-{one.databases}", one, databases_point)
            for one in scale.growth_databases
        ),
    ]
    return [Measure(name, shape, partial(_as_growth, work=work)) for name, shape, work in points]


def _as_growth(stage: Stage, scale: Scale, *, work: Work) -> Sequence[Figure]:
    # A link takes minutes where there is much; `link` has its median.
    return work(stage, replace(scale, repeats=scale.growth, links=1))


def _name(shape: Shape) -> str:
    return f"{shape.bytes // 1_000_000}MB"


def bytes_point(stage: Stage, scale: Scale) -> Sequence[Figure]:
    """Everything that may depend on the size, at one size (x: GB)."""
    at = {"measure": "growth-bytes", "x": stage.shape.bytes / _GB}
    works = (managed, provision, snapshot, refresh, stall)
    return [figure for work in works for figure in work(stage, scale, **at)]  # type: ignore[arg-type]


def databases_point(stage: Stage, scale: Scale) -> Sequence[Figure]:
    """The same at one number of databases, of ten small tables each (x)."""
    at = {"measure": "growth-databases", "x": float(stage.shape.databases)}
    works = (managed, partial(_sync), provision, snapshot)
    return [figure for work in works for figure in work(stage, scale, **at)]  # type: ignore[arg-type]


def _sync(stage: Stage, scale: Scale, *, measure: str, x: float) -> Sequence[Figure]:
    pairs = Pairs()
    for _ in range(scale.repeats):
        sample = observed([stage.source, stage.staging], lambda: stage.lab.sync(DSOURCE))
        pairs.add(sample, sync_by_hand(stage))
    return [pairs.figure(measure, "sync", BY_HAND, x=x)]


def vdbs(stage: Stage, scale: Scale) -> Sequence[Figure]:
    """Provision, status and refresh of the n-th VDB of a host."""
    stage.unlinked()
    stage.linked()
    found: list[Figure] = []
    for number in range(1, scale.growth_vdbs[-1] + 1):
        name = f"vdb{number}"
        if number not in scale.growth_vdbs:
            stage.provision(name)
            continue
        found += _at_vdb(stage, scale, name, float(number))
    stage.unlinked()
    return found


def _at_vdb(stage: Stage, scale: Scale, name: str, x: float) -> list[Figure]:
    """The n-th one is made, and made again; it stays."""
    made, again = Pairs(), Pairs()
    for turn in range(scale.repeats):
        if turn:
            stage.lab.delete(name)
        start, stop = started_by_hand(stage, DSOURCE, stage.linked())
        made.add(observed([stage.target], lambda: stage.provision(name)), start)
        again.add(observed([stage.target], lambda: stage.lab.refresh(name)), start + stop)
    measure = "growth-vdbs"
    return [
        made.figure(measure, "provision", BARE, goal=PROVISION, x=x),
        again.figure(measure, "refresh", f"{BARE}, and its stop", x=x),
        status_figure(stage, scale, name, measure, x=x),
    ]


def snapshots(stage: Stage, scale: Scale) -> Sequence[Figure]:
    """The n-th snapshot of a VDB, and a rollback to it."""
    stage.unlinked()
    stage.provisioned()
    found: list[Figure] = []
    for number in scale.growth_snapshots:
        while len(stage.lab.snapshots(VDB)) < number - 1:
            stage.lab.snapshot(VDB)
        found += _at_snapshot(stage, scale, float(number))
    stage.unlinked()
    return found


def _at_snapshot(stage: Stage, scale: Scale, x: float) -> list[Figure]:
    taken, back = Pairs(), Pairs()
    for _ in range(scale.repeats):
        raw = storage_snapshot(stage.lab, dataset_of(stage.lab, VDB))
        taken.add(observed([stage.target], lambda: stage.lab.snapshot(VDB)), raw)
    latest = stage.site.latest(VDB)
    for _ in range(scale.repeats):
        by_hand = sum(started_by_hand(stage, VDB, latest))
        sample = observed([stage.target], lambda: stage.lab.rollback(VDB, latest.reference))
        back.add(sample, by_hand)
    reference = "the storage snapshot alone"
    return [
        taken.figure("growth-snapshots", "snapshot", reference, x=x),
        back.figure("growth-snapshots", "rollback", f"{BARE}, and its stop", x=x),
    ]
