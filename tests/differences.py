"""The table of docs/maintainers/differences.md, from the reports that `./dev differences` leaves.

`python -m tests.differences` reads build/differences/RELEASE.xml (JUnit's form, by pytest) and
writes the page's table anew: one row for each test with the mark `difference`, told by its
docstring.
"""

import ast
import sys
from pathlib import Path
from xml.etree import ElementTree

from testbed.releases import SERIES

ROOT = Path(__file__).resolve().parents[1]
REPORTS = ROOT / "build" / "differences"
PAGE = ROOT / "docs" / "maintainers" / "differences.md"
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
OK = "as it says"
# A test: its module with dots, and its name with parameters.
Test = tuple[str, str]


def outcomes(report: Path) -> dict[Test, str]:
    """What became of each test of one report."""
    found: dict[Test, str] = {}
    for case in ElementTree.parse(report).getroot().iter("testcase"):  # our own file
        key = (case.attrib["classname"], case.attrib["name"])
        if case.find("failure") is not None or case.find("error") is not None:
            found[key] = "**FAILED**"
        else:
            found[key] = "not there" if case.find("skipped") is not None else OK
    return found


def told(test: Test) -> str:
    """The first line of the test's docstring, and its parameters."""
    module, name = test
    function, bracket, given = name.partition("[")
    path = ROOT / f"{module.replace('.', '/')}.py"
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name == function:
            words = ast.get_docstring(node) or function.removeprefix("test_").replace("_", " ")
            text = words.split("\n\n")[0].replace("\n", " ")
            return f"{text} ({given.removesuffix(']')})" if bracket else text
    return function


def table(results: dict[str, dict[Test, str]]) -> str:
    """Rows are tests, in the order of their files; columns are series."""
    tests = sorted({test for found in results.values() for test in found})
    lines = [
        f"| Case | {' | '.join(SERIES[release] for release in results)} |",
        f"|---|{'---|' * len(results)}",
    ]
    for test in tests:
        row = [found.get(test, "not run") for found in results.values()]
        lines.append(f"| {told(test).replace('|', '/')} | {' | '.join(row)} |")
    good = sum(outcome == OK for found in results.values() for outcome in found.values())
    whole = sum(len(found) for found in results.values())
    return "\n".join([f"{whole} runs of {len(tests)} cases, {good} as they say.", "", *lines])


def main() -> int:
    """Write the table, and tell what failed."""
    paths = {release: REPORTS / f"{release}.xml" for release in SERIES}
    results = {release: outcomes(path) for release, path in paths.items() if path.exists()}
    page = PAGE.read_text(encoding="utf-8")
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n{table(results)}\n{END}{after}", encoding="utf-8")
    bad = [
        f"{release}: {'::'.join(test)}"
        for release, found in results.items()
        for test, outcome in found.items()
        if "FAILED" in outcome
    ]
    print("\n".join(bad) or "all as they say")
    return 1 if bad or len(results) < len(SERIES) else 0


if __name__ == "__main__":
    sys.exit(main())
