"""What a measure is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.figures import Figure
from bench.scale import Scale, Shape
from bench.stage import Stage

Work = Callable[[Stage, Scale], Sequence[Figure]]


@dataclass(frozen=True)
class Measure:
    """One thing to measure, on a source of this shape; it leaves the dSource or VDB usable."""

    name: str
    shape: Shape
    work: Work
