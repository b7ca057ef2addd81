"""A job: one run of a workflow, recorded step by step as it goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any, ClassVar

from dlpx.virtualization.api.libs_pb2 import LogRequest
from google.protobuf.message import Message

from lab.errors import LabError
from lab.model import Action, Job, JobError, JobState, Step, StepKind
from lab.plugin.runtime.libraries import Backend, Call
from lab.plugin.runtime.process import PluginCode
from lab.plugin.runtime.runtime import Runtime, operation_name
from lab.state import Store
from lab.system.process import interruption

# Reference in the logs of what a real engine polls: it is not a stored job.
MONITOR = "MONITOR"


class JobFailed(LabError):
    """A workflow failed; `job` is its record, the text is what the user interface shows."""

    def __init__(self, job: Job) -> None:
        error = job.error or JobError("The job has not failed", "", "")
        super().__init__(error.message, error.action, error.output)
        self.job = job


class EventKind(Enum):
    """What progress is about."""

    JOB = "job"
    STEP = "step"
    LOG = "log"


class JobCancelled(LabError):
    """Somebody has asked to end the job."""

    def __init__(self) -> None:
        super().__init__("The job was cancelled", "The command that ran on a host was killed.")


class EngineStopped(LabError):
    """The engine goes down while the job runs."""

    def __init__(self) -> None:
        super().__init__("The engine was stopped while the job ran", "Run it again.")


@dataclass(frozen=True)
class Event:
    """Something a watching person wants to see: a job or a step began, or the plugin logged."""

    kind: EventKind
    job: Job
    text: str


Progress = Callable[[Event], None]


def now() -> str:
    """The time as the engine writes it: ISO 8601, UTC, milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class PluginLog:
    """The plugin's log files, laid out as in a real engine's plugin log bundle."""

    FILES: ClassVar = {
        LogRequest.DEBUG: ("debug",),
        LogRequest.INFO: ("debug", "info"),
        LogRequest.ERROR: ("debug", "info", "error"),
    }

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, plugin: str, prefix: str, level: int, message: str) -> None:
        """Append a record to the file of its level and of those below."""
        folder = self.root / plugin
        folder.mkdir(parents=True, exist_ok=True)
        names = self.FILES[LogRequest.LogLevel.ValueType(level)]
        for name in names:
            with (folder / f"{name}.log").open("a", encoding="utf-8") as stream:
                stream.write(f"[{now()}] [{prefix}] [{names[-1].upper()}] {message}\n")


class JobRun:
    """A job while it works. `record` keeps its latest state, on disk as well if it is kept."""

    def __init__(
        self, record: Job, store: Store | None, runtime: Runtime, log: PluginLog, progress: Progress
    ) -> None:
        self.record = record
        self._store = store
        self._runtime = runtime
        self._log = log
        self._progress = progress
        self.secrets: set[str] = set()
        # What is left is to clean up, which nobody interrupts.
        self._cleaning = False
        self._save()
        progress(Event(EventKind.JOB, record, "started"))

    def check(self) -> None:
        """Raise JobCancelled or EngineStopped when the job is to end, until it cleans up."""
        if self._cleaning:
            return
        if self._runtime.ending.is_set():
            raise EngineStopped
        if self._store is not None and self._store.is_cancelled(self.record.reference):
            raise JobCancelled

    def _end_if_asked(self) -> None:
        """As check, but once: what comes afterwards cleans up."""
        try:
            self.check()
        except LabError:
            self._cleaning = True
            raise

    def _save(self) -> None:
        if self._store is not None:
            self._store.put(self.record)

    def operation(self, code: PluginCode, rpc: str, request: Message, backend: Backend) -> Any:
        """Run a plugin operation as a step. Raises what Runtime.call raises."""
        name = operation_name(rpc)
        prefix = f"{self.record.reference}|{self.record.action.value}({self.record.target})"

        def log(level: int, message: str) -> None:
            self._log.write(code.name, prefix, level, message)
            self._progress(Event(EventKind.LOG, self.record, message))

        self._end_if_asked()
        watch = Watch(self.check)
        migration = name.startswith("upgrade.")
        call = Call(backend, log, migration=migration, watch=watch.command)
        self._progress(Event(EventKind.STEP, self.record, name))
        started = time.monotonic()
        try:
            return self._runtime.call(code, rpc, request, call)
        finally:
            seconds = time.monotonic() - started
            self.secrets |= call.secrets
            remote = call.remote_calls, call.remote_seconds
            self._add(Step(name, StepKind.PLUGIN, seconds, *remote, now()))
            # Whatever the plugin made of a command that was cut off.
            if watch.stopped:
                self._end_if_asked()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step of the engine itself. Raises JobCancelled before it."""
        self._end_if_asked()
        self._progress(Event(EventKind.STEP, self.record, name))
        started = time.monotonic()
        try:
            yield
        finally:
            self._add(Step(name, StepKind.ENGINE, time.monotonic() - started, ended=now()))

    def _add(self, step: Step) -> None:
        self.record = replace(self.record, steps=(*self.record.steps, step))
        self._save()

    def complete(self) -> None:
        """The workflow is through."""
        self.record = replace(self.record, state=JobState.COMPLETED, ended=now())
        self._save()

    def fail(self, error: BaseException) -> None:
        """The workflow ended with `error`."""
        if isinstance(error, LabError):
            shown = JobError(error.message, error.action, error.output)
        elif isinstance(error, KeyboardInterrupt):
            shown = JobError("The job was cancelled", "", "")
        else:
            shown = JobError(f"Fault of the lab: {type(error).__name__}: {error}", "", "")
        state = JobState.FAILED
        if self._store is not None and self._store.is_cancelled(self.record.reference):
            state = JobState.CANCELED
        self.record = replace(self.record, state=state, ended=now(), error=shown)
        self._save()


class Watch:
    """Ends the commands of an operation once its job is to end; `stopped` tells that it did."""

    def __init__(self, check: Callable[[], None]) -> None:
        self._check = check
        self.stopped = False

    @contextmanager
    def command(self) -> Iterator[None]:
        """Around one command. Raises what `check` raises, JobCancelled or EngineStopped."""
        token = interruption.set(self._check)
        try:
            self._check()
            yield
        except (JobCancelled, EngineStopped):
            self.stopped = True
            raise
        finally:
            interruption.reset(token)


@contextmanager
def running(run: JobRun) -> Iterator[JobRun]:
    """Complete the job at the end, or fail it. Raises JobFailed in place of a LabError."""
    try:
        yield run
    except LabError as error:
        run.fail(error)
        raise JobFailed(run.record) from error
    except BaseException as error:
        run.fail(error)
        raise
    run.complete()


def new_job(
    reference: str, action: Action, target: str, target_name: str, parent: str | None = None
) -> Job:
    """A job that begins now."""
    state = JobState.RUNNING
    return Job(reference, action, target, target_name, state, now(), parent=parent)


def fail_abandoned(store: Store) -> None:
    """Jobs whose process died count as failed, as after a restart of a real engine."""
    for job in store.all(Job, lambda job: job.state is JobState.RUNNING):
        with suppress(LabError), store.busy(job.reference):
            # It may have ended between the look and the lock.
            latest = store.latest(Job, job.reference)
            if latest.state is JobState.RUNNING:
                error = JobError("The engine was restarted while the job ran", "Run it again.", "")
                store.put(replace(latest, state=JobState.FAILED, ended=now(), error=error))
