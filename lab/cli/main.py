"""All commands of the lab.

Other packages add commands of their own: `@cli.command()` with `@pass_lab` gives the open Lab,
`current_view()` shows things, `work()` runs a workflow while its progress is shown, and a
LabError is printed as message, what to do, output. With `@output` it has --json as well, and
answers what it returns.
"""

from __future__ import annotations

from lab.cli import containers, machine, serve
from lab.cli.base import cli, current_view, output, pass_lab, with_parameters, work

__all__ = [
    "cli",
    "containers",
    "current_view",
    "machine",
    "output",
    "pass_lab",
    "serve",
    "with_parameters",
    "work",
]
