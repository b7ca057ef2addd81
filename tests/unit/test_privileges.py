"""What the source account may do, what it needs, and the statements that give what is missing."""

from __future__ import annotations

import dataclasses

import pytest

from domain.source.facts import SourceFacts, Tables
from domain.source.grants import Grants
from domain.source.preflight import problems
from domain.source.privileges import REPLICATION, Lock, Need, lock, needs, statements
from domain.version import Version
from tests.unit.test_preflight import ALL_GRANTS, FACTS, PLAN, READ, facts, held

NEW, OLD = Version(10, 11, 4), Version(10, 4, 34)
PLAIN = FACTS.plain_tables
WHY = " /* read locks: 2 tables are not transactional, such as shop: a (MyISAM), b (Aria) */"
EVERYTHING = [
    *(Need(name) for name in ("SELECT", "SHOW VIEW", "TRIGGER", "EVENT", "LOCK TABLES")),
    *(Need(name) for name in ("RELOAD", "EXECUTE", "BINLOG MONITOR", "REPLICATION SLAVE")),
]
NAMES = [need.privilege for need in EVERYTHING]


@pytest.mark.parametrize(
    ("lines", "missing"),
    [
        ([], NAMES),
        (["GRANT USAGE ON *.* TO `d`@`%`"], NAMES),
        (["GRANT ALL PRIVILEGES ON *.* TO `d`@`%` WITH GRANT OPTION"], []),
        (["grant all privileges on *.* to `d`@`%`"], []),
        (["GRANT ALL PRIVILEGES ON `shop`.* TO `d`@`%`"], NAMES),
        (["GRANT `reader` TO `d`@`%`", ALL_GRANTS.replace("`d`@`%`", "`reader`")], []),
        ([ALL_GRANTS], []),
        ([ALL_GRANTS + " IDENTIFIED BY PASSWORD '*ABC'"], []),
        ([ALL_GRANTS.replace("BINLOG MONITOR", "REPLICATION CLIENT")], []),
        ([ALL_GRANTS.replace("BINLOG MONITOR", "SUPER")], []),
        ([ALL_GRANTS.replace("REPLICATION SLAVE", "REPLICATION REPLICA")], []),
        ([ALL_GRANTS.replace("REPLICATION SLAVE", "REPLICATION SLAVE ADMIN")],
         ["REPLICATION SLAVE"]),
        ([ALL_GRANTS.replace("SHOW VIEW, ", "CREATE VIEW, ")], ["SHOW VIEW"]),
        ([f"{READ} ON *.* TO `d`@`%`", "GRANT EXECUTE ON *.* TO `d`@`%`"],
         ["BINLOG MONITOR", "REPLICATION SLAVE"]),
        (["GRANT SELECT (a, b) ON `shop`.`t` TO `d`@`%`"], NAMES),
        (["GRANT EXECUTE ON PROCEDURE `shop`.`p` TO `d`@`%`"], NAMES),
    ],
)  # fmt: skip
def test_missing_everywhere(lines: list[str], missing: list[str]) -> None:
    grants = held(*lines)
    assert [name for name in NAMES if not grants.on(name)] == missing
    told = statements(grants, EVERYTHING, NEW)
    assert told == ([f"GRANT {', '.join(missing)} ON *.* TO `d`@`%`;"] if missing else [])


@pytest.mark.parametrize(
    ("pattern", "database", "held_there"),
    [
        ("shop", "shop", True),
        ("shop", "Shop", False),
        ("shop", "shop2", False),
        ("shop%", "shop2", True),
        ("my_db", "my_db", True),
        ("my_db", "mydb", False),
        ("my_db", "my-db", True),
        (r"my\_db", "my_db", True),
        (r"my\_db", "my-db", False),
        ("%", "mysql", True),
        ("a.b", "axb", False),
        ("odd``name", "odd`name", True),
        ("shop", "", False),
    ],
)
def test_a_grant_on_databases(pattern: str, database: str, held_there: bool) -> None:
    grants = held(f"GRANT SELECT, EVENT ON `{pattern}`.* TO `d`@`%`")
    assert grants.on("EVENT", database) is held_there
    assert not grants.on("TRIGGER", database)
    assert not grants.on("EVENT")


D, ROLE, PUBLIC = "TO `d`@`%`", "TO `r`", "TO PUBLIC"


