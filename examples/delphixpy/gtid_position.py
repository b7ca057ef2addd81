"""Print the GTID position of the newest snapshot of a dSource.

gtid_position.py DSOURCE

Every transaction of the source up to there is in the snapshot.
"""

import sys

import common
from delphixpy.v1_11_52.delphix_engine import DelphixEngine


def gtid_position(engine: DelphixEngine, name: str) -> None:
    """Print it."""
    newest = common.newest_snapshot(engine, common.dataset(engine, name).reference)
    if newest is None or "gtidPosition" not in newest.metadata:
        sys.exit(f"{name} has no snapshot with a position")
    print(newest.metadata["gtidPosition"])


if __name__ == "__main__":
    common.run(gtid_position, 1, __doc__)
