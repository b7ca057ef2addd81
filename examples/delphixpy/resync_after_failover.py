"""After a failover of the source: sync, and copy the source anew only if it must be (MDB-063).

resync_after_failover.py DSOURCE [NEW_SOURCE_HOST]

It must be if staging has transactions that the new server lacks. With NEW_SOURCE_HOST the parameter
sourceHost is changed first. The parameters are written back as they are read, which is right with
credentials from a vault only.
"""

import sys

import common
from delphixpy.v1_11_52 import exceptions
from delphixpy.v1_11_52.delphix_engine import DelphixEngine
from delphixpy.v1_11_52.web import database, source, vo


def resync(engine: DelphixEngine, name: str, new_host: str = "") -> None:
    """Sync, and resync if needed."""
    dsource = common.dataset(engine, name).reference
    if new_host:
        (linked,) = source.get_all(engine, database=dsource)
        changed = vo.AppDataLinkedStagedSource()
        changed.parameters = {**linked.parameters, "sourceHost": new_host}
        source.update(engine, linked.reference, changed)
    sync = vo.AppDataSyncParameters()
    sync.parameters = {"resync": False}
    try:
        database.sync(engine, dsource, sync)
    except exceptions.JobError as error:
        why = common.told(error)
        if not why.startswith("MDB-063"):
            raise
        print(why, file=sys.stderr)
        sync.parameters = {"resync": True}
        database.sync(engine, dsource, sync)
        print("copied anew")
    else:
        print("replication goes on")


if __name__ == "__main__":
    common.run(resync, 1, __doc__)
