"""The faults themselves: each strikes, proves that it did, and is lifted again."""

import os
import signal
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from lab.errors import LabError
from lab.system.process import CommandResult, ProcessIdentity, run, wait_until
from testbed import source
from testbed.site import until
from tests.faults.bench import Bench
from tests.faults.points import InStep, NotInjected, Point
from tests.faults.processes import Process, server, source_server, with_words
from tests.faults.work import Work
from tests.workflows.support import kill, restart_source

LOAD_WORDS = ("--binary-mode", "--max-allowed-packet=1G")
DUMP_WORD = "--single-transaction"
PREPARE_WORD = "--prepare"
# A few pages; enough for small files, not for a server; more is used than may be.
TIGHT_BYTES, SLACK_BYTES, OVER_BYTES = 32_768, 1_048_576, -67_108_864
POLL_SECONDS = 60
_PROBE_KIB = 2048


@dataclass
class Strike(ABC):
    """A fault on one operation. `name` is the dSource or VDB, `host` where its dataset is."""

    bench: Bench
    point: Point
    name: str

    @property
    def host(self) -> str:
        """Where the dataset is mounted."""
        return self.point.host

    @property
    def mount(self) -> str:
        """The dataset's mount path."""
        return self.point.mount

    @abstractmethod
    def strike(self) -> None:
        """Do it, and see that it is done. Raises NotInjected."""

    def lift(self) -> None:
        """Take it away. Repeatable, also when it never struck."""
        return


def _there(process: Process | None, what: str) -> Process:
    if process is None:
        raise NotInjected(f"not injected: there is no {what}")
    return process


class KillServer(Strike):
    """kill -9 of the server of the dataset."""

    def strike(self) -> None:
        _there(server(self.bench.lab, self.host, self.mount), "server").kill()


class KillSource(Strike):
    """kill -9 of the source's server."""

    def strike(self) -> None:
        _there(source_server(self.bench.lab), "source").kill()

    def lift(self) -> None:
        if not source.answers(self.bench.site.source.server):
            restart_source(self.bench.site)


class KillJob(Strike):
    """kill -9 of the background job's own process."""

    def strike(self) -> None:
        host = self.bench.site.host(self.host)
        pid = host.read_file(f"{self.mount}/run/job/pid").decode().split()[0]
        kill(host, int(pid))


@dataclass
class KillProgram(Strike):
    """kill -9 of a program that the job has started; `words` tell it."""

    words: tuple[str, ...]

    def strike(self) -> None:
        found = with_words(self.bench.lab, self.host, *self.words)
        _there(found[0] if found else None, f"program with {self.words}").kill()


class KillStep(Strike):
    """kill -9 of the shell of a remote step."""

    def strike(self) -> None:
        assert isinstance(self.point, InStep), self.point
        _there(self.point.shell, "shell").kill()


@dataclass
class Freeze(Strike):
    """SIGSTOP of a server."""

    frozen: list[Process] = field(default_factory=list)

    def _victim(self) -> Process | None:
        return server(self.bench.lab, self.host, self.mount)

    def strike(self) -> None:
        victim = _there(self._victim(), "server")
        victim.freeze()
        self.frozen.append(victim)

    def lift(self) -> None:
        for process in self.frozen:
            process.thaw()
        self.frozen.clear()


class FreezeSource(Freeze):
    """SIGSTOP of the source's server."""

    def _victim(self) -> Process | None:
        return source_server(self.bench.lab)

    def lift(self) -> None:
        super().lift()
        server = self.bench.site.source.server
        until(lambda: source.answers(server), "the source answers again", 30)


class CutNetwork(Strike):
    """The source's network cable is pulled: packets vanish, nobody is told."""

    def _link(self, state: str) -> None:
        host = self.bench.site.host("source")
        host.run_as_root(["ip", "link", "set", "eth0", state])

    def strike(self) -> None:
        self._link("down")
        place = self.bench.site.host("source").address
        ping = ["bash", "-c", f"timeout 2 bash -c ': </dev/tcp/{place}/3306'"]
        if self.bench.site.host("staging").run_as_root(ping, check=False).exit_code == 0:
            raise NotInjected("not injected: staging still reaches the source")

    def lift(self) -> None:
        self._link("up")


