"""The backup lock around a storage snapshot, and the facts that go with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from domain.dataset import Marker, setting_pairs
from domain.settings import Setting
from errors import PluginError
from remote.answer import Answer
from server.instance import Instance

# How long the server may wait for a running table change before the snapshot is given up.
LOCK_SECONDS = 60
# The watchdog: an engine that never comes back finds the server working again after this.
HOLD_SECONDS = 300


@dataclass(frozen=True)
class Facts:
    """What a snapshot is, in the words of `snapshotDefinition`."""

    values: dict[str, Any]


def quiesce(instance: Instance, needs_server: bool, source_gtid: str = "") -> None:
    """Takes the lock; a server that does not run needs none, unless `needs_server`.

    Args:
        source_gtid: where the source was when the sync began, to be noted.
    """
    variables = {
        "LOCK_SECONDS": str(LOCK_SECONDS),
        "HOLD_SECONDS": str(HOLD_SECONDS),
        "NEEDS_SERVER": "yes" if needs_server else "no",
        "SOURCE_GTID": source_gtid,
    }
    with _no_lock_left_by_a_dead_step(instance):
        instance.run("quiesce", "preparing a snapshot of", variables)


def release(instance: Instance) -> Facts:
    """Releases the lock and reads the facts of the moment it was held."""
    with _no_lock_left_by_a_dead_step(instance):
        answer = instance.run("release", "finishing a snapshot of")
    return Facts(_facts(answer))


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


def _facts(answer: Answer) -> dict[str, Any]:
    marker = Marker.parse(answer.text("marker"), answer.doing)
    facts: dict[str, Any] = {
        "taken_at": answer.text("takenAt"),
        "server_version": answer.text("serverVersion"),
        "consistency": answer.text("consistency"),
        "size_in_bytes": answer.number("sizeInBytes"),
        "databases": [row[0] for row in answer.rows("database", 1)],
        "required_settings": setting_pairs(_required(marker, answer)),
    }
    position = answer.maybe("gtidPosition") or answer.maybe("currentGtid")
    if position:
        facts["gtid_position"] = position
    if answer.maybe("sourceGtid"):
        facts["source_gtid_position"] = answer.maybe("sourceGtid")
    if answer.flag("replica"):
        facts["binlog_file"] = answer.maybe("binlogFile")
        facts["binlog_position"] = answer.number("binlogPosition", 0)
        if answer.maybe("lagSeconds").isdigit():
            facts["lag_seconds"] = answer.number("lagSeconds")
    return facts
