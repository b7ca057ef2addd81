"""The backup lock around a storage snapshot, and the facts that go with it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from domain.dataset.marker import Marker
from domain.options.settings import Setting
from domain.replication.gtid import Position
from domain.snapshot import SnapshotFacts
from domain.verification import Verified
from errors import PluginError, while_doing
from remote import lists
from remote.answer import Answer
from server.instance import Instance

log = logging.getLogger(__name__)

# How long the server may wait for a running table change before the snapshot is given up.
LOCK_SECONDS = 60
# The watchdog: an engine that never comes back finds the server working again after this.
HOLD_SECONDS = 300


@dataclass(frozen=True)
class Told:
    """What a sync has found before its snapshot, to be noted with it.

    Attributes:
        source: where the source was when the sync began.
        warnings: what people must know of this snapshot.
        note: of the source, for the next proof of its history; empty changes nothing.
        verified: the comparison with the source that this sync has made.
    """

    source: Position | None = None
    warnings: tuple[str, ...] = ()
    note: str = ""
    verified: Verified | None = None


def quiesce(
    instance: Instance, needs_server: bool, replicates: bool = True, told: Told | None = None
) -> None:
    """Takes the lock; a server that does not run needs none, unless `needs_server`.

    Args:
        replicates: False for a server that must not; what it has of that is removed.
        told: what a sync has found.
    """
    told = told or Told()
    variables = {
        "LOCK_SECONDS": str(LOCK_SECONDS),
        "HOLD_SECONDS": str(HOLD_SECONDS),
        "NEEDS_SERVER": "yes" if needs_server else "no",
        "SOURCE_GTID": str(told.source or ""),
        "WARNINGS": lists.encode(told.warnings),
        "REPLICATES": "yes" if replicates else "no",
        "VERIFIED": told.verified.render() if told.verified else "",
        "SOURCE_SEEN": told.note,
    }
    with _no_lock_left_by_a_dead_step(instance):
        instance.run("quiesce", "preparing a snapshot of", variables)


def release(instance: Instance) -> SnapshotFacts:
    """Releases the lock and reads the facts of the moment it was held; tells their warnings."""
    with _no_lock_left_by_a_dead_step(instance):
        answer = instance.run("release", "finishing a snapshot of")
    with while_doing(answer.doing):
        facts = _facts(answer)
    for warning in facts.warnings:
        log.warning("%s", warning)
    return facts


@contextmanager
def _no_lock_left_by_a_dead_step(instance: Instance) -> Iterator[None]:
    """A step that was killed cannot release: nobody shall wait for the watchdog."""
    try:
        yield
    except PluginError as error:
        if error.was_cut_off:
            with suppress(PluginError):
                instance.run("release", "releasing the lock on")
        raise


def _required(marker: Marker, answer: Answer) -> tuple[Setting, ...]:
    """What came with the data, with the values the running server really has for its files."""
    live = {row[0]: row[1] for row in answer.rows("setting", 2)}
    kept = [
        setting
        for setting in marker.required
        # Filters of replication are staging's own.
        if setting.name not in live and not setting.name.startswith("replicate_")
    ]
    return (*kept, *(Setting(name, value) for name, value in sorted(live.items())))


def _facts(answer: Answer) -> SnapshotFacts:
    lag = answer.maybe("lagSeconds")
    locked = answer.maybe("lockedMilliseconds")
    replica = answer.flag("replica")
    verified = answer.maybe("verified")
    return SnapshotFacts(
        taken_at=answer.text("takenAt"),
        server_version=answer.text("serverVersion"),
        consistency=answer.text("consistency"),
        size_in_bytes=answer.number("sizeInBytes"),
        databases=tuple(row[0] for row in answer.rows("database", 1)),
        required_settings=_required(Marker.parse(answer.text("marker")), answer),
        gtid_position=Position.parse(answer.maybe("gtidPosition") or answer.maybe("currentGtid")),
        source_gtid_position=Position.parse(answer.maybe("sourceGtid")),
        binlog_file=answer.maybe("binlogFile") if replica else None,
        binlog_position=answer.number("binlogPosition", 0) if replica else None,
        lag_seconds=int(lag) if replica and lag.isdigit() else None,
        lock_seconds=int(locked) / 1000 if locked.isdigit() else None,
        warnings=tuple(dict.fromkeys(answer.many("warning"))),
        verified=Verified.parse(verified) if verified else None,
    )
