"""Sync a dSource, then refresh VDBs from the new snapshot, all from the same one.

nightly_refresh.py DSOURCE VDB...

A VDB that fails does not keep the others from theirs; the exit code tells.
"""

import sys

import common
from delphixpy.v1_11_52.delphix_engine import DelphixEngine
from delphixpy.v1_11_52.web import database, vo


def nightly_refresh(engine: DelphixEngine, name: str, *vdbs: str) -> None:
    """Sync and refresh."""
    dsource = common.dataset(engine, name).reference
    sync = vo.AppDataSyncParameters()
    sync.parameters = {"resync": False}
    database.sync(engine, dsource, sync)

    asked = vo.RefreshParameters()
    asked.timeflow_point_parameters = common.at(common.newest_snapshot(engine, dsource).reference)
    failed = []
    for vdb in vdbs:
        try:
            database.refresh(engine, common.dataset(engine, vdb).reference, asked)
        except common.FAILURES as error:
            failed.append(f"{vdb} is not refreshed: {common.told(error)}")
    if failed:
        sys.exit("\n".join(failed))


if __name__ == "__main__":
    common.run(nightly_refresh, 2, __doc__)
