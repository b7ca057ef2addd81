"""The fenced blocks of README and docs, and what in them is a command, a file or a sample."""

import re
import textwrap
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    "README.md",
    "SECURITY.md",
    *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")),
]
_FENCE = re.compile(r"^([ ]*)```(\w*)\n(.*?)^\1```$", flags=re.M | re.S)
_PROMPT = re.compile(r"^([$#]) (?=\S)")
_CLIENT = "MariaDB> "
_COMMENT = re.compile(r"\s+#\s.*$")
_OPEN = " ..."
_NUMBER = re.compile(r"\d[\d,.:]*(?:\s?(?:[kKMGT]i?B|B)\b)?")


def normal(text: str) -> str:
    """A line or a paragraph without what may differ from run to run: numbers, sizes, widths."""
    text = _NUMBER.sub("N", text)
    return " ".join(re.sub(r"-{2,}", "-", text).split())


@dataclass(frozen=True)
class Unit:
    """One command with what it prints, or the whole of a block that holds none.

    Attributes:
        page: relative to the checkout.
        language: of the block.
        text: the command without its prompt, or the block, indentation gone.
        output: the lines below a command.
        statements: what is typed at the client that the command starts.
    """

    page: str
    language: str
    text: str
    output: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.page}: {self.text.splitlines()[0][:60]}"

    def begins(self, key: str) -> bool:
        """Whether its first line begins with these words; numbers and blanks do not count.

        Of a command it must be the whole line, less its comment, unless the key ends with ` ...`.
        """
        return self._is(self.lines()[0], key)

    def has(self, key: str) -> bool:
        """The same of any of its lines."""
        return any(self._is(line, key) for line in self.lines())

    def _is(self, line: str, key: str) -> bool:
        if self.language != "console":
            return normal(line).startswith(normal(key))
        line = _COMMENT.sub("", line).strip()
        return line.startswith(key.removesuffix(_OPEN)) if key.endswith(_OPEN) else line == key

    def lines(self) -> list[str]:
        """Its text line by line."""
        return self.text.splitlines()


@cache
def units(page: str) -> tuple[Unit, ...]:
    """All of a page, in order."""
    found: list[Unit] = []
    for _, language, text in _FENCE.findall((ROOT / page).read_text(encoding="utf-8")):
        text = textwrap.dedent(text)
        if language == "console":
            found += _commands(page, text)
        else:
            found.append(Unit(page, language, text.rstrip("\n")))
    return tuple(found)


def blocks(page: str) -> int:
    """How many a page has."""
    return len(_FENCE.findall((ROOT / page).read_text(encoding="utf-8")))


def _commands(page: str, text: str) -> list[Unit]:
    found: list[tuple[list[str], list[str], list[str]]] = []
    for line in text.splitlines():
        command, output, statements = found[-1] if found else ([], [], [])
        if _PROMPT.match(line):
            found.append(([_PROMPT.sub("", line)], [], []))
        elif line.startswith(_CLIENT):
            statements.append(line.removeprefix(_CLIENT))
        elif not output and command and command[-1].endswith(("\\", "|")):
            command.append(line)
        else:
            assert command, f"{page}: output before any command: {line}"
            output.append(line)
    return [
        Unit(page, "console", "\n".join(command), tuple(output), tuple(statements))
        for command, output, statements in found
    ]


def replace_lines(page: str, old: list[str], new: list[str]) -> None:
    """Write other lines where these stand in a page, with their indentation."""
    path = ROOT / page
    text = path.read_text(encoding="utf-8")
    pattern = (
        r"^(?P<indent>[ ]*)"
        + r"\n(?P=indent)".join(re.escape(line.rstrip()) for line in old)
        + r"$"
    )
    (found,) = list(re.finditer(pattern, text, flags=re.M))
    fresh = "\n".join(f"{found['indent']}{line}".rstrip() for line in new)
    path.write_text(text[: found.start()] + fresh + text[found.end() :], encoding="utf-8")
    units.cache_clear()