@pytest.mark.parametrize(
    ("lines", "held_there"),
    [
        ([rf"GRANT SELECT ON `my\_db`.* {D}", f"GRANT SELECT, TRIGGER ON `my_db`.* {D}"], False),
        ([rf"GRANT TRIGGER ON `my\_db`.* {D}", f"GRANT SELECT ON `my_db`.* {D}"], True),
        ([f"GRANT SELECT ON `my%`.* {D}", f"GRANT TRIGGER ON `%`.* {D}"], False),
        ([f"GRANT TRIGGER ON `my%`.* {D}", f"GRANT SELECT ON `m%`.* {D}"], True),
        ([f"GRANT SELECT ON `my-db`.* {D}", f"GRANT TRIGGER ON `my%`.* {D}"], True),
        ([rf"GRANT SELECT ON `my\_db`.* {D}", f"GRANT TRIGGER ON `%`.* {ROLE}"], True),
        ([rf"GRANT SELECT ON `my\_db`.* {D}", f"GRANT TRIGGER ON `%`.* {PUBLIC}"], True),
        # Roles that one inherits of another: the server merges them pattern by pattern.
        ([f"GRANT SELECT ON `my_db`.* {ROLE}", "GRANT TRIGGER ON `my_db`.* TO `s`"], True),
        ([f"GRANT TRIGGER ON `%`.* {ROLE}", r"GRANT SELECT ON `my\_db`.* TO `s`"], False),
    ],
)
def test_one_pattern_decides_for_each_holder(lines: list[str], held_there: bool) -> None:
    """As on the server: a trigger that the account may not see would be missing in silence."""
    assert held(*lines).on("TRIGGER", "my_db") is held_there


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("GRANT SELECT ON `my_db`.* TO `d`@`%`", "`my_db`"),
        ("GRANT SELECT ON `my%`.* TO `d`@`%`", "`my%`"),
        (r"GRANT SELECT ON `my\_db`.* TO `d`@`%`", r"`my\_db`"),
        ("GRANT SELECT ON `my_db`.* TO `r`", r"`my\_db`"),
        ("GRANT SELECT ON `other`.* TO `d`@`%`", r"`my\_db`"),
    ],
)
def test_a_statement_puts_no_grant_out_of_force(line: str, place: str) -> None:
    """A grant on the escaped name took SELECT away that was held by the unescaped one."""
    (told,) = statements(held(line), [Need("TRIGGER", ("my_db",))], NEW)
    assert told == f"GRANT TRIGGER ON {place}.* TO `d`@`%`;"


@pytest.mark.parametrize(
    ("version", "told"), [("10.11.19", 0), ("11.0.1", 1), ("11.8.6", 1)], ids=str
)
def test_super_stands_for_others_until_11(version: str, told: int) -> None:
    """On 11.8 the copy failed later: the preflight had been content with SUPER."""
    grants = held("GRANT SUPER ON *.* TO `d`@`%`")
    missing = statements(grants, [Need("BINLOG MONITOR")], Version.parse(version))
    assert len(missing) == told


def test_databases_of_one_pattern_share_a_statement() -> None:
    grants = held("GRANT SELECT ON `s%`.* TO `d`@`%`")
    told = statements(grants, [Need("TRIGGER", ("s1", "s2")), Need("EVENT", ("s2",))], NEW)
    assert told == ["GRANT TRIGGER, EVENT ON `s%`.* TO `d`@`%`;"]


def test_all_privileges_on_a_database() -> None:
    grants = held("GRANT ALL PRIVILEGES ON `shop`.* TO `d`@`%`")
    assert grants.on("LOCK TABLES", "shop")
    assert grants.lacking("SELECT", ["shop", "mysql"]) == ("mysql",)


@pytest.mark.parametrize(
    ("account", "quoted"),
    [
        ("delphix@10.%", "`delphix`@`10.%`"),
        ("a@b@%", "`a@b`@`%`"),
        ("o'n`eil@localhost", "`o'n``eil`@`localhost`"),
    ],
)
def test_the_account_is_quoted(account: str, quoted: str) -> None:
    grants = Grants.parse(account, [])
    assert grants.statement(["SELECT"]) == f"GRANT SELECT ON *.* TO {quoted};"


