"""`python -m lab.cli`."""

from lab.cli.main import cli

cli(prog_name="./dev lab")
