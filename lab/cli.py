"""The lab on the command line: `python -m lab.cli`.

Other packages add commands of their own: `@cli.command()` with `@pass_lab` gives the open Lab,
`current_view()` shows things, `work()` runs a workflow while its progress is shown, and a
LabError is printed as message, what to do, output.
"""

from __future__ import annotations

from lab import cli_data, cli_machine
from lab.cli_base import cli, current_view, pass_lab, with_parameters, work

__all__ = [
    "cli",
    "cli_data",
    "cli_machine",
    "current_view",
    "pass_lab",
    "with_parameters",
    "work",
]

if __name__ == "__main__":
    cli(prog_name="./dev lab")
