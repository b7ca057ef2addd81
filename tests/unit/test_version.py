"""Versions: reading them, their order, and each capability at its boundary."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.version import OLDEST, Version
from tests.unit.words import refused

numbers = st.integers(0, 99)
versions = st.builds(Version, st.integers(10, 20), st.integers(4, 99), numbers)


def version(text: str) -> Version:
    return Version(*(int(part) for part in text.split(".")))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.11.19", "10.11.19"),
        ("10.11.19-MariaDB", "10.11.19"),
        ("10.11.19-MariaDB-0+deb12u1-log", "10.11.19"),
        ("5.5.5-10.11.19-MariaDB", "10.11.19"),
        ("10.4.0-MariaDB", "10.4.0"),
        ("11.8.2-MariaDB-ubu2404", "11.8.2"),
        ("12.0.1", "12.0.1"),
        ("10.6.23-19-MariaDB-enterprise", "10.6.23"),
    ],
)
def test_parse(text: str, expected: str) -> None:
    assert str(Version.parse(text)) == expected


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "'' cannot be read"),
        ("MariaDB", "cannot be read"),
        ("10.11", "cannot be read"),
        ("10.3.39-MariaDB", "10.3.39 is too old"),
        ("5.5.5-10.3.99-MariaDB", "10.3.99 is too old"),
        ("5.5.68-MariaDB", "5.5.68 is too old"),
    ],
)
def test_parse_refuses(text: str, word: str) -> None:
    with refused("VERSION_UNSUPPORTED", word):
        Version.parse(text)


def test_oldest() -> None:
    assert OLDEST == (10, 4)


@pytest.mark.parametrize(
    ("capability", "last_without", "first_with"),
    [
        ("dumps_history", "10.10.99", "10.11.0"),
        ("counts_to_2106", "11.4.99", "11.5.1"),
        ("verifies_tls_by_default", "11.3.99", "11.4.0"),
        ("splits_super", "10.4.99", "10.5.0"),
        ("super_stands_alone", "10.11.99", "11.0.1"),
    ],
)
def test_capabilities_at_their_boundary(
    capability: str, last_without: str, first_with: str
) -> None:
    assert not getattr(version(last_without), capability)
    assert getattr(version(first_with), capability)
    assert getattr(version("12.3.1"), capability)


@pytest.mark.parametrize(
    ("runs", "other", "opens", "loads"),
    [
        ("10.11.19", "10.11.19", True, True),
        ("10.11.4", "10.11.19", True, True),
        ("10.11.19", "10.11.4", True, True),
        ("10.11.19", "10.10.7", False, True),
        ("11.0.1", "10.11.19", False, True),
        ("10.11.19", "11.0.1", False, False),
        ("10.4.1", "10.5.0", False, False),
    ],
)
def test_who_takes_whose_data(runs: str, other: str, opens: bool, loads: bool) -> None:
    assert version(runs).can_open_files_of(version(other)) is opens
    assert version(runs).can_load_dump_of(version(other)) is loads


@given(versions)
def test_text_and_back(one: Version) -> None:
    assert Version.parse(f"{one}-MariaDB-log") == one


@given(versions, versions)
def test_order_is_that_of_the_numbers(one: Version, other: Version) -> None:
    numbers_of = [(v.major, v.minor, v.patch) for v in (one, other)]
    assert (one < other) is (numbers_of[0] < numbers_of[1])
    assert one.series == (one.major, one.minor)
    assert one.can_load_dump_of(other) or other.can_load_dump_of(one)
    assert one.can_open_files_of(other) is other.can_open_files_of(one)
