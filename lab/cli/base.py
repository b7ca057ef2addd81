"""What all commands share: the group, the open lab, progress, answers, errors, parameters."""

from __future__ import annotations

import functools
import json
import os
import sys
import traceback
import typing
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console

from lab.cli.documents import document
from lab.cli.view import View
from lab.errors import LabError
from lab.jobs import JobFailed
from lab.lab import Lab
from lab.model import Job, Json

F = TypeVar("F", bound=Callable[..., Any])
_JSON = "--json"
_VIEW = "lab.view"

pass_lab = click.make_pass_decorator(Lab)


def current_view() -> View:
    """The view of the running command."""
    view: View = click.get_current_context().meta[_VIEW]
    return view


class LabGroup(click.Group):
    """Shows a LabError the same way for every command."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; exit code 1 after a LabError."""
        words = [*ctx.protected_args, *ctx.args]
        try:
            return super().invoke(ctx)
        except LabError as error:
            if isinstance(error, JobFailed):
                current_view().job(error.job)
            current_view().error(error)
            sys.exit(1)
        except click.UsageError as error:
            if not _asks_for_json(words, error.ctx):
                raise
            current_view().switch_to_json()
            current_view().error(LabError(error.format_message(), "See --help."))
            sys.exit(error.exit_code)
        except KeyboardInterrupt:
            # A thread may still wait for a remote command; a normal exit would wait for it too.
            click.echo("Cancelled. What runs on a host goes on there.", err=True)
            os._exit(130)


def _asks_for_json(words: Sequence[str], ctx: click.Context | None) -> bool:
    """Whether a command that could not be read has --json in its line, as an option of its own."""
    options = ctx.command.params if ctx is not None else []
    return _JSON in words and any(_JSON in option.opts for option in options)


def output(command: Callable[..., Json]) -> Callable[..., None]:
    """Option --json: the answer is what the command returns, as the one JSON document on stdout.

    Stands next to the function. The command shows things by `current_view()` as if for a
    person, which is silent then; what it returns may hold objects of the engine.
    """

    @functools.wraps(command)
    def answering(*arguments: Any, **options: Any) -> None:
        view = current_view()
        try:
            view.answer(command(*arguments, **options))
        except (LabError, click.ClickException):
            raise
        except Exception as error:
            if not view.for_machine:
                raise
            click.echo(traceback.format_exc(), err=True)
            message = f"Fault of the lab: {type(error).__name__}: {error}"
            raise LabError(message, "The trace on standard error tells where.") from error

    def switch(_ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
        if wanted:
            current_view().switch_to_json()

    words = "Answer with one JSON document."
    return click.option(
        _JSON, is_flag=True, is_eager=True, expose_value=False, callback=switch, help=words
    )(answering)


@click.group(cls=LabGroup)
@click.option(
    "--root",
    default=".lab",
    show_default=True,
    type=click.Path(file_okay=False),
    help="Folder of the lab.",
)
@click.pass_context
def cli(ctx: click.Context, root: str) -> None:
    """A small Delphix engine with hosts, storage and your plugin."""
    view = View(Console(), Console(stderr=True))
    ctx.meta[_VIEW] = view
    ctx.obj = Lab.open(Path(root), progress=view.progress)
    ctx.call_on_close(ctx.obj.close)


def work(title: str, workflow: Callable[[], Job]) -> Json:
    """Run a workflow while its progress is shown, show its steps, and answer its job."""
    view = current_view()
    with view.watching(title):
        job = workflow()
    view.job(job)
    return typing.cast(Json, document(job))


def with_parameters(command: F) -> F:
    """Options --param and --params-file, passed to the command as `parameters`."""
    for option in (
        click.option(
            "--param",
            "parameters",
            multiple=True,
            metavar="KEY=VALUE",
            callback=_merge,
            help="One parameter; the value is JSON if it parses, else text. May be repeated.",
        ),
        click.option(
            "--params-file",
            type=click.Path(exists=True, dir_okay=False),
            is_eager=True,
            expose_value=False,
            callback=_read,
            help="JSON object with parameters.",
        ),
    ):
        command = option(command)
    return command


def _read(ctx: click.Context, option: click.Parameter, path: str | None) -> None:
    try:
        parameters = json.loads(Path(path).read_text()) if path else {}
    except ValueError as error:
        raise click.BadParameter(f"not JSON: {error}") from None
    if not isinstance(parameters, dict):
        raise click.BadParameter("not a JSON object")
    ctx.meta["lab.parameters"] = parameters


def _merge(ctx: click.Context, option: click.Parameter, pairs: Sequence[str]) -> Json:
    parameters: Json = dict(ctx.meta["lab.parameters"])
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals:
            raise click.BadParameter(f"{pair!r} is not KEY=VALUE")
        try:
            parameters[key] = json.loads(text)
        except ValueError:
            parameters[key] = text
    return parameters
