"""The command that opens the engine's door."""

from __future__ import annotations

import click

from lab.api import server
from lab.api.sessions import IDLE_SECONDS
from lab.cli.base import cli, pass_lab
from lab.lab import Lab


@cli.command()
@click.option("--port", default=8080, show_default=True, help="On 127.0.0.1; 0 for any free one.")
@click.option("--user", default="admin", show_default=True, help="Who may log in.")
@click.option("--idle", default=IDLE_SECONDS, help="Seconds until an unused session ends.")
@pass_lab
def serve(lab: Lab, port: int, user: str, idle: float) -> None:
    """Serve the engine's interface, DCT's and a page, until Ctrl-C.

    The password is taken from LAB_PASSWORD, DCT's key from LAB_API_KEY; what is not set is made
    up. All of it stands in api.json of the lab's folder while the server runs.
    """
    click.echo(f"Where and how to log in: {lab.root / server.FILE}", err=True)
    server.serve(lab.root, port, user, idle)
