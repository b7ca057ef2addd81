"""What a cloud service keeps in the schema mysql, and what replication does with it."""

from __future__ import annotations

import pytest

from domain.options.init_sql import OPERATORS
from domain.options.settings import Setting
from domain.replication.filters import _REPLICATED as REPLICATED
from domain.replication.filters import filters, foreign


@pytest.mark.parametrize(
    ("source", "staging", "expected"),
    [
        ((), (), ()),
        (("db", "proc"), ("db", "proc", "event"), ()),
        (("rds_kill", "db", "rds_heartbeat2"), ("db",), ("rds_heartbeat2", "rds_kill")),
        (("rds_heartbeat2",), None, ()),
    ],
)
def test_foreign(
    source: tuple[str, ...], staging: tuple[str, ...] | None, expected: tuple[str, ...]
) -> None:
    assert foreign(source, staging) == expected


def test_an_ordinary_source_is_not_filtered() -> None:
    assert filters(()) == ()


def test_exact_names_and_what_may_come_later() -> None:
    found = filters(("odd_na,me", "rds_heartbeat2"))
    assert found[:2] == (
        Setting("replicate_ignore_table", "mysql.odd_na,me"),
        Setting("replicate_ignore_table", "mysql.rds_heartbeat2"),
    )
    assert {setting.name for setting in found[2:]} == {"replicate_wild_ignore_table"}
    assert r"mysql.rds\_%" in [setting.value for setting in found]


def test_what_is_replicated_of_the_system_schema() -> None:
    assert r"mysql.global\_priv" in REPLICATED
    assert "mysql.db" in REPLICATED
    assert not any("rds" in text or text == "mysql.%" for text in REPLICATED)


def test_operators_are_no_admins_of_customers() -> None:
    assert "rdsadmin" in OPERATORS
    assert not {"admin", "root", "mariadb.sys", "doadmin", "avnadmin"} & set(OPERATORS)
