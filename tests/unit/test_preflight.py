"""What the source says of itself: facts, privileges, and the checks before linking."""

from __future__ import annotations

import dataclasses
import itertools

import pytest

from catalogue import CATALOGUE, Refusal
from domain.options.settings import Setting
from domain.problems import CHECKS, Problem, Problems, failed
from domain.source.address import Source
from domain.source.facts import ASKED, CARRIED, SourceFacts, Tables
from domain.source.grants import Grants
from domain.source.preflight import Plan, problems
from domain.source.tls import Tls
from domain.version import Version
from errors import PluginError
from tests.unit.words import refused

GIB = 2**30
READ = "GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, LOCK TABLES, RELOAD"
ALL_GRANTS = f"{READ}, EXECUTE, BINLOG MONITOR, REPLICATION SLAVE ON *.* TO `d`@`%`"


def held(*lines: str, account: str = "d@%") -> Grants:
    return Grants.parse(account, lines)


FACTS = SourceFacts(
    variables={
        "version": "10.11.19-MariaDB-log",
        "server_id": "1",
        "log_bin": "ON",
        "binlog_format": "ROW",
    },
    databases=("shop",),
    data_bytes=10 * GIB,
    views_call_functions=True,
    plain_tables=(Tables("shop", 2, "a (MyISAM), b (Aria)"),),
    encrypted=(),
    grants=held(ALL_GRANTS),
    replication_grants=held(ALL_GRANTS),
    unreadable="",
    libraries=(),
    system_objects=(),
)
PLAN = Plan(
    staging_version=Version(10, 11, 4),
    staging_server_id=77,
    free_bytes=13 * GIB,
    own_bytes=GIB // 2,
    log_sync=True,
    databases=("shop",),
)


def facts(**changes: object) -> SourceFacts:
    return dataclasses.replace(FACTS, **changes)


def variables(**changes: str) -> SourceFacts:
    return facts(variables={**FACTS.variables, **changes})


def names(found: list[Problem]) -> list[str]:
    return [problem.error for problem in found]


# Facts


def test_address() -> None:
    address = Source("db.example", 3306, "d", Tls())
    assert str(address) == "d@db.example:3306"
    assert address.variables() == {
        "SOURCE_HOST": "db.example",
        "SOURCE_PORT": "3306",
        "SOURCE_USER": "d",
        "TLS_MODE": "DISABLED",
        "TLS_CA": "",
        "TLS_CERT": "",
        "TLS_KEY": "",
    }


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("8.0.36", "SOURCE_NOT_MARIADB"),
        ("8.0.36-28 Percona", "SOURCE_NOT_MARIADB"),
        ("", "SOURCE_NOT_MARIADB"),
        ("10.3.39-MariaDB", "VERSION_UNSUPPORTED"),
        ("MariaDB", "VERSION_UNSUPPORTED"),
    ],
)
def test_a_source_of_another_kind(text: str, code: str) -> None:
    with refused(code):
        variables(version=text).version()
    with refused(code):
        problems(variables(version=text), PLAN)


def test_a_source_that_does_not_say_its_version() -> None:
    with refused("SOURCE_NOT_MARIADB", "version ''"):
        facts(variables={}).version()


@pytest.mark.parametrize(
    ("text", "expected"), [("7", 7), ("4294967295", 4294967295), ("", 0), ("x", 0), ("-1", 0)]
)
def test_server_id(text: str, expected: int) -> None:
    assert variables(server_id=text).server_id == expected
    assert facts(variables={}).server_id == 0


@pytest.mark.parametrize(
    ("text", "expected"), [("ON", True), ("on", True), ("1", True), ("OFF", False), ("", False)]
)
def test_has_binlog(text: str, expected: bool) -> None:
    assert variables(log_bin=text).has_binlog is expected
    assert not facts(variables={}).has_binlog


@pytest.mark.parametrize(("size", "needed"), [(0, 0), (10 * GIB, 12 * GIB), (5, 6)])
def test_space(size: int, needed: int) -> None:
    assert facts(data_bytes=size).space_needed == needed


