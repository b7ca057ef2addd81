"""Each writer of a foreign language against its real reader: ten thousand hostile values each."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.options import option_file
from domain.options.settings import Setting
from domain.sql import identifier, sql_text
from remote.answer import Answer
from remote.lists import encode
from shown import shown
from tests.shape.tree import library_text
from tests.steps.support import Dataset

# A process or a session for each example: each tries many values at once.
AT_ONCE = 100
EXAMPLES = 103
many = settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.data_too_large, HealthCheck.too_slow],
)
PIECES = (
    "'", '"', "\\", "`", "\n", "\r", "\t", "\b", "\x1a", "\x1b[31m", "#", ";", "=", "%", "&", "!",
    " ", "  ", "\\n", "\\'", "''", "``", "[mysqld]", "\n[mysqld]\nplugin_load=x\n", "!include /x",
    "\nDELIMITER //\n", "\\! id\n", "-- ", "/*!50000 ", "*/", "$(id)", "${IFS}", "\\0", "\\x41",
    "é", "☃", "日", "\u00a0", "\u0085", "\u2028", "\x7f", "\x01",
)  # fmt: skip
letters = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12)
values = st.lists(st.one_of(st.sampled_from(PIECES), letters), max_size=6).map("".join)
# MariaDB's identifiers: of the basic plane, without NUL, no blank at the end.
names = st.lists(
    st.one_of(
        st.sampled_from([piece for piece in PIECES if len(piece) < 9]),
        st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=("Cs",),
                              exclude_characters="\0"), max_size=6),
    ),
    max_size=5,
).map(lambda parts: "".join(parts)[:50] + "_")  # fmt: skip
lists_of_values = st.lists(values, min_size=AT_ONCE, max_size=AT_ONCE)
lists_of_names = st.lists(names, min_size=AT_ONCE, max_size=AT_ONCE)


@pytest.fixture(scope="module")
def libraries() -> str:
    return library_text("story", "writers")


def bash(libraries: str, body: str, *arguments: str, **variables: str) -> bytes:
    """Runs text with the writers at hand."""
    done = subprocess.run(
        ["bash", "-c", f"{libraries}\nstory_setup\n{body}", "bash", *arguments],
        env={"PATH": "/usr/bin:/bin", **variables},
        capture_output=True,
        check=True,
    )
    return done.stdout


def read_back(text: str, folder: Path, count: int) -> list[str]:
    """What the server's own reader finds in an option file, value by value."""
    path = folder / "options.cnf"
    path.write_bytes(text.encode())
    command = ["my_print_defaults", f"--defaults-file={path}", "group"]
    printed = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    found = []
    for number in range(count):
        head, tail = f"--zq{number:04d}x=", f"\n--zq{number + 1:04d}x="
        assert printed.startswith(head), printed[:200]
        value, _, rest = printed.removeprefix(head).partition(tail)
        printed = tail.removeprefix("\n") + rest if rest or number < count - 1 else ""
        found.append(value if number < count - 1 else value.removesuffix("\n"))
    return found


def test_option_files_of_python(tmp_path: Path) -> None:
    @many
    @given(lists_of_values)
    def read(wanted: list[str]) -> None:
        lines = option_file.lines(
            Setting(f"zq{number:04d}x", value) for number, value in enumerate(wanted)
        )
        assert read_back("\n".join(["[group]", *lines, ""]), tmp_path, len(wanted)) == wanted

    read()


def test_option_files_of_bash(libraries: str, tmp_path: Path) -> None:
    body = (
        "n=0; printf '[group]\\n'; for value in \"$@\"; do"
        ' printf -v name "zq%04dx" "$n"; n=$((n + 1)); option_line "$name" "$value"; done'
    )

    @many
    @given(lists_of_values)
    def read(wanted: list[str]) -> None:
        text = bash(libraries, body, *wanted).decode()
        assert read_back(text, tmp_path, len(wanted)) == wanted

    read()


@pytest.fixture(scope="module")
def ask(server: Dataset) -> Iterator[Callable[[str], list[str]]]:
    """One statement after the other, in one go; the lines of the answer."""

    def query(text: str) -> list[str]:
        return server.sql(text, "--binary-mode", "--default-character-set=utf8mb4").split("\n")

    yield query


