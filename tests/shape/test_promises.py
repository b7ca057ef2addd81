"""docs/maintainers/promises.md: what the docs promise, and the test that proves it."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.shape.tree import ROOT, functions, imports

DOCS = ROOT / "docs"
PAGE = DOCS / "maintainers/promises.md"
SERVERS = ("workflows", "clients", "versions", "steps", "faults", "lab", "testbed", "bench")
"""Folders whose tests ask real servers, hosts or the lab itself."""
WITHOUT = "Pages without promises"
REAL, PURE = "Says", "Says, of pure text"
_TEST = re.compile(r"`(tests/(\w+)/\w+\.py)::(\w+)`")
_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\([^)]*\)")


@dataclass(frozen=True)
class Row:
    """One promise: the page, words of it, the cell of tests, and whether it is of pure text."""

    page: str
    words: str
    tests: str
    pure: bool

    def __str__(self) -> str:
        return f"{self.page}: {self.words[:40]}"


def plain(text: str) -> str:
    """White space normalised, links by their text only."""
    return " ".join(_LINK.sub(r"\1", text).split())


@cache
def sections() -> dict[str, str]:
    """The page's sections by their headings."""
    parts = re.split(r"^## (.+?)(?: \{[^}]*\})?$", PAGE.read_text(encoding="utf-8"), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@cache
def rows() -> tuple[Row, ...]:
    found: list[Row] = []
    for page, text in sections().items():
        pure = False
        for line in text.splitlines():
            if line.startswith("| ") and page != WITHOUT:
                cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
                assert len(cells) == 2, f"{page}: {line}"
                if cells[0] in (REAL, PURE):
                    pure = cells[0] == PURE
                else:
                    found.append(Row(page, cells[0].replace("\\|", "|"), cells[1], pure))
    return tuple(found)


@cache
def content(page: str) -> str:
    return plain((DOCS / page).read_text(encoding="utf-8"))


def named_in(row: Row) -> list[tuple[str, str, str]]:
    return _TEST.findall(row.tests)


@pytest.mark.parametrize("page", sorted({row.page for row in rows()}))
def test_the_words_stand_in_their_page(page: str) -> None:
    gone = [
        row.words for row in rows() if row.page == page if plain(row.words) not in content(page)
    ]
    assert not gone, f"not in docs/{page} any more: {gone}"


def test_every_test_is_there() -> None:
    gone = {
        f"{path}::{name}"
        for row in rows()
        for path, _, name in named_in(row)
        if not (ROOT / path).is_file() or name not in {item.name for item in functions(ROOT / path)}
    }
    assert not gone, f"named on {PAGE.name} and not there: {sorted(gone)}"


def test_every_promise_has_its_proof() -> None:
    """Of behaviour: a test that asks a real server; of text, any test."""
    for row in rows():
        names = named_in(row)
        assert names, f"no test: {row}"
        assert row.tests == ", ".join(f"`{path}::{name}`" for path, _, name in names), row
        if not row.pure:
            assert any(folder in SERVERS for _, folder, _ in names), f"no real server: {row}"


def test_no_promise_stands_twice() -> None:
    said = [(row.page, plain(row.words)) for row in rows()]
    assert len(said) == len(set(said)), {item for item in said if said.count(item) > 1}


def test_what_proves_is_run() -> None:
    """By `./dev test`: the folder is one of its own, and a base class is used by a test file."""
    dev = (ROOT / "dev").read_text(encoding="utf-8")
    run = set(re.findall(r"\btests/\w+", "\n".join(re.findall(r"_TESTS=\(([^)]*)\)", dev))))
    for path in {path for row in rows() for path, _, _ in named_in(row)}:
        folder, _, file = path.rpartition("/")
        assert folder in run, f"./dev test does not run {path}"
        assert file.startswith("test_") or _used(ROOT / path), f"no test file uses {path}"


def _used(path: Path) -> bool:
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    users = path.parent.glob("test_*.py")
    return any(name == module for user in users for name, _ in imports(user))


def test_every_page_is_judged() -> None:
    """It has a section, or a reason why it promises nothing."""
    pages = {str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md")} - {
        "maintainers/promises.md"
    }
    listed = set(re.findall(r"^\* `([^`]+)`: \S", sections()[WITHOUT], flags=re.M))
    assert set(sections()) - {WITHOUT} == {row.page for row in rows()}
    assert not listed & set(sections())
    assert set(sections()) - {WITHOUT} | listed == pages
