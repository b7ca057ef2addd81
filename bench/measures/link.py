"""Links: managed copies of many tables and of one, a dump of the user's, a physical copy."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from statistics import median

from bench import wire
from bench.figures import Figure, Goal, Pairs
from bench.measures.measure import Measure
from bench.raw import by_hand
from bench.scale import Scale
from bench.stage import DSOURCE, Stage
from bench.watch import observed
from lab.hosts.host import Host
from lab.system.process import run
from testbed import source
from testbed.parameters import READER

PIPE = "one pipe `mariadb-dump | mariadb` into a fresh, tuned server on the same storage"
BELOW_PIPE = Goal("at most 0.7 × the single pipe", times=0.7)
# What the goals of links are about: below it what does not depend on the data weighs most.
_LARGE_BYTES, _MANY_TABLES = 1_900_000_000, 10_000
_DUMP = "/srv/bench/it"
_PHYSICAL = Goal("at most 1.5 × the copy of the files over the same link", times=1.5)


def measures(scale: Scale) -> list[Measure]:
    """All of this module."""
    return [
        Measure("link", scale.link, partial(managed, measure="link")),
        Measure("link-dump", scale.link, dump),
        Measure("link-physical", scale.link, physical),
    ]


def single(scale: Scale) -> Measure:
    """The link of one large table."""
    return Measure("link-one-table", scale.single, partial(managed, measure="link-one-table"))


def managed(
    stage: Stage, scale: Scale, *, measure: str, x: float | None = None
) -> Sequence[Figure]:
    """The managed logical copy, in as many pipes as the plugin chooses."""
    pairs, whole = Pairs(), []
    _read_source(stage)
    for _ in range(scale.links):
        stage.unlinked()
        with stage.raw(stage.staging) as raw:
            begun = raw.fresh()
            piped = raw.do("dump_and_load", NAMES=stage.databases)
            whole.append(begun + piped + raw.stop())
        stage.settle()
        pairs.add(observed([stage.source, stage.staging], stage.link), piped)
        stage.prove(DSOURCE)
    note = (
        "The reference is the pipe alone. The link also makes the server, ends it in good order,"
        " starts it for staging, makes it a replica and waits for it. With creating, starting and"
        f" stopping its server the raw tool takes {median(whole):.1f} s."
    )
    name = "link" if x is not None else f"link of {stage.shape}"
    return [pairs.figure(measure, name, PIPE, goal=_goal(stage, BELOW_PIPE), x=x, note=note)]


def _goal(stage: Stage, goal: Goal) -> Goal | None:
    shape = stage.shape
    return goal if shape.bytes >= _LARGE_BYTES or shape.tables >= _MANY_TABLES else None


def _read_source(stage: Stage) -> None:
    """Whoever is first does not read for the second what the source has not cached yet."""
    by_hand(stage.staging, "dump_to_file", FILE="/dev/null", LOGIN=stage.login)


def dump(stage: Stage, scale: Scale) -> Sequence[Figure]:
    """A user provided dump, plain SQL of all databases, with its position."""
    stage.staging.run_as_root(["install", "-d", "-o", "delphix", "-g", "delphix", "/srv/bench"])
    stage.unlinked()
    with stage.raw(stage.staging) as raw:
        raw.do("dump_to_file", FILE=_DUMP)
    pairs = Pairs()
    for _ in range(scale.links):
        stage.unlinked()
        with stage.raw(stage.staging) as raw:
            raw.fresh()
            loaded = raw.do("load_file", FILE=_DUMP)
            raw.stop()
        stage.settle()
        given = {"backupOrigin": "User Provided Backup", "backupPath": _DUMP}
        pairs.add(observed([stage.source, stage.staging], partial(stage.link, **given)), loaded)
        stage.prove(DSOURCE)
    stage.unlinked()
    stage.staging.run_as_root(["rm", _DUMP])
    reference = "`mariadb < dump` into a fresh, tuned server on the same storage"
    note = "The link also reads the dump to compare it with what was loaded."
    return [pairs.figure("link-dump", "link of a user's dump", reference, note=note)]


def physical(stage: Stage, scale: Scale) -> Sequence[Figure]:
    """The managed physical copy, where the artifact offers it."""
    method = stage.offers("linked_source", "backupMethod") or {}
    if "Physical" not in method.get("enum", []):
        return []
    _let_read(stage)
    local, wired = Pairs(), Pairs()
    linked = partial(stage.link, backupMethod="Physical")
    for _ in range(scale.links):
        for pairs, limit, copied in ((local, nullcontext, _cp), (wired, _gigabit, _over_wire)):
            stage.unlinked()
            with limit(stage.source):
                by_hand_seconds = copied(stage)
                pairs.add(observed([stage.source, stage.staging], linked), by_hand_seconds)
            stage.prove(DSOURCE)
    reference = "`cp -a` of the source's data directory into a dataset, and `sync`"
    note = (
        "The lab's hosts share one machine and its processors: no network is between them, and `cp`"
        " passes none. The data directory is in the page cache for both."
    )
    over = "the same files over the same link, `tar | TCP | tar` into a dataset, and `sync`"
    name = "physical link over 1 Gbit/s"
    told = "What the source sends is held to 1 Gbit/s for both. The link encrypts, `tar` does not."
    goal = _goal(stage, _PHYSICAL)
    return [
        local.figure("link-physical", "physical link without a network", reference, note=note),
        wired.figure("link-physical", name, over, goal=goal, note=told),
    ]


def _gigabit(host: Host) -> AbstractContextManager[None]:
    return wire.limited(host, wire.GIGABIT)


def _over_wire(stage: Stage) -> float:
    with stage.raw(stage.staging) as raw:
        copied = wire.copy_tree(stage.source, stage.staging, source.DATA, raw.folder)
    stage.settle()
    return copied


def _let_read(stage: Stage) -> None:
    """The environment user may read the source's files, its account may ask what a backup asks."""
    user = stage.source.environment_user
    script = 'usermod -a -G mysql "$1" && chmod -R g+rX "$2"'
    stage.source.run_as_root(["bash", "-c", script, "bash", user, source.DATA])
    stage.site.source.server.query(f"GRANT PROCESS ON *.* TO '{READER.user}'@'%'")


def _cp(stage: Stage) -> float:
    """Without reflinks: the bytes are copied. Seconds."""
    pool = stage.lab.engine.machine.pool
    data = pool.host_folder("source") / "upper" / source.DATA.lstrip("/")
    with stage.raw(stage.staging) as raw:
        target = stage.lab.root / "pool" / "datasets" / "bench" / raw.name
        copied = run(["cp", "-a", "--reflink=never", str(data), f"{target}/data"], timeout=7200)
        written = run(["sync", "-f", f"{target}/data"], timeout=7200)
    stage.settle()
    return copied.seconds + written.seconds
