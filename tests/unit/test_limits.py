"""Limits of the source that are shorter than a moment's wait for staging."""

import pytest

from domain.source.limits import LIMITS, warnings


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("29", True),
        ("1", True),
        ("0.5", False),
        ("30", False),
        ("60", False),
        ("0", False),
        ("", False),
    ],
)
def test_what_is_told(name: str, value: str, told: bool) -> None:
    found = warnings({name: value})
    assert [f"SET GLOBAL {name} = 600;" in text for text in found] == ([True] if told else [])


def test_the_defaults_of_a_server_are_no_warning() -> None:
    assert warnings({"net_write_timeout": "60", "wait_timeout": "28800"}) == []
