"""MariaDB GTID positions: `domain-server-sequence`, one per replication domain."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from catalogue import Refusal

_GTID = re.compile(r"(\d{1,10})-(\d{1,10})-(\d{1,20})\Z")


@dataclass(frozen=True)
class Position:
    """A GTID position.

    Attributes:
        domains: per domain id the (server id, sequence number) of its last transaction.
    """

    domains: Mapping[int, tuple[int, int]]

    @staticmethod
    def parse(text: str) -> Position:
        """Reads `0-1-42,5-2-7`; an empty text is the position before any transaction.

        Raises:
            Refusal: POSITION_MISSING when it cannot be read, or is no position: two of one domain.
        """
        domains: dict[int, tuple[int, int]] = {}
        for part in text.replace("\n", "").split(","):
            if not part.strip():
                continue
            found = _GTID.match(part.strip())
            if not found:
                raise Refusal("POSITION_MISSING", f"{text!r} is not a GTID position")
            domain, server, sequence = (int(number) for number in found.groups())
            if domain in domains:
                seen = f"{text!r} has two transactions of the domain {domain}"
                raise Refusal("POSITION_MISSING", seen)
            domains[domain] = (server, sequence)
        return Position(domains)

    def __str__(self) -> str:
        ordered = sorted(self.domains.items())
        return ",".join(f"{domain}-{server}-{seq}" for domain, (server, seq) in ordered)

    def holds(self, other: Position) -> bool:
        """True when everything up to `other` is included in this position, as far as numbers tell.

        An equal sequence number of another server is another transaction.
        """
        return all(
            domain in self.domains and not _after(last, self.domains[domain])
            for domain, last in other.domains.items()
        )

    def beyond(self, other: Position) -> list[str]:
        """The transactions here that `other` does not have, as far as numbers tell."""
        return [
            f"{domain}-{last[0]}-{last[1]}"
            for domain, last in sorted(self.domains.items())
            if domain not in other.domains or _after(last, other.domains[domain])
        ]


def _after(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether a transaction cannot come before another of its domain, nor be the same."""
    return one[1] > other[1] or (one[1] == other[1] and one[0] != other[0])