def hexed(wanted: list[str]) -> list[str]:
    return [value.encode().hex().upper() for value in wanted]


@pytest.mark.parametrize("mode", ["", "NO_BACKSLASH_ESCAPES,ANSI_QUOTES", "ORACLE"])
def test_sql_literals_of_python(ask: Callable[[str], list[str]], mode: str) -> None:
    @many
    @given(lists_of_values)
    def read(wanted: list[str]) -> None:
        lines = [f"SET SESSION sql_mode = '{mode}';"]
        lines += [f"SELECT HEX(CONVERT({sql_text(value)} USING utf8mb4));" for value in wanted]
        assert ask("\n".join(lines)) == hexed(wanted)

    read()


def test_sql_literals_of_bash(libraries: str, ask: Callable[[str], list[str]]) -> None:
    body = (
        'printf "SET SESSION sql_mode = \'\';\\n"; for value in "$@"; do'
        ' printf "SELECT HEX(%s);\\n" "$(sql_text "$value")"; done'
    )

    @many
    @given(lists_of_values)
    def read(wanted: list[str]) -> None:
        assert ask(bash(libraries, body, *wanted).decode()) == hexed(wanted)

    read()


@pytest.mark.parametrize("writer", ["Python", "bash"])
def test_identifiers(libraries: str, ask: Callable[[str], list[str]], writer: str) -> None:
    body = 'for name in "$@"; do sql_name "$name"; printf "\\0"; done'

    def written(wanted: list[str]) -> list[str]:
        if writer == "Python":
            return [identifier(name) for name in wanted]
        return bash(libraries, body, *wanted).decode().split("\0")[:-1]

    @many
    @given(lists_of_names)
    def read(some: list[str]) -> None:
        wanted = [f"{number}{name}" for number, name in enumerate(some)]
        columns = ", ".join(f"{name} INT" for name in written(wanted))
        seen = ask(
            f"CREATE OR REPLACE TABLE work.names ({columns}) ENGINE = MEMORY;\n"
            "SELECT HEX(column_name) FROM information_schema.columns"
            " WHERE table_schema = 'work' AND table_name = 'names' ORDER BY ordinal_position;"
        )
        assert seen == hexed(wanted)

    ask("CREATE DATABASE IF NOT EXISTS work;")
    read()


def test_lists_from_python_through_bash_and_back(libraries: str) -> None:
    body = 'decode_list <<<"$NAMES"; for name in "${LIST[@]}"; do answer name "$name"; done'

    @many
    @given(lists_of_values)
    def read(wanted: list[str]) -> None:
        told = bash(libraries, body, NAMES=encode(wanted)).decode()
        assert Answer.parse("x", told).many("name") == tuple(wanted)

    read()


def test_rows_of_the_client_become_values_in_bash(
    libraries: str, ask: Callable[[str], list[str]]
) -> None:
    body = (
        'while IFS= read -r line; do decode_row "$line"; answer first "${ROW[0]}";'
        ' answer second "${ROW[1]}"; done <<<"$ROWS"'
    )

    @many
    @given(lists_of_values)
    def read(wanted: list[str]) -> None:
        lines = [f"SELECT {sql_text(value)}, 'x';" for value in wanted]
        rows = "\n".join(ask("\n".join(lines)))
        answer = Answer.parse("x", bash(libraries, body, ROWS=rows).decode())
        assert answer.many("first") == tuple(wanted)
        assert set(answer.many("second")) == {"x"}

    read()


def test_lines_of_the_log(libraries: str) -> None:
    """One line each, and nothing in it that a terminal would obey."""

    @many
    @given(lists_of_values)
    def read(wanted: list[str]) -> None:
        body = 'for value in "$@"; do shown "$value"; printf "%s\\n" "$SHOWN"; done'
        lines = bash(libraries, body, *wanted).decode("utf-8", "replace").split("\n")[:-1]
        assert len(lines) == len(wanted)
        for line in (*lines, *(shown(value) for value in wanted)):
            assert not any(ord(char) < 32 or ord(char) == 127 for char in line), repr(line)

    read()