@dataclass
class OnDataset(Strike):
    """Something is done to the dataset's storage."""

    folder: Path | None = None

    def _probe(self) -> CommandResult:
        """Try to write a little, as root."""
        path = f"{self.mount}/probe"
        script = 'dd if=/dev/zero of="$1" bs=1K count="$2"; code=$?; rm -f "$1"; exit $code'
        argv = ["bash", "-c", script, "bash", path, str(_PROBE_KIB)]
        return self.bench.site.host(self.host).run_as_root(argv, check=False)

    def strike(self) -> None:
        self.folder = self.bench.dataset_folder(self.host, self.mount)
        self._do(self.folder)
        done = self._probe()
        if done.exit_code == 0:
            raise NotInjected("not injected: the dataset can still be written")

    @abstractmethod
    def _do(self, folder: Path) -> None:
        """Make it so that nothing can be written."""


@dataclass
class DiskFull(OnDataset):
    """The dataset has reached its quota, but for so many bytes."""

    left: int = TIGHT_BYTES

    def _do(self, folder: Path) -> None:
        run(["btrfs", "quota", "enable", str(folder)])
        run(["btrfs", "quota", "rescan", "-w", str(folder)])
        run(["btrfs", "filesystem", "sync", str(folder)])
        table = run(["btrfs", "qgroup", "show", "-f", "--raw", str(folder)]).text
        used = int(table.splitlines()[-1].split()[1])
        run(["btrfs", "qgroup", "limit", str(max(used + self.left, TIGHT_BYTES)), str(folder)])

    def lift(self) -> None:
        run(["btrfs", "quota", "disable", str(self.bench.lab.root / "pool")], check=False)


class ReadOnly(OnDataset):
    """The dataset's storage was made read-only; what is open for writing stays so."""

    def _do(self, folder: Path) -> None:
        run(["btrfs", "property", "set", "-ts", str(folder), "ro", "true"])

    def lift(self) -> None:
        if self.folder is not None and self.folder.exists():
            run(["btrfs", "property", "set", "-ts", str(self.folder), "ro", "false"])


@dataclass
class Reboot(Strike):
    """A host loses power and boots again."""

    victim: str

    def strike(self) -> None:
        self.bench.site.host(self.victim).restart()

    def lift(self) -> None:
        host, place = self.bench.site.host(self.victim), self.bench.site.source
        if not host.is_up():
            host.restart()
        if self.victim == "source":
            source.start(place.host, place.server)


class KillEngine(Strike):
    """kill -9 of the engine's process that runs the plugin."""

    def strike(self) -> None:
        pid = self.bench.lab.engine.runtime.pid
        identity = ProcessIdentity.of(pid) if pid is not None else None
        if identity is None:
            raise NotInjected("not injected: there is no process of the plugin")
        os.kill(identity.pid, signal.SIGKILL)
        if not wait_until(lambda: not identity.is_alive(), 10):
            raise NotInjected("not injected: the process of the plugin lives on")


@dataclass
class Another(Strike):
    """A second operation, which must be refused in words."""

    call: Callable[[], object]
    words: tuple[str, ...]

    def strike(self) -> None:
        error = _in_time(self.call).error
        assert isinstance(error, LabError), f"the second operation was let in: {error}"
        assert any(word in str(error) for word in self.words), f"the second was refused by: {error}"


@dataclass
class Poll(Strike):
    """What the engine asks now and then: it must have an answer."""

    call: Callable[[], object]

    def strike(self) -> None:
        error = _in_time(self.call).error
        assert error is None, f"what the engine polls failed: {error}"


def _in_time(call: Callable[[], object]) -> Work:
    work = Work(call)
    assert work.ends(POLL_SECONDS), f"no answer in {POLL_SECONDS} s"
    return work
