"""Which installation runs staging, and which is used to ask the source."""

from __future__ import annotations

import pytest

from domain.installation import (
    Installation,
    choose_for_seed,
    choose_for_staging,
    installation_at,
    newest,
)
from domain.version import Version
from tests.unit.words import refused


def installation(text: str) -> Installation:
    """`10.11.4` lies in /opt/10.11.4."""
    return Installation(f"/opt/{text}", f"/opt/{text}/bin/mariadbd", f"{text}-MariaDB-log")


def found(texts: str) -> list[Installation]:
    return [installation(text) for text in texts.split()]


def test_name_and_version() -> None:
    assert installation("10.11.4").name == "MariaDB 10.11.4 (/opt/10.11.4)"
    assert installation("10.11.4").version() == Version(10, 11, 4)
    with refused("VERSION_UNSUPPORTED"):
        installation("10.3.1").version()


@pytest.mark.parametrize(
    ("preferred", "there", "source", "chosen"),
    [
        ("10.6.1", "10.11.4 10.6.1", "10.11.4", "10.6.1"),
        ("10.3.1", "10.11.4 10.3.1", "10.11.4", "10.3.1"),
        ("gone", "11.4.2 10.11.4 10.6.1", "10.11.19", "10.11.4"),
        ("gone", "11.8.1 11.4.2 10.6.1", "10.11.19", "11.4.2"),
        ("gone", "11.4.2 11.4.7", "10.11.19", "11.4.2"),
        ("gone", "nonsense 10.11.4", "10.4.1", "10.11.4"),
        ("gone", "10.3.1 10.11.4", "10.11.1", "10.11.4"),
    ],
)
def test_choice(preferred: str, there: str, source: str, chosen: str) -> None:
    version = Version.parse(source)
    path = installation(preferred).daemon_path
    assert choose_for_staging(path, found(there), version) == installation(chosen)


@pytest.mark.parametrize(
    ("there", "word"),
    [
        ("", "found here: none at all"),
        ("10.6.1 10.3.1", "found here: MariaDB 10.6.1 (/opt/10.6.1), MariaDB 10.3.1"),
    ],
)
def test_no_choice(there: str, word: str) -> None:
    with refused("INSTALLATION_NOT_FOUND", "the source runs 10.11.19", word):
        choose_for_staging("", found(there), Version(10, 11, 19))


def test_the_named_installation() -> None:
    there = found("10.11.4 10.6.1")
    assert installation_at("/opt/10.6.1", there) == installation("10.6.1")


def test_another_is_never_taken_for_the_named_one() -> None:
    seen = "stagingBaseDir leads to /opt/gone; found here: MariaDB 10.11.4 (/opt/10.11.4)"
    with refused("INSTALLATION_NOT_FOUND", seen):
        installation_at("/opt/gone", found("10.11.4"))


@pytest.mark.parametrize(
    ("there", "chosen"),
    [
        ("10.11.4 11.4.2 10.6.1", "11.4.2"),
        ("10.11.4 10.11.10", "10.11.10"),
        ("10.3.1 10.4.0", "10.4.0"),
    ],
)
def test_newest(there: str, chosen: str) -> None:
    assert newest(found(there)) == installation(chosen)


@pytest.mark.parametrize(
    ("preferred", "chosen"), [("10.6.1", "10.6.1"), ("10.3.1", "10.3.1"), ("gone", "11.4.2")]
)
def test_choice_for_a_seed(preferred: str, chosen: str) -> None:
    there = found("10.3.1 10.6.1 11.4.2 10.11.4")
    path = installation(preferred).daemon_path
    assert choose_for_seed(path, there) == installation(chosen)


@pytest.mark.parametrize("there", ["", "10.3.1", "nonsense"])
def test_no_newest(there: str) -> None:
    with refused("INSTALLATION_NOT_FOUND"):
        newest(found(there))
