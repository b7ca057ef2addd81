"""The table of docs/maintainers/clones.md, from what `./dev clones` leaves in build/clones."""

import json
from pathlib import Path
from statistics import median
from typing import Any

from testbed.releases import SERIES

ROOT = Path(__file__).resolve().parents[2]
REPORTS = ROOT / "build" / "clones"
PAGE = ROOT / "docs" / "maintainers" / "clones.md"
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"


def table(results: dict[str, dict[str, Any]]) -> str:
    """A row for each series; times as median and most."""
    lines = [
        "| Server | Clean clones | Longest InnoDB transaction (ms) | Storage snapshot (ms)"
        " | Lock held (ms) |",
        "|---|---|---|---|---|",
    ]
    for told in results.values():
        rounds = told["rounds"]
        clean = sum(not one["wrong"] for one in rounds)
        times = [
            f"{median(values):.0f}; {max(values):.0f}"
            for key in ("longest_write_ms", "storage_ms", "lock_ms")
            for values in [[one[key] for one in rounds]]
        ]
        lines.append(f"| {told['version']} | {clean} of {len(rounds)} | {' | '.join(times)} |")
    return "\n".join(lines)


def main() -> None:
    """Write the table into the page."""
    results = {
        release: json.loads(path.read_text())
        for release in SERIES
        if (path := REPORTS / f"{release}.json").is_file()
    }
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n\n{table(results)}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
