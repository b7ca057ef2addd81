"""Server settings that people add, and those that the plugin keeps for itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from catalogue import Refusal
from domain.options import owned

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,127}\Z")
# The server reads option files in pieces of this size; the rest would be a line of its own.
LINE_BYTES = 4000


@dataclass(frozen=True)
class Setting:
    """One line of an option file.

    Attributes:
        name: with underscores.
        value: None for a setting that takes none.
        comment: leave the setting out, so that the server's default holds.
    """

    name: str
    value: str | None
    comment: bool = False


def settings_of(items: Iterable[Any] | None, outside: bool = False) -> tuple[Setting, ...]:
    """Reads `configSettings`.

    Args:
        items: as they come.
        outside: libraries that reach out may be loaded.

    Raises:
        Refusal: SETTING_REFUSED, which names every setting that cannot be taken.
    """
    settings: list[Setting] = []
    refused: list[str] = []
    for item in items or ():
        name, value, comment = _fields(item)
        why = why_not(name, value, outside)
        if why:
            refused.append(f"{name!r} {why}")
            continue
        settings.append(Setting(canonical(name), value, comment))
    if refused:
        raise Refusal("SETTING_REFUSED", "; ".join(refused))
    return tuple(settings)


def canonical(name: str) -> str:
    """The name as the server knows it: lower case, underscores."""
    return name.lower().replace("-", "_")


def _fields(item: Any) -> tuple[str, str | None, bool]:
    # A generated class gives attributes, JSON gives keys: both reach this place.
    if isinstance(item, dict):
        name, value = item.get("propertyName"), item.get("value")
        comment = item.get("commentProperty")
    else:
        name, value = getattr(item, "property_name", None), getattr(item, "value", None)
        comment = getattr(item, "comment_property", None)
    return str(name or ""), None if value is None else str(value), bool(comment)


def why_not(name: str, value: str | None, outside: bool = False) -> str:
    """Why people may not give this setting, empty when they may; `outside` as for `owned.why`."""
    why_owned = owned.why(canonical(name), value, outside) if _NAME.match(name) else ""
    return why_owned or malformed(name, value)


def malformed(name: str, value: str | None) -> str:
    """Why a setting that people typed is not well-formed, empty when it is.

    Stricter than `unfit`: an option file could hold control characters, but in a value that people
    typed they are a mistake.
    """
    control = any(ord(char) < 32 or ord(char) == 127 for char in value or "")
    if _NAME.match(name) and control:
        return "has a value with a control character"
    return unfit(name, value)


def unfit(name: str, value: str | None) -> str:
    """Why an option file cannot hold this setting, empty when it can."""
    if not _NAME.match(name):
        return "is not the name of a setting"
    if value is not None and "\0" in value:
        return "has a value with a NUL character"
    if value is not None and _line_bytes(name, value) > LINE_BYTES:
        return f"has a value of more than {LINE_BYTES} bytes"
    return ""


def _line_bytes(name: str, value: str) -> int:
    # Each of these characters is written as two: a backslash and a character (option_file.py).
    return len(f"{name}{value}".encode()) + sum(value.count(char) for char in '\\"\n\r\t\b')
