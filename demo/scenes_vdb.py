"""The second half of the demo: two VDBs and their life."""

import time

from demo.scenes_dsource import AFTER_SYNC, BEFORE_LINK, BEFORE_SYNC, LINK, SYNC
from demo.stage import DSOURCE, FIRST, SECOND, STEADY, Stage
from demo.story import Copy, Stall
from lab.model import Job
from testbed import compare, proofs, source
from testbed.client import Server
from testbed.parameters import DEVELOPER, vdb_parameters
from testbed.places import SOURCE_HOST, TARGET_HOST
from testbed.watch import Watch
from testbed.writer import Writer

PROVISION = "provision VDB"
SNAPSHOT, ROLLBACK, REFRESH = "snapshot VDB", "roll VDB back", "refresh VDB"
_PAUSE_SECONDS = 0.005
# A storage snapshot alone takes up to a second when much is written.
_BEARABLE_MS = 2000.0
_DROPPED = ("crm", "note_archive")
_MINE = "only in dev1"


def provision(stage: Stage) -> None:
    """Two VDBs from two snapshots, while the source's network is watched."""
    stage.story.chapter("Provision: two VDBs from the two snapshots")
    hosts = stage.lab.hosts
    with Watch(hosts[SOURCE_HOST], hosts[TARGET_HOST]) as watch:
        _provision(stage, FIRST, stage.snapshots[LINK], PROVISION)
        _provision(stage, SECOND, stage.snapshots[SYNC], f"{PROVISION}, the second")
        contacts = watch.contacts()
    stage.story.check("no packet of the target host reached the source meanwhile", contacts)
    _measure_vdbs(stage)
    for name, origin in ((FIRST, LINK), (SECOND, SYNC)):
        server = stage.place(name).server
        stage.story.check(
            f"{name} is sound, with every write acknowledged before its sync began",
            proofs.nothing_lost(server, stage.acknowledged[origin]),
        )
        stage.story.check(f"{name} is writable and no replica", proofs.writable(name, server))


def _provision(stage: Stage, name: str, snapshot: str, operation: str) -> None:
    used = [int(row.parameters["port"]) for row in stage.lab.containers() if row.parent]
    parameters = vdb_parameters(name, {}, used)

    # Without the snapshot that the engine takes at the end: what the VDB's own files take could
    # not be told from what it shares with that.
    def workflow() -> Job:
        return stage.lab.provision(
            name,
            container=DSOURCE,
            host=TARGET_HOST,
            parameters=parameters,
            snapshot=snapshot,
            initial_snapshot=False,
        )

    stage.story.perform(operation, f"provision {name}", workflow)


def _measure_vdbs(stage: Stage) -> None:
    for name in (FIRST, SECOND):
        usage = stage.lab.usage(name)
        stage.story.keep(Copy(f"VDB {name}", usage.referenced_bytes, usage.exclusive_bytes))


def _measure_dsource(stage: Stage) -> None:
    pool, full = stage.lab.engine.machine.pool, stage.lab.usage(DSOURCE).referenced_bytes
    stage.story.keep(Copy("staging, the one full copy", full, full))
    for number, snapshot in enumerate(stage.lab.snapshots(DSOURCE), start=1):
        usage = pool.snapshot_usage(snapshot.storage_name)
        name = f"snapshot {number} of {DSOURCE}"
        stage.story.keep(Copy(name, usage.referenced_bytes, usage.exclusive_bytes))


def doors(stage: Stage) -> None:
    """Who gets in, and what runs by itself."""
    stage.story.chapter("A copy is safe: no open account, no event at work")
    story, places = stage.story, [stage.place(FIRST), stage.place(SECOND)]
    story.check(
        "the source lets an account without a password in (so there is something to close)",
        proofs.open_doors(stage.lab.hosts[SOURCE_HOST], stage.source_address, proofs.OPEN),
    )
    for place in places:
        address = stage.address(place.name)
        story.check(
            f"{place.name} lets nobody in without a password",
            proofs.closed_doors(place.host, address, (*proofs.OPEN, ("delphix", None))),
        )
        logins = (proofs.APPLICATION, (DEVELOPER.user, DEVELOPER.password))
        story.check(
            f"{place.name} lets the source's users and the developer's login in, by password",
            proofs.open_doors(place.host, address, logins),
        )
    staging = stage.place(DSOURCE)
    loopback = ("127.0.0.1", stage.address(DSOURCE)[1])
    story.check(
        "staging lets nobody in without a password",
        proofs.closed_doors(staging.host, loopback, (*proofs.OPEN, ("delphix", None))),
    )
    story.check(
        "while the source's event runs twice, it rests on both VDBs",
        proofs.events_rest(stage.source, places),
    )