def test_a_statement_names_one_database_and_its_reason() -> None:
    told = held().statement(["SELECT", "EVENT"], "my_db", "a */ b")
    assert told == r"GRANT SELECT, EVENT ON `my\_db`.* TO `d`@`%` /* a * / b */;"


# What a copy needs


def names(said: SourceFacts, *databases: str, log_sync: bool = False) -> list[str]:
    return [need.privilege for need in needs(said, databases, log_sync)]


COPY = ["SELECT", "SHOW VIEW", "TRIGGER", "EVENT"]


@pytest.mark.parametrize(
    ("said", "databases", "more"),
    [
        (facts(plain_tables=(), views_call_functions=False), (), []),
        (facts(plain_tables=()), (), ["EXECUTE"]),
        (facts(views_call_functions=False), (), ["LOCK TABLES", "RELOAD"]),
        (facts(views_call_functions=False), ("shop",), ["LOCK TABLES", "RELOAD"]),
        (facts(views_call_functions=False), ("crm",), []),
    ],
)
def test_needs(said: SourceFacts, databases: tuple[str, ...], more: list[str]) -> None:
    assert names(said, *databases) == COPY + more
    assert names(said, *databases, log_sync=True) == [*COPY, *more, "BINLOG MONITOR"]


BY_DATABASE = (
    "GRANT BINLOG MONITOR, REPLICATION SLAVE ON *.* TO `d`@`%`",
    "GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, EXECUTE ON `shop`.* TO `d`@`%`",
    "GRANT SELECT ON `mysql`.* TO `d`@`%`",
)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([], [
            "GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, LOCK TABLES, RELOAD, EXECUTE,"
            f" BINLOG MONITOR ON *.* TO `d`@`%`{WHY};",
        ]),
        ([ALL_GRANTS.replace(", LOCK TABLES", "")], [f"GRANT LOCK TABLES ON *.* TO `d`@`%`{WHY};"]),
        ([ALL_GRANTS.replace(", RELOAD", "")], [f"GRANT RELOAD ON *.* TO `d`@`%`{WHY};"]),
        ([ALL_GRANTS.replace(", TRIGGER, EVENT", "")], ["GRANT TRIGGER, EVENT ON *.* TO `d`@`%`;"]),
        (BY_DATABASE, [
            f"GRANT LOCK TABLES ON `shop`.* TO `d`@`%`{WHY};",
            f"GRANT RELOAD ON *.* TO `d`@`%`{WHY};",
        ]),
        (BY_DATABASE[:2], [
            "GRANT SELECT ON `mysql`.* TO `d`@`%`;",
            f"GRANT LOCK TABLES ON `shop`.* TO `d`@`%`{WHY};",
            f"GRANT RELOAD ON *.* TO `d`@`%`{WHY};",
        ]),
        ([ALL_GRANTS], []),
        ([*BY_DATABASE, "GRANT RELOAD ON *.* TO `d`@`%`", "GRANT LOCK TABLES ON `s%`.* TO `d`@`%`"],
         # The grants on `shop` alone decide there.
         [f"GRANT LOCK TABLES ON `shop`.* TO `d`@`%`{WHY};"]),
    ],
)  # fmt: skip
def test_what_is_missing_of_selected_databases(lines: list[str], told: list[str]) -> None:
    said = facts(grants=held(*lines))
    assert statements(said.grants, needs(said, ("shop",), True), NEW) == told


def test_grants_on_databases_do_not_do_for_all() -> None:
    said = facts(grants=held(*BY_DATABASE), plain_tables=())
    (told,) = statements(said.grants, needs(said, (), True), NEW)
    assert told.startswith("GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, EXECUTE ON *.* TO `d`@`%` /* ")
    assert "selected databases" in told


def test_the_old_name_for_older_servers() -> None:
    lines = ALL_GRANTS.replace("BINLOG MONITOR, ", "")
    wanted = needs(FACTS, (), True)
    assert statements(held(lines), wanted, OLD) == ["GRANT REPLICATION CLIENT ON *.* TO `d`@`%`;"]
    assert statements(held(lines), wanted, NEW) == ["GRANT BINLOG MONITOR ON *.* TO `d`@`%`;"]


def test_the_replication_account_is_named() -> None:
    replicator = held("GRANT USAGE ON *.* TO `r`@`10.%`", account="r@10.%")
    told = ["GRANT REPLICATION SLAVE ON *.* TO `r`@`10.%`;"]
    assert statements(replicator, REPLICATION, NEW) == told
    found = problems(facts(replication_grants=replicator), PLAN)
    assert [problem.seen for problem in found] == told


