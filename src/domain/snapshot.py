"""What a snapshot is, in the words of `snapshotDefinition` of schema.json."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain.dataset.marker import setting_pairs
from domain.options.settings import Setting
from domain.replication.gtid import Position
from domain.verification import Verified


@dataclass(frozen=True)
class SnapshotFacts:
    """One field for each property of `snapshotDefinition`; None where it does not apply.

    Attributes:
        taken_at: UTC, ISO 8601, by the clock of the host.
        server_version: of the server that wrote the files.
        consistency: Consistent, Crash Consistent or Stopped.
        gtid_position: every transaction of the source up to it is in the snapshot.
        source_gtid_position: of the source when the sync began.
        binlog_file, binlog_position: of the source, applied last.
        lag_seconds: behind the source.
        lock_seconds: how long the backup lock was held, by the host's clock.
        size_in_bytes: of the data directory.
        databases: names.
        required_settings: what a server must be told to open the files and behave like the source.
        empty_seed: Manual Ingestion, and nothing had been loaded yet.
        load_with: Manual Ingestion: how the staging server is loaded.
        warnings: in what the data may differ from the source's, and what a VDB of them lacks.
        verified: the comparison with the source, row by row, that the sync has made.
    """

    taken_at: str
    server_version: str
    consistency: str
    size_in_bytes: int
    databases: tuple[str, ...]
    required_settings: tuple[Setting, ...]
    gtid_position: Position | None = None
    source_gtid_position: Position | None = None
    binlog_file: str | None = None
    binlog_position: int | None = None
    lag_seconds: int | None = None
    lock_seconds: float | None = None
    empty_seed: bool | None = None
    load_with: str | None = None
    warnings: tuple[str, ...] = ()
    verified: Verified | None = None

    def definition(self) -> dict[str, Any]:
        """Arguments of the class that dvp makes of the schema; what does not apply is left out."""
        values = {
            "taken_at": self.taken_at,
            "server_version": self.server_version,
            "consistency": self.consistency,
            "size_in_bytes": self.size_in_bytes,
            "databases": list(self.databases),
            "required_settings": setting_pairs(self.required_settings),
            "gtid_position": _text(self.gtid_position),
            "source_gtid_position": _text(self.source_gtid_position),
            "binlog_file": self.binlog_file,
            "binlog_position": self.binlog_position,
            "lag_seconds": self.lag_seconds,
            "lock_seconds": self.lock_seconds,
            "empty_seed": self.empty_seed,
            "load_with": self.load_with,
            "warnings": list(self.warnings) or None,
            "verified": self.verified.definition() if self.verified else None,
        }
        return {name: value for name, value in values.items() if value is not None}


def _text(position: Position | None) -> str | None:
    """A position that holds nothing tells nothing."""
    return str(position) if position and position.domains else None
