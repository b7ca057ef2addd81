"""A dSource that follows its source: syncs at rest and under load, apply, lag, verify."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from bench import load
from bench.figures import Figure, Goal, Pairs, Sample
from bench.measures.measure import Measure
from bench.raw import Raw, by_hand, storage_snapshot
from bench.scale import Scale
from bench.stage import DSOURCE, Stage
from bench.watch import observed, status
from lab.errors import LabError
from lab.lab import Lab
from testbed import source
from testbed.client import Server, literal
from testbed.parameters import REPLICATOR

BY_HAND = (
    "by hand: ask the source for its position, wait for it on staging, take a storage snapshot"
)
_IDLE = Goal("at most 1 s", plus=1.0)
_STATUS = Goal("at most 0.1 s and one call", plus=0.1, calls=1)
_APPLY = Goal("at most 0.25 × a default replica", times=0.25)
# A tenth and a blink: what two such loads differ by on a machine that does other things, too.
_STEADY = Goal("no more than after half as many", times=1.1, plus=0.2)
_WAIT_SECONDS = 3600
# Columns of SHOW SLAVE STATUS.
_MASTER_LOG_FILE, _READ_MASTER_LOG_POS = 5, 6


def measures(scale: Scale) -> list[Measure]:
    """All of this module."""
    works: dict[str, Callable[[Stage, Scale], Sequence[Figure]]] = {
        "sync": sync,
        "sync-load": sync_under_load,
        "apply": apply,
        "sync-behind": sync_behind,
        "lag": lag,
        "verify": verify,
        "status-dsource": status_of_dsource,
    }
    return [Measure(name, scale.work, work) for name, work in works.items()]


def sync(stage: Stage, scale: Scale) -> Sequence[Figure]:
    """Nothing was written since the last sync."""
    pairs = _syncs(stage, scale)
    return [pairs.figure("sync", "sync of an idle source", BY_HAND, goal=_IDLE)]


def sync_under_load(stage: Stage, scale: Scale) -> Sequence[Figure]:
    """One client commits all the time, as fast as the source takes it."""
    load.prepare(stage.site.source.server)
    stage.linked()
    with load.steady(stage.site.source):
        pairs = _syncs(stage, scale)
    name = "sync while one client writes at full speed"
    return [pairs.figure("sync-load", name, BY_HAND)]


def _syncs(stage: Stage, scale: Scale) -> Pairs:
    stage.linked()
    pairs = Pairs()
    for _ in range(scale.repeats):
        sample = observed([stage.source, stage.staging], lambda: stage.lab.sync(DSOURCE))
        pairs.add(sample, sync_by_hand(stage))
    return pairs


def sync_by_hand(stage: Stage) -> float:
    """Seconds of a sync by hand."""
    place = stage.site.place(DSOURCE)
    followed = by_hand(stage.staging, "follow", SOCKET=place.socket, LOGIN=stage.login)
    return followed + storage_snapshot(stage.lab, dataset_of(stage.lab, DSOURCE))


def dataset_of(lab: Lab, name: str) -> str:
    """The live dataset of a dSource or VDB."""
    return lab.container(name).dataset


# -- applying ----------------------------------------------------------------------------------


def apply(stage: Stage, scale: Scale) -> Sequence[Figure]:
    """Staging and a default replica of the same files apply what lies in their relay logs."""
    load.prepare(stage.site.source.server)
    stage.linked()
    stage.lab.sync(DSOURCE)
    own, staging = Pairs(), stage.site.sql(DSOURCE)
    default = Pairs()
    with stage.raw(stage.staging, stage.linked()) as raw:
        _begin_replica(stage, raw)
        for _ in range(scale.repeats):
            _pause(staging, raw.server)
            written = load.write(stage.site.source, scale.transactions)
            position = _position(stage)
            _await_log(stage, staging, raw.server)
            ours = _applied(staging, position)
            theirs = _applied(raw.server, position)
            _require_equal(stage, staging, raw.server)
            default.add(Sample(ours, ours), theirs)
            own.add(Sample(ours, ours), written)
    name = f"staging applies {scale.transactions:,} small transactions"
    reference = "a replica with default settings on a clone of the same files"
    note = "Both start from a relay log that is complete, one after the other."
    theirs_own = f"the source's own time with {load.CLIENTS} clients"
    return [
        default.figure("apply", name, reference, goal=_APPLY, note=note),
        own.figure("apply", f"{name}, beside the source", theirs_own),
    ]


def _begin_replica(stage: Stage, raw: Raw) -> None:
    """A default replica goes on where the clone's files stand: their GTID position is a table."""
    stage.staging.run_as_root(["find", f"{raw.folder}/data", "-name", "*.info", "-delete"])
    raw.start(
        (
            "--no-defaults",
            f"--datadir={raw.folder}/data",
            f"--relay-log={raw.folder}/default-relay",
            "--server-id=4711",
            "--skip-networking",
        )
    )
    raw.server.query(
        f"CHANGE MASTER TO MASTER_HOST='{stage.source.address}', MASTER_PORT={source.PORT},"
        f" MASTER_USER='{REPLICATOR.user}', MASTER_PASSWORD={_plain(REPLICATOR.password)},"
        " MASTER_USE_GTID=slave_pos; START SLAVE"
    )


