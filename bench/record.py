"""The results of a run on disk, written after every measure: a run can be taken up again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.figures import Figure
from lab.errors import LabError

FILE = "bench.json"
Json = dict[str, Any]


@dataclass
class Record:
    """What was measured of one build of the plugin on one machine.

    Attributes:
        conditions: what all of it has in common: scale, artifact, place, machine.
        done: by measure when it ended, what it took, how busy the machine was; and its `error`
            when it failed.
    """

    path: Path
    conditions: Json
    done: dict[str, Json] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)

    @classmethod
    def opened(cls, folder: Path, conditions: Json) -> Record:
        """Go on with the record of a folder, or begin one.

        Raises LabError when what is there was measured under other conditions.
        """
        path = folder / FILE
        if not path.exists():
            return cls(path, conditions)
        record = cls.read(path)
        other = sorted(
            name for name, value in conditions.items() if record.conditions.get(name) != value
        )
        if other:
            raise LabError(
                f"{path} holds figures with another {', '.join(other)}",
                "Choose another folder (--out), or begin anew (--again).",
            )
        return record

    @classmethod
    def read(cls, path: Path) -> Record:
        """Read a record. Raises LabError when there is none."""
        try:
            stored = json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            raise LabError(f"There is no {path}", "Run the bench first.") from None
        figures = [Figure.of(one) for one in stored["figures"]]
        return cls(path, stored["conditions"], stored["done"], figures)

    def is_done(self, measure: str) -> bool:
        """Whether it was measured without a failure."""
        return measure in self.done and "error" not in self.done[measure]

    def add(self, measure: str, story: Json, figures: Sequence[Figure]) -> None:
        """Keep what a measure found, on disk as well."""
        self.done[measure] = story
        self.figures += figures
        stored = {
            "conditions": self.conditions,
            "done": self.done,
            "figures": [one.stored() for one in self.figures],
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".new")
        draft.write_text(json.dumps(stored, indent=1, ensure_ascii=False) + "\n", "utf-8")
        draft.replace(self.path)


def digest(artifact: bytes) -> str:
    """What tells one build from another."""
    return hashlib.sha256(artifact).hexdigest()[:16]
