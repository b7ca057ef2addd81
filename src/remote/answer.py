"""The answer of a script: lines of `key<TAB>value`, escaped as by the client's batch mode."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from errors import PluginError

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_MEANING = {"n": "\n", "t": "\t", "0": "\0"}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def unescape(text: str) -> str:
    r"""Turns `\n`, `\t`, `\0` and `\\` back into what they stand for."""
    return _ESCAPE.sub(lambda found: _MEANING.get(found.group(1), found.group(1)), text)


@dataclass(frozen=True)
class Answer:
    """What a script said, on stdout in the first place.

    Attributes:
        doing: what was being done, for the error when a key is missing.
        values: all values of each key, in order.
        story: what it said on stderr, redacted.
    """

    doing: str
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    story: str = ""

    @staticmethod
    def parse(doing: str, stdout: str) -> Answer:
        """Reads the lines; one without a tab is not an answer and is refused.

        Raises:
            PluginError: ANSWER_UNREADABLE.
        """
        collected: dict[str, list[str]] = {}
        for line in stdout.split("\n"):
            if not line:
                continue
            key, tab, value = line.partition("\t")
            if not tab:
                raise PluginError("ANSWER_UNREADABLE", doing, f"line {_printable(line)!r}")
            collected.setdefault(key, []).append(unescape(value))
        return Answer(doing, {key: tuple(values) for key, values in collected.items()})

    def text(self, key: str) -> str:
        """The last value of `key`, which must be there.

        Raises:
            PluginError: ANSWER_UNREADABLE when there is none.
        """
        values = self.values.get(key)
        if not values:
            raise PluginError("ANSWER_UNREADABLE", self.doing, f"no {key!r} in the answer")
        return values[-1]

    def maybe(self, key: str) -> str:
        """The last value of `key`, empty when there is none."""
        return self.values.get(key, ("",))[-1]

    def many(self, key: str) -> tuple[str, ...]:
        """All values of `key`."""
        return self.values.get(key, ())

    def rows(self, key: str, width: int) -> tuple[tuple[str, ...], ...]:
        """All values of `key`, each a line of the client's batch output, split into its columns.

        Raises:
            PluginError: ANSWER_UNREADABLE when a row has not `width` columns.
        """
        rows = tuple(
            tuple(unescape(column) for column in value.split("\t")) for value in self.many(key)
        )
        for row in rows:
            if len(row) != width:
                seen = f"{key!r} has {len(row)} columns, not {width}: {_printable(str(row))}"
                raise PluginError("ANSWER_UNREADABLE", self.doing, seen)
        return rows

    def number(self, key: str, default: int | None = None) -> int:
        """The value of `key` as an integer.

        Raises:
            PluginError: ANSWER_UNREADABLE when it is missing without a default, or no number.
        """
        value = self.maybe(key) if default is not None else self.text(key)
        if value == "" and default is not None:
            return default
        try:
            return int(value)
        except ValueError as error:
            seen = f"{key!r} is {_printable(value)!r}, not a number"
            raise PluginError("ANSWER_UNREADABLE", self.doing, seen) from error

    def flag(self, key: str) -> bool:
        """True when `key` says `yes`."""
        return self.maybe(key) == "yes"


def _printable(text: str) -> str:
    return _CONTROL.sub("?", text[:200])
