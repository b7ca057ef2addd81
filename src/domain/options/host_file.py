"""A host's starter option file: what every server of the plugin on that host begins with."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from catalogue import Refusal
from domain.options import owned
from domain.options.settings import Setting, canonical, malformed

FILE_NAME = "mariadb.cnf"

# The groups that a server reads, with or without a series behind them.
_GROUP = re.compile(r"(?:mysqld|server|mariadb|mariadbd)(?:-\d+\.\d+)?\Z")
_ANY_GROUP = re.compile(r"\[([^\]]*)\]")
_BLANKS = " \t\n\v\f\r"
# Left out of a starter file, like owned settings. The file may be a copy of that of a member of
# semi-synchronous replication: a staging server must not acknowledge transactions as a replica
# does, and on a VDB, which has no replica, each commit would wait for one.
_NOT_FOR_ALL = ("rpl_semi_sync_slave", "rpl_semi_sync_master")
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "r": "\r", "s": " "}
_TOOLKIT = re.compile(r"(/.+?)/Delphix_COMMON_[^/]+(?:/|\Z)")


@dataclass(frozen=True)
class Starter:
    """What the file says.

    Attributes:
        path: of the file, empty when the host has none.
        groups: group names with their settings, in the file's order.
    """

    path: str = ""
    groups: tuple[tuple[str, tuple[Setting, ...]], ...] = ()


def location(binary_path: str) -> str:
    """Where the file lies: the toolkit directory of the environment, which its owner chose.

    Args:
        binary_path: as Delphix gives it, `<toolkit>/Delphix_COMMON_<engine>_<user>_host/...`.

    Returns:
        An absolute path, empty when the toolkit directory cannot be told from it.
    """
    found = _TOOLKIT.match(binary_path)
    return f"{found.group(1)}/{FILE_NAME}" if found else ""


def parse(path: str, lines: Iterable[str]) -> Starter:
    """Reads the file.

    Settings that belong to the plugin become comments: a copy of the source's own option file may
    serve as a starter.

    Raises:
        Refusal: SETTING_REFUSED, which names every line that cannot be taken.
    """
    groups: list[tuple[str, list[Setting]]] = []
    refused: list[str] = []
    current: list[Setting] | None = None
    name = ""
    for number, line in enumerate(lines, 1):
        text = line.strip(_BLANKS)
        if not text or text[0] in "#;":
            continue
        if found := _ANY_GROUP.match(text):
            # As the server compares them: case does not matter, a blank before the name does.
            name, current = found.group(1).rstrip(_BLANKS).lower(), []
            if _GROUP.match(name):
                groups.append((name, current))
            continue
        why = _refusal(text, current is not None, _GROUP.match(name) is not None)
        if why:
            refused.append(f"line {number}: {why}")
        elif current is not None:
            current.append(setting_of(text))
    if refused:
        raise Refusal("SETTING_REFUSED", f"{path}: {'; '.join(refused)}")
    return Starter(path, tuple((name, tuple(found)) for name, found in groups if found))


def _refusal(text: str, in_group: bool, counts: bool) -> str:
    if text.startswith("!"):
        return f"{text.split()[0]} is not followed"
    if text.startswith("["):
        return "is no name of a group"
    if not in_group:
        return "stands before any group"
    if not counts:
        return ""
    setting = setting_of(text)
    # What belongs to the plugin is left out, not refused.
    reason = malformed(setting.name, setting.value)
    return f"{setting.name!r} {reason}" if reason else ""


def setting_of(text: str) -> Setting:
    """One line, as the server reads it; what belongs to the plugin becomes a comment."""
    name, equals, value = _without_comment(text).partition("=")
    name = canonical(name.strip(_BLANKS))
    read = _value(value.strip(_BLANKS)) if equals else None
    not_for_all = owned.bare(name).startswith(_NOT_FOR_ALL)
    return Setting(name, read, comment=not_for_all or bool(owned.why(name, read)))


def _without_comment(text: str) -> str:
    """What stands before a `#` that is in no quotes, which may open anywhere in the line."""
    quote, escaped = "", False
    for at, char in enumerate(text):
        if char in ("'", '"') and not escaped:
            quote = char if not quote else "" if quote == char else quote
        if char == "#" and not quote:
            return text[:at]
        escaped = bool(quote) and char == "\\" and not escaped
    return text


def _value(text: str) -> str:
    """A value as the server reads it: quotes around all of it off, escapes undone."""
    if len(text) > 1 and text[0] in ("'", '"') and text[0] == text[-1]:
        text = text[1:-1]
    return re.sub(r"\\([btnrs\\'\"])", lambda found: _ESCAPES.get(found[1], found[1]), text)
