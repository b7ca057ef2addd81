"""Runs measures one after the other, on as few labs as their data allows."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.measures import Measure
from bench.record import Record
from bench.scale import Scale
from bench.shown import line
from bench.stage import Stage, opened
from lab.errors import LabError
from testbed.client import ClientError
from testbed.writer import WriterError

FAILURES = (LabError, ClientError, WriterError)
_MOST = 1000


@dataclass(frozen=True)
class Run:
    """One call of the bench.

    folder: for labs; artifact: the plugin; tell: takes lines for a person who waits.
    """

    scale: Scale
    folder: Path
    artifact: Path
    record: Record
    tell: Callable[[str], None]

    def measures(self, wanted: Sequence[Measure]) -> bool:
        """Measure what the record does not have yet; whether all went well."""
        left = [one for one in wanted if not self.record.is_done(one.name)]
        if len(left) < len(wanted):
            self.tell(f"{len(wanted) - len(left)} measures are in {self.record.path} already")
        well = True
        for number, (shape, group) in enumerate(itertools.groupby(left, lambda one: one.shape)):
            measures = list(group)
            try:
                with opened(self.folder / f"lab{number}", self.artifact, shape, self.tell) as stage:
                    for measure in measures:
                        well &= self._measure(stage, measure)
            except Exception as error:
                well = False
                self.tell(f"FAILED: {words(error)}")
                for measure in measures:
                    if measure.name not in self.record.done:
                        self.record.add(measure.name, {"error": words(error)}, [])
        return well

    def _measure(self, stage: Stage, measure: Measure) -> bool:
        self.tell(measure.name)
        started, load = time.monotonic(), os.getloadavg()[0]
        story = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "load": round(load, 1)}
        try:
            figures = measure.work(stage, self.scale)
        except Exception as error:
            self.tell(f"FAILED: {measure.name}: {words(error)}")
            self.record.add(measure.name, {**story, "error": words(error)}, [])
            stage.unlinked()
            return False
        story["seconds"] = round(time.monotonic() - started, 1)
        self.record.add(measure.name, story, figures)
        for figure in figures:
            self.tell(line(figure))
        if not figures:
            self.tell("  the plugin does not offer it")
        return True


def words(error: Exception) -> str:
    """An error on one line."""
    text = str(error) if isinstance(error, FAILURES) else f"{type(error).__name__}: {error}"
    return " | ".join(line for line in text.splitlines() if line.strip())[:_MOST]
