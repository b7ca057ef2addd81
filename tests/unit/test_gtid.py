"""GTID positions: tables for the edges, properties for comparison."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.replication.gtid import Position
from tests.unit.words import refused

domains = st.integers(0, 3)
servers = st.integers(1, 2**32 - 1)
sequences = st.integers(0, 2**64 - 1)
positions = st.dictionaries(domains, st.tuples(servers, sequences)).map(Position)


def position(text: str) -> Position:
    return Position.parse(text)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("", ""),
        ("0-1-42", "0-1-42"),
        ("5-2-7,0-1-42", "0-1-42,5-2-7"),
        ("0-1-42,\n5-2-7", "0-1-42,5-2-7"),
        (" 0-1-42 , 5-2-7 ", "0-1-42,5-2-7"),
        ("10-1-1,9-1-1", "9-1-1,10-1-1"),
        ("4294967295-4294967295-18446744073709551615",) * 2,
        (",", ""),
    ],
)
def test_parse(text: str, canonical: str) -> None:
    assert str(position(text)) == canonical


@pytest.mark.parametrize(
    "text",
    [
        *("0-1", "0-1-", "-0-1-2", "0-1-2-3", "0-1-x", "0-1-2;1-1-1", "0-1--2", "NULL"),
        *("0-1-2 0-1-3", "0-2-9,0-1-5"),
    ],
)
def test_parse_refuses(text: str) -> None:
    with refused("POSITION_MISSING", repr(text)):
        position(text)


@pytest.mark.parametrize(
    ("one", "other", "holds", "beyond"),
    [
        ("0-1-5", "0-1-5", True, []),
        ("0-1-5", "0-1-4", True, ["0-1-5"]),
        ("0-1-4", "0-1-5", False, []),
        ("0-2-5", "0-1-5", False, ["0-2-5"]),
        ("0-2-6", "0-1-5", True, ["0-2-6"]),
        ("0-1-5", "", True, ["0-1-5"]),
        ("", "0-1-5", False, []),
        ("0-1-5", "0-1-5,1-1-1", False, []),
        ("0-1-5,1-1-1", "0-1-5", True, ["1-1-1"]),
        ("0-1-9,1-3-7", "0-1-8,1-1-6", True, ["0-1-9", "1-3-7"]),
        ("0-1-9,1-1-1", "0-1-8,1-1-2", False, ["0-1-9"]),
    ],
)
def test_comparison(one: str, other: str, holds: bool, beyond: list[str]) -> None:
    assert position(one).holds(position(other)) is holds
    assert position(one).beyond(position(other)) == beyond


@given(positions)
def test_text_and_back(one: Position) -> None:
    assert Position.parse(str(one)) == one


@given(positions)
def test_a_position_holds_itself(one: Position) -> None:
    assert one.holds(one)
    assert one.beyond(one) == []
    assert one.holds(Position({}))


@given(positions, positions, positions)
def test_holding_is_transitive(one: Position, two: Position, three: Position) -> None:
    if one.holds(two) and two.holds(three):
        assert one.holds(three)


@given(positions, positions)
def test_holding_one_another_means_nothing_beyond(one: Position, other: Position) -> None:
    if one.holds(other) and other.holds(one):
        assert one.beyond(other) == other.beyond(one) == []
        assert set(one.domains) == set(other.domains)


@given(positions, domains, servers)
def test_one_more_transaction(one: Position, domain: int, server: int) -> None:
    sequence = one.domains.get(domain, (0, 0))[1]
    more = Position({**one.domains, domain: (server, sequence + 1)})
    assert more.holds(one)
    assert not one.holds(more)
    assert more.beyond(one) == [f"{domain}-{server}-{sequence + 1}"]
