"""Steps run the way an engine runs them, on a host of the lab, against real servers."""

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from domain.dataset.layout import Layout
from domain.dataset.marker import PLUGIN_ID, Marker
from domain.options import init_sql, my_cnf
from domain.options.my_cnf import Role, ServerConfig
from domain.options.settings import Setting
from errors import by_exit_code
from lab.hosts.host import ENVIRONMENT_GID, ENVIRONMENT_UID, Host, HostSpec
from lab.machine import Machine
from lab.system.process import CommandResult
from remote.answer import Answer
from remote.script import Header, assembled, command_text, files_of, known_to_itself
from tests.lab.machine_support import leftovers
from tests.shape.tree import libraries, name_of

DAEMON = "/usr/sbin/mariadbd"
BASE_DIR = "/usr"
# No step may take longer, whatever it waits for.
STEP_SECONDS = 60.0
# Root directory of the Linux release whose bash and MariaDB are tried; this machine's own if unset.
_ROOT = os.environ.get("SCRIPTS_TEST_ROOT")


@dataclass(frozen=True)
class Outcome:
    """How a step ended: name of its catalogue entry (empty for success), answer and story."""

    failure: str
    answer: Answer
    story: str

    @property
    def seen(self) -> str:
        """What the failure says that it saw."""
        return self.answer.maybe("seen")


