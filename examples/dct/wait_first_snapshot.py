"""Wait until a new dSource has its first snapshot, and print its id.

It fails when the sync fails.

wait_first_snapshot.py DSOURCE
"""

import sys
import time

import common
from delphix.api.gateway import ApiClient
from delphix.api.gateway.api.jobs_api import JobsApi
from delphix.api.gateway.model.search_body import SearchBody


def wait(client: ApiClient, name: str) -> None:
    """Wait, and print the id."""
    made = common.dsource(client, name).id
    deadline = time.monotonic() + common.TIMEOUT
    jobs = SearchBody(filter_expression=f"target_id EQ '{made}'")
    while (found := common.newest_snapshot(client, made)) is None:
        rows = JobsApi(client).search_jobs(search_body=jobs).get("items") or []
        newest = max(rows, key=lambda row: row.start_time, default=None)
        if newest and newest.status in ("FAILED", "CANCELED", "TIMEDOUT", "ABANDONED"):
            sys.exit(newest.get("error_details") or f"{newest.id} is {newest.status}")
        if time.monotonic() > deadline:
            sys.exit(f"{name} has no snapshot after {common.TIMEOUT} seconds")
        time.sleep(common.POLL)
    print(found.id)


if __name__ == "__main__":
    common.run(wait, 1, __doc__)
