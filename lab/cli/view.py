"""How the command line shows things: progress of a job, tables, errors."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from lab.errors import LabError
from lab.jobs import Event, EventKind
from lab.model import Job, JobState


class View:
    """What a person sees of a lab on a terminal; plain lines when it is none."""

    def __init__(self, console: Console, problems: Console) -> None:
        self.console = console
        self._problems = problems
        self._title = ""
        self._log = ""
        self._started = 0.0
        self._live = False

    def progress(self, event: Event) -> None:
        """Take note of an event of a job (called from any thread)."""
        if event.kind is EventKind.LOG:
            self._log = event.text.strip().split("\n")[-1]
            return
        if event.kind is EventKind.JOB:
            return
        job = event.job
        self._title, self._log = f"{job.action.value} {job.target_name}: {event.text}", ""
        if self._live and not self.console.is_terminal:
            self.console.print(Text(f"  {event.text}"))

    def __rich__(self) -> Text:
        seconds = time.monotonic() - self._started
        return Text.assemble(
            (f"{seconds:6.1f} s  ", "cyan"), self._title, ("  " + self._log, "dim"), no_wrap=True
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

    def table(self, titles: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
        """Show rows of text under titles."""
        table = Table(*titles, box=None, header_style="dim")
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        self.console.print(table)

    def error(self, error: LabError) -> None:
        """Show message, what to do, output."""
        self._problems.print(Text(error.message, style="bold red"))
        if error.action:
            self._problems.print(Text.assemble(("What to do: ", "bold"), error.action))
        if error.output:
            self._problems.print(Text(error.output.rstrip(), style="dim"))
