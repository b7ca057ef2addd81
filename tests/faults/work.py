"""An operation in the background with a deadline, and gates that it stands still at."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from lab.backend import HostBackend

_LONGEST = 300


class Work:
    """A call in a thread of its own that never keeps the tests from ending."""

    def __init__(self, call: Callable[[], object]) -> None:
        self.error: BaseException | None = None
        self.started = time.monotonic()
        self.seconds = 0.0
        self._call = call
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._call()
        except BaseException as error:
            self.error = error
        self.seconds = time.monotonic() - self.started

    @property
    def done(self) -> bool:
        """Whether it is over."""
        return not self._thread.is_alive()

    def ends(self, seconds: float) -> bool:
        """Wait for its end; false when it does not come in time."""
        self._thread.join(max(0.0, seconds))
        return self.done


class Gate:
    """A place that the operation's own thread comes by, and stands at until it is opened."""

    def __init__(self) -> None:
        self._arrived, self._open = threading.Event(), threading.Event()

    @property
    def arrived(self) -> bool:
        """Whether the operation has come by."""
        return self._arrived.is_set()

    def open(self) -> None:
        """Let it pass, now or when it comes."""
        self._open.set()

    def come_by(self) -> None:
        """Called by the operation."""
        self._arrived.set()
        self._open.wait(_LONGEST)


class Steps:
    """The door between engine and hosts: told of each remote step before it begins."""

    def __init__(self) -> None:
        self._gates: dict[str, Gate] = {}

    def gate(self, step: str) -> Gate:
        """A gate before the next remote step of that name."""
        self._gates[step] = Gate()
        return self._gates[step]

    def clear(self) -> None:
        """Open all gates and forget them."""
        gates, self._gates = self._gates, {}
        for gate in gates.values():
            gate.open()

    def begins(self, command: str) -> None:
        """A command is about to run on a host."""
        name = command.partition("\n")[0].removeprefix("# step: ")
        gate = self._gates.pop(name, None)
        if gate is not None:
            gate.come_by()


@contextmanager
def watched_steps() -> Iterator[Steps]:
    """Stand in the door of all labs of this process."""
    steps, run_bash = Steps(), HostBackend.run_bash

    def run(
        self: HostBackend,
        connection: Any,
        command: str,
        variables: Mapping[str, str],
        login_shell: bool,
    ) -> Any:
        steps.begins(command)
        return run_bash(self, connection, command, variables, login_shell)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HostBackend, "run_bash", run)
        try:
            yield steps
        finally:
            steps.clear()
