"""The one writer of option files in Python; lib/writers.sh holds its equal in bash.

How the server reads them: mysys/my_default.c. A line is taken apart at its first `=`, white space
is trimmed by the rules of latin1, quotes around the whole of a value are taken off, and a
backslash begins an escape. So everything but the plainest values stands in double quotes, and a
line break in a value is an escape, never a line of its own.
"""

from __future__ import annotations

from collections.abc import Iterable

from catalogue import Refusal
from domain.options.settings import Setting, unfit

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b"}
_PLAIN = frozenset("_./,:+-*@=%")


def lines(settings: Iterable[Setting]) -> list[str]:
    """One line a setting.

    Raises:
        Refusal: SETTING_REFUSED for a setting that no option file can hold, whoever gave it.
    """
    return [line(setting) for setting in settings]


def line(setting: Setting) -> str:
    """`name = value`; a setting to be left out becomes a comment.

    Raises:
        Refusal: SETTING_REFUSED.
    """
    why = unfit(setting.name, setting.value)
    if why:
        raise Refusal("SETTING_REFUSED", f"{setting.name!r} {why}")
    text = setting.name
    if setting.value is not None:
        text += f" = {quoted(setting.value)}"
    return f"# {text}" if setting.comment else text


def quoted(value: str) -> str:
    """A value, so that the server reads back exactly this text."""
    # ASCII only: the reader trims white space by latin1, and the last byte of an à looks like some.
    if value and value.isascii() and all(char.isalnum() or char in _PLAIN for char in value):
        return value
    return '"' + "".join(_ESCAPES.get(char, char) for char in value) + '"'
