"""What fills a staging dataset, and what it tells when that is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from domain.options.settings import Setting
from domain.replication.gtid import Position
from remote.answer import Answer
from server.instance import Instance


@dataclass(frozen=True)
class Ingested:
    """A staging dataset that has been filled.

    Attributes:
        position: of the source, that the data holds; None when LogSync is off.
        objects: tables, views, routines, triggers, events and accounts, as far as counted.
        required: settings that the files need.
        system_objects: tables and routines that the schema `mysql` of staging has, None when its
            files are the source's own.
    """

    position: Position | None
    objects: int
    required: tuple[Setting, ...]
    system_objects: tuple[str, ...] | None


class Ingestion(Protocol):
    """One method of filling a staging dataset."""

    def ingest(self, instance: Instance, required: tuple[Setting, ...]) -> Ingested:
        """Fills the dataset of `instance`, which is in its loading configuration."""
        ...


def system_objects(answer: Answer) -> tuple[str, ...]:
    """What a step says of the schema `mysql` of staging."""
    return tuple(row[0] for row in answer.rows("systemObject", 1))
