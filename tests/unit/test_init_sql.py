"""The SQL of the init file, statement by statement."""

from __future__ import annotations

import re

import pytest

from domain.options.init_sql import (
    SAFE_PLUGINS,
    identifier,
    open_accounts_condition,
    open_accounts_query,
    operators_condition,
    render,
    sql_text,
)


def test_statements() -> None:
    statements = render("delphix").splitlines()
    assert all(statement.endswith(";") for statement in statements)
    assert statements[:7] == [
        "SET SESSION sql_log_bin = 0;",
        "SET SESSION sql_mode = '';",
        "CREATE OR REPLACE USER `delphix`@'localhost' IDENTIFIED VIA unix_socket;",
        "GRANT ALL PRIVILEGES ON *.* TO `delphix`@'localhost' WITH GRANT OPTION;",
        "REPLACE INTO mysql.proxies_priv"
        " (Host, User, Proxied_host, Proxied_user, With_grant, Grantor)"
        " VALUES ('localhost', 'delphix', '', '', 1, '');",
        "DELETE FROM mysql.db WHERE User = '';",
        "DELETE FROM mysql.global_priv WHERE User = '';",
    ]
    assert statements[7] == (
        "UPDATE mysql.global_priv"
        " SET Priv = JSON_SET(Priv, '$.account_locked', JSON_COMPACT('true'))"
        f" WHERE {open_accounts_condition()} OR {operators_condition()};"
    )
    assert statements[8:] == ["FLUSH PRIVILEGES;"]


@pytest.mark.parametrize(
    ("user", "account"),
    [("domain user", "`domain user`"), ("a`b", "`a``b`"), ("o'neil", "`o'neil`")],
)
def test_the_account_is_quoted(user: str, account: str) -> None:
    assert f"CREATE OR REPLACE USER {account}@'localhost' " in render(user)
    assert f" TO {account}@'localhost' " in render(user)


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        ("", "''"),
        ("plain", "'plain'"),
        ("o'neil", "'o''neil'"),
        ("''", "''''''"),
        ("a\nb", "CONVERT(X'610a62' USING utf8mb4)"),
        ("a\\", "CONVERT(X'615c' USING utf8mb4)"),
        ("\\' OR 1 -- é", "CONVERT(X'5c27204f522031202d2d20c3a9' USING utf8mb4)"),
    ],
)
def test_text_literals(value: str, literal: str) -> None:
    assert sql_text(value) == literal


def test_identifier() -> None:
    assert identifier("a`b``") == "`a``b`````"


def test_the_query_asks_for_what_the_file_closes() -> None:
    query = open_accounts_query()
    assert open_accounts_condition() in query
    assert operators_condition() in query
    assert "FROM mysql.global_priv WHERE User = ''" in query
    assert "\n" not in query


def test_safe_plugins_are_left_alone() -> None:
    condition = open_accounts_condition()
    assert "NOT IN ('unix_socket', 'pam', 'gssapi', 'named_pipe')" in condition
    assert "\\" not in condition, "a backslash means one thing or another by sql_mode"


def _pattern() -> re.Pattern[str]:
    found = re.search(r"REGEXP '((?:[^']|'')*)'", open_accounts_condition())
    assert found
    return re.compile(found.group(1).replace("''", "'").replace("[[:space:]]", r"\s"))


@pytest.mark.parametrize("plugin", ["mysql_native_password", "ed25519", *SAFE_PLUGINS])
@pytest.mark.parametrize("password", [None, "", "*0123"])
@pytest.mark.parametrize("blank", ["", " "])
def test_other_ways_in(plugin: str, password: str | None, blank: str) -> None:
    """A way of `IDENTIFIED VIA ... OR ...` that needs no password is found by its pattern."""
    way = f'"plugin":{blank}"{plugin}"'
    if password is not None:
        way += f',{blank}"authentication_string":{blank}"{password}"'
    priv = f'{{"access":0,"plugin":"ed25519","auth_or":[{{}},{{{way}}}]}}'
    is_open = plugin not in SAFE_PLUGINS and not password
    assert bool(_pattern().search(priv.replace('"plugin":"ed25519",', "", 1))) is is_open
