"""A host's starter option file: what every server of the plugin on that host begins with."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from domain.settings import Setting, canonical, is_owned, why_not
from errors import PluginError

FILE_NAME = "mariadb.cnf"

# The groups that a server reads, with or without a series behind them.
_GROUP = re.compile(r"\[\s*((?:mysqld|server|mariadb|mariadbd)(?:-\d+\.\d+)?)\s*\]")
_ANY_GROUP = re.compile(r"\[[^\]]*\]")
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


def parse(path: str, lines: Iterable[str], doing: str) -> Starter:
    """Reads the file.

    Settings that belong to the plugin become comments: a copy of the source's own option file may
    serve as a starter.

    Raises:
        PluginError: SETTING_REFUSED, which names every line that cannot be taken.
    """
    groups: list[tuple[str, tuple[Setting, ...]]] = []
    refused: list[str] = []
    current: list[Setting] | None = None
    name = ""
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text[0] in "#;":
            continue
        if _ANY_GROUP.match(text):
            if current:
                groups.append((name, tuple(current)))
            found = _GROUP.match(text)
            name, current = (found.group(1), []) if found else ("", None)
            continue
        why = _refusal(text)
        if why:
            refused.append(f"line {number}: {why}")
        elif current is not None:
            current.append(_setting(text))
    if current:
        groups.append((name, tuple(current)))
    if refused:
        raise PluginError("SETTING_REFUSED", doing, f"{path}: {'; '.join(refused)}")
    return Starter(path, tuple(groups))


def _refusal(text: str) -> str:
    if text.startswith("!"):
        return f"{text.split()[0]} is not followed"
    setting = _setting(text)
    # What belongs to the plugin is left out, not refused.
    reason = "" if is_owned(setting.name) else why_not(setting.name, setting.value)
    return f"{setting.name!r} {reason}" if reason else ""


def _setting(text: str) -> Setting:
    name, equals, value = text.partition("=")
    if not equals:
        name = name.split("#", 1)[0]
    name = canonical(name.strip())
    return Setting(name, _value(value.strip()) if equals else None, comment=is_owned(name))


def _value(text: str) -> str:
    """A value as the server reads it: quotes off, escapes undone, a comment behind it gone."""
    quote = text[:1]
    if quote in ("'", '"') and (end := text.find(quote, 1)) > 0:
        text = text[1:end]
    else:
        text = text.split("#", 1)[0].rstrip()
    return re.sub(r"\\([btnrs\\'\"])", lambda found: _ESCAPES.get(found[1], found[1]), text)
