"""Why a server ended: the line that lib/server/cause.sh takes of what real servers wrote.

start_failures.txt holds the errors of 10.5, 10.11 and 11.8 at starts that were made to fail, notes
and stack traces left out; each begins with `== SERIES CASE: the cause`.
"""

import re
import subprocess
from pathlib import Path

import pytest

from tests.shape.tree import ROOT

LIB = ROOT / "src/resources/lib"
TEXT = Path(__file__).with_name("start_failures.txt").read_text()


def cases() -> list[tuple[str, str, str]]:
    """Name, cause and text of each."""
    parts = re.split(r"^== ", TEXT, flags=re.MULTILINE)[1:]
    heads = [part.partition("\n") for part in parts]
    return [(*head.split(": ", 1), text) for head, _, text in heads]  # type: ignore[misc]


def said(function: str, text: str, *files: str) -> str:
    """What a function of the library prints for `text` on its standard input."""
    source = "\n".join((LIB / f"{name}.sh").read_text() for name in files)
    argv = ["bash", "-c", f"set -Eeuo pipefail; {source}\n{function}"]
    done = subprocess.run(argv, input=text.encode(), capture_output=True, check=True, timeout=30)
    assert done.stderr == b""
    return done.stdout.decode().removesuffix("\n")


@pytest.mark.parametrize("name, cause, text", cases(), ids=[case[0] for case in cases()])
def test_the_cause_is_told(name: str, cause: str, text: str) -> None:
    assert said("cause_of", text, "server/cause") == cause


def test_what_tells_nothing_has_no_cause() -> None:
    notes = "2026-01-01 10:00:00 0 [Note] Starting MariaDB\n\n2026-01-01 10:00:00 0 [Warning] x\n"
    assert said("cause_of", notes, "server/cause") == ""


@pytest.mark.parametrize(
    "text, line",
    [
        ("ERROR 1045 (28000): Access denied", "ERROR 1045 (28000): Access denied"),
        ("--------------\nSELECT 1\n--------------\n\nERROR 1064 x", "ERROR 1064 x"),
        ("mariadb-dump: Got error: 2013: x", "mariadb-dump: Got error: 2013: x"),
        ("\n\nno word of it\nsecond", "no word of it"),
        (
            "\nFATAL ERROR: Could not find fill_help_tables.sql\n",
            "FATAL ERROR: Could not find fill_help_tables.sql",
        ),
        ("WARNING: option --ssl-verify-server-cert is disabled\nERROR 2003 y", "ERROR 2003 y"),
        ("", ""),
        ("\n \n", ""),
    ],
)
def test_the_line_of_a_client_that_tells_the_error(text: str, line: str) -> None:
    assert said('error_line "$(cat)"', text, "server/client_errors") == line
