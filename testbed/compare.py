"""Exact comparison of two servers, and the proof that a copy of a written server is consistent."""

import difflib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from testbed.client import Server
from testbed.fingerprint import Fact, Fingerprint, Kind, snapshot
from testbed.writer import ACCOUNTS, ALL_TABLES, DATABASE, START_BALANCE, Table, payload

__all__ = [
    "LOGICAL_COPY",
    "Consistency",
    "Fact",
    "Fingerprint",
    "Ignore",
    "Kind",
    "consistent",
    "diff",
    "snapshot",
]

_SHOWN_LINES = 8


@dataclass(frozen=True)
class Ignore:
    """What is expected to differ: whole kinds, and owners (databases, accounts with grants)."""

    kinds: frozenset[Kind] = frozenset()
    owners: frozenset[str] = frozenset()

    def covers(self, fact: Fact) -> bool:
        """Whether a difference in this fact is none."""
        return fact.kind in self.kinds or fact.owner in self.owners


LOGICAL_COPY = Ignore(kinds=frozenset({Kind.HISTORY}))
"""A dump has only the current rows of system-versioned tables."""


def diff(a: Fingerprint, b: Fingerprint, ignore: Ignore | None = None) -> list[str]:
    """Tell every difference for people; an empty list means equal."""
    ignore = ignore or Ignore()
    differences = []
    for fact in sorted(a.facts.keys() | b.facts.keys(), key=str):
        left, right = a.facts.get(fact), b.facts.get(fact)
        if left == right or ignore.covers(fact):
            continue
        if left is None or right is None:
            differences.append(f"{fact}: only on {b.name if left is None else a.name}")
        else:
            differences.append(f"{fact}: {_change(left, right, (a.name, b.name))}")
    return differences


def _change(left: str, right: str, names: tuple[str, str]) -> str:
    if "\n" not in left + right:
        return f"{left} on {names[0]}, {right} on {names[1]}"
    lines = list(difflib.unified_diff(left.split("\n"), right.split("\n"), n=0, lineterm=""))
    changes = [line for line in lines[2:] if not line.startswith("@@")]
    more = [f"... {len(changes) - _SHOWN_LINES} more lines"] if len(changes) > _SHOWN_LINES else []
    # repr: a changed CR or space at the end of a line must be seen.
    shown = [f"{line[0]} {line[1:]!r}" for line in changes[:_SHOWN_LINES]]
    return "\n    ".join([f"- {names[0]}, + {names[1]}", *shown, *more])


@dataclass(frozen=True)
class Consistency:
    """What `consistent` found: the last number per table, and every broken promise."""

    last: Mapping[Table, int]
    problems: tuple[str, ...]

    def missing(self, acknowledged: Mapping[Table, int]) -> list[str]:
        """Name the tables that lack writes acknowledged before the copy was made."""
        return [
            f"{table.value}: acknowledged up to {number}, the copy ends at {self.last[table]}"
            for table, number in acknowledged.items()
            if self.last[table] < number
        ]


def consistent(server: Server, tables: Sequence[Table] = ALL_TABLES) -> Consistency:
    """Check on a copy what the writer keeps true at every moment on the source.

    `tables` are those the writer wrote. Raises ClientError when the tables cannot be read at all.
    """
    # Before any other use: a table that was not closed would repair itself when opened.
    problems = _check_tables(server, tables)
    last = {}
    for table in tables:
        last[table], found = _check_numbers(server, table)
        problems += found
    problems += _check_order(last)
    problems += _check_money(server)
    return Consistency(last, tuple(problems))


def _check_tables(server: Server, tables: Sequence[Table]) -> list[str]:
    names = ["checking", "savings", *(table.value for table in tables)]
    wanted = ", ".join(f"{DATABASE}.{name}" for name in names)
    return [
        f"{name}: CHECK TABLE says {kind}: {text}"
        for name, _, kind, text in server.query(f"CHECK TABLE {wanted} EXTENDED")
        if (kind, text) != ("status", "OK")
    ]


def _check_numbers(server: Server, table: Table) -> tuple[int, list[str]]:
    name = f"{DATABASE}.{table.value}"
    torn = "0" if table is Table.LEDGER else f"SUM(payload <> {payload('number')})"
    ((count, first, last, broken),) = server.query(
        "SELECT COUNT(*), IFNULL(MIN(number), 1), IFNULL(MAX(number), 0),"
        f" IFNULL({torn}, 0) FROM {name}"
    )
    problems = []
    if int(first) != 1 or int(count) != int(last):
        problems.append(f"{table.value}: {count} rows for the numbers {first} to {last}")
    if int(broken):
        problems.append(f"{table.value}: {broken} rows with another payload than was written")
    return int(last), problems


def _check_order(last: Mapping[Table, int]) -> list[str]:
    numbers = list(last.items())
    head = numbers[0][1]
    problems = [
        f"{later.value} ends at {b}, ahead of {earlier.value} at {a}"
        for (earlier, a), (later, b) in itertools.pairwise(numbers)
        if b > a
    ]
    return problems + [
        f"{table.value} ends at {number}, but the ledger at {head}"
        for table, number in numbers
        if number < head - 1
    ]


def _check_money(server: Server) -> list[str]:
    problems = []
    for name, sign in (("checking", "-"), ("savings", "+")):
        wrong = server.value(
            f"SELECT COUNT(*) FROM {DATABASE}.{name} b LEFT JOIN (SELECT {name}_id AS id,"
            f" SUM(amount) AS moved FROM {DATABASE}.ledger GROUP BY {name}_id) l USING (id)"
            f" WHERE b.balance <> {START_BALANCE} {sign} IFNULL(l.moved, 0)"
        )
        if wrong != "0":
            problems.append(f"{name}: {wrong} balances do not follow from the ledger")
    total, rows = server.query(
        f"SELECT SUM(balance), COUNT(*) FROM (SELECT balance FROM {DATABASE}.checking"
        f" UNION ALL SELECT balance FROM {DATABASE}.savings) b"
    )[0]
    if (total, rows) != (str(2 * ACCOUNTS * START_BALANCE), str(2 * ACCOUNTS)):
        problems.append(f"the money of all accounts is {total} in {rows} accounts")
    return problems
