"""What the demo tells: chapters, timed steps, checks; and what it keeps: the result as data."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from rich.console import Console
from rich.status import Status
from rich.text import Text

from lab.jobs import Event, EventKind
from lab.model import Job

T = TypeVar("T")


@dataclass(frozen=True)
class Operation:
    """One job of the engine: wall-clock seconds, and its remote calls with the seconds in them."""

    name: str
    seconds: float
    remote_calls: int
    remote_seconds: float


@dataclass(frozen=True)
class Check:
    """Something that was asked and what came out; `problems` is empty when it is as it must be."""

    text: str
    problems: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether it is as it must be."""
        return not self.problems


@dataclass(frozen=True)
class Copy:
    """Storage of one copy: bytes that can be read in it, and bytes that only it holds."""

    name: str
    full_bytes: int
    own_bytes: int


@dataclass(frozen=True)
class ByHand:
    """The same work without Delphix, in seconds; `operation` is the one it is compared with."""

    what: str
    seconds: float
    operation: str


@dataclass(frozen=True)
class Stall:
    """The longest a client's write took while something was going on, in milliseconds."""

    during: str
    worst_ms: float


Item = Operation | Check | Copy | ByHand | Stall


@dataclass(frozen=True)
class Result:
    """Everything the demo found out."""

    rows: int
    seconds: float
    items: tuple[Item, ...]

    def of(self, kind: type[T]) -> list[T]:
        """The items of one kind, in the order they were found."""
        return [item for item in self.items if isinstance(item, kind)]

    @property
    def failed(self) -> list[Check]:
        """The checks that did not pass."""
        return [check for check in self.of(Check) if not check.passed]

    def operation(self, name: str) -> Operation | None:
        """The first operation of this name."""
        return next((found for found in self.of(Operation) if found.name == name), None)

    def to_json(self) -> str:
        """The result for machines: one list per kind."""
        lists: dict[str, Any] = {
            name: [asdict(item) for item in self.items if isinstance(item, kind)]
            for name, kind in (
                ("operations", Operation),
                ("checks", Check),
                ("storage", Copy),
                ("by_hand", ByHand),
                ("stalls", Stall),
            )
        }
        whole = {"rows": self.rows, "seconds": round(self.seconds, 3), **lists}
        return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def operation_of(name: str, job: Job, seconds: float) -> Operation:
    """Sum up a job under a name for people."""
    return Operation(
        name,
        seconds,
        sum(step.remote_calls for step in job.steps),
        sum(step.remote_seconds for step in job.steps),
    )


def size_text(size: int) -> str:
    """Bytes for people."""
    return f"{size / 2**20:,.1f} MiB"


class Story:
    """Tells on a terminal (plain lines when it is none) and collects the items."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._items: list[Item] = []
        self._started = time.monotonic()
        self._status: Status | None = None
        self._title = ""

    def result(self, rows: int) -> Result:
        """What was found so far."""
        return Result(rows, time.monotonic() - self._started, tuple(self._items))

    def chapter(self, title: str) -> None:
        """Begin a part of the story."""
        at = time.monotonic() - self._started
        self.console.print()
        self.console.print(Text.assemble((title, "bold"), (f"  at {at:.0f} s", "dim")))

    def note(self, text: str) -> None:
        """Tell something by the way."""
        self.console.print(Text(f"    {text}", style="dim"))

    @contextmanager
    def working(self, title: str) -> Iterator[None]:
        """Show that something works, and how long it took at its end."""
        started, style = time.monotonic(), "red"
        self._title = title
        try:
            with self.console.status(Text(title)) as self._status:
                yield
            style = "cyan"
        finally:
            self._status = None
            seconds = time.monotonic() - started
            self.console.print(Text.assemble((f"{seconds:7.2f} s  ", style), title))

    def progress(self, event: Event) -> None:
        """Show a step or a log line of a job beside what works (called from any thread)."""
        status = self._status
        if status is not None and event.kind in EventKind:
            last = event.text.strip().split("\n")[-1]
            status.update(Text.assemble(self._title, (f"  {last}", "dim")))

    def perform(self, name: str, title: str, workflow: Callable[[], Job]) -> Operation:
        """Run a workflow of the engine and keep it as an operation. Raises JobFailed."""
        started = time.monotonic()
        with self.working(title):
            job = workflow()
        operation = operation_of(name, job, time.monotonic() - started)
        self._items.append(operation)
        return operation

    def check(self, text: str, problems: Sequence[str]) -> None:
        """Tell what was asked and whether the answer is as it must be."""
        check = Check(text, tuple(problems))
        mark = ("✔", "bold green") if check.passed else ("✘", "bold red")
        self.console.print(Text.assemble("        ", mark, " ", text))
        for problem in problems:
            self.console.print(Text(f"            {problem}", style="red"))
        self._items.append(check)

    def keep(self, item: Copy | ByHand | Stall) -> None:
        """Keep what was measured."""
        self._items.append(item)
