"""The committed page: made from the committed sources, small, and complete by itself."""

import re

from lab.web.digest import SOURCE, digest
from tests.shape.tree import ROOT

STATIC = ROOT / "lab/web/static"
LARGEST = 1_500_000
MODULE_LINES = 300


def test_the_page_is_that_of_its_sources() -> None:
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    told = re.findall(r'name="sources" content="(\w+)"', page)
    assert told == [digest()], "lab/web/static is not built from lab/web/source: run ./dev web"


def test_the_page_is_small_and_whole() -> None:
    files = {path.name: path.stat().st_size for path in STATIC.rglob("*")}
    assert sorted(files) == ["app.css", "app.js", "index.html"]
    assert sum(files.values()) < LARGEST


def test_the_page_asks_no_other_host() -> None:
    loads = re.compile(r'(?:src|href)="([^"]*)"|@import|url\(([^)]*)\)')
    for name in ("index.html", "app.css"):
        text = (STATIC / name).read_text(encoding="utf-8")
        found = ["".join(match) for match in loads.findall(text)]
        assert set(found) <= {"data:,", "app.css", "app.js"}, name
    assert "sourceMappingURL" not in (STATIC / "app.js").read_text(encoding="utf-8")


def test_sources_are_small_modules() -> None:
    for path in [*SOURCE.rglob("*.ts"), *SOURCE.rglob("*.mjs"), *SOURCE.rglob("*.css")]:
        lines = len(path.read_text(encoding="utf-8").splitlines())
        assert lines < MODULE_LINES, f"{path.relative_to(ROOT)}: {lines} lines"
    stray = [path.name for path in SOURCE.iterdir() if path.name in ("node_modules", "out")]
    assert not stray, f"made by a build beside its sources: {stray}"
