"""Answers of scripts: what bash writes is what Python reads."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remote.answer import Answer, unescape
from tests.shape.tree import library_text
from tests.unit.words import refused

# What a bash variable or argument can hold: no NUL, no lone surrogates.
words = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=30)
columns = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
# A process for each example: each tries many values at once.
few = settings(max_examples=25)


@pytest.fixture(scope="module")
def story() -> str:
    return library_text("story")


DOING = "testing on host1"


def bash(story: str, command: str, *arguments: str, stdin: bytes = b"") -> Answer:
    """Runs a command of lib/story.sh, set up as in a step."""
    done = subprocess.run(
        ["bash", "-c", f"{story}\nstory_setup\n{command}", "bash", *arguments],
        input=stdin,
        capture_output=True,
        check=True,
    )
    return Answer.parse(DOING, done.stdout.decode())


def test_answer_round_trip(story: str) -> None:
    @few
    @given(st.lists(words, min_size=1, max_size=20))
    def round_trip(values: list[str]) -> None:
        found = bash(story, 'for value in "$@"; do answer key "$value"; done', *values)
        assert found.many("key") == tuple(values)

    round_trip()


def test_answer_lines_round_trip(story: str) -> None:
    lines = words.filter(lambda text: "\n" not in text)

    @few
    @given(st.lists(lines, min_size=1, max_size=20))
    def round_trip(values: list[str]) -> None:
        text = "".join(f"{value}\n" for value in values).encode()
        assert bash(story, "answer_lines key", stdin=text).many("key") == tuple(values)

    round_trip()


def batch(column: str) -> str:
    """A column as the client's batch mode writes it."""
    for char, escaped in (("\\", "\\\\"), ("\0", "\\0"), ("\t", "\\t"), ("\n", "\\n")):
        column = column.replace(char, escaped)
    return column


def test_rows_of_the_client_round_trip(story: str) -> None:
    @few
    @given(st.lists(st.tuples(columns, columns, columns), min_size=1, max_size=20))
    def round_trip(rows: list[tuple[str, str, str]]) -> None:
        lines = ["\t".join(["row", *(batch(column) for column in row)]) for row in rows]
        text = "".join(f"{line}\n" for line in lines).encode()
        assert bash(story, "answer_tagged", stdin=text).rows("row", 3) == tuple(rows)

    round_trip()


@pytest.mark.parametrize(
    ("line", "row"),
    [
        ("row\tsql_mode\t", ("sql_mode", "")),
        ("row\t\tvalue", ("", "value")),
        ("row\t\t", ("", "")),
        ("row\t  a\tb  ", ("  a", "b  ")),
    ],
)
def test_empty_columns_stay(story: str, line: str, row: tuple[str, str]) -> None:
    found = bash(story, "answer_tagged", stdin=f"{line}\n".encode())
    assert found.rows("row", 2) == (row,)


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        ("a\\tb\\nc", "a\tb\nc"),
        ("\\\\t", "\\t"),
        ("\\\\\\t", "\\\t"),
        ("\\0", "\0"),
        ("\\x", "x"),
        ("end\\", "end\\"),
    ],
)
def test_unescape(escaped: str, text: str) -> None:
    assert unescape(escaped) == text


def test_parse() -> None:
    found = Answer.parse(DOING, "one\t1\n\ntwo\t2a\ntwo\t2b\nempty\t\nodd\ta\tb\nflag\tyes\n")
    assert found.text("one") == "1"
    assert found.number("one") == 1
    assert found.text("two") == found.maybe("two") == "2b"
    assert found.many("two") == ("2a", "2b")
    assert found.text("empty") == ""
    assert found.text("odd") == "a\tb"
    assert found.maybe("none") == ""
    assert found.many("none") == ()
    assert found.rows("none", 2) == ()
    assert found.number("none", 7) == found.number("empty", 7) == 7
    assert found.flag("flag")
    assert not found.flag("one")
    assert not found.flag("none")
    assert Answer.parse(DOING, "").values == {}


@pytest.mark.parametrize("line", ["no tab", "\x1b[31mred", "key value", " "])
def test_a_line_without_a_tab_is_refused(line: str) -> None:
    with refused("ANSWER_UNREADABLE", "line '"):
        Answer.parse(DOING, f"fine\t1\n{line}\n")


def test_what_cannot_be_read_is_shown_short_and_printable() -> None:
    with pytest.raises(Exception, match="line") as caught:
        Answer.parse(DOING, "\x1b[31m" + "x" * 5000)
    assert len(caught.value.seen) < 250
    assert "\x1b" not in caught.value.message


def test_missing_keys_and_odd_numbers_are_refused() -> None:
    found = Answer.parse(DOING, "size\tlarge\nempty\t\nrow\ta\tb\n")
    with refused("ANSWER_UNREADABLE", "no 'gone' in the answer"):
        found.text("gone")
    with refused("ANSWER_UNREADABLE", "no 'gone' in the answer"):
        found.number("gone")
    with refused("ANSWER_UNREADABLE", "'size' is 'large', not a number"):
        found.number("size")
    with refused("ANSWER_UNREADABLE", "'size' is 'large', not a number"):
        found.number("size", 5)
    with refused("ANSWER_UNREADABLE", "'empty' is '', not a number"):
        found.number("empty")
    with refused("ANSWER_UNREADABLE", "'row' has 2 columns, not 3"):
        found.rows("row", 3)
