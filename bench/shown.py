"""Figures as people read them: lines while it runs, tables on the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from bench.figures import Curve, Figure

_WORDS = {True: "yes", False: "**no**", None: "-"}


def seconds_text(seconds: float) -> str:
    """With three digits that mean something."""
    return (
        f"{seconds:.3f}" if seconds < 1 else f"{seconds:.2f}" if seconds < 100 else f"{seconds:.0f}"
    )


def spread_text(values: Iterable[float]) -> str:
    """The median, and the least and the greatest in brackets."""
    found = sorted(values)
    middle = seconds_text(median(found))
    if len(found) == 1:
        return f"{middle} (one run)"
    return f"{middle} ({seconds_text(found[0])} to {seconds_text(found[-1])})"


def ours_text(figure: Figure) -> str:
    """Its seconds."""
    return spread_text(sample.seconds for sample in figure.ours)


def ratio_text(figure: Figure) -> str:
    """How many times the reference."""
    return f"{figure.ratio:.2f}" if figure.ratio < 100 else f"{figure.ratio:.0f}"


def line(figure: Figure) -> str:
    """One line for a person who waits."""
    at = f" at {figure.x:g}" if figure.x is not None else ""
    goal = ""
    if figure.goal is not None:
        goal = f"; {figure.goal.words}: {'met' if figure.met else 'NOT MET'}"
    calls = f", {figure.calls} calls" if figure.calls else ""
    return (
        f"  {figure.name}{at}: {ours_text(figure)} s{calls}, raw {spread_text(figure.raw)} s,"
        f" ratio {ratio_text(figure)}{goal}"
    )


def cost_text(figure: Figure) -> str:
    """Programs and subshells, the medians; nothing where no operation was counted."""
    if not any(sample.calls for sample in figure.ours):
        return ""
    programs = round(median(sample.programs for sample in figure.ours))
    forks = round(median(sample.forks for sample in figure.ours))
    return f"{programs} + {forks}"


def _row(head: str, one: Figure) -> str:
    goal = one.goal.words if one.goal else ""
    cells = [head, ours_text(one), spread_text(one.raw), ratio_text(one), goal, _WORDS[one.met]]
    return f"| {' | '.join([*cells, str(one.calls or ''), cost_text(one)])} |"


def table(figures: Sequence[Figure]) -> str:
    """Every figure that is no point of a curve."""
    lines = [
        "| figure | seconds | raw tool | ratio | goal | met | calls | programs |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in figures:
        if one.x is None:
            lines.append(_row(f"{one.name} ([{one.measure}](#{one.measure}))", one))
    return "\n".join(lines)


def curve_table(curve: Curve, unit: str) -> str:
    """The points of a curve."""
    lines = [
        f"| {unit} | seconds | raw tool | ratio | goal | met | calls | programs |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in curve.points:
        lines.append(_row(f"{one.x:g}", one))
    return "\n".join(lines)


def curve_verdict(curve: Curve) -> str:
    """How it grows, and whether that is as wanted."""
    if curve.exponent is None:
        return "One point: how it grows cannot be told."
    grows = f"Seconds grow as x^{curve.exponent:.2f}"
    if curve.limit is not None:
        grows += f"; wanted at most x^{curve.limit:g}: {'met' if curve.met else '**not met**'}"
    if not any(curve.calls):
        return f"{grows}."
    constant = min(curve.calls) == max(curve.calls)
    calls = "constant" if constant else f"from {min(curve.calls)} to {max(curve.calls)}"
    return f"{grows}. Remote calls: {calls}."
