"""`./dev bench`: measure, and write what was measured."""

from __future__ import annotations

import os
import platform
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType

import click

from bench.measures import Measure, all_measures
from bench.record import Record, digest
from bench.run import FAILURES, Run, words
from bench.scale import FULL, QUICK, Scale
from lab.errors import LabError
from lab.system.process import run

ROOT = Path(__file__).resolve().parents[1]
ARTIFACT = ROOT / "build" / "artifact.json"
INTERRUPTED = 130


@click.command()
@click.option("--quick", is_flag=True, help="Little data: everything in a few minutes.")
@click.option("--only", multiple=True, metavar="NAME", help="Measures that begin so; repeatable.")
@click.option("--out", default=None, help="Folder of bench.json  [build/bench, build/bench-quick]")
@click.option(
    "--place", default="/tmp", show_default=True, help="Folder for labs; /dev/shm: memory."
)
@click.option("--again", is_flag=True, help="Forget what the folder of results holds.")
@click.option("--links", type=click.IntRange(1), help="How often each link is measured  [3; 1]")
@click.option("--name", default="bench", hidden=True, help="Begins names of folders for labs.")
@click.option("--list", "listed", is_flag=True, help="Name the measures and their data.")
def main(**options: object) -> None:
    """Measure the plugin's operations beside the raw tools.

    What --out holds already is not measured again.
    """
    scale = QUICK if options["quick"] else FULL
    scale = replace(scale, links=options["links"] or scale.links)  # type: ignore[arg-type]
    measures = chosen(scale, options["only"])  # type: ignore[arg-type]
    if options["listed"]:
        for one in measures:
            click.echo(f"{one.name:24} {one.shape}")
        return
    default = "build/bench-quick" if options["quick"] else "build/bench"
    out = Path(str(options["out"] or ROOT / default)).resolve()
    if options["again"]:
        shutil.rmtree(out, ignore_errors=True)
    places = Path(str(options["place"])).resolve(), str(options["name"])
    sys.exit(_run(scale, measures, out, places))


def chosen(scale: Scale, only: tuple[str, ...]) -> list[Measure]:
    """The measures whose names begin as wanted; all without a wish. Raises UsageError."""
    measures = all_measures(scale)
    for name in only:
        if not any(one.name.startswith(name) for one in measures):
            known = ", ".join(one.name for one in measures)
            raise click.UsageError(f"There is no measure {name}. There are: {known}.")
    return [one for one in measures if not only or one.name.startswith(only)]


def _run(scale: Scale, measures: list[Measure], out: Path, places: tuple[Path, str]) -> int:
    place, name = places
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        # A copy: somebody may build anew during a run of hours.
        built = ARTIFACT.read_bytes()
        record = Record.opened(out, conditions(scale, place, built))
        with _folder(place, name) as folder:
            artifact = folder / "artifact.json"
            artifact.write_bytes(built)
            well = Run(scale, folder, artifact, record, click.echo).measures(measures)
    except KeyboardInterrupt:
        click.echo("Interrupted. The same command goes on where this one was.")
        return INTERRUPTED
    except FAILURES as error:
        click.echo(f"The bench failed: {words(error)}")
        return 1
    click.echo(f"All figures: {record.path}; the page: ./dev bench page --out {out}")
    return 0 if well else 1


def conditions(scale: Scale, place: Path, built: bytes) -> dict[str, object]:
    """What figures of one record have in common. Raises LabError."""
    if not place.is_dir():
        raise LabError(f"There is no folder {place}", "Choose another one: --place DIR.")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    storage = run(["df", "--output=fstype", str(place)]).text.split()[-1]
    server = run(["mariadbd", "--no-defaults", "--version"]).text.split("Ver ")[-1].split("-")[0]
    machine = (
        f"{os.cpu_count()} cores, {memory:.0f} GB of memory, Linux {platform.release()},"
        f" MariaDB {server}; storage: btrfs in a file on {storage}"
    )
    return {"scale": scale.name, "artifact": digest(built), "machine": machine}


@contextmanager
def _folder(place: Path, name: str) -> Iterator[Path]:
    """A folder for labs, known to `./dev clean` by its name where it is in the usual places."""
    folder = Path(tempfile.mkdtemp(prefix=f"{name}.", dir=place))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        (folder / "artifact.json").unlink(missing_ok=True)
        if any(folder.iterdir()):
            raise LabError(f"{folder} holds a lab still", "Remove it: ./dev clean.")
        folder.rmdir()


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main(prog_name="./dev bench")
