"""Workflows in the background: a call is answered once its job has begun."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from lab.errors import LabError
from lab.jobs import Event, EventKind
from lab.model import Job

log = logging.getLogger(__name__)

# Between a call and its job lie checks only.
BEGIN_SECONDS = 60.0


class Background:
    """Threads for workflows. The lab must be opened with `progress`."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(32, thread_name_prefix="job")
        self._here = threading.local()
        self._running: dict[str, Future[None]] = {}

    def progress(self, event: Event) -> None:
        """The first job that begins in a thread is the one that its caller waits for."""
        began: Future[Job] | None = getattr(self._here, "began", None)
        if event.kind is EventKind.JOB and began is not None and not began.done():
            began.set_result(event.job)

    def start(self, work: Callable[[], object]) -> Job:
        """Begin a workflow: its job. Raises the LabError that keeps it from beginning."""
        began: Future[Job] = Future()
        ended = self._threads.submit(self._run, work, began)
        job = began.result(BEGIN_SECONDS)
        self._running[job.reference] = ended
        ended.add_done_callback(lambda _: self._running.pop(job.reference, None))
        return job

    def finish(self, job: str) -> None:
        """Wait for the end of a short job."""
        ended = self._running.get(job)
        if ended is not None:
            ended.result(BEGIN_SECONDS)

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

    def close(self) -> None:
        """Wait for nobody: what runs is a job, and counts as failed once this process is gone."""
        self._threads.shutdown(wait=False, cancel_futures=True)
