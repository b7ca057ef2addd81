"""Which client ran which call: `python -m tests.clients.table` writes it into the page.

It reads the access logs that the servers of `./dev test tests/clients` have left in build/clients.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from lab.api import app, login
from lab.api.dct import router

ROOT = Path(__file__).resolve().parents[2]
LOGS = ROOT / "build" / "clients"
PAGE = ROOT / "docs" / "maintainers" / "engine-api.md"
BEGIN, END = "<!-- calls: begin -->", "<!-- calls: end -->"
# Beginnings of what they call themselves.
CLIENTS = {
    "delphixpy": "Delphix Python Agent",
    "dvp and tests": "python-requests",
    "delphix-dct-api": "OpenAPI-Generator",
    "curl": "curl/",
    "browser": "Mozilla/",
}


def calls() -> dict[str, re.Pattern[str]]:
    """What the server has: the call as it is shown, and the pattern of its requests."""
    found: dict[str, re.Pattern[str]] = {}
    for prefix, rows in (
        (app.PREFIX, (*app.OPEN_CALLS, ("POST", "/data/upload", login.login), *app.CALLS)),
        (router.PREFIX, router.CALLS),
    ):
        for method, path, _ in rows:
            short = path if prefix == app.PREFIX else prefix + path
            pattern = re.escape(prefix + path).replace(r"\{reference\}", "[^/]*-[0-9]+")
            found[f"{method} {short}"] = re.compile(f"{method}\t{pattern}\t")
    return found


def main() -> int:
    """Write the table, and tell how many calls nobody has run."""
    lines = [line for log in sorted(LOGS.glob("*.tsv")) for line in log.read_text().splitlines()]
    asked = [line.split("\t", 1)[1] for line in lines]
    rows, unused = [], 0
    for shown, pattern in calls().items():
        mine = [line for line in asked if pattern.match(line)]
        counts = [
            sum(line.split("\t")[-1].startswith(agent) for line in mine)
            for agent in CLIENTS.values()
        ]
        unused += not any(counts)
        cells = " | ".join(str(count or "") for count in counts)
        rows.append(f"| `{shown.replace('{reference}', 'REF')}` | {cells} |")
    table = [f"| Call | {' | '.join(CLIENTS)} |", f"|---|{'---|' * len(CLIENTS)}", *rows]
    page = PAGE.read_text(encoding="utf-8")
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    whole = "\n".join([BEGIN, *table, END])
    PAGE.write_text(f"{before}{whole}{after}", encoding="utf-8")
    print(f"{len(rows)} calls, {unused} that no client has run")
    return 0


if __name__ == "__main__":
    sys.exit(main())
