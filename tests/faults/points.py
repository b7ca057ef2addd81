"""Places in the middle of an operation at which it stands still for a fault to strike."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field

from lab.system.process import wait_until
from testbed.site import mark
from tests.faults.bench import GATE_TABLE, Bench
from tests.faults.processes import Process, of_user, server, step, waits, with_words
from tests.faults.work import Gate, Work
from tests.workflows.copying import waiting_dump
from tests.workflows.support import session

REACH_SECONDS = 100


class NotInjected(AssertionError):
    """The fault did not strike: the cell says nothing."""


@dataclass
class Point(ABC):
    """A place; `host` and `mount` are those of the dataset that the operation works on."""

    bench: Bench
    host: str
    mount: str

    @abstractmethod
    def arm(self) -> None:
        """Before the operation begins."""

    @abstractmethod
    def there(self) -> bool:
        """Whether the operation is there; it then stays there."""

    @abstractmethod
    def go_on(self) -> None:
        """Let the operation go on. Repeatable."""

    def reach(self, work: Work) -> None:
        """Wait until the operation is there. Raises NotInjected."""
        wait_until(lambda: work.done or self.there(), REACH_SECONDS)
        if work.done or not self.there():
            how = "had ended before" if work.done else "did not get there in time"
            raise NotInjected(f"not injected: the operation {how} ({self}): {work.error}")

    def __str__(self) -> str:
        return type(self).__name__


@dataclass
class BeforeStep(Point):
    """Just before a remote step."""

    step: str
    _gate: Gate = field(default_factory=Gate)

    def arm(self) -> None:
        self._gate = self.bench.steps.gate(self.step)

    def there(self) -> bool:
        return self._gate.arrived

    def go_on(self) -> None:
        self._gate.open()

    def __str__(self) -> str:
        return f"before the step {self.step}"


@dataclass
class LockHeld(Point):
    """Just before the storage snapshot: the server's lock is held."""

    _gate: Gate = field(default_factory=Gate)

    def arm(self) -> None:
        self.bench.site.hooks.once("storage snapshot", self._gate.come_by)

    def there(self) -> bool:
        return self._gate.arrived

    def go_on(self) -> None:
        self._gate.open()


Sign = Callable[["InStep", Process], bool]


@dataclass
class InStep(Point):
    """In the middle of a remote step, which a sign tells; the step's shell is stopped there."""

    step: str
    sign: Sign
    shell: Process | None = None
    _gate: Gate = field(default_factory=Gate)

    def arm(self) -> None:
        self._gate = self.bench.steps.gate(self.step)
        self._gate.open()

    def there(self) -> bool:
        if self.shell is not None:
            return True
        if not self._gate.arrived:
            return False
        shell = step(self.bench.lab, self.host, self.step, self.mount)
        if shell is not None and self.sign(self, shell):
            shell.freeze()
            self.shell = shell
        return self.shell is not None

    def go_on(self) -> None:
        if self.shell is not None:
            self.shell.thaw()

    def __str__(self) -> str:
        return f"in the step {self.step}"


def server_runs(point: InStep, _shell: Process) -> bool:
    """The server of the dataset is there."""
    return server(point.bench.lab, point.host, point.mount) is not None


def shell_waits(point: InStep, shell: Process) -> bool:
    """The step sleeps between two looks."""
    return waits(point.bench.lab, point.host, shell)


def bootstrap_runs(point: InStep, _shell: Process) -> bool:
    """System tables are being made."""
    return bool(with_words(point.bench.lab, point.host, "--bootstrap"))


def lock_session_runs(point: InStep, _shell: Process) -> bool:
    """The client that holds the lock is there."""
    socket = f"--socket={point.mount}/run/mariadb.sock"
    return bool(with_words(point.bench.lab, point.host, socket, "--unbuffered"))


def wait_is_asked(point: InStep, _shell: Process) -> bool:
    """The staging server waits for a position."""
    rows = point.bench.site.place(_name(point)).server.query(
        "SELECT 1 FROM information_schema.processlist WHERE info LIKE 'SELECT MASTER_GTID_WAIT%'"
    )
    return bool(rows)


def _name(point: Point) -> str:
    return point.mount.rpartition("/")[2]


@dataclass
class CatchingUp(InStep):
    """A sync waits for staging, whose tables are locked."""

    _lock: ExitStack = field(default_factory=ExitStack)

    def arm(self) -> None:
        place = self.bench.site.place(_name(self))
        self._lock.enter_context(session(place, "LOCK TABLES demo_story.milestone READ"))
        mark(self.bench.site.source.server, f"late {self.bench.count()}")
        super().arm()

    def go_on(self) -> None:
        super().go_on()
        self._lock.close()


@dataclass
class Copying(Point):
    """A copy waits for its last InnoDB table, which is locked on the source."""

    _lock: ExitStack = field(default_factory=ExitStack)

    def arm(self) -> None:
        place = self.bench.site.source
        self._lock.enter_context(session(place, f"LOCK TABLES {GATE_TABLE} WRITE"))

    def there(self) -> bool:
        return bool(waiting_dump(self.bench.site))

    def go_on(self) -> None:
        self._lock.close()


@dataclass
class Stopped(Point):
    """A program of the background job is stopped as soon as it runs; `words` tell it."""

    words: tuple[str, ...]
    process: Process | None = None

    def arm(self) -> None:
        """Nothing is to be done."""

    def there(self) -> bool:
        if self.process is not None:
            return True
        for one in of_user(self.bench.lab, self.host):
            if set(self.words) <= set(one.arguments):
                one.freeze()
                self.process = one
                return True
        return False

    def go_on(self) -> None:
        if self.process is not None:
            self.process.thaw()

    def __str__(self) -> str:
        return f"while {' '.join(self.words)} runs"
