"""What the bench can measure, in the order of a run."""

from __future__ import annotations

from bench.measures import follow, growth, link, ready, stall
from bench.measures.measure import Measure
from bench.scale import Scale

__all__ = ["Measure", "all_measures"]


def all_measures(scale: Scale) -> list[Measure]:
    """All measures; those with the same data follow each other."""
    return [
        *link.measures(scale),
        *follow.measures(scale),
        *ready.measures(scale),
        *stall.measures(scale),
        link.single(scale),
        *growth.measures(scale),
    ]
