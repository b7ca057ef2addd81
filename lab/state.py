"""The engine's objects on disk: one JSON file, replaced atomically, guarded by a file lock."""

from __future__ import annotations

import fcntl
import json
import os
import threading
import types
import typing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from lab.errors import LabError
from lab.model import (
    Container,
    Environment,
    Group,
    Job,
    Json,
    Plugin,
    Repository,
    Snapshot,
    SourceConfig,
    VaultEntry,
)

TABLES = (
    Plugin,
    Environment,
    Group,
    Repository,
    SourceConfig,
    Container,
    Snapshot,
    VaultEntry,
    Job,
)
Object = (
    Plugin
    | Environment
    | Group
    | Repository
    | SourceConfig
    | Container
    | Snapshot
    | VaultEntry
    | Job
)
T = TypeVar("T", bound=Object)
_WORDS = {Container: "dSource or VDB", Group: "group"}


class Store:
    """Tables of objects by reference. Every method sees and leaves the file complete."""

    def __init__(self, root: Path) -> None:
        """`root` is created when missing (0700: parameters may hold passwords)."""
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = root / "state.json"
        self._lock = root / "state.lock"
        self._locks = root / "locks"
        self._view = threading.local()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Everything read inside by this thread is of one moment."""
        self._view.tables = self._load()
        try:
            yield
        finally:
            del self._view.tables

    def get(self, table: type[T], reference: str) -> T:
        """The object with that reference. Raises LabError when there is none."""
        try:
            raw = self._read()[table.PREFIX][reference]
        except KeyError:
            raise LabError(f"There is no {table.__name__} {reference}") from None
        return typing.cast(T, from_json(table, raw))

    def latest(self, table: type[T], reference: str) -> T:
        """As get, but of now, also inside `reading`."""
        return typing.cast(T, from_json(table, self._load()[table.PREFIX][reference]))

    def has(self, table: type[Object], reference: str) -> bool:
        """Whether there is such an object."""
        return reference in self._read().get(table.PREFIX, {})

    def all(self, table: type[T], keep: Callable[[T], bool] = lambda _: True) -> list[T]:
        """The objects of a table that `keep` accepts, oldest first."""
        rows = self._read().get(table.PREFIX, {}).values()
        return [row for row in (from_json(table, raw) for raw in rows) if keep(row)]

    def put(self, *objects: Object) -> None:
        """Add the objects, or replace those with the same reference."""
        with self._change() as tables:
            for item in objects:
                tables.setdefault(item.PREFIX, {})[item.reference] = to_json(item)

    def remove(self, *objects: Object) -> None:
        """Forget the objects."""
        with self._change() as tables:
            for item in objects:
                tables.get(item.PREFIX, {}).pop(item.reference, None)

    def put_named(self, item: Container | Group) -> None:
        """As put. Raises LabError when another object of the table has the name."""
        with self._change() as tables:
            rows = tables.setdefault(item.PREFIX, {})
            for other in rows.values():
                if other["name"] == item.name and other["reference"] != item.reference:
                    raise LabError(
                        f"There is a {_WORDS[type(item)]} {item.name} already",
                        "Choose another name.",
                    )
            rows[item.reference] = to_json(item)

    def new_reference(self, prefix: str) -> str:
        """PREFIX-N with an N never used before, also not by a deleted object."""
        with self._change() as tables:
            counters = tables.setdefault("counters", {})
            counters[prefix] = counters.get(prefix, 0) + 1
            return f"{prefix}-{counters[prefix]}"

    @contextmanager
    def busy(self, reference: str, note: str = "") -> Iterator[None]:
        """Hold the one workflow lock of an object; freed by the kernel when this process dies.

        Raises LabError at once when another workflow holds it.
        """
        self._locks.mkdir(mode=0o700, exist_ok=True)
        with (self._locks / reference).open("a+") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                stream.seek(0)
                raise LabError(
                    f"{reference} is busy with {stream.read() or 'another job'}",
                    "Wait until that job has ended.",
                ) from None
            stream.truncate(0)
            stream.write(note)
            stream.flush()
            yield

    def cancel(self, job: str) -> None:
        """Ask the job to end; it may run in another process."""
        self._locks.mkdir(mode=0o700, exist_ok=True)
        (self._locks / f"{job}.cancel").touch()

    def is_cancelled(self, job: str) -> bool:
        """Whether somebody has asked the job to end."""
        return (self._locks / f"{job}.cancel").exists()

    def _read(self) -> dict[str, dict[str, Json]]:
        tables: dict[str, dict[str, Json]] | None = getattr(self._view, "tables", None)
        return self._load() if tables is None else tables

    def _load(self) -> dict[str, dict[str, Json]]:
        try:
            return typing.cast(dict[str, dict[str, Json]], json.loads(self._file.read_bytes()))
        except FileNotFoundError:
            return {}

    @contextmanager
    def _change(self) -> Iterator[dict[str, dict[str, Any]]]:
        with self._lock.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            tables = self._load()
            yield tables
            new = self._file.with_suffix(".new")
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as stream:
                # Each job writes many times, and the encoder in C knows no indentation.
                stream.write(json.dumps(tables))
                stream.flush()
                os.fsync(stream.fileno())
            new.replace(self._file)
            if hasattr(self._view, "tables"):
                self._view.tables = tables


def to_json(item: Any) -> Json:
    """A dataclass as plain JSON values."""
    return asdict(
        item,
        dict_factory=lambda pairs: {
            key: value.value if isinstance(value, Enum) else value for key, value in pairs
        },
    )


@cache
def _hints(wanted: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(wanted)
    return {field.name: hints[field.name] for field in fields(wanted)}


def from_json(wanted: Any, value: Any) -> Any:
    """The value of type `wanted` (dataclass, Enum, tuple, optional, plain) that `value` tells."""
    if isinstance(wanted, types.UnionType):
        if value is None:
            return None
        wanted = next(kind for kind in typing.get_args(wanted) if kind is not types.NoneType)
    if is_dataclass(wanted):
        hints = _hints(typing.cast(Any, wanted))
        known = hints.keys() & value.keys()
        return wanted(**{name: from_json(hints[name], value[name]) for name in known})  # type: ignore[operator]
    if typing.get_origin(wanted) is tuple:
        inner = typing.get_args(wanted)[0]
        return tuple(from_json(inner, part) for part in value)
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        return wanted(value)
    return value
