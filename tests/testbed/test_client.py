"""The client against a real server."""

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest

from testbed.client import ClientError, LocalResult, Server, as_os_user, identifier, literal
from tests.testbed.local_server import LocalServer, as_user, run

EVERY_KIND = "a\tb\nc\\d\0e\rf\r\ng'h\"i`j;😀 \\n \\0"


def test_text_comes_back_as_it_is(source: LocalServer) -> None:
    assert source.sql.query(f"SELECT {literal(EVERY_KIND)}, 1, NULL, ''") == [
        (EVERY_KIND, "1", "NULL", "")
    ]


def test_rows_of_several_statements_come_in_order(source: LocalServer) -> None:
    assert source.sql.query("SELECT 1, 2; DO 0;\nDELIMITER //\nSELECT 3//") == [("1", "2"), ("3",)]


def test_a_value_is_one(source: LocalServer) -> None:
    assert source.sql.value("SELECT 'x'") == "x"
    for sql in ("DO 0", "SELECT 1, 2", "SELECT 1 UNION SELECT 2"):
        with pytest.raises(ClientError, match="expected one value"):
            source.sql.value(sql)


def test_bytes_that_are_not_text_stay_apart(source: LocalServer) -> None:
    ((value,),) = source.sql.query("SELECT x'FF41'")
    assert value.encode(errors="surrogateescape") == b"\xffA"


@pytest.mark.parametrize("name", ["a b", "a`b", "select", "ünï ☃"])
def test_identifiers_are_quoted(source: LocalServer, name: str) -> None:
    sql = f"SELECT * FROM (SELECT 1 AS {identifier(name)}) t ORDER BY {identifier('t', name)}"
    assert source.sql.query(sql) == [("1",)]


def test_an_error_says_who_where_and_what(source: LocalServer) -> None:
    with pytest.raises(ClientError, match=r"root at \S+/s: [\s\S]*ERROR 1146 .*no_table"):
        source.sql.query("SELECT * FROM mysql.no_table")


def test_a_server_that_is_not_there(source: LocalServer) -> None:
    with pytest.raises(ClientError, match="ERROR 2002"):
        replace(source.sql, socket="/nowhere/s").query("SELECT 1")


def test_one_way_to_a_server_is_demanded() -> None:
    for server in (Server(run), Server(run, socket="/s", address=("127.0.0.1", 3306))):
        with pytest.raises(ValueError, match="socket or by an address"):
            server.command()


@pytest.mark.parametrize(
    "password", ["simple", "q'uo\"te", "back\\slash\\n", "a b #c;$(x)`", "ü😀"]
)
def test_a_password_logs_in_and_is_never_on_a_command_line(
    source: LocalServer, password: str
) -> None:
    seen: list[str] = []

    def watching(
        argv: Sequence[str],
        *,
        input: bytes | None = None,
        timeout: float | None = None,
        check: bool = True,
    ) -> LocalResult:
        seen.extend(argv)
        return run(argv, input=input, timeout=timeout, check=check)

    source.sql.query(f"CREATE OR REPLACE USER pw@localhost IDENTIFIED BY {_sql_string(password)}")
    server = replace(as_user(source, "pw", password), run=watching)
    assert server.value("SELECT USER()") == "pw@localhost"
    assert not any(password in word for word in seen)
    assert password not in repr(server)
    with pytest.raises(ClientError, match="Access denied"):
        as_user(source, "pw", password + "x").query("SELECT 1")
    source.sql.query("DROP USER pw@localhost")


def test_another_os_user_logs_in_by_its_own_name(source: LocalServer) -> None:
    source.sql.query("CREATE OR REPLACE USER nobody@localhost IDENTIFIED VIA unix_socket")
    server = replace(source.sql, user="nobody")
    with pytest.raises(ClientError, match="Access denied"):
        server.query("SELECT 1")
    assert replace(server, run=as_os_user(run, "nobody")).value("SELECT USER()") == (
        "nobody@localhost"
    )


def _sql_string(text: str) -> str:
    return "'" + re.sub(r"(['\\])", r"\\\1", text) + "'"
