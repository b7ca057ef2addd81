"""Whether staging's history is a beginning of the source's: pure rules.

Sequence numbers do not tell: after RESET MASTER, in a source that was restored from an older copy
or in another server, the same numbers may mean other transactions. So a place in the source's
binary log is noted at each proof (`seen.py`), and must hold the same at the next one. What staging
has read since is proven by the life of the source, or by the places where its connection ended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalogue import Refusal
from domain.replication.gtid import Position
from domain.replication.seen import Seen, Server

# Kinds of places at which a connection ended.
ENDS = ("ended", "shut", "resumed")
# Seconds that two ages may differ by, since both clocks are read in whole seconds.
_BLUR = 1.5


@dataclass(frozen=True)
class Read:
    """A place in the source's binary log up to which staging had read.

    Attributes:
        kind: `now`; `executed`; `ended` for the end of a connection, `shut` for one that the source
            ended since it shut down; `resumed` when a connection went on from there.
        file, position: of the place.
        gtid: what staging had by then, as far as it says.
        age: how many seconds ago.
    """

    kind: str
    file: str
    position: int
    gtid: Position
    age: float

    def __str__(self) -> str:
        return f"{self.file}:{self.position}"


@dataclass(frozen=True)
class Log:
    """The source's binary log as it is now.

    Attributes:
        file, position: its end.
        oldest: its first file.
        states: GTID position by (file, position) that was asked for, None where it has none.
        births: of its files that were asked for.
        time: by the source's clock, in seconds.
    """

    file: str
    position: int
    oldest: str
    states: Mapping[tuple[str, int], Position | None]
    births: Mapping[str, str]
    time: float

    def state(self, file: str, position: int) -> Position | None:
        """The GTID position at a place, None when the log has no such place."""
        return self.states.get((file, position))

    def age(self, file: str) -> float:
        """How many seconds ago a file was begun."""
        return self.time - _begun(self.births[file])

    def had(self, file: str) -> bool:
        """Whether it had such a file and no longer has: an older one, which was purged."""
        name, number = _numbered(file)
        first, lowest = _numbered(self.oldest)
        return file not in self.births and name == first and number < lowest


@dataclass(frozen=True)
class Proof:
    """A history that holds.

    Attributes:
        how: by what it is proven, for people.
        reconnect: it is proven only when replication has connected anew and goes on.
    """

    how: str
    reconnect: bool = False


def compare(applied: Position, now: Position) -> None:
    """By the numbers alone: what staging has applied can be a beginning of what the source has.

    Raises:
        Refusal: REPLICA_DIVERGED.
    """
    ahead = applied.beyond(now)
    if ahead:
        # The source went back in time: another server, or an older copy of it.
        raise _diverged(f"staging has applied {', '.join(ahead)}, the source is at {now}")


def prove(
    seen: Seen | None, server: Server, log: Log, applied: Position, reads: Sequence[Read]
) -> Proof:
    """Proves it by the source's binary log; `compare` has not refused.

    Args:
        seen: note of the last proof.
        server: the source now.
        log: its binary log.
        applied: what staging has applied.
        reads: places that staging has read up to.

    Raises:
        Refusal: REPLICA_DIVERGED.
    """
    if seen is None:
        return _first(log, applied, reads)
    if server.server_id != seen.server.server_id:
        return Proof(f"{server} answers, before it was {seen.server}", reconnect=True)
    alive, purged = server.lives_in(seen.server), log.had(seen.file)
    if not purged:
        _unchanged(seen, log)
    # Each is looked at: one that the source has not is a refusal.
    ended = [_held(server, log, read) for read in reads if read.kind in ENDS]
    followed = any(ended) or (not alive and _still_reads(server, log, reads))
    if purged:
        return _purged(seen, log, alive, followed)
    holds = f"{seen.file}:{seen.position} holds GTID {seen.gtid} as before"
    if alive:
        return Proof(f"{holds}, and the source runs since")
    if not followed and not seen.gtid.holds(applied):
        raise _diverged(
            f"the source was restarted since {seen.file}:{seen.position} was noted, and nothing "
            f"shows that it still has what staging had read after it (GTID {applied})"
        )
    moved = "" if server.place == seen.server.place else f"; {seen.server} is now {server}"
    return Proof(f"{holds}, and the source has what staging had read before its restart{moved}")


def _first(log: Log, applied: Position, reads: Sequence[Read]) -> Proof:
    """A dataset of an earlier build: what is there is all that can be asked."""
    for read in reads:
        if read.kind != "executed" or read.file not in log.births:
            continue
        state = log.state(read.file, read.position)
        if state is None or not applied.holds(state):
            raise _diverged(
                f"staging has executed the source's binary log up to {read} and applied GTID "
                f"{applied}; there the source {_words(state)}"
            )
        return Proof(f"nothing was noted before; staging has executed up to {read}")
    return Proof("nothing was noted before; the GTIDs fit")


def _purged(seen: Seen, log: Log, alive: bool, followed: bool) -> Proof:
    """The file of the last proof is gone, as old ones go."""
    start = log.state(log.oldest, 4)
    if start is None or not start.holds(seen.gtid):
        raise _diverged(
            f"{seen.file} was purged, and {log.oldest} does not continue it: it begins after GTID "
            f"{start}, the source held {seen.gtid}"
        )
    if alive:
        return Proof(f"{seen.file} was purged, and the source runs since it was noted")
    if followed:
        return Proof(f"{seen.file} was purged, and the source has what staging had read after it")
    raise _diverged(
        f"{seen.file} was purged and the source was restarted since the last proof: nothing shows "
        "that its history is still the same"
    )


def _unchanged(seen: Seen, log: Log) -> None:
    """The place of the last proof is what it was."""
    where = f"{seen.file}:{seen.position}"
    birth, state = log.births.get(seen.file), log.state(seen.file, seen.position)
    if birth is None:
        raise _diverged(
            f"the source held GTID {seen.gtid} at {where} and has no such file; its binary log "
            f"begins with {log.oldest}"
        )
    # A tool of another version may tell less of it.
    if any(one != other for one, other in zip(birth.split(), seen.birth.split(), strict=False)):
        raise _diverged(
            f"the source's {seen.file} was begun anew since {where} held GTID {seen.gtid}"
        )
    if state != seen.gtid:
        raise _diverged(f"at {where} the source held GTID {seen.gtid}; now it {_words(state)}")


def _held(server: Server, log: Log, read: Read) -> bool:
    """Whether the source has a place that staging had read up to; False when it was purged.

    Raises:
        Refusal: REPLICA_DIVERGED when it must have it and has not.
    """
    if log.had(read.file):
        return False
    if read.file not in log.births:
        raise _diverged(f"staging had read up to {read}; the source has no such file")
    state = log.state(read.file, read.position)
    if state is None or not state.holds(read.gtid):
        had = f"{read} (GTID {read.gtid})" if read.gtid.domains else str(read)
        raise _diverged(f"staging had read up to {had}; there the source {_words(state)}")
    age = log.age(read.file)
    # Of a life that has ended, but begun in this one; or begun after it was read.
    reborn = read.kind == "shut" and _begun(log.births[read.file]) >= server.started
    if reborn or age + _BLUR < read.age:
        raise _diverged(
            f"staging had read {read.file} until {read.age:.0f} s ago; the source's was begun anew "
            f"{age:.0f} s ago"
        )
    return True


def _still_reads(server: Server, log: Log, reads: Sequence[Read]) -> bool:
    """Staging has not connected since a restart: it stands in a file of before, which is there."""
    for read in reads:
        if read.kind == "now" and read.file in log.births:
            before = _begun(log.births[read.file]) < server.started
            return before and _held(server, log, read)
    return False


def _words(state: Position | None) -> str:
    return "has no such place" if state is None else f"holds GTID {state}"


def _begun(birth: str) -> int:
    return int(birth.split()[0])


def _numbered(file: str) -> tuple[str, int]:
    name, _, number = file.rpartition(".")
    return name, int(number) if number.isdigit() else 0


def _diverged(seen: str) -> Refusal:
    return Refusal("REPLICA_DIVERGED", seen)
