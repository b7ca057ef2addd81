"""The data set, copied by a dump: equal is equal, and each small change is told."""

import pytest

from testbed import dataset
from testbed.compare import LOGICAL_COPY, Fact, Fingerprint, Ignore, Kind, diff, snapshot
from tests.testbed.local_server import LocalServer, as_user, copy_everything


@pytest.fixture(scope="module")
def twice(source: LocalServer) -> tuple[Fingerprint, Fingerprint]:
    """The data set, and the one that replaced it."""
    first, second = [
        (dataset.load(source.sql, rows=dataset.SMALL_ROWS), snapshot(source.sql, "source"))
        for _ in range(2)
    ]
    assert first[0].rows == second[0].rows >= dataset.SMALL_ROWS
    return first[1], second[1]


@pytest.fixture(scope="module")
def original(twice: tuple[Fingerprint, Fingerprint]) -> Fingerprint:
    return twice[1]


@pytest.fixture(scope="module")
def copied(source: LocalServer, target: LocalServer, original: Fingerprint) -> LocalServer:
    assert original.facts
    copy_everything(source, target, dataset.DATABASES)
    return target


def test_a_dump_copies_everything_but_history(original: Fingerprint, copied: LocalServer) -> None:
    copy = snapshot(copied.sql, "copy")
    assert diff(original, copy, LOGICAL_COPY) == []
    (history,) = diff(original, copy)
    assert history.startswith("history of versioned table shop.price_history: 60 rows")


def test_the_data_set_is_the_same_each_time(twice: tuple[Fingerprint, Fingerprint]) -> None:
    # parsec salts a password anew each time
    assert diff(*twice, Ignore(owners=frozenset({"demo_parsec@%"}))) == []


def test_too_few_rows_are_refused(source: LocalServer) -> None:
    with pytest.raises(ValueError, match="at least 2000"):
        dataset.load(source.sql, rows=10)


def test_the_fingerprint_holds_every_kind(original: Fingerprint) -> None:
    assert {fact.kind for fact in original.facts} == set(Kind)
    owners = {fact.owner for fact in original.facts}
    assert owners >= {*dataset.DATABASES, *dataset.OPEN_ACCOUNTS}
    assert "mysql" not in owners


def test_the_fingerprint_holds_no_login_secret(source: LocalServer, original: Fingerprint) -> None:
    for (stored,) in source.sql.query(
        "SELECT JSON_VALUE(Priv, '$.authentication_string') FROM mysql.global_priv"
        " WHERE LENGTH(JSON_VALUE(Priv, '$.authentication_string')) > 20"
    ):
        assert not any(stored in text for text in original.facts.values())


def test_the_login_of_the_data_set_works(source: LocalServer, original: Fingerprint) -> None:
    assert original.facts
    application = as_user(source, *dataset.LOGIN)
    assert application.query(
        "START TRANSACTION; CALL shop.ship(2);"
        "SELECT state FROM shop.purchase WHERE id = 2; ROLLBACK"
    ) == [("sent",)]


