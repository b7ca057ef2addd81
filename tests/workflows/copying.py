"""A workflow in the background, and a full copy that stands still for a test to break it."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest

from lab.model import Job
from testbed.site import SECONDS, Site, until
from tests.workflows.support import RESYNC, session


@dataclass(frozen=True)
class Work:
    """A workflow that goes on while the test acts. `go_on` takes what it waits for away."""

    future: Future[Job]
    go_on: Callable[[], None] = lambda: None

    def result(self) -> Job:
        """Wait for the end; raises what the workflow raised."""
        return self.future.result(SECONDS)

    def until(self, condition: Callable[[], bool], story: str) -> None:
        """Wait for something that the workflow brings about."""
        until(lambda: condition() or self.future.done(), story)
        if self.future.done():
            self.future.result()
            pytest.fail(f"the workflow was over before: {story}")


@contextmanager
def in_background(call: Callable[[], Job]) -> Iterator[Work]:
    """Run a workflow while the inside goes on; waits for its end."""
    with ThreadPoolExecutor(1) as pool:
        yield Work(pool.submit(call))


def waiting_dump(site: Site) -> str:
    """Connection id of the newest dump that waits for a table on the source, empty for none."""
    rows = site.source.server.query(
        "SELECT id FROM information_schema.processlist WHERE host LIKE 'staging:%'"
        " AND state LIKE 'Waiting for table%'"
        " AND info LIKE 'SELECT /*!40001 SQL_NO_CACHE%' ORDER BY id DESC"
    )
    return rows[0][0] if rows else ""


@contextmanager
def stopped_copy(site: Site, name: str, table: str) -> Iterator[Work]:
    """A resync of a dSource that waits for `table`, its last work; `go_on` lets it go.

    All tables before it are copied, as are the non-transactional ones and the accounts.
    """
    staging, story = site.host("staging"), f"{site.mount(name)}/run/job/story"
    released = ["grep", "-q", "locks of the source released", story]

    def waits() -> bool:
        done = staging.run_as_root(released, check=False).exit_code == 0
        return done and bool(waiting_dump(site))

    with ThreadPoolExecutor(1) as pool, ExitStack() as lock:
        lock.enter_context(session(site.source, f"LOCK TABLES {table} WRITE"))
        work = Work(pool.submit(lambda: site.lab.sync(name, RESYNC)), lock.close)
        work.until(waits, f"the copy reaches {table}")
        yield work