def isolation(stage: Stage) -> None:
    """What differs, and that writes stay where they are made."""
    stage.story.chapter("Each copy is of its own moment and of its own")
    story, source_server = stage.story, stage.source
    first, second = stage.place(FIRST).server, stage.place(SECOND).server
    story.check(
        "dev1 is older than dev2, dev2 older than the source, by the writes in them",
        proofs.growing([(FIRST, first), (SECOND, second), ("the source", source_server)]),
    )
    held = {FIRST: [BEFORE_LINK], SECOND: [BEFORE_LINK, BEFORE_SYNC]}
    for name, server in ((FIRST, first), (SECOND, second)):
        text = f"of the three marks set on the source, {name} holds {len(held[name])}"
        story.check(text, proofs.has_milestones(name, server, held[name]))
    with story.working("write to dev1 and drop a table there"):
        _damage(first)
    story.check(
        "dev1 has the write, the table is gone",
        proofs.has_milestones(FIRST, first, [BEFORE_LINK, _MINE])
        + proofs.has_table(FIRST, first, _DROPPED, wanted=False),
    )
    others = ((SECOND, second), ("staging", stage.place(DSOURCE).server), ("source", source_server))
    marks = [BEFORE_LINK, BEFORE_SYNC, AFTER_SYNC]
    problems = proofs.has_milestones(SECOND, second, held[SECOND])
    problems += proofs.has_milestones("the source", source_server, marks)
    for name, server in others:
        problems += proofs.has_table(name, server, _DROPPED, wanted=True)
    story.check("dev2, staging and the source do not notice", problems)


def _damage(server: Server) -> None:
    source.milestone(server, _MINE)
    server.query("DROP TABLE {}.{}".format(*_DROPPED))


def snapshot_and_rollback(stage: Stage) -> None:
    """A snapshot while a client writes, and back to it, twice."""
    stage.story.chapter("Snapshot under load, and back to it")
    story, place = stage.story, stage.place(FIRST)
    with Writer(place.server, place.popen, pause_seconds=_PAUSE_SECONDS) as writer:
        acknowledged, started = writer.acknowledged, time.monotonic()
        story.perform(SNAPSHOT, f"snapshot of {FIRST}", lambda: stage.lab.snapshot(FIRST))
        worst = writer.worst_stall_ms(started, time.monotonic())
    story.keep(Stall(f"{SNAPSHOT}, on the VDB", worst))
    story.check(
        f"a client that writes every 5 ms went on, and waited {worst:.0f} ms at most",
        proofs.at_most(worst, _BEARABLE_MS),
    )
    loaded = stage.lab.snapshots(FIRST)[-1].reference
    _rollback(stage, loaded, ROLLBACK)
    story.check(
        "the snapshot is sound, with every write acknowledged before it began",
        proofs.nothing_lost(place.server, acknowledged),
    )
    # The engine took a snapshot at the end of the rollback, and nobody has written since.
    quiet = stage.lab.snapshots(FIRST)[-1].reference
    before = compare.snapshot(place.server, "before")
    with story.working("drop a database and change every customer on dev1"):
        _devastate(place.server)
    _rollback(stage, quiet, f"{ROLLBACK}, again")
    after = compare.snapshot(place.server, "after")
    story.check(
        f"the rollback brought back exactly what was ({len(before.facts)} facts compared)",
        proofs.same(before, after),
    )


def _rollback(stage: Stage, snapshot: str, name: str) -> None:
    title = f"roll {FIRST} back"
    stage.story.perform(name, title, lambda: stage.lab.rollback(FIRST, snapshot))


def _devastate(server: Server) -> None:
    server.query(
        "DROP DATABASE metrics; UPDATE shop.customer SET name = 'gone';"
        f" DROP USER '{DEVELOPER.user}'@'%'"
    )


def refresh(stage: Stage) -> None:
    """Equal to a source that holds still."""
    stage.story.chapter("Refresh: the source holds still for a moment, and dev1 equals it")
    story = stage.story
    with story.working("stop the writer and the events; read everything on the source"):
        stage.rest()
        original = compare.snapshot(stage.source, "source")
    name = f"{SYNC}, {STEADY}"
    stage.synced(name, f"sync {DSOURCE}", lambda: stage.lab.sync(DSOURCE))
    story.perform(REFRESH, f"refresh {FIRST}", lambda: stage.lab.refresh(FIRST))
    with story.working("read everything on dev1"):
        copy = compare.snapshot(stage.place(FIRST).server, FIRST)
    story.check(
        f"dev1 equals the source: definitions, rows, accounts, grants ({len(copy.facts)} facts)",
        proofs.same_as_source(original, copy),
    )
    _measure_dsource(stage)
    stage.write()
    story.check(
        f"{SECOND} is what it was",
        proofs.has_milestones(SECOND, stage.place(SECOND).server, [BEFORE_LINK, BEFORE_SYNC]),
    )
