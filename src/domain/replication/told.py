"""The replication position that a backup tells: a GTID, or a place in a binary log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from catalogue import Refusal
from domain.replication.gtid import Position

# A GTID is told as (whose, GTID, line), coordinates as (whose, file, offset, line).
Row = tuple[str, ...]


@dataclass(frozen=True)
class BackupPosition:
    """What a backup tells of one server.

    Attributes:
        gtid: None when only coordinates are told.
        file, offset: in the binary log, empty when only a GTID is told.
    """

    gtid: Position | None
    file: str
    offset: str


# Of the server that the backup was made on.
OWN = "own"
# Of the source of that server, which was a replica itself.
MASTER = "master"


def told(whose: str, rows: Iterable[Row], coordinates: Iterable[Row]) -> BackupPosition | None:
    """The position that was told, None for none.

    Args:
        whose: OWN or MASTER.
        rows, coordinates: of an answer, the first with GTIDs.

    Raises:
        Refusal: POSITION_MISSING when a backup of several parts tells several, or what it tells
            cannot be read.
    """
    names = list(dict.fromkeys(row[1] for row in rows if row[0] == whose and row[1]))
    places = list(dict.fromkeys(row[1:3] for row in coordinates if row[0] == whose))
    if len(names) > 1 or len(places) > 1:
        seen = ", ".join([*names, *(":".join(place) for place in places)])
        raise Refusal("POSITION_MISSING", f"the backup tells several positions: {seen}")
    if not names and not places:
        return None
    file, offset = places[0] if places else ("", "")
    return BackupPosition(Position.parse(names[0]) if names else None, file, offset)
