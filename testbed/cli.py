"""`./dev lab`: the lab's commands, with MariaDB's defaults, and `seed` and `sql` beside them."""

import copy
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

from lab.cli.main import cli as lab_cli
from lab.cli.main import current_view, pass_lab
from lab.errors import LabError
from lab.lab import Lab
from testbed import source
from testbed.client import ClientError
from testbed.dataset import DEFAULT_ROWS, SMALL_ROWS
from testbed.parameters import Json, link_parameters, vdb_parameters
from testbed.places import Place, place_of

# A group of our own: the lab's stays what it is for whoever uses it in this process.
cli = copy.copy(lab_cli)
cli.commands = dict(lab_cli.commands)

ARTIFACT = Path(__file__).resolve().parents[1] / "build" / "artifact.json"


@cli.command()
@click.option("--rows", default=DEFAULT_ROWS, show_default=True, type=click.IntRange(SMALL_ROWS))
@click.option("--host", default="source", show_default=True)
@pass_lab
def seed(lab: Lab, rows: int, host: str) -> None:
    """Start a MariaDB on the source host, with a data set and the accounts Delphix needs.

    Harmless when it is there: the data set is loaded once.
    """
    view = current_view()
    try:
        with view.watching(f"seed {host}"):
            seeded = source.seed(lab, host, rows)
    except ClientError as error:
        raise LabError("The source could not be seeded", output=str(error)) from None
    done = f"loaded in {seeded.seconds:.1f} s" if seeded.seconds else "there already"
    place = f"MariaDB on {host}, port {source.PORT}"
    view.console.print(f"{place}: {seeded.rows:,} rows, {done}", highlight=False)


@cli.command()
@click.argument("name")
@click.argument("statement", required=False)
@click.pass_context
def sql(ctx: click.Context, name: str, statement: str | None) -> None:
    """Talk SQL to NAME: a VDB, a dSource (its staging server) or a host, as the server's owner.

    Without STATEMENT: interactive, or what comes on standard input.
    """
    place = place_of(ctx.obj, name)
    # Left to itself the client takes the locale's, which under sudo is often none.
    charset = "--default-character-set=utf8mb4"
    argv = ["mariadb", f"--socket={place.socket}", f"--user={place.os_user}", charset]
    if statement is not None:
        shape = ["--table"] if sys.stdout.isatty() else ["--batch"]
        ctx.exit(_talk(place, [*argv, *shape], statement.encode()))
    ctx.exit(_talk(place, argv, None))


def _talk(place: Place, argv: list[str], text: bytes | None) -> int:
    # A Ctrl-C is the client's: it reaches the program by itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stdin = None if text is None else subprocess.PIPE
    client = place.popen(argv, stdin=stdin, stdout=None, stderr=None)
    client.communicate(text)
    return client.returncode


def _after(name: str, then: Callable[[], None]) -> None:
    """Go on with `then` when the lab's command has done its work."""
    command, work = _replace(name)

    def callback(**options: Any) -> None:
        work(**options)
        then()

    command.callback = callback


def _completed(
    name: str, port_key: str, complete: Callable[[str, Json, Iterable[int]], Json]
) -> None:
    """Fill in the parameters that a person did not give to the lab's command; add --port."""
    command, work = _replace(name)
    words = f"TCP port of the server (parameter {port_key}).  [default: a free one]"
    port_option = click.Option(["--port"], type=click.IntRange(1024, 65535), help=words)
    command.params = [*command.params, port_option]

    def callback(*, parameters: Json, port: int | None, **options: Any) -> None:
        lab: Lab = click.get_current_context().obj
        given = parameters if port is None else {**parameters, port_key: port}
        work(parameters=complete(options["name"], given, _used_ports(lab)), **options)

    command.callback = callback


def _replace(name: str) -> tuple[click.Command, Callable[..., Any]]:
    command = copy.copy(cli.commands[name])
    work = command.callback
    assert work is not None
    cli.add_command(command)
    return command, work


def _used_ports(lab: Lab) -> list[int]:
    if not lab.exists():
        return []
    kept = [container.parameters for container in lab.containers()]
    ports = [given.get("port", given.get("stagingPort")) for given in kept]
    return [int(port) for port in ports if port]


def _upload_built() -> None:
    """The plugin comes with the lab; one that is there already stays what it is."""
    lab: Lab = click.get_current_context().obj
    if not lab.plugins():
        _upload(lab)


def _upload(lab: Lab) -> None:
    if not ARTIFACT.exists():
        raise LabError("The plugin is not built", "Build it: ./dev build.")
    with current_view().watching("upload"):
        plugin = lab.upload(ARTIFACT)
    current_view().console.print(f"plugin {plugin.name} {plugin.build_number}", highlight=False)


def _built_by_default(name: str) -> None:
    command, _ = _replace(name)
    artifact = copy.copy(command.params[0])
    artifact.default = str(ARTIFACT)
    command.params = [artifact, *command.params[1:]]


_after("up", _upload_built)
_built_by_default("upload")
_completed("link", "stagingPort", link_parameters)
_completed("provision", "port", vdb_parameters)
_completed("create-empty", "port", vdb_parameters)

if __name__ == "__main__":
    cli(prog_name="./dev lab")
