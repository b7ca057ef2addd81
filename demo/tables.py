"""The tables at the end of the demo: rows of text out of a result, and their look."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from demo.story import ByHand, Check, Copy, Operation, Result, Stall, size_text

Rows = list[tuple[str, ...]]


def operation_rows(result: Result) -> Rows:
    """Operation, seconds, remote calls, seconds in them."""
    return [
        (one.name, f"{one.seconds:.2f}", str(one.remote_calls), f"{one.remote_seconds:.2f}")
        for one in result.of(Operation)
    ]


def storage_rows(result: Result) -> Rows:
    """Copy, full size, what it really takes, that in per cent."""
    return [
        (
            copy.name,
            size_text(copy.full_bytes),
            size_text(copy.own_bytes),
            f"{100 * copy.own_bytes / copy.full_bytes:.0f} %" if copy.full_bytes else "",
        )
        for copy in result.of(Copy)
    ]


def by_hand_rows(result: Result) -> Rows:
    """Work by hand, its seconds, the plugin's operation, its seconds."""
    rows: Rows = []
    for one in result.of(ByHand):
        operation = result.operation(one.operation)
        seconds = f"{operation.seconds:.2f}" if operation else ""
        rows.append((one.what, f"{one.seconds:.2f}", one.operation, seconds))
    return rows


def stall_rows(result: Result) -> Rows:
    """What went on, the longest write meanwhile."""
    return [(stall.during, f"{stall.worst_ms:.0f}") for stall in result.of(Stall)]


def show(console: Console, result: Result, *, completed: bool) -> None:
    """Print all tables and the verdict; not `completed`: the story ended before its end."""
    _table(
        console,
        ("operation", "seconds", "remote calls", "seconds in them"),
        operation_rows(result),
    )
    _table(console, ("storage of", "full size", "takes", "of its size"), storage_rows(result))
    _table(
        console, ("by hand, in this run", "seconds", "operation", "seconds"), by_hand_rows(result)
    )
    _table(console, ("longest write of a client during", "ms"), stall_rows(result))
    console.print()
    console.print(verdict(result, completed=completed))


def verdict(result: Result, *, completed: bool) -> Text:
    """The last line: how many checks passed, in how long."""
    failed, told = len(result.failed), f"{result.rows:,} rows, {result.seconds:.0f} s"
    checks = len(result.of(Check))
    if failed:
        return Text(f"✘ {failed} of {checks} checks failed ({told})", style="bold red")
    if not completed:
        return Text(f"✘ not completed; {checks} checks passed so far ({told})", style="bold red")
    return Text(f"✔ all {checks} checks passed ({told})", style="bold green")


def _table(console: Console, titles: Sequence[str], rows: Rows) -> None:
    if not rows:
        return
    table = Table(box=None, header_style="dim")
    for number, title in enumerate(titles):
        text_column = number == 0 or title == "operation"
        table.add_column(title, justify="left" if text_column else "right", no_wrap=not text_column)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print()
    console.print(table)
