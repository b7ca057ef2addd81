"""The plots of the page: ratios, and one picture for each family of curves.

Drawn by matplotlib (bench/requirements.txt), as SVG that fits both palettes of the site.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from io import StringIO
from typing import TYPE_CHECKING, Any

from bench.figures import Curve, Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Drawn in this colour, then made that of the palette.
_INK = "#010203"
_STYLE = (
    "<style>svg { color: #1c2530 }"
    " @media (prefers-color-scheme: dark) { svg { color: #eef2f7 } }</style>"
)
_OURS, _RAW, _GOAL = "#2f6fc4", "#b0722b", "#c0392b"
_SETTINGS = {
    "svg.fonttype": "none",
    "svg.hashsalt": "bench",
    "font.family": "sans-serif",
    "font.size": 10,
    **dict.fromkeys(("text.color", "axes.edgecolor", "axes.labelcolor"), _INK),
    **dict.fromkeys(("xtick.color", "ytick.color", "legend.labelcolor"), _INK),
}


def ratios(figures: Sequence[Figure]) -> str:
    """A dot for each figure that is no point of a curve: its ratio, beside that of its goal."""
    shown = [one for one in figures if one.x is None and one.raw_seconds > 0]

    def draw(axes: Axes) -> None:
        places = range(len(shown))
        # No bars: on a logarithmic scale they begin nowhere.
        axes.plot([one.ratio for one in shown], places, "o", color=_OURS)
        axes.grid(axis="y", color=_OURS, alpha=0.3, linewidth=0.6)
        for place, one in zip(places, shown, strict=True):
            if one.goal is not None and (limit := limit_of(one)) > 0:
                axes.plot([limit, limit], [place - 0.4, place + 0.4], color=_GOAL, linewidth=2)
        axes.axvline(1, color=_RAW, linewidth=1)
        axes.set_yticks(list(places), [one.name for one in shown])
        axes.invert_yaxis()
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:g}")
        axes.set_xlabel("times the raw tool (line: 1); red: the goal")

    words = "; ".join(f"{one.name} {one.ratio:.2f}" for one in shown)
    return _svg("Ratios to the raw tools", words, draw, 0.32 * len(shown) + 1)


def limit_of(figure: Figure) -> float:
    """The goal as a ratio: what the figure may be at most, in times of its reference."""
    assert figure.goal is not None
    return figure.goal.times + figure.goal.plus / figure.raw_seconds


def growth(curves: Sequence[Curve], title: str, unit: str) -> str:
    """The curves of one family and their references, both axes logarithmic."""

    def draw(axes: Axes) -> None:
        for number, curve in enumerate(curves):
            xs = [point.x for point in curve.points]
            colour = f"C{number}"
            ours = [point.seconds for point in curve.points]
            axes.plot(xs, ours, marker="o", color=colour, label=curve.name)
            raw = [point.raw_seconds for point in curve.points]
            axes.plot(xs, raw, marker=".", linestyle="--", color=colour, linewidth=1)
        axes.set_xscale("log")
        axes.set_yscale("log")
        marks = sorted({point.x for curve in curves for point in curve.points if point.x})
        axes.set_xticks(marks, [f"{mark:g}" for mark in marks], minor=False)
        axes.set_xticks([], minor=True)
        axes.yaxis.set_major_formatter("{x:g}")
        axes.set_xlabel(unit)
        axes.set_ylabel("seconds (dashed: the raw tool)")
        axes.figure.legend(frameon=False, loc="outside right upper")

    words = "; ".join(
        f"{curve.name}: "
        + ", ".join(f"{point.seconds:.2f} s at {point.x:g}" for point in curve.points)
        for curve in curves
    )
    return _svg(title, words, draw, 4.5)


def _svg(title: str, words: str, draw: Any, height: float) -> str:
    from matplotlib import rc_context
    from matplotlib.figure import Figure as Canvas

    with rc_context(_SETTINGS):
        canvas = Canvas(figsize=(8, height), layout="constrained")
        axes = canvas.add_subplot()
        draw(axes)
        axes.spines[["top", "right"]].set_visible(False)
        out = StringIO()
        canvas.savefig(out, format="svg", transparent=True, metadata={"Date": None})
    text = out.getvalue().replace(_INK, "currentColor")
    _, _, body = text.partition("<svg ")
    attributes, _, rest = body.partition(">")
    told = f"<title>{escape(title)}</title><desc>{escape(words)}</desc>{_STYLE}"
    return f"<svg {attributes}>{told}{rest}"
