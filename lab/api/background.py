"""Workflows in the background: a call is answered once its job has begun."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future

from lab.errors import LabError
from lab.jobs import Event, EventKind
from lab.model import Job

log = logging.getLogger(__name__)

# Between a call and its job lie checks only.
BEGIN_SECONDS = 60.0


class Background:
    """A thread for each workflow. The lab must be opened with `progress`."""

    def __init__(self) -> None:
        self._threads: set[threading.Thread] = set()
        self._here = threading.local()

    def progress(self, event: Event) -> None:
        """The first job that begins in a thread is the one that its caller waits for."""
        began: Future[Job] | None = getattr(self._here, "began", None)
        if event.kind is EventKind.JOB and began is not None and not began.done():
            began.set_result(event.job)

    def start(self, work: Callable[[], object]) -> Job:
        """Begin a workflow: its job. Raises the LabError that keeps it from beginning."""
        began: Future[Job] = Future()
        # A daemon: the server must not wait at its end for what is stuck on a host.
        thread = threading.Thread(target=self._run, args=(work, began), daemon=True)
        self._threads.add(thread)
        thread.start()
        job = began.result(BEGIN_SECONDS)
        thread.name = job.reference
        return job

    def finish(self, job: str) -> None:
        """Wait for the end of a short job."""
        for thread in tuple(self._threads):
            if thread.name == job:
                thread.join(BEGIN_SECONDS)

    def _run(self, work: Callable[[], object], began: Future[Job]) -> None:
        self._here.began = began
        try:
            work()
            if not began.done():
                began.set_exception(LabError("Nothing had to be done"))
        except LabError as error:
            # A job that has begun keeps its own error.
            if not began.done():
                began.set_exception(error)
        except BaseException as error:
            log.exception("a workflow ended in a fault of the lab")
            if not began.done():
                began.set_exception(error)
        finally:
            self._threads.discard(threading.current_thread())

    def wait(self, seconds: float) -> None:
        """Until all workflows have ended, but no longer."""
        deadline = time.monotonic() + seconds
        for thread in tuple(self._threads):
            thread.join(max(0.0, deadline - time.monotonic()))
