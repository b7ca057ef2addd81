"""What a comparison of staging with its source found, and what to make of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from catalogue import Refusal
from domain.replication.gtid import Position

# How many differences an error tells by name.
_TOLD = 20


@dataclass(frozen=True)
class Difference:
    """One thing that was not found equal.

    Attributes:
        kind: rows, definition, missing, extra, account or changed.
        database, name: of a table; user and host of an account.
        seen: what was seen, for people.
        stood_still: the source's end was the same before and after, so it is no matter of time.
    """

    kind: str
    database: str
    name: str
    seen: str
    stood_still: bool

    @property
    def subject(self) -> tuple[bool, str, str]:
        """What it is about, whatever differs there."""
        return (self.is_account, self.database, self.name)

    @property
    def is_account(self) -> bool:
        """Whether it is about an account or a role."""
        return self.kind == "account"

    def __str__(self) -> str:
        if self.is_account:
            return f"account '{self.database}'@'{self.name}' ({self.seen})"
        return f"{self.database}.{self.name} ({self.seen})"


@dataclass(frozen=True)
class Round:
    """One comparison at one position.

    Attributes:
        position: of both ends.
        tables, rows, bytes: that were compared.
        differences: what was not equal.
        more: differences beyond those.
        skipped: tables that take no part: reason, database, name.
        skipped_more: tables beyond those.
    """

    position: Position
    tables: int
    rows: int
    bytes: int
    differences: tuple[Difference, ...]
    more: int
    skipped: tuple[tuple[str, str, str], ...]
    skipped_more: int


@dataclass(frozen=True)
class Verified:
    """A comparison that found no difference.

    Attributes:
        position: of both ends.
        tables, rows, bytes: that were compared.
        seconds: that it took.
        not_compared: what was not, and why.
    """

    position: Position
    tables: int
    rows: int
    bytes: int
    seconds: int
    not_compared: tuple[str, ...] = ()

    def definition(self) -> dict[str, Any]:
        """Arguments of the class that dvp makes of `verified` in the schema."""
        values = {
            "gtid_position": str(self.position),
            "tables": self.tables,
            "rows": self.rows,
            "bytes": self.bytes,
            "seconds": self.seconds,
            "not_compared": list(self.not_compared) or None,
        }
        return {name: value for name, value in values.items() if value is not None}

    def render(self) -> str:
        """One line that travels with the snapshot's facts; `parse` reads it."""
        return json.dumps(self.definition())

    @staticmethod
    def parse(text: str) -> Verified:
        """Reads what `render` has written.

        Raises:
            Refusal: ANSWER_UNREADABLE.
        """
        try:
            found = json.loads(text)
            return Verified(
                position=Position.parse(found["gtid_position"]),
                tables=int(found["tables"]),
                rows=int(found["rows"]),
                bytes=int(found["bytes"]),
                seconds=int(found["seconds"]),
                not_compared=tuple(str(item) for item in found.get("not_compared", ())),
            )
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise Refusal("ANSWER_UNREADABLE", f"verified is {text[:200]!r}") from error

    def __str__(self) -> str:
        text = f"{self.tables} tables with {self.rows} rows are equal at GTID {self.position}"
        return "; ".join((f"{text} ({self.seconds} s)", *self.not_compared))


def require_no_difference(found: Round) -> None:
    """Refuses a later round whose differences are no matter of time.

    Raises:
        Refusal: VERIFY_DIFFERS, which names them.
    """
    real = [item for item in found.differences if item.stood_still]
    if real:
        text = "; ".join(str(item) for item in real[:_TOLD])
        more = f"; and {len(real) - _TOLD} more" if len(real) > _TOLD else ""
        raise Refusal("VERIFY_DIFFERS", f"at GTID {found.position}: {text}{more}")


def unsettled(before: Sequence[Difference], found: Round) -> tuple[Difference, ...]:
    """Those of the suspects that this round could not judge: the source changed them meanwhile."""
    suspects = {item.subject for item in before}
    return tuple(item for item in found.differences if item.subject in suspects)


def not_compared(
    first: Round, restless: Iterable[Difference], others: Iterable[str]
) -> tuple[str, ...]:
    """What the snapshot's metadata says was not compared.

    Args:
        first: the round that looked at everything.
        restless: what changed on the source in every round.
        others: what takes no part in this dSource at all.
    """
    by_reason: dict[str, list[str]] = {}
    for reason, database, name in first.skipped:
        by_reason.setdefault(reason, []).append(f"{database}.{name}")
    texts = [f"{reason}: {', '.join(names)}" for reason, names in sorted(by_reason.items())]
    if first.skipped_more:
        texts.append(f"and {first.skipped_more} tables more")
    changing = [str(item) for item in restless]
    if changing:
        texts.append(f"changing on the source all the time: {', '.join(changing)}")
    return (*texts, *others)
