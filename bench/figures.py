"""What is measured, as values: samples, figures with their reference and goal, growth."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

CONSTANT, LINEAR = 0.1, 1.05
"""Largest exponent of a curve that counts as constant, and as linear."""


@dataclass(frozen=True)
class Sample:
    """One run of an operation.

    Attributes:
        seconds: in the plugin's operations.
        wall: seconds of the whole workflow; the engine's own mounts and clones are in it.
        calls: remote calls.
        programs: that ran as the environment user on the hosts, and ended meanwhile.
        forks: processes of that user that never became another program (subshells of bash).
    """

    seconds: float
    wall: float = 0.0
    calls: int = 0
    programs: int = 0
    forks: int = 0


@dataclass(frozen=True)
class Goal:
    """Seconds at most `times` those of the reference and `plus`; remote calls at most `calls`."""

    words: str
    times: float = 0.0
    plus: float = 0.0
    calls: int | None = None


@dataclass(frozen=True)
class Figure:
    """One operation, measured some times, beside its reference.

    Attributes:
        measure: that it belongs to, such as "link" or "growth-bytes".
        name: of the operation.
        reference: what `raw` is, in words.
        raw: seconds of the reference.
        x: where on a growth curve it stands.
        note: what is questionable about it, or else worth knowing.
    """

    measure: str
    name: str
    ours: tuple[Sample, ...]
    reference: str
    raw: tuple[float, ...]
    goal: Goal | None = None
    x: float | None = None
    note: str = ""

    @property
    def seconds(self) -> float:
        """The median."""
        return median(sample.seconds for sample in self.ours)

    @property
    def raw_seconds(self) -> float:
        """The median of the reference."""
        return median(self.raw)

    @property
    def ratio(self) -> float:
        """Median by median; infinite where the reference took no time that can be told."""
        return self.seconds / self.raw_seconds if self.raw_seconds > 0 else math.inf

    @property
    def calls(self) -> int:
        """Remote calls, the median."""
        return round(median(sample.calls for sample in self.ours))

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is none."""
        if self.goal is None:
            return None
        limit = self.goal.times * self.raw_seconds + self.goal.plus
        in_time = self.seconds <= limit or (self.goal.times, self.goal.plus) == (0, 0)
        return in_time and (self.goal.calls is None or self.calls <= self.goal.calls)

    @classmethod
    def of(cls, stored: dict[str, Any]) -> Figure:
        """Read what `asdict` wrote."""
        goal = Goal(**stored["goal"]) if stored["goal"] else None
        ours = tuple(Sample(**sample) for sample in stored["ours"])
        return cls(**{**stored, "ours": ours, "raw": tuple(stored["raw"]), "goal": goal})

    def stored(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Pairs:
    """Collects runs of an operation and of its reference, which take turns."""

    ours: list[Sample] = field(default_factory=list)
    raw: list[float] = field(default_factory=list)

    def add(self, ours: Sample, raw: float) -> None:
        """One turn of each."""
        self.ours.append(ours)
        self.raw.append(raw)

    def figure(self, measure: str, name: str, reference: str, **more: Any) -> Figure:
        """What came of it; `more`: goal, x, note."""
        return Figure(measure, name, tuple(self.ours), reference, tuple(self.raw), **more)


def exponent(points: Iterable[tuple[float, float]]) -> float | None:
    """The e of y = a·x^e that fits best (least squares of the logarithms).

    0 is constant, 1 linear. None for fewer than two different x.
    """
    logs = [(math.log(x), math.log(y)) for x, y in points if x > 0 and y > 0]
    if len({x for x, _ in logs}) < 2:
        return None
    mean_x = sum(x for x, _ in logs) / len(logs)
    mean_y = sum(y for _, y in logs) / len(logs)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in logs)
    return slope / sum((x - mean_x) ** 2 for x, _ in logs)


@dataclass(frozen=True)
class Curve:
    """An operation over what grows; `limit` is the largest exponent that is wanted, if any."""

    measure: str
    name: str
    points: tuple[Figure, ...]
    limit: float | None

    @property
    def exponent(self) -> float | None:
        """How its seconds grow."""
        return exponent((point.x or 0, point.seconds) for point in self.points)

    @property
    def calls(self) -> tuple[int, ...]:
        """Remote calls at each point."""
        return tuple(point.calls for point in self.points)

    @property
    def met(self) -> bool | None:
        """Whether it grows no faster than wanted; None where nothing is wanted or known."""
        if self.limit is None or self.exponent is None:
            return None
        return self.exponent <= self.limit


def curves(figures: Sequence[Figure]) -> list[Curve]:
    """The growth curves among figures, in their order; points by x."""
    found: dict[tuple[str, str], list[Figure]] = {}
    for figure in figures:
        if figure.x is not None:
            found.setdefault((figure.measure, figure.name), []).append(figure)
    return [
        Curve(*key, tuple(sorted(points, key=lambda one: one.x or 0)), WANTED.get(key))
        for key, points in found.items()
    ]


WANTED = {
    ("growth-bytes", "link"): LINEAR,
    ("growth-bytes", "provision"): CONSTANT,
    ("growth-bytes", "refresh"): CONSTANT,
    ("growth-bytes", "snapshot"): CONSTANT,
    ("growth-databases", "link"): LINEAR,
}
"""Largest exponents of curves that the project promises itself."""
