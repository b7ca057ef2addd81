"""A VDB's life: provision, snapshot, stop, start, refresh, rollback, status, V2P."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.figures import Figure, Goal, Pairs
from bench.measures.follow import dataset_of, status_figure
from bench.measures.measure import Measure
from bench.raw import clone_options, storage_snapshot
from bench.scale import Scale
from bench.stage import DSOURCE, VDB, Stage
from bench.watch import observed
from lab.model import Job, Snapshot

_EXPORT = "/srv/bench-v2p"
BARE = "a bare `mariadbd` on a clone of the same snapshot, until it answers"
PROVISION = Goal("at most 1.2 × a bare start and 0.3 s", times=1.2, plus=0.3)


def measures(scale: Scale) -> list[Measure]:
    """All of this module."""
    works = {
        "provision": provision,
        "snapshot": snapshot,
        "stop-start": stop_and_start,
        "refresh": refresh,
        "rollback": rollback,
        "status": status,
        "v2p": export,
    }
    return [Measure(name, scale.work, work) for name, work in works.items()]


def started_by_hand(stage: Stage, container: str, found: Snapshot) -> tuple[float, float]:
    """Seconds to start, and to stop, a bare server on a clone of a snapshot of a container."""
    with stage.raw(stage.target, found) as raw:
        started = raw.start(clone_options(raw, stage.site.mount(container)))
        stopped = raw.stop()
    stage.settle()
    return started, stopped


def provision(
    stage: Stage, scale: Scale, *, measure: str = "provision", x: float | None = None
) -> Sequence[Figure]:
    """A VDB of the dSource's latest snapshot."""
    stage.linked()
    pairs = Pairs()
    for _ in range(scale.repeats):
        _without_vdb(stage)
        raw, _ = started_by_hand(stage, DSOURCE, stage.linked())
        pairs.add(observed([stage.target], stage.provision), raw)
        stage.prove(VDB)
    note = (
        "Without the first snapshot that an engine takes of it; `snapshot` is a figure of its own."
    )
    return [pairs.figure(measure, "provision", BARE, goal=PROVISION, x=x, note=note)]


def _without_vdb(stage: Stage) -> None:
    if VDB in stage.names():
        stage.lab.delete(VDB)
    stage.settle()


def snapshot(
    stage: Stage, scale: Scale, *, measure: str = "snapshot", x: float | None = None
) -> Sequence[Figure]:
    """A snapshot of a running VDB."""
    stage.provisioned()
    pairs = Pairs()
    for _ in range(scale.repeats):
        raw = storage_snapshot(stage.lab, dataset_of(stage.lab, VDB))
        pairs.add(observed([stage.target], lambda: stage.lab.snapshot(VDB)), raw)
    reference = "the storage snapshot alone, which keeps nothing consistent"
    return [pairs.figure(measure, "snapshot", reference, x=x)]


def stop_and_start(stage: Stage, scale: Scale) -> Sequence[Figure]:
    """Stop and start of a VDB that rests; its files are closed in good order in between."""
    stops, starts = Pairs(), Pairs()
    for _ in range(scale.repeats):
        stage.provisioned()
        stopped = observed([stage.target], lambda: stage.lab.stop(VDB))
        stage.lab.snapshot(VDB)
        raw_start, raw_stop = started_by_hand(stage, VDB, stage.site.latest(VDB))
        started = observed([stage.target], lambda: stage.lab.start(VDB))
        stops.add(stopped, raw_stop)
        starts.add(started, raw_start)
    return [
        stops.figure("stop-start", "stop", "SIGTERM to a bare server, until it is gone"),
        starts.figure(
            "stop-start", "start", "a bare `mariadbd` on the same files, until it answers"
        ),
    ]


def refresh(
    stage: Stage, scale: Scale, *, measure: str = "refresh", x: float | None = None
) -> Sequence[Figure]:
    """A VDB takes the dSource's latest snapshot."""
    stage.provisioned()
    pairs = Pairs()
    for _ in range(scale.repeats):
        raw = sum(started_by_hand(stage, DSOURCE, stage.linked()))
        pairs.add(observed([stage.target], lambda: stage.lab.refresh(VDB)), raw)
        stage.prove(VDB)
    return [pairs.figure(measure, "refresh", f"{BARE}, and its stop", x=x, note=_SNAPSHOT)]


def rollback(stage: Stage, scale: Scale) -> Sequence[Figure]:
    """A VDB returns to a snapshot of its own."""
    stage.provisioned()
    stage.lab.snapshot(VDB)
    back = stage.site.latest(VDB)
    pairs = Pairs()
    for _ in range(scale.repeats):
        raw = sum(started_by_hand(stage, VDB, back))
        pairs.add(observed([stage.target], lambda: stage.lab.rollback(VDB, back.reference)), raw)
        stage.prove(VDB)
    return [pairs.figure("rollback", "rollback", f"{BARE}, and its stop", note=_SNAPSHOT)]


_SNAPSHOT = "The engine takes a snapshot at the end, which is part of the seconds and calls."


def status(stage: Stage, scale: Scale) -> Sequence[Figure]:
    """What the engine polls of a VDB."""
    stage.provisioned()
    return [status_figure(stage, scale, VDB, "status")]


def export(stage: Stage, scale: Scale) -> Sequence[Figure]:
    """V2P of a VDB, where the artifact offers it."""
    artifact = stage.lab.engine.artifact(stage.lab.plugins()[0].reference)
    if not artifact.has("hasVirtualSourceToPhysical"):
        return []
    stage.provisioned()
    stage.lab.snapshot(VDB)
    pairs = Pairs()
    wanted = artifact.virtual_to_physical.schema["properties"]
    given: dict[str, Any] = {"port": 3399} if "port" in wanted else {}

    def exported() -> Job:
        return stage.lab.export(
            VDB, host="target", directory=_EXPORT, parameters=given, snapshot=None
        )

    for _ in range(scale.repeats):
        raw, _ = started_by_hand(stage, VDB, stage.site.latest(VDB))
        pairs.add(observed([stage.target], exported), raw)
        _end_export(stage)
    note = "The engine copies the files; the seconds are those of the plugin's two operations."
    return [pairs.figure("v2p", "V2P of a VDB", BARE, note=note)]


def _end_export(stage: Stage) -> None:
    """Whether the plugin has left its server running or not."""
    # The directory is an argument, not part of the text: a pattern in it would meet the shell too.
    script = (
        'for pid in $(pgrep -x "mariadbd|mysqld"); do'
        ' ! grep -qaF "$1" "/proc/$pid/cmdline" || kill -KILL "$pid"; done; rm -rf "$1"'
    )
    stage.target.run_as_root(["bash", "-c", script, "bash", _EXPORT])
