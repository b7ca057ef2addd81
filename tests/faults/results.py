"""The results of the cells: kept one by one, gathered into build/faults.json and a page.

`python -m tests.faults.results` gathers and writes the page's table anew.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.faults.matrix import FAULTS, OPERATIONS, OUT, Cell, cells
from tests.faults.trial import Result

ROOT = Path(__file__).resolve().parents[2]
FOLDER, WHOLE = ROOT / "build" / "faults", ROOT / "build" / "faults.json"
PAGE = ROOT / "docs" / "maintainers" / "faults.md"
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
Results = dict[str, dict[str, Any]]


def keep(folder: Path, cell: Cell, result: Result) -> None:
    """Write the result of a cell."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(result) | {"good": result.good}, indent=1, ensure_ascii=False)
    (folder / f"{str(cell).replace('/', '.')}.json").write_text(text, encoding="utf-8")


def gathered(folder: Path) -> Results:
    """All results by cell, in the order of the matrix."""
    found = {}
    for cell in cells():
        path = folder / f"{str(cell).replace('/', '.')}.json"
        if path.exists():
            found[str(cell)] = json.loads(path.read_text(encoding="utf-8"))
    return found


def table(results: Results) -> str:
    """Rows are faults, columns operations."""
    lines = [
        f"| | {' | '.join(OPERATIONS)} |",
        f"|---|{'---|' * len(OPERATIONS)}",
    ]
    for fault in FAULTS:
        row = [
            _shown(results.get(f"{fault.name}/{name}")) if name in fault.operations else "·"
            for name in OPERATIONS
        ]
        lines.append(f"| {fault.name} | {' | '.join(row)} |")
    good = sum(result["good"] for result in results.values())
    seconds = sum(result["whole"] for result in results.values())
    head = (
        f"{len(cells())} cells, {len(results)} run, {good} as they must be,"
        f" {seconds / 60:.0f} minutes of cells."
    )
    return "\n".join([head, "", *lines, "", *_reasons()])


def _shown(result: dict[str, Any] | None) -> str:
    if result is None:
        return "-"
    outcome = str(result["outcome"]).removeprefix("MDB-")
    return outcome if result["good"] else f"**{outcome} ✘**"


def _reasons() -> list[str]:
    return ["`·` does not apply:", "", *(f"* {name}: {why}." for name, why in OUT.items())]


def main() -> int:
    """Gather, write, and say what is not as it must be."""
    results = gathered(FOLDER)
    WHOLE.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n{table(results)}\n{END}{after}", encoding="utf-8")
    bad = [name for name, result in results.items() if not result["good"]]
    missing = len(cells()) - len(results)
    print(f"{len(results)} of {len(cells())} cells run; not as they must be: {bad or 'none'}")
    return 1 if bad or missing else 0


if __name__ == "__main__":
    sys.exit(main())
