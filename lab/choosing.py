"""Which object a person means by what was typed, and what there is when it is none."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from lab.errors import LabError
from lab.model import Container, Kind, Snapshot

LATEST = "latest"
# More names than a person reads: then the last ones are listed, which are the newest.
_MOST = 20


class Named(Protocol):
    """An object of the engine that has a name of its own."""

    @property
    def name(self) -> str:
        """What a person calls it."""

    @property
    def reference(self) -> str:
        """What the engine calls it."""


T = TypeVar("T", bound=Named)


def listed(names: Iterable[str], none: str = "none") -> str:
    """ "There are: a, b." for the names there are; of many the last ones. `none`: for no name."""
    every = list(names)
    more = f"{len(every) - _MOST} more, " if len(every) > _MOST else ""
    return f"There are: {more}{', '.join(every[-_MOST:]) or none}."


def meant(name: str, names: Iterable[str]) -> str:
    """ "Did you mean X? " (with the space) when one of the names is near, else ""."""
    small = {known.lower(): known for known in names}
    near = difflib.get_close_matches(name.lower(), small, n=1)
    return f"Did you mean {small[near[0]]}? " if near else ""


def unknown(message: str, name: str, names: Iterable[str], none: str = "none") -> LabError:
    """An error with `message` that says which of `names` is near to `name`, and lists them."""
    every = list(names)
    return LabError(message, meant(name, every) + listed(every, none))


def pick(
    what: str, rows: Sequence[T], name: str | None, *, where: str = "", none: str = "none"
) -> T:
    """The row with that name or reference; with None the only one.

    what, where: words of the error, as in "There is no {repository} x {on staging}".
    none: what the error lists when there is no row. Raises LabError unless exactly one fits.
    """
    found = [row for row in rows if name in (None, row.name, row.reference)]
    place = f" {where}" if where else ""
    if not found:
        wanted = f"{what} {name}" if name else what
        names = [row.name for row in rows]
        raise unknown(f"There is no {wanted}{place}", name or "", names, none)
    if len(found) > 1:
        names = [f"{row.name} ({row.reference})" for row in found]
        raise LabError(f"{len(found)} fit: choose a {what}{place}", listed(names))
    return found[0]


def pick_snapshot(container: Container, rows: Sequence[Snapshot], wanted: str | None) -> Snapshot:
    """One of the snapshots of a container (`rows`, oldest first).

    wanted: reference, name, number in the list from 1 (or from the end: -1), LATEST, or None for
    the latest. Raises LabError.
    """
    if not rows:
        raise without_snapshot(container)
    if wanted in (None, LATEST):
        return rows[-1]
    for number, row in enumerate(rows, 1):
        if wanted in (row.reference, row.name, str(number), str(number - len(rows) - 1)):
            return row
    hint = meant(str(wanted), [row.name for row in rows])
    names = [f"{number} ({row.name})" for number, row in enumerate(rows, 1)]
    raise LabError(f"{container.name} has no snapshot {wanted}", hint + listed(names))


def without_snapshot(container: Container) -> LabError:
    """Why there is nothing to provision from. A dSource has a snapshot since its first sync."""
    if container.kind is Kind.DSOURCE:
        return LabError(
            f"{container.name} was linked but never synced",
            "Correct its parameters (update), then sync --resync, or delete it.",
        )
    return LabError(f"{container.name} has no snapshot", "Take a snapshot first.")