def wait_for(what: str, condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Poll until the condition holds; an AssertionError says what did not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"after {seconds} s still not: {what}"
        time.sleep(0.02)


def run_step(
    host: Host, script: str, variables: Mapping[str, str], timeout: float = STEP_SECONDS
) -> Outcome:
    """Run a step as the environment user."""
    given = {**variables, "OS_USER": host.environment_user}
    return outcome_of(script, host.run_as_user(command_text(script), given, timeout=timeout))


def run_library(
    host: Host, body: str, variables: Mapping[str, str] | None = None, timeout: float = STEP_SECONDS
) -> Outcome:
    """Run `body` with all library functions at hand, as the body of a step.

    It can start a job, which runs the body again with the argument `job`.
    """
    given = dict(variables or {})
    manual = Header({"Inputs": " ".join(given)})
    step = f'body() {{\n{body}\n}}\nstory_setup\nbody "$@"\n'
    every = dict.fromkeys(name for path in libraries() for name in files_of(name_of(path)))
    text = known_to_itself(f"{assembled(every, manual)}\n{step}")
    return outcome_of("test", host.run_as_user(text, given, timeout=timeout))


def outcome_of(name: str, result: CommandResult) -> Outcome:
    """Read a finished command."""
    failure = by_exit_code(result.exit_code).name if result.exit_code else ""
    return Outcome(failure, Answer.parse(name, result.text), result.stderr.decode())


@dataclass(frozen=True)
class Dataset:
    """A dataset mounted on a host, and the server that may run on it."""

    host: Host
    layout: Layout
    port: int
    server_id: int
    role: Role = Role.VDB
    binary_log: bool = False
    settings: tuple[Setting, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[["Dataset"], None] | None = None

    @property
    def mount(self) -> str:
        """Its mount path."""
        return self.layout.mount

    @property
    def config(self) -> ServerConfig:
        """Everything its option file depends on."""
        return ServerConfig(
            role=self.role,
            layout=self.layout,
            port=self.port,
            server_id=self.server_id,
            bind_address="127.0.0.1",
            settings=self.settings,
            binary_log=self.binary_log,
        )

    @property
    def variables(self) -> dict[str, str]:
        """Inputs of every step on this dataset."""
        marker = Marker(
            guid=f"guid-{self.server_id}",
            role=self.role.value,
            port=self.port,
            server_id=self.server_id,
            base_dir=BASE_DIR,
            daemon_path=DAEMON,
            required=(),
        )
        return {
            "MOUNT": self.mount,
            "DAEMON": DAEMON,
            "BASE_DIR": BASE_DIR,
            "PORT": str(self.port),
            "SERVER_ID": str(self.server_id),
            "MARKER": marker.render(),
            "REQUIRED": my_cnf.render_required(BASE_DIR, ()),
            "CONFIG": my_cnf.render(self.config),
            "INIT_SQL": init_sql.render(self.host.environment_user),
            "OPEN_ACCOUNTS_SQL": init_sql.open_accounts_query(),
            "START_SECONDS": "30",
            "STOP_SECONDS": "30",
            "RESTART": "no",
            "LOCK_SECONDS": "5",
            "HOLD_SECONDS": "60",
            "NEEDS_SERVER": "yes",
            "KEEP_LOGS": "no",
            "INITIALISE": "yes",
            **self.extra,
        }

    def with_(self, *settings: Setting, **extra: str) -> "Dataset":
        """The same with other settings and inputs."""
        return replace(self, settings=settings or self.settings, extra={**self.extra, **extra})

    def run(self, script: str, timeout: float = STEP_SECONDS, **extra: str) -> Outcome:
        """Run a step on it."""
        return run_step(self.host, script, {**self.variables, **extra}, timeout)

    def good(self, script: str, timeout: float = STEP_SECONDS, **extra: str) -> Answer:
        """Run a step that must succeed."""
        outcome = self.run(script, timeout, **extra)
        assert outcome.failure == "", f"{script}: {outcome.failure} {outcome.seen}\n{outcome.story}"
        return outcome.answer

    def library(self, body: str, timeout: float = STEP_SECONDS, **extra: str) -> Outcome:
        """Run text that uses the library functions on this dataset."""
        return run_library(self.host, body, {**self.variables, **extra}, timeout)

    def create(self) -> "Dataset":
        """Make and start a server on it.

        Without settings of its own it is a clone of one that `dataset_create` has made before.
        """
        if self.prepare and not self.settings:
            self.prepare(self)
        else:
            self.good("dataset_create")
        self.good("server_start")
        return self

    def sql(self, statements: str, *options: str) -> str:
        """Run statements as the owner of the server; what they print."""
        client = ["mariadb", "--no-defaults", f"--socket={self.layout.socket}", "--batch"]
        argv = [*client, "--skip-column-names", *options]
        return self.as_owner(argv, statements.encode()).removesuffix("\n")

    def as_owner(self, argv: list[str], input: bytes = b"") -> str:
        """Run a program as the environment user, with input."""
        drop = [f"--reuid={ENVIRONMENT_UID}", f"--regid={ENVIRONMENT_GID}", "--clear-groups"]
        return self.host.run_as_root(
            ["setpriv", *drop, *argv], input=input, timeout=STEP_SECONDS
        ).text

    def pids(self) -> list[int]:
        """The servers that run with its option file."""
        wanted = f"--defaults-file={self.mount}/my.cnf".encode()
        return [pid for pid, line in command_lines(self.host).items() if wanted in line]

    def read(self, name: str) -> str:
        """Content of one of its files."""
        return self.host.read_file(f"{self.mount}/{name}").decode()

    def write(self, name: str, content: str, mode: int = 0o600) -> None:
        """Write one of its files."""
        owner = "delphix:delphix"
        self.host.write_file(f"{self.mount}/{name}", content.encode(), mode, owner)

    def names(self) -> list[str]:
        """What lies in it."""
        return sorted(self.host.run_as_root(["ls", "-A", self.mount]).text.split())


def command_lines(host: Host) -> dict[int, list[bytes]]:
    """Arguments of all processes of a host."""
    return {pid: raw.split(b"\0")[:-1] for pid, raw in process_files(host, "cmdline").items()}


def process_files(host: Host, name: str) -> dict[int, bytes]:
    """/proc/PID/NAME of all processes of a host, but for those that ended meanwhile."""
    script = (
        'for (glob "/proc/[0-9]*/$ARGV[0]") { open(my $f, "<", $_) or next; local $/;'
        ' my $text = readline($f) // ""; m{/proc/(\\d+)}; print "$1 ", unpack("H*", $text), "\\n" }'
    )
    lines = host.run_as_root(["perl", "-e", script, name]).text.splitlines()
    return {int(pid): bytes.fromhex(raw) for pid, _, raw in (line.partition(" ") for line in lines)}


@contextmanager
def one_host(root: Path) -> Iterator["Bench"]:
    """A machine with one host, for the tests of one file."""
    machine = Machine(root / "lab")
    try:
        machine.up([HostSpec("bench", Path(_ROOT) if _ROOT else None)], pool_gib=2)
        yield Bench(machine, machine.hosts["bench"])
    finally:
        machine.down()
    assert leftovers(machine.root) == []


@dataclass(frozen=True)
class Bench:
    """A host to try things on."""

    machine: Machine
    host: Host
    made: list[str] = field(default_factory=list)

    def dataset(self, name: str, port: int, **more: object) -> Dataset:
        """A fresh, empty dataset at /mnt/NAME."""
        self.machine.pool.create_dataset(f"bench/{name}", self.host.uid, self.host.gid)
        self.host.mount(self.machine.pool.dataset_volume(f"bench/{name}"), f"/mnt/{name}")
        layout = Layout(f"/mnt/{name}")
        made = Dataset(self.host, layout, port, 1000 + port, prepare=self._clone_of_made)
        return replace(made, **more)  # type: ignore[arg-type]

    def _clone_of_made(self, dataset: Dataset) -> None:
        """Put a clone of a dataset that was made once in the place of an empty one."""
        pool, name = self.machine.pool, f"bench/{dataset.mount.removeprefix('/mnt/')}"
        if not self.made:
            first = self.dataset("made", 3399)
            first.good("dataset_create")
            self.host.unmount(first.mount)
            pool.snapshot("bench/made", "bench/made")
            self.made.append("bench/made")
        self.host.unmount(dataset.mount)
        pool.delete_dataset(name)
        pool.clone(self.made[0], name, self.host.uid, self.host.gid)
        self.host.mount(pool.dataset_volume(name), dataset.mount)

    def clone(self, original: Dataset, name: str, port: int) -> Dataset:
        """A copy of a dataset as it is now, at /mnt/NAME."""
        pool, parent = self.machine.pool, original.mount.removeprefix("/mnt/")
        pool.snapshot(f"bench/{parent}", f"bench/{name}")
        pool.clone(f"bench/{name}", f"bench/{name}", self.host.uid, self.host.gid)
        self.host.mount(pool.dataset_volume(f"bench/{name}"), f"/mnt/{name}")
        return replace(original, layout=Layout(f"/mnt/{name}"), port=port, server_id=1000 + port)

    def drop(self, dataset: Dataset) -> None:
        """Take a dataset away with everything that runs on it."""
        with suppress(AssertionError):
            dataset.good("server_stop")
        for pid in self.users_of(dataset.mount):
            self.host.run_as_root(["kill", "-KILL", str(pid)], check=False)
        wait_for(f"{dataset.mount} is not in use", lambda: not self.users_of(dataset.mount))
        self.host.unmount(dataset.mount)
        self.machine.pool.delete_dataset(f"bench/{dataset.mount.removeprefix('/mnt/')}")

    def users_of(self, mount: str) -> list[int]:
        """Processes that have files of a mount open."""
        script = (
            'for my $p (glob "/proc/[0-9]*") { for (glob "$p/cwd $p/exe $p/fd/*") {'
            ' my $to = readlink($_) // next; if (index($to, "$ARGV[0]/") == 0)'
            ' { $p =~ m{(\\d+)}; print "$1\\n"; last } } }'
        )
        return [
            int(pid) for pid in self.host.run_as_root(["perl", "-e", script, mount]).text.split()
        ]

    def processes_of_user(self) -> list[str]:
        """Names of the environment user's processes."""
        listing = self.host.run_as_root(
            ["ps", "-u", str(self.host.uid), "-o", "stat=,comm="], check=False
        ).text
        return sorted(line.split()[1] for line in listing.splitlines() if not line.startswith("Z"))


def marker_text(**changes: object) -> str:
    """A delphix.json of this plugin."""
    return json.dumps({"plugin": PLUGIN_ID, "port": 1, "serverId": 1, **changes}, indent=1)
