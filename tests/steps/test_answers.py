"""Values on their way: into answers, option files and SQL, through real clients and logins."""

import itertools
import string
from collections.abc import Callable

import pytest

from domain.options.settings import Setting
from tests.steps.support import Bench, Dataset, run_library

ODD = {
    "empty": "",
    "blanks": "  two  blanks ",
    "tab": "a\tb\t",
    "lines": "one\ntwo\n\n",
    "backslashes": "\\n is not \\\\n, \\t \\0 \\",
    "quotes": "'single' \"double\" `back`",
    "shell": "$(id) ${HOME} `id` ; rm -rf / && | > < * ? [a] {a,b} ~ ! # %s %d",
    "dashes": "--help",
    "equals": "a=b=c",
    "return": "a\rb",
    "unicode": "ä ☃ 𝄞 日本",
    "controls": "\x01\x07\x1b[31m\x7f",
    "printable": string.printable.replace("\x0b", "").replace("\x0c", ""),
}


@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
def test_an_answer_comes_back_as_it_went(bench: Bench, value: str) -> None:
    outcome = run_library(bench.host, 'answer said "$GIVEN"', {"GIVEN": value})
    assert outcome.failure == ""
    assert outcome.answer.values == {"said": (value,)}


@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
def test_rows_of_the_client_come_back_as_they_are(server: Dataset, value: str) -> None:
    body = """require_ours; use_installation
sql <<<"SET SESSION sql_mode = ''; SELECT 'row', $(sql_text "$GIVEN"), '|'" | answer_tagged"""
    outcome = server.library(body, GIVEN=value)
    assert outcome.answer.rows("row", 2) == ((value, "|"),), outcome.story


def test_the_last_answer_of_a_failed_substitution_is_the_reason(bench: Bench) -> None:
    outcome = run_library(bench.host, 'x=$(fail PORT_IN_USE "seen from inside"); answer x "$x"')
    assert (outcome.failure, outcome.seen) == ("PORT_IN_USE", "seen from inside")


def test_an_unexpected_failure_says_where_but_not_what_it_held(bench: Bench) -> None:
    outcome = run_library(bench.host, 'grep -q "$TOKEN" /etc/hostname', {"TOKEN": "s3cret"})
    assert outcome.failure == "UNEXPECTED"
    assert 'grep -q "$TOKEN" /etc/hostname' in outcome.story
    assert "s3cret" not in outcome.story


# MASTER_PASSWORD takes 96 bytes; no line breaks (operations/secrets.py).
PASSWORDS = {
    "printable one": string.printable[:48],
    "printable two": string.printable[48:95],
    "quotes": "'\"`'\"\"''\\'\\\"",
    "backslashes": "\\\\n\\t\\s\\0\\",
    "comments": "#a ;b -- c /* d */ ! #",
    "blanks": "  in front and behind  ",
    "only a quote": '"',
    "only an apostrophe": "'",
    "unicode": "pä☃日本",
    "tab and return": "a\tb\rc",
    "long": "p\\\"'x#" * 16,
    "like an option": "][client] user=root",
    "shell": "$(id)${HOME}`id`",
}
# The I/O thread logs in with the server's own character set: a replication user is ASCII.
USERS = ("reader", "o'neil", 'back\\slash "and" quotes', "#-- x")


@pytest.fixture(params=["", "NO_BACKSLASH_ESCAPES,ANSI_QUOTES", "ORACLE,EMPTY_STRING_IS_NULL"])
def strange_source(
    request: pytest.FixtureRequest, fresh: Callable[..., Dataset]
) -> tuple[Dataset, Dataset]:
    """A source with an odd sql_mode, and a staging server with the same."""
    mode = Setting("sql_mode", request.param)
    source = fresh("source", 3401, settings=(mode,), binary_log=True).create()
    return source, fresh("staging", 3402, settings=(mode,)).create()


def test_passwords_reach_client_and_replication(
    strange_source: tuple[Dataset, Dataset],
) -> None:
    """Each with a real login: the client's by option file, the replica's by CHANGE MASTER."""
    source, staging = strange_source
    users = itertools.cycle(USERS)
    wrong: list[str] = []
    for name, password in PASSWORDS.items():
        user = next(users)
        made = source.library(
            "require_ours; use_installation; create_login", LOGIN_USER=user, LOGIN_PASSWORD=password
        )
        assert made.failure == "", made.story
        place = {
            "SOURCE_HOST": "127.0.0.1",
            "SOURCE_PORT": str(source.port),
            "SOURCE_USER": user,
            "SOURCE_PASSWORD": password,
            "REPLICATION_PASSWORD": password,
            "CONNECT_SECONDS": "10",
            "TLS_MODE": "DISABLED",
        }
        body = "use_installation; source_sql <<<\"SELECT 'who', CURRENT_USER()\" | answer_tagged"
        asked = staging.library(body, **place)
        if asked.answer.many("who") != (f"{user}@%".replace("\\", "\\\\"),):
            wrong.append(f"client, {name}: {asked.answer.values} {asked.story}")
        followed = staging.run("replica_set", GTID="", **place)
        if followed.failure or followed.answer.maybe("ioRunning") != "Yes":
            wrong.append(f"replica, {name}: {followed.answer.values} {followed.story}")
    assert wrong == []


def test_no_environment_variable_leads_to_another_server(
    fresh: Callable[..., Dataset], server: Dataset
) -> None:
    other = fresh("other", 3403).create()
    other.sql("CREATE USER delphix@'127.0.0.1'")
    lures = {"MYSQL_HOST": "127.0.0.1", "MYSQL_TCP_PORT": "3403", "MYSQL_UNIX_PORT": "/none"}
    outcome = server.library(
        'require_ours; use_installation; answer port "$(sql <<<"SELECT @@port")"',
        **lures,
    )
    assert outcome.answer.maybe("port") == "3400", outcome.story
    assert server.run("server_status", **lures).answer.flag("answering")


def test_the_sources_own_settings_do_not_change_what_it_says(fresh: Callable[..., Dataset]) -> None:
    """Grants on databases were not recognised without quotes, names came in latin1."""
    settings = (
        Setting("skip_character_set_client_handshake", None),
        Setting("character_set_server", "latin1"),
        Setting("lc_messages", "de_DE"),
    )
    source = fresh("odd", 3404, settings=settings).create()
    source.sql(
        "SET NAMES utf8mb4; SET GLOBAL sql_quote_show_create = OFF; CREATE DATABASE `büro`;"
        "CREATE USER r@'%' IDENTIFIED BY 'x';"
        "GRANT SELECT ON `büro`.* TO r@'%'"
    )
    place = {"SOURCE_HOST": "127.0.0.1", "SOURCE_PORT": "3404", "SOURCE_USER": "r"}
    body = "use_installation; source_sql <<<'SHOW GRANTS; SHOW DATABASES' | answer_lines told"
    asked = source.library(body, **place, SOURCE_PASSWORD="x", TLS_MODE="DISABLED")
    told = asked.answer.many("told")
    assert "GRANT SELECT ON `büro`.* TO `r`@`%`" in told, asked.story
    assert "büro" in told
