"""What reaches out, by its name; and the cure for replication that stops at it."""

from __future__ import annotations

import pytest

from domain.options.settings import settings_of
from domain.outside import ENGINES, reaches_out
from domain.replication.status import Cure, ReplicaStatus, cure_of
from domain.source.facts import SYSTEM_SCHEMAS
from remote.constants import CONSTANTS
from tests.unit.words import refused

REACHING = (
    *("ha_federatedx", "ha_federated.so", "federated=ha_federatedx.so", "ha_connect", "ha_s3"),
    *("ha_spider.so", "ha_oqgraph", "ha_sphinx", "handlersocket.so", "feedback"),
)
LOCAL = (
    *("ha_blackhole", "ha_archive.so", "ha_rocksdb", "ha_mroonga", "auth_ed25519", "disks.so"),
    *("server_audit", "hashicorp_key_management", "ha_s3x", "a=ha_csv"),
)


def item(value: str) -> dict[str, str]:
    return {"propertyName": "plugin-load-add", "value": value}


@pytest.mark.parametrize("library", REACHING)
def test_libraries_that_reach_out(library: str) -> None:
    assert reaches_out(library)
    with refused("SETTING_REFUSED", library):
        settings_of([item(f"ha_archive;{library}")])
    assert settings_of([item(library)], outside=True)


@pytest.mark.parametrize("library", LOCAL)
def test_libraries_that_do_not(library: str) -> None:
    assert not reaches_out(library)
    assert settings_of([item(library)])


def test_bash_has_the_engines_as_sql() -> None:
    assert CONSTANTS["REACHING"] == ", ".join(f"'{name}'" for name in ENGINES)
    assert "BLACKHOLE" not in ENGINES
    assert not set(ENGINES) & {name.upper() for name in SYSTEM_SCHEMAS}


CURED = pytest.mark.parametrize(
    ("error", "cure"),
    [
        ("1286: Error 'Unknown storage engine 'FEDERATED'' on query.", Cure.STAND_IN),
        ("1146: Table 'shop.gone' doesn't exist", Cure.NONE),
        ("12860: no such number", Cure.NONE),
    ],
)


def test_the_statement_that_is_not_shown() -> None:
    """It may hold the login to another server."""
    said = "1286: Error 'Unknown storage engine 'FEDERATED'' on query. Default database: 'd'."
    statement = " Query: 'CREATE TABLE f (id INT) CONNECTION = 'mysql://u:secret@h/d/t''"
    answers = {"replica": "yes", "sqlRunning": "No", "sqlError": said + statement}
    status = ReplicaStatus.of(lambda key: answers.get(key, ""))
    assert status.sql_error == said
    other = {**answers, "sqlError": "1146: no table. Query: 'SELECT 1'"}
    assert "SELECT 1" in ReplicaStatus.of(lambda key: other.get(key, "")).summary


@CURED
def test_the_cure_for_an_engine_that_is_not_loaded(error: str, cure: Cure) -> None:
    answers = {
        "replica": "yes",
        "replicatesFrom": "db:3306",
        "ioRunning": "Yes",
        "sqlRunning": "No",
        "sqlError": error,
    }
    status = ReplicaStatus.of(lambda key: answers.get(key, ""))
    assert cure_of(status, "db:3306") is cure
