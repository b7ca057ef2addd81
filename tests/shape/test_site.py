"""The documentation's site needs nothing from elsewhere; its pictures are read in both palettes."""

import re
from pathlib import Path

import pytest

from tests.shape.tree import ROOT

DOCS = ROOT / "docs"
PICTURES = sorted((DOCS / "images").glob("*.svg"))


def test_the_search_needs_no_script_from_elsewhere() -> None:
    """The plugin `offline` would name one of its own unless a polyfill is called so."""
    config = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    named = re.findall(r"^ +- (\S*iframe-worker\S*)", config, flags=re.M)
    assert named and all((DOCS / name).is_file() for name in named)


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.name)
def test_a_picture_says_what_it_shows(picture: Path) -> None:
    text = picture.read_text(encoding="utf-8")
    assert "<title" in text and "<desc" in text and "prefers-color-scheme: dark" in text
    assert any(f"images/{picture.name}" in page.read_text() for page in DOCS.rglob("*.md"))