def test_carried_settings() -> None:
    said = facts(
        variables={"sql_mode": "", "version": "x", "lower_case_table_names": "1", "odd": "1"},
        libraries=("auth_ed25519.so", "ha_mroonga", "ha_spider", "ha_federatedx.so"),
    )
    assert said.carried_settings(Version(10, 11, 19)) == (
        Setting("lower_case_table_names", "1"),
        Setting("sql_mode", ""),
        Setting("plugin_load_add", "auth_ed25519"),
        Setting("plugin_load_add", "ha_mroonga"),
    )


@pytest.mark.parametrize(
    ("source", "staging", "given", "carried"),
    [
        ("10.5.23-MariaDB", "10.11.19", "", None),
        ("10.5.23-MariaDB", "10.5.23", "", None),
        ("10.5.23-MariaDB", "11.8.9", "NO_PROGRESS_INFO", "NO_PROGRESS_INFO,UTF8_IS_UTF8MB3"),
        ("10.5.23-MariaDB", "10.5.23", "NO_PROGRESS_INFO", "NO_PROGRESS_INFO"),
        ("10.6.1-MariaDB", "11.8.9", "", ""),
        ("10.11.1-MariaDB", "10.11.19", "UTF8_IS_UTF8MB3", "UTF8_IS_UTF8MB3"),
    ],
)
def test_utf8_means_the_same_on_staging(
    source: str, staging: str, given: str, carried: str | None
) -> None:
    """An empty old_mode of 10.5 made utf8mb4 of every utf8 column on 10.11."""
    said = facts(variables={"version": source, "old_mode": given})
    found = {one.name: one.value for one in said.carried_settings(Version.parse(staging))}
    assert found.get("old_mode") == carried


def test_everything_carried_is_asked() -> None:
    assert set(CARRIED) < set(ASKED)
    assert len(ASKED) == len(set(ASKED))


# Preflight: each problem alone

WITHOUT = {"EXECUTE": ALL_GRANTS.replace("EXECUTE, ", "")}
ALONE = {
    "VERSION_MISMATCH": (
        variables(version="11.4.2-MariaDB"),
        "the source runs 11.4.2, newer than 10.11.4 on staging",
    ),
    "SOURCE_NO_BINLOG": (variables(log_bin="OFF"), "log_bin is OFF on the source"),
    "SERVER_ID_IN_USE": (variables(server_id="77"), "the source has server id 77 too"),
    "SOURCE_DATABASE_UNKNOWN": (
        facts(databases=("crm", "Shop")),
        "the source has no shop; it has: crm, Shop",
    ),
    "SOURCE_BINLOG_FORMAT": (
        variables(binlog_format="MIXED"),
        "binlog_format is MIXED on the source",
    ),
    "SOURCE_ENCRYPTED": (
        facts(encrypted=(Tables("shop", 2, "a, b"), Tables("other", 1, "c"))),
        "2 tables demand encryption, such as shop: a, b; staging has no key management plugin",
    ),
    "SOURCE_PRIVILEGE_MISSING": (
        facts(grants=held(WITHOUT["EXECUTE"])),
        "GRANT EXECUTE ON *.* TO `d`@`%`;",
    ),
    "DISK_SPACE": (
        facts(data_bytes=11 * GIB),
        "the source holds 11.0 GiB, a copy may need 13.7 GiB, "
        "512 MiB of it for the server's own files, free are 13.0 GiB",
    ),
}


def test_no_problem() -> None:
    assert problems(FACTS, PLAN) == []
    Problems().refuse()


@pytest.mark.parametrize("name", ALONE)
def test_one_problem(name: str) -> None:
    said, seen = ALONE[name]
    (problem,) = problems(said, PLAN)
    assert (problem.error, problem.seen, problem.check in CHECKS) == (name, seen, True)
    with refused(name, seen):
        Problems(problems(said, PLAN)).refuse()


