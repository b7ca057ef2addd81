"""`./dev demo`: the plugin at work on this machine, told step by step and really checked."""

import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType

import click
from rich.console import Console
from rich.text import Text

from demo import scenes_by_hand, scenes_dsource, scenes_vdb, tables
from demo.stage import DSOURCE, FIRST, Stage
from demo.story import Story
from lab.api import server
from lab.api.sessions import IDLE_SECONDS
from lab.errors import LabError
from lab.lab import Lab
from testbed.cli import ARTIFACT
from testbed.client import ClientError
from testbed.dataset import DEFAULT_ROWS, SMALL_ROWS
from testbed.parameters import DEVELOPER
from testbed.places import TARGET_HOST
from testbed.writer import WriterError

BUILD = ARTIFACT.parent
RESULT, LOGS = BUILD / "demo.json", BUILD / "demo-log"
INTERRUPTED = 130


@click.command()
@click.option("--keep", is_flag=True, help="Leave everything up and tell how to connect.")
@click.option("--serve", is_flag=True, help="Serve the engine's interface and page until Ctrl-C.")
@click.option("--rows", default=DEFAULT_ROWS, show_default=True, type=click.IntRange(SMALL_ROWS))
@click.option(
    "--lab",
    "folder",
    default=".lab",
    show_default=True,
    type=click.Path(file_okay=False),
    help="Folder of the lab, which is made.",
)
def main(keep: bool, serve: bool, rows: int, folder: str) -> None:
    """Show the plugin at work: link, sync, provision and the life of two VDBs."""
    story = Story(Console(highlight=False, soft_wrap=True))
    lab = Lab.open(Path(folder), progress=story.progress)
    if lab.exists():
        command = _lab_command(folder)
        raise click.ClickException(
            f"there is a lab in {folder} already. Take it down ({command} down) or choose another"
            " folder (--lab DIR)."
        )
    if not ARTIFACT.exists():
        raise click.ClickException("the plugin is not built. Build it: ./dev build.")
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    with _cleaning_up(lab, story, keep):
        code = _play(lab, story, rows)
        if serve:
            _serve(lab, story)
        if keep:
            _tell_how_to_connect(lab, story, folder)
    sys.exit(code)


def _play(lab: Lab, story: Story, rows: int) -> int:
    """Play the story; returns the exit code: 0 when all checks passed."""
    done, code = 0, 1
    try:
        with ExitStack() as closing:
            stage = Stage(lab, story, closing)
            scenes_dsource.machine(stage)
            done = scenes_dsource.live_source(stage, rows)
            scenes_dsource.discover(stage, ARTIFACT)
            for scene in (
                scenes_dsource.link,
                scenes_dsource.sync,
                scenes_vdb.provision,
                scenes_vdb.doors,
                scenes_vdb.isolation,
                scenes_vdb.snapshot_and_rollback,
                scenes_vdb.refresh,
                scenes_by_hand.stop_and_start,
                scenes_by_hand.copy_by_hand,
            ):
                scene(stage)
            stage.rest()
        code = 0
    except (LabError, ClientError, WriterError) as error:
        _show_failure(story, error)
    except KeyboardInterrupt:
        story.console.print(Text("Interrupted.", style="bold red"))
        code = INTERRUPTED
    result = story.result(done)
    RESULT.write_text(result.to_json(), "utf-8")
    tables.show(story.console, result, completed=code == 0)
    story.note(f"all numbers: {RESULT}")
    return code or int(bool(result.failed))


def _serve(lab: Lab, story: Story) -> None:
    """The lab's page and interface, on any free port, until somebody ends it."""
    lab.close()
    place = lab.root / server.FILE
    story.console.print(f"The engine's page, and who may log in: see {place}. Ctrl-C ends it.")
    with suppress(KeyboardInterrupt):
        server.serve(lab.root, 0, "admin", IDLE_SECONDS)


def _show_failure(story: Story, error: Exception) -> None:
    story.console.print()
    story.console.print(Text(f"✘ The demo failed: {error}", style="bold red"))


@contextmanager
def _cleaning_up(lab: Lab, story: Story, keep: bool) -> Iterator[None]:
    try:
        yield
    finally:
        # What is left behind half-way is worse than a demo that cannot be interrupted twice.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        _keep_logs(lab)
        if keep:
            lab.close()
        else:
            with story.working("take everything down"):
                lab.down()


def _keep_logs(lab: Lab) -> None:
    shutil.rmtree(LOGS, ignore_errors=True)
    with suppress(FileNotFoundError):
        shutil.copytree(lab.root / "log", LOGS)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _lab_command(folder: str) -> str:
    return "./dev lab" if folder == ".lab" else f"./dev lab --root {folder}"


def _tell_how_to_connect(lab: Lab, story: Story, folder: str) -> None:
    command = _lab_command(folder)
    lines = [
        "Everything is still up:",
        f"  {command} status",
        f"  {command} sql {FIRST}        a client on a VDB; also: {DSOURCE} (staging), source",
    ]
    if FIRST in [container.name for container in lab.containers()]:
        stage = Stage(lab, story, ExitStack())
        place, (address, port) = stage.place(FIRST), stage.address(FIRST)
        lines += [
            f"  {command} run {TARGET_HOST} 'mariadb --socket={place.socket} -e \"SELECT 1\"'",
            f"  on the target host by TCP: {address}:{port}, user {DEVELOPER.user},",
            f"    password {DEVELOPER.password}",
        ]
    lines.append(f"  {command} down        take it all down")
    story.console.print()
    for line in lines:
        story.console.print(Text(line))


if __name__ == "__main__":
    main(prog_name="./dev demo")