ODD = "`odd-db ``x`` ünï ☃`"
CHANGES = {
    "one byte of a blob": (
        "UPDATE metrics.every_byte SET big = INSERT(big, 777777, 1, x'7F') WHERE id = 255",
        ["content of table metrics.every_byte"],
    ),
    "one character of a text": (
        "UPDATE shop.customer SET name = CONCAT(name, ' ') WHERE id = 5",
        ["content of table shop.customer"],
    ),
    "one digit of a decimal": (
        "UPDATE metrics.sample SET value = value + 0.0000000001 WHERE id = 4",
        ["content of table metrics.sample"],
    ),
    "the last bit of a double": (
        "UPDATE metrics.reading SET value = value * (1 + 2.3e-16) WHERE id = 2",
        ["content of table metrics.reading"],
    ),
    "NULL for the text NULL": (
        "UPDATE metrics.no_key SET word = NULL WHERE word = 'NULL' LIMIT 1",
        ["content of table metrics.no_key"],
    ),
    "a hidden column": (
        "UPDATE shop.customer SET internal_note = 'seen' WHERE id = 1",
        ["content of table shop.customer"],
    ),
    "a lost row in MyISAM": (
        f"DELETE FROM {ODD}.`dotted.name` WHERE `a.b` = 7",
        ["content of table odd-db `x` ünï ☃.dotted.name"],
    ),
    "two equal rows instead of two others": (
        "UPDATE metrics.no_key SET number = 3 WHERE word = 'twice' AND number = 1",
        ["content of table metrics.no_key"],
    ),
    "a missing trigger": (
        "DROP TRIGGER shop.purchase_audit_more",
        ["trigger shop.purchase_audit_more: only on source"],
    ),
    "another sql_mode of a routine": (
        "SET sql_mode = 'ANSI_QUOTES'; DROP PROCEDURE `select`.`call`;"
        ' CREATE PROCEDURE "select"."call"() SELECT "from" FROM "order"',
        ["routine select.call (procedure)"],
    ),
    "a routine without its CR": (
        "DELIMITER //\nCREATE OR REPLACE DEFINER='demo_owner'@'localhost'"
        " PROCEDURE shop.from_windows()\nBEGIN\n    -- two lines\n"
        "    SELECT 'a\nb' AS crlf;\nEND//",
        ["routine shop.from_windows (procedure)"],
    ),
    "another schedule": (
        "ALTER DEFINER='demo_owner'@'localhost' EVENT metrics.tick_every_second"
        " ON SCHEDULE EVERY 2 SECOND STARTS '2020-01-01 00:00:00'",
        ["event metrics.tick_every_second"],
    ),
    "a changed view": (
        "CREATE OR REPLACE VIEW shop.open_purchase AS SELECT id FROM shop.purchase",
        ["view shop.open_purchase"],
    ),
    "an index less": (
        "ALTER TABLE shop.purchase DROP KEY placed",
        ["table shop.purchase:"],
    ),
    "another collation of a database": (
        "ALTER DATABASE `empty` COLLATE utf8mb4_unicode_ci",
        ["database empty"],
    ),
    "a used number": (
        "SELECT NEXT VALUE FOR shop.ticket_number",
        ["next value of sequence shop.ticket_number: "],
    ),
    "a right on a database": (
        "REVOKE DELETE ON shop.* FROM demo_app",
        ["grant to demo_app@% on shop (mysql.db)"],
    ),
    "a right on a column": (
        "REVOKE UPDATE (name) ON shop.customer FROM demo_report",
        [
            "grant to demo_report@% on shop.customer (mysql.tables_priv)",
            "grant to demo_report@% on shop.customer.name (mysql.columns_priv)",
        ],
    ),
    "a right on a routine": (
        "REVOKE EXECUTE ON FUNCTION shop.price_with_tax FROM demo_report",
        ["grant to demo_report@% on shop.FUNCTION.price_with_tax (mysql.procs_priv)"],
    ),
    "a right on the server": (
        "GRANT SHUTDOWN ON *.* TO demo_report",
        ["account demo_report@%"],
    ),
    "no default role": (
        "SET DEFAULT ROLE NONE FOR demo_report",
        ["account demo_report@%"],
    ),
    "a role less": (
        "REVOKE demo_writer FROM demo_app",
        ["grant to demo_app@% on demo_writer (mysql.roles_mapping): only on source"],
    ),
    "another password": (
        "SET PASSWORD FOR demo_app = PASSWORD('other')",
        ["account demo_app@%"],
    ),
    "a lock": (
        "ALTER USER ''@'%' ACCOUNT LOCK",
        ["lock of account @%: open on source, locked on copy"],
    ),
    "a new account": (
        "CREATE USER intruder@localhost",
        [
            "account intruder@localhost: only on copy",
            "lock of account intruder@localhost: only on copy",
        ],
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_is_told_and_nothing_else(
    copied: LocalServer, source: LocalServer, original: Fingerprint, change: str
) -> None:
    sql, expected = CHANGES[change]
    copied.sql.query(sql)
    try:
        found = diff(original, snapshot(copied.sql, "copy"), LOGICAL_COPY)
    finally:
        if change == "a new account":
            copied.sql.query("DROP USER intruder@localhost")
        copy_everything(source, copied, dataset.DATABASES)
    assert [line[: len(start)] for line, start in zip(found, expected, strict=True)] == expected


def test_an_event_that_is_off_on_the_copy_is_no_difference(
    copied: LocalServer, original: Fingerprint
) -> None:
    # ALTER EVENT stores the session's collation too: with another one it is a difference.
    copied.sql.query(
        "SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci;"
        "ALTER DEFINER='demo_owner'@'localhost' EVENT metrics.tick_every_second DISABLE"
    )
    assert diff(original, snapshot(copied.sql, "copy"), LOGICAL_COPY) == []


def test_what_is_expected_to_differ_is_left_out() -> None:
    a = Fingerprint("a", {Fact(Kind.LOCK, "x@%"): "open", Fact(Kind.TABLE, "d", "t"): "1"})
    b = Fingerprint("b", {Fact(Kind.LOCK, "x@%"): "locked"})
    assert diff(a, b) == [
        "lock of account x@%: open on a, locked on b",
        "table d.t: only on a",
    ]
    assert diff(a, b, Ignore(kinds=frozenset({Kind.LOCK}))) == ["table d.t: only on a"]
    assert diff(a, b, Ignore(owners=frozenset({"x@%", "d"}))) == []


def test_a_long_difference_is_cut_and_shows_invisible_characters() -> None:
    fact = Fact(Kind.ROUTINE, "d", "r (procedure)")
    a = Fingerprint("a", {fact: "same\n" + "\n".join(f"line {n}\r" for n in range(20))})
    b = Fingerprint("b", {fact: "same\n"})
    (text,) = diff(a, b)
    assert text.startswith("routine d.r (procedure): - a, + b\n    - 'line 0\\r'\n")
    assert text.endswith("... 13 more lines")
