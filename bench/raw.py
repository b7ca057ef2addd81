"""The raw tools: servers of nobody on the same storage, started, loaded and stopped by hand."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lab.errors import LabError
from lab.hosts.host import Host
from lab.lab import Lab
from lab.system.process import run
from testbed.client import Server, as_os_user

_SCRIPT = Path(__file__).with_name("raw.sh").read_text("utf-8")
_MOUNTS = "/mnt/bench"
_LIMIT_SECONDS = 7200
_MIB = 1024**2
# As the plugin's own loading server, with the largest buffer pool and redo log that it takes.
TUNED = (
    "--no-defaults",
    "--innodb-flush-log-at-trx-commit=0",
    "--skip-innodb-doublewrite",
    f"--innodb-buffer-pool-size={2048 * _MIB}",
    f"--innodb-log-file-size={1024 * _MIB}",
    f"--max-allowed-packet={1024 * _MIB}",
    "--performance-schema=0",
    "--skip-networking",
)


@dataclass(frozen=True)
class Raw:
    """A dataset of the pool that no plugin knows, mounted on a host."""

    lab: Lab
    host: Host
    name: str
    login: str = field(default="", repr=False)

    @property
    def folder(self) -> str:
        """Where it is mounted."""
        return f"{_MOUNTS}/{self.name}"

    @property
    def server(self) -> Server:
        """The server that was started on it."""
        run = as_os_user(self.host.run_as_root, self.host.environment_user)
        return Server(run, socket=f"{self.folder}/raw.sock", user=self.host.environment_user)

    def do(self, what: str, **variables: str) -> float:
        """Seconds of a function of raw.sh, told by the script itself. Raises LabError."""
        return by_hand(self.host, what, FOLDER=self.folder, LOGIN=self.login, **variables)

    def start(self, options: Sequence[str]) -> float:
        """Start a server and wait until it answers; seconds. Raises LabError."""
        return self.do("start_server", OPTIONS="\n".join(options))

    def stop(self) -> float:
        """Stop it and wait until its process is gone; seconds. Raises LabError."""
        return self.do("stop_server")

    def fresh(self) -> float:
        """Create a server tuned for a load, and start it; seconds. Raises LabError."""
        return self.do("create_server") + self.start((*TUNED, f"--datadir={self.folder}/data"))


def by_hand(host: Host, what: str, **variables: str) -> float:
    """Seconds of a function of raw.sh, without the way to the host. Raises LabError."""
    given: Mapping[str, str] = {"DO": what, **variables}
    done = host.run_as_user(_SCRIPT, given, timeout=_LIMIT_SECONDS)
    if done.exit_code != 0:
        words = done.stderr.decode(errors="replace")
        raise LabError(f"By hand, {what} failed on {host.name}", output=words)
    name, _, seconds = done.text.strip().rpartition(" ")
    assert name == what, done.text
    return float(seconds)


@contextmanager
def dataset(lab: Lab, host: Host, login: str, snapshot: str | None = None) -> Iterator[Raw]:
    """An empty dataset, or a clone of a snapshot (its storage name), mounted; gone afterwards.

    What runs on it is killed. Raises LabError.
    """
    pool, number = lab.engine.machine.pool, 0
    while pool.dataset_exists(f"bench/raw{number}"):
        number += 1
    raw = Raw(lab, host, f"raw{number}", login)
    place = f"bench/{raw.name}"
    with ExitStack() as closing:
        closing.callback(pool.delete_dataset, place)
        if snapshot is None:
            pool.create_dataset(place, host.uid, host.gid)
        else:
            pool.clone(snapshot, place, host.uid, host.gid)
        closing.callback(host.unmount, raw.folder)
        closing.callback(_kill, raw)
        host.mount(pool.dataset_volume(place), raw.folder)
        yield raw


def _kill(raw: Raw) -> None:
    script = 'pid="$(cat "$1")" && kill -KILL "$pid" && while kill -0 "$pid"; do sleep 0.01; done'
    argv = ["bash", "-c", f'({script}) 2>/dev/null; rm -f "$1"', "bash", f"{raw.folder}/raw.pid"]
    raw.host.run_as_root(argv, check=False)


def clone_options(raw: Raw, mount: str, my_cnf: Sequence[str] = ()) -> tuple[str, ...]:
    """How to start a server by hand on a clone: with the option file of its origin, paths changed.

    mount: where the origin was mounted; my_cnf: files of it that name that path.
    """
    for name in my_cnf or ("my.cnf", "required.cnf"):
        script = '[[ ! -e $1 ]] || sed -i "s|$2/|$3/|g" "$1"'
        raw.host.run_as_root(
            ["bash", "-c", script, "bash", f"{raw.folder}/{name}", mount, raw.folder]
        )
    return (f"--defaults-file={raw.folder}/my.cnf", "--init-file=", "--skip-networking")


def storage_snapshot(lab: Lab, dataset_name: str) -> float:
    """Seconds of a storage snapshot, which is gone afterwards. Raises LabError."""
    pool = lab.engine.machine.pool
    started = time.monotonic()
    pool.snapshot(dataset_name, "bench-snapshot")
    spent = time.monotonic() - started
    pool.delete_snapshot("bench-snapshot")
    return spent


def settle(lab: Lab) -> None:
    """Wait until storage has written what it was given and cleared what was deleted."""
    mount = str(lab.root / "pool")
    run(["btrfs", "filesystem", "sync", mount], timeout=_LIMIT_SECONDS)
    run(["btrfs", "subvolume", "sync", mount], timeout=_LIMIT_SECONDS)