def test_without_log_sync_replication_does_not_matter() -> None:
    said = facts(
        variables={"version": "10.11.19-MariaDB", "server_id": "77", "log_bin": "OFF"},
        grants=held(f"{READ}, EXECUTE ON *.* TO `d`@`%`"),
    )
    assert problems(said, dataclasses.replace(PLAN, log_sync=False)) == []


@pytest.mark.parametrize(("free", "enough"), [(13 * GIB, True), (12 * GIB + GIB // 2 - 1, False)])
def test_space_at_its_boundary(free: int, enough: bool) -> None:
    found = problems(FACTS, dataclasses.replace(PLAN, free_bytes=free))
    assert names(found) == ([] if enough else ["DISK_SPACE"])
    exact = dataclasses.replace(PLAN, free_bytes=FACTS.space_needed + PLAN.own_bytes)
    assert problems(FACTS, exact) == []


def test_without_chosen_databases_any_will_do() -> None:
    said = dataclasses.replace(variables(binlog_format="STATEMENT"), databases=())
    assert problems(said, dataclasses.replace(PLAN, databases=())) == []


def test_an_empty_source_has_no_chosen_database() -> None:
    (problem,) = problems(facts(databases=()), PLAN)
    assert problem.seen == "the source has no shop; it has: none"


def test_small_sizes_are_told_in_mib() -> None:
    plan = dataclasses.replace(PLAN, free_bytes=7 * 2**20)
    (problem,) = problems(facts(data_bytes=0), plan)
    assert problem.seen == (
        "the source holds 0 MiB, a copy may need 512 MiB, "
        "512 MiB of it for the server's own files, free are 7 MiB"
    )


# Preflight: problems together


def _combined(chosen: tuple[str, ...]) -> SourceFacts:
    said = FACTS
    for name in chosen:
        other = ALONE[name][0]
        for part in dataclasses.fields(SourceFacts):
            value = getattr(other, part.name)
            if part.name == "variables":
                changed = {k: v for k, v in value.items() if v != FACTS.variables.get(k)}
                value = {**said.variables, **changed}
            if value != getattr(FACTS, part.name):
                said = dataclasses.replace(said, **{part.name: value})
    return said


@pytest.mark.parametrize(
    "chosen",
    [chosen for size in (2, 3, 5) for chosen in itertools.combinations(ALONE, size)],
    ids="+".join,
)
def test_problems_together(chosen: tuple[str, ...]) -> None:
    """All are told at once, in one error under the code of the first."""
    found = problems(_combined(chosen), PLAN)
    assert names(found) == list(chosen)
    with pytest.raises(Refusal) as caught:
        Problems(found).refuse()
    message, hints = caught.value.seen, caught.value.output
    assert caught.value.entry.name == chosen[0]
    for name in chosen:
        assert f"{CATALOGUE[name].label} {ALONE[name][1]}" in message
    told = [f"{item.check}: {CHECKS[item.check].hint}" for item in found]
    assert hints.splitlines() == told
    assert [f"{item.check}: {CATALOGUE[item.error].label} " in message for item in found]


def test_both_accounts_may_lack_privileges() -> None:
    found = problems(facts(grants=held(), replication_grants=held()), PLAN)
    assert [item.check for item in found] == ["privileges", "replication-privileges"]


@pytest.mark.parametrize("known", [False, True], ids=["refused", "an error of a step"])
def test_an_error_does_not_hide_what_was_found_before(known: bool) -> None:
    seen = "no route"
    error = PluginError("SOURCE_UNREACHABLE", "asking", seen) if known else None
    error = error or Refusal("SOURCE_UNREACHABLE", seen)
    found = [failed("port", "port 3310 is taken")]
    with pytest.raises(Refusal) as caught, Problems(found).gathering():
        raise error
    assert caught.value.entry.name == "PORT_IN_USE"
    assert "port: MDB-034 port 3310 is taken; MDB-040 no route" in caught.value.seen
    hints = caught.value.output.splitlines()
    assert hints[1] == f"MDB-040: {CATALOGUE['SOURCE_UNREACHABLE'].action}"
    with pytest.raises(Refusal) as caught, Problems().gathering():
        raise error
    assert caught.value is error
