"""What becomes of a command, file or sample: it runs, another test has it, or it cannot run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Why(StrEnum):
    """Why something of a page is run by no test."""

    DRAWING = "a drawing: no command, and nothing that a program prints"
    SELF = "it is what runs the tests"
    SYSTEMD = "hosts of the lab have no systemd"


@dataclass(frozen=True)
class Runs:
    """tests/workflows/test_doc_commands.py runs it, or compares it with what is printed.

    swap: what is written in the page, and what stands for it in the lab; see `PLACEHOLDERS` too.
    """

    swap: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Covered:
    """Another test runs the same, or holds it against its source."""

    test: str


@dataclass(frozen=True)
class Cannot:
    """No test runs it."""

    why: Why


Kind = Runs | Covered | Cannot