def test_the_replication_account_need_not_read() -> None:
    replicator = held("GRANT REPLICATION SLAVE ON *.* TO `r`@`%`", account="r@%")
    reader = held(ALL_GRANTS.replace(", REPLICATION SLAVE", ""))
    assert problems(facts(grants=reader, replication_grants=replicator), PLAN) == []


def test_tables_that_a_service_keeps_to_itself() -> None:
    (problem,) = problems(facts(unreadable="ERROR 1142 (42000): SELECT command denied"), PLAN)
    assert problem.seen.startswith("GRANT SELECT ON `mysql`.* TO `d`@`%` /* the server says: ERROR")
    lacking = facts(unreadable="ERROR 1142", grants=held(ALL_GRANTS.replace("SELECT, ", "")))
    (problem,) = problems(lacking, PLAN)
    assert problem.seen == "GRANT SELECT ON *.* TO `d`@`%`;"


def test_a_database_that_the_account_does_not_see_lacks_a_grant() -> None:
    said = facts(grants=held(*BY_DATABASE), databases=("shop",), plain_tables=())
    plan = dataclasses.replace(PLAN, databases=("shop", "crm"))
    (problem,) = problems(said, plan)
    assert problem.error == "SOURCE_PRIVILEGE_MISSING"
    told = "GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, EXECUTE ON `crm`.* TO `d`@`%`;"
    assert problem.seen == told


# What may be locked

LOCKS = "GRANT RELOAD, LOCK TABLES ON *.* TO `d`@`%`"
RELOAD = "GRANT RELOAD ON *.* TO `d`@`%`"
MORE = (*PLAIN, Tables("crm", 1, "c (CSV)"))


@pytest.mark.parametrize(
    ("lines", "plain", "expected"),
    [
        ([LOCKS], PLAIN, Lock.ALL),
        ([LOCKS], (), Lock.ALL),
        ([], (), Lock.NONE),
        ([RELOAD], (), Lock.NONE),
        ([RELOAD, "GRANT LOCK TABLES ON `shop`.* TO `d`@`%`"], (), Lock.NONE),
        ([RELOAD, "GRANT LOCK TABLES ON `shop`.* TO `d`@`%`"], PLAIN, Lock.TABLES),
        ([RELOAD, "GRANT LOCK TABLES ON `shop`.* TO `d`@`%`"], MORE, Lock.NONE),
        ([RELOAD, "GRANT LOCK TABLES ON `%`.* TO `d`@`%`"], MORE, Lock.ALL),
        (["GRANT LOCK TABLES ON *.* TO `d`@`%`"], PLAIN, Lock.NONE),
    ],
)
def test_lock(lines: list[str], plain: tuple[Tables, ...], expected: Lock) -> None:
    assert lock(held(*lines), plain) is expected


@pytest.mark.parametrize(
    ("databases", "found"), [((), ["shop", "crm"]), (("crm",), ["crm"]), (("other",), [])]
)
def test_only_chosen_tables_count(databases: tuple[str, ...], found: list[str]) -> None:
    said = dataclasses.replace(FACTS, plain_tables=MORE)
    assert [item.database for item in said.chosen_plain_tables(databases)] == found


def test_tables_with_float_columns_need_a_lock() -> None:
    """They are InnoDB, so RELOAD is not needed for them; a privilege is named once."""
    floats = (Tables("shop", 1, "price"), Tables("crm", 2, "a, b"))
    some = dataclasses.replace(FACTS, plain_tables=(), float_tables=floats)
    (need,) = (need for need in needs(some, ["shop"], False) if need.privilege == "LOCK TABLES")
    why = "read locks: 1 tables have FLOAT columns, such as shop: price"
    assert need == Need("LOCK TABLES", ("shop",), why)
    assert "RELOAD" not in [need.privilege for need in needs(some, [], False)]
    both = dataclasses.replace(FACTS, float_tables=floats)
    lacking = held("GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, EXECUTE ON *.* TO `d`@`%`")
    (statement,) = statements(lacking, needs(both, [], False), NEW)
    assert statement.count("LOCK TABLES") == 1
    assert "are not transactional" in statement and "3 tables have FLOAT columns" in statement
