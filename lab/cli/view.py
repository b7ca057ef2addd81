"""How the command line shows things: progress of a job, tables, errors; or one JSON document."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.table import Column, Table
from rich.text import Text

from lab.cli.documents import document, failure
from lab.errors import LabError
from lab.jobs import Event, EventKind
from lab.model import Job, JobState, Json

# Off a terminal, lines that differ in their numbers alone come no more often than this.
PACE_SECONDS = 2.5


class Pace:
    """Which lines of a log are due, where they cannot take each other's place."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._passed: dict[str, float] = {}

    def lets_pass(self, line: str) -> bool:
        """Not one that another of the last seconds is like but for numbers, as progress is."""
        words = re.sub(r"[0-9][0-9.,:]*( [kMG]?B(/s)?\b)?", "#", line)
        now = self._clock()
        if now - self._passed.get(words, -PACE_SECONDS) < PACE_SECONDS:
            return False
        self._passed[words] = now
        return True


class View:
    """What a person sees of a lab on a terminal; plain lines, never broken, when it is none.

    Attributes:
        console: standard output; silent when the answer is a JSON document.
        for_machine: whether it is.
        pace: of log lines off a terminal.
    """

    def __init__(self, console: Console, problems: Console) -> None:
        self.console = console
        self.for_machine = False
        self._problems = problems
        for each in (console, problems):
            each.soft_wrap = not each.is_terminal
        self._title = ""
        self._log = ""
        self._started = 0.0
        self._live = False
        self.pace = Pace()

    def switch_to_json(self) -> None:
        """From now on nothing is written to standard output but what `answer` is given."""
        self.for_machine = self.console.quiet = True

    def answer(self, item: Json) -> None:
        """Write the one JSON document, if that is wanted."""
        if self.for_machine:
            print(json.dumps(document(item), indent=2), file=self.console.file)

    def progress(self, event: Event) -> None:
        """Take note of an event of a job (called from any thread)."""
        if event.kind is EventKind.LOG:
            self._log = event.text.strip().split("\n")[-1]
            self._line(f"    {self._log}", self.pace.lets_pass(self._log))
            return
        if event.kind is EventKind.JOB:
            return
        job = event.job
        self._title, self._log = f"{job.action.value} {job.target_name}: {event.text}", ""
        self._line(f"  {event.text}")

    def _line(self, text: str, due: bool = True) -> None:
        """Off a terminal: what a live line would show."""
        if due and self._live and not self.console.is_terminal and not self.for_machine:
            # Not on stdout: a reader of it who leaves (head) must not end the job.
            self._problems.print(Text(text))

    def __rich__(self) -> Text:
        seconds = time.monotonic() - self._started
        # What a log line ends with, such as the time left, shall be seen on narrow terminals, too.
        log = f"\n  {self._log}" if self._log else ""
        return Text.assemble(
            (f"{seconds:6.1f} s  ", "cyan"), self._title, (log, "dim"), no_wrap=True
        )

    @contextmanager
    def watching(self, title: str) -> Iterator[None]:
        """Show the current operation, the last log line and the seconds while the inside works."""
        self._title, self._log, self._started, self._live = title, "", time.monotonic(), True
        try:
            if self.console.is_terminal:
                with Live(self, console=self.console, refresh_per_second=5, transient=True):
                    yield
            else:
                yield
        finally:
            self._live = False

    def job(self, job: Job) -> None:
        """Show how a job went: its steps with their seconds and remote calls."""
        colour = {JobState.COMPLETED: "green", JobState.FAILED: "red"}.get(job.state, "yellow")
        head = (f"{job.reference} {job.action.value} {job.target_name}: ", "bold")
        self.console.print(Text.assemble(head, (job.state.value, colour)))
        rows = [
            (
                step.name,
                f"{step.seconds:.2f}",
                str(step.remote_calls or ""),
                f"{step.remote_seconds:.2f}" if step.remote_calls else "",
            )
            for step in job.steps
        ]
        total = (
            "total",
            f"{sum(step.seconds for step in job.steps):.2f}",
            str(sum(step.remote_calls for step in job.steps)),
            f"{sum(step.remote_seconds for step in job.steps):.2f}",
        )
        self.table(("step", "seconds", "remote calls", "seconds in them"), [*rows, total])

    def table(
        self, titles: Iterable[str], rows: Iterable[Iterable[str]], *, cut: bool = False
    ) -> None:
        """Show rows of text under titles; off a terminal one line each, separated by tabs.

        cut: on a terminal a row is one line too, the last column as much of it as there is room.
        """
        if self.console.quiet:
            return
        if not self.console.is_terminal:
            for row in (titles, *rows):
                print("\t".join(map(_one_line, row)), file=self.console.file)
            return
        columns = [Column(title, no_wrap=cut) for title in titles]
        columns[-1].no_wrap = False  # the one that gives way
        table = Table(*columns, box=None, header_style="dim")
        for row in rows:
            *cells, last = (Text(cell) for cell in row)
            if cut:
                last = Text(_one_line(last.plain), no_wrap=True, overflow="ellipsis")
            table.add_row(*cells, last)
        self.console.print(table)

    def values(self, values: Json) -> str:
        """Keys and values for a table: strings as they are, else JSON; on a terminal in brief."""
        brief = self.console.is_terminal
        return ", ".join(f"{key}={_value(value, brief)}" for key, value in values.items())

    def error(self, error: LabError) -> None:
        """Show message, what to do, output; or all of it and the job in the JSON document."""
        if self.for_machine:
            self.answer(failure(error))
            return
        self._problems.print(Text(error.message, style="bold red"))
        if error.action:
            self._problems.print(Text.assemble(("What to do: ", "bold"), error.action))
        if error.output:
            self._problems.print(Text(error.output.rstrip(), style="dim"))


def _one_line(cell: str) -> str:
    return " ".join(part for line in cell.splitlines() for part in line.split("\t"))


def _value(value: object, brief: bool) -> str:
    """brief: of a list of objects only how many there are."""
    if brief and isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return f"({len(value)})"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
