"""Texts of hosts and sources as people see them: nothing in them can act on a terminal or a log."""

from __future__ import annotations

import logging
import re

# Control characters, and those that change the direction or the lines of what is shown.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_NAMES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\x1b": "\\e"}


def shown(text: str, keep: str = "") -> str:
    """`text` with control characters made visible.

    Args:
        keep: characters that stay, e.g. a line break in a text of several lines.
    """
    return _UNSEEN.sub(lambda found: found[0] if found[0] in keep else _name(found[0]), text)


def _name(char: str) -> str:
    return _NAMES.get(char, f"\\x{ord(char):02x}" if ord(char) < 256 else f"\\u{ord(char):04x}")


class OneLine(logging.Filter):
    """Makes each record one line, whatever names and messages of others it quotes."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Replaces the record's text by what people may see; always lets it through."""
        record.msg, record.args = shown(record.getMessage()), ()
        return True
