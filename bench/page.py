"""The page of what was measured, made of a record: text, tables and pictures."""

from __future__ import annotations

import argparse
import sys
from itertools import groupby
from pathlib import Path

from bench import plots, shown
from bench.figures import Curve, Figure, curves
from bench.record import FILE, Record
from lab.errors import LabError

ROOT = Path(__file__).resolve().parents[1]
PAGE, PICTURES = ROOT / "docs" / "measured.md", ROOT / "docs" / "images"
UNITS = {
    "growth-bytes": ("With the size of the data", "GB on the source"),
    "growth-databases": ("With the number of databases", "databases of ten small tables"),
    "growth-vdbs": ("With the number of VDBs on a host", "VDBs on the host"),
    "growth-snapshots": ("With the number of snapshots", "snapshots of the VDB"),
}
_HEAD = """# Measured

What each operation takes, beside the raw tool on the same data, on the same storage, in the same
run. Made by `./dev bench` ([how](maintainers/bench.md)) on {machine};
scale *{scale}*, {date}, artifact `{artifact}`. Compare ratios, not seconds: they are those of a
small machine.

* **seconds**: the median, least and greatest in brackets, of the plugin's operations in a workflow.
  The engine's own mounts and clones are left out. For a write, or for applying: of that itself.
* **raw tool**: the reference, measured in turn with it.
* **calls**: remote calls of the plugin.
* **programs**: processes of the environment user on the hosts that ended meanwhile, as the kernel's
  process accounting tells them: those that ran a program, and those that were subshells only. A
  server that goes on running is not counted.
"""


_QUICK = """!!! note
    Little data: what does not depend on it weighs most in the ratios, above all of links, whose
    goals are about 1.9 GB and 10,000 tables. Two points of a curve tell little.
"""


def markdown(record: Record) -> str:
    """The page's text."""
    conditions = record.conditions
    days = sorted(story["at"][:10] for story in record.done.values() if "at" in story)
    parts = [
        _HEAD.format(
            machine=conditions["machine"],
            scale=conditions["scale"],
            date=" to ".join(dict.fromkeys((days[0], days[-1]))) if days else "no day",
            artifact=conditions["artifact"],
        )
    ]
    if conditions["scale"] == "quick":
        parts.append(_QUICK)
    if any(one.x is None for one in record.figures):
        parts += ["## Each operation\n", "![Ratios to the raw tools](images/measured-ratios.svg)\n"]
        parts += [shown.table(record.figures) + "\n", *_references(record.figures)]
    for measure, family in _families(record.figures):
        parts += _growth(measure, family)
    failed = {name: story["error"] for name, story in record.done.items() if "error" in story}
    if failed:
        parts += ["## Failed\n", "\n".join(f"* {name}: {failed[name]}" for name in failed) + "\n"]
    return "\n".join(parts)


def _references(figures: list[Figure]) -> list[str]:
    """What each figure is measured by, and what is questionable about it."""
    parts = ["### References\n"]
    single = [one for one in figures if one.x is None]
    for measure, group in groupby(single, lambda one: one.measure):
        lines = [f"#### {measure} {{ #{measure} }}\n"]
        for one in group:
            lines.append(f"* **{one.name}**: {one.reference}. {one.note}".rstrip())
        parts.append("\n".join(lines) + "\n")
    return parts


def _families(figures: list[Figure]) -> list[tuple[str, list[Curve]]]:
    found = curves(figures)
    return [
        (name, [one for one in found if one.measure == name])
        for name in UNITS
        if any(one.measure == name for one in found)
    ]


def _growth(measure: str, family: list[Curve]) -> list[str]:
    title, unit = UNITS[measure]
    parts = [f"## {title} {{ #{measure} }}\n", f"![{title}](images/measured-{measure}.svg)\n"]
    for curve in family:
        reference = curve.points[0].reference
        parts += [
            f"### {curve.name.capitalize()}: {title.lower()}\n",
            f"Beside {reference}. {shown.curve_verdict(curve)}\n",
            shown.curve_table(curve, unit) + "\n",
        ]
    return parts


def pictures(record: Record) -> dict[str, str]:
    """The page's pictures by file name."""
    found = {}
    if any(one.x is None for one in record.figures):
        found["measured-ratios.svg"] = plots.ratios(record.figures)
    for measure, family in _families(record.figures):
        found[f"measured-{measure}.svg"] = plots.growth(family, *UNITS[measure])
    return found


def main() -> int:
    """Write the page from the record in the folder --out."""
    parser = argparse.ArgumentParser(prog="./dev bench page", description=main.__doc__)
    parser.add_argument("--out", default=ROOT / "build" / "bench", type=Path)
    try:
        record = Record.read(parser.parse_args().out / FILE)
    except LabError as error:
        print(error)
        return 1
    for path in PICTURES.glob("measured-*.svg"):
        path.unlink()
    for name, text in pictures(record).items():
        (PICTURES / name).write_text(text, "utf-8")
    PAGE.write_text(markdown(record), "utf-8")
    print(f"{PAGE.relative_to(ROOT)} is written from {record.path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
