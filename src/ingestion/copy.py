"""What every way in leaves behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from domain.settings import Setting
from remote.answer import Answer
from server.instance import Instance


@dataclass(frozen=True)
class Copy:
    """A staging dataset that has been filled.

    Attributes:
        gtid: replication position of the data; meaningless when LogSync is off.
        objects: tables, views, routines, triggers, events and accounts, as far as counted.
        required: settings that the files need.
        system_objects: tables and routines that the schema `mysql` of staging has, None when its
            files are the source's own.
    """

    gtid: str
    objects: int
    required: tuple[Setting, ...]
    system_objects: tuple[str, ...] | None


class WayIn(Protocol):
    """One way to fill a staging dataset."""

    def ingest(self, instance: Instance, required: tuple[Setting, ...]) -> Copy:
        """Fills the dataset of `instance`, which is in its loading configuration."""
        ...


def system_objects(answer: Answer) -> tuple[str, ...]:
    """What a job says of the schema `mysql` that it has filled."""
    return tuple(row[0] for row in answer.rows("systemObject", 1))