def _plain(text: str) -> str:
    """A literal where an expression is none; the client's sql_mode is the default one."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def _pause(*servers: Server) -> None:
    for server in servers:
        server.query("STOP SLAVE SQL_THREAD")


def _position(stage: Stage) -> str:
    return stage.site.source.server.value("SELECT @@gtid_binlog_pos")


def _await_log(stage: Stage, *servers: Server) -> None:
    """Wait until they have received all that the source has logged."""
    (row,) = stage.site.source.server.query("SHOW MASTER STATUS")
    deadline = time.monotonic() + _WAIT_SECONDS
    for server in servers:
        while _received(server) != (row[0], row[1]):
            if time.monotonic() > deadline:
                raise LabError(f"{server.name} has received {_received(server)} of {row}")
            time.sleep(0.1)


def _received(server: Server) -> tuple[str, str]:
    """File and position of the source up to which the relay log goes."""
    (row,) = server.query("SHOW SLAVE STATUS")
    return row[_MASTER_LOG_FILE], row[_READ_MASTER_LOG_POS]


def _applied(server: Server, position: str) -> float:
    """Seconds from the start of the applier until it has come to the position, by its clock."""
    now = "SELECT UNIX_TIMESTAMP(SYSDATE(6))"
    rows = server.query(f"{now}; START SLAVE SQL_THREAD; {_wait_for(position)}; {now}")
    (began,), (waited,), (ended,) = rows
    if waited != "0":
        raise LabError(f"{server.name} did not come to {position}")
    return float(ended) - float(began)


def _wait_for(position: str) -> str:
    return f"SELECT MASTER_GTID_WAIT({literal(position)}, {_WAIT_SECONDS})"


def _require_equal(stage: Stage, *servers: Server) -> None:
    asked = "SELECT (SELECT COUNT(*) FROM bench_load.entry), SUM(balance) FROM bench_load.account"
    found = [server.query(asked) for server in (stage.site.source.server, *servers)]
    if any(one != found[0] for one in found):
        raise LabError(f"What was applied is not what was written: {found}")


def sync_behind(stage: Stage, scale: Scale) -> Sequence[Figure]:
    """A sync right after a burst of small transactions."""
    load.prepare(stage.site.source.server)
    stage.linked()
    stage.lab.sync(DSOURCE)
    pairs = Pairs()
    for _ in range(scale.repeats):
        written = load.write(stage.site.source, scale.transactions)
        sample = observed([stage.source, stage.staging], lambda: stage.lab.sync(DSOURCE))
        pairs.add(sample, written)
    name = f"sync right after {scale.transactions:,} small transactions"
    reference = f"the source's own time for them with {load.CLIENTS} clients"
    return [pairs.figure("sync-behind", name, reference)]


def lag(stage: Stage, scale: Scale) -> Sequence[Figure]:
    """How far staging is behind when a burst ends, and when one of half the length ends."""
    load.prepare(stage.site.source.server)
    stage.linked()
    stage.lab.sync(DSOURCE)
    pairs = Pairs()
    for _ in range(scale.repeats):
        half = _behind(stage, scale.transactions // 2)
        whole = _behind(stage, scale.transactions)
        pairs.add(Sample(whole, whole), half)
    name = f"staging is behind when a burst of {scale.transactions:,} transactions ends"
    reference = "the same after half as many"
    note = "A lag that grows with the length of a burst is one that a busy source runs away from."
    return [pairs.figure("lag", name, reference, goal=_STEADY, note=note)]


def _behind(stage: Stage, transactions: int) -> float:
    load.write(stage.site.source, transactions)
    started = time.monotonic()
    position = _position(stage)
    if stage.site.sql(DSOURCE).value(_wait_for(position)) != "0":
        raise LabError(f"Staging did not come to {position}")
    return time.monotonic() - started


# -- looking -----------------------------------------------------------------------------------


def verify(stage: Stage, scale: Scale) -> Sequence[Figure]:
    """A sync that compares every row."""
    stage.linked()
    pairs, place = Pairs(), stage.site.place(DSOURCE)
    for _ in range(scale.repeats):
        hosts = [stage.source, stage.staging]
        sample = observed(hosts, lambda: stage.lab.sync(DSOURCE, {"verify": True}))
        given = {"SOCKET": place.socket, "LOGIN": stage.login, "NAMES": stage.tables}
        raw = by_hand(stage.staging, "checksums", **given)
        pairs.add(sample, raw + sync_by_hand(stage))
    reference = "`CHECKSUM TABLE` of all tables on the source, then on staging, and a sync by hand"
    note = "CHECKSUM TABLE knows rows alone; verify compares definitions, too."
    return [pairs.figure("verify", "sync with verify", reference, note=note)]


def status_of_dsource(stage: Stage, scale: Scale) -> Sequence[Figure]:
    """What the engine polls of a dSource."""
    stage.linked()
    return [status_figure(stage, scale, DSOURCE, "status-dsource")]


def status_figure(
    stage: Stage, scale: Scale, name: str, measure: str, x: float | None = None
) -> Figure:
    """The status of a dSource or VDB beside a question of a client."""
    pairs, place = Pairs(), stage.site.place(name)
    for _ in range(scale.repeats * 3):
        sample = observed([place.host], lambda: status(stage.lab, name))
        pairs.add(sample, by_hand(place.host, "ask", SOCKET=place.socket))
    kind = stage.lab.container(name).kind.value
    reference = "`mariadb -e 'SELECT 1'` on its socket"
    return pairs.figure(measure, f"status of a {kind}", reference, goal=_STATUS, x=x)
