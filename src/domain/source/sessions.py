"""How many sessions of a copy read the source at a time, and how they come to one snapshot."""

from __future__ import annotations

from enum import Enum

from domain.source.facts import SourceFacts

MIB = 1024 * 1024
# What one session should have to read; a copy of less than two of these has one session.
PIECE_BYTES = 64 * MIB
_PER_CORE = 2
_MOST = 8


class Align(Enum):
    """How several sessions begin one consistent snapshot."""

    LOCK = "lock"  # commits of the source wait until all have begun
    COMPARE = "compare"  # their binary log coordinates are equal
    NONE = "none"


def sessions(facts: SourceFacts, staging_cores: int, at_most: int) -> int:
    """How many sessions read the source: two for each core, of the end that has fewer.

    A MariaDB server makes a thread pool of the size of its number of processors unless it is told
    otherwise, which is the only word about them that SQL gives (`thread_pool_size`).

    Args:
        staging_cores: processors of the staging host.
        at_most: what the user wants, 0 for no wish.
    """
    told = facts.variables.get("thread_pool_size", "")
    source_cores = int(told) if told.isdigit() and int(told) else staging_cores
    wanted = min(_PER_CORE * min(staging_cores, source_cores), _MOST)
    return max(1, at_most or wanted)


def align(facts: SourceFacts, log_sync: bool) -> Align:
    """How the account can bring sessions to one snapshot."""
    if facts.grants.on("RELOAD"):
        return Align.LOCK
    return Align.COMPARE if log_sync else Align.NONE
