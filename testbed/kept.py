"""Source data directories that were loaded once and are kept for the labs that come after.

A test run makes some thirty sources with the same data. The first one is loaded by SQL, shut down
in good order and packed; the others begin with a copy of its files.
"""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.hosts.host import Host
from lab.lab import Lab
from testbed import source
from testbed.client import Server
from testbed.places import host_place
from testbed.source import DATA, start, stop

# Set by `./dev test`: the folder for temporary files of the run.
RUN = "DEV_TEST_RUN"


def start_loaded(host: Host, server: Server, contents: str, load: Callable[[], object]) -> None:
    """Start a source with data: a copy of kept files, else by `load`, whose outcome is then kept.

    Args:
        host: where the source runs; it has no data yet.
        server: the source.
        contents: name of what `load` makes; one name stands for one thing in a test run.
        load: fills the running server.

    Raises LabError and ClientError.
    """
    folder = os.environ.get(RUN)
    if folder is None:
        start(host, server)
        load()
        return
    with _archive(Path(folder), host, contents) as archive:
        if archive.exists():
            _unpack(host, archive)
            start(host, server)
            return
        start(host, server)
        load()
        stop(host)
        _pack(host, archive)
        start(host, server)


@contextmanager
def _archive(folder: Path, host: Host, contents: str) -> Iterator[Path]:
    """The file for these contents and this version of the server; one process makes it."""
    version = host.run_as_root(["mariadbd", "--no-defaults", "--version"]).text
    key = hashlib.sha256(f"{version}\n{contents}".encode()).hexdigest()[:16]
    kept = folder / "kept"
    kept.mkdir(exist_ok=True)
    archive = kept / f"{key}.tar"
    with (kept / f"{key}.lock").open("w") as lock:
        if not archive.exists():
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield archive


def _pack(host: Host, archive: Path) -> None:
    data = Path(DATA)
    packed = host.run_as_root(["tar", "-c", "--sparse", "-C", str(data.parent), data.name])
    archive.with_suffix(".new").write_bytes(packed.stdout)
    archive.with_suffix(".new").rename(archive)


def _unpack(host: Host, archive: Path) -> None:
    """Owners go by their names: another release may number them otherwise."""
    target = str(Path(DATA).parent)
    host.run_as_root(["install", "-d", target])
    host.run_as_root(["tar", "-x", "-p", "-C", target], input=archive.read_bytes())


def seed(lab: Lab, host_name: str, rows: int) -> None:
    """As `source.seed`, from kept files where there are any. Raises LabError and ClientError."""
    place = host_place(lab, host_name)
    contents = f"data set of {rows} rows"
    start_loaded(place.host, place.server, contents, lambda: source.seed(lab, host_name, rows))
