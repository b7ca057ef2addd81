"""Wait until a new dSource has its first snapshot, and print its reference.

It fails when the sync fails.

wait_first_snapshot.py DSOURCE
"""

from typing import Any

import common
from delphixpy.v1_11_52 import job_context
from delphixpy.v1_11_52.delphix_engine import DelphixEngine
from delphixpy.v1_11_52.web import job


def wait(engine: DelphixEngine, name: str) -> None:
    """Wait, and print the reference."""
    made = common.dataset(engine, name).reference

    def first() -> Any:
        syncs = job.get_all(engine, job_type="DB_SYNC", target=made)
        if syncs:
            newest = max(syncs, key=lambda row: row.start_time)
            job_context.wait(engine, newest.reference)
        return common.newest_snapshot(engine, made)

    print(common.until(first, f"{name} has a snapshot").reference)


if __name__ == "__main__":
    common.run(wait, 1, __doc__)
