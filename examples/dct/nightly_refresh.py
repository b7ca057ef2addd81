"""Sync a dSource, then refresh VDBs from the new snapshot, all from the same one.

nightly_refresh.py DSOURCE VDB...

A VDB that fails does not keep the others from theirs; the exit code tells.
"""

import sys

import common
from delphix.api.gateway import ApiClient, ApiException
from delphix.api.gateway.api.d_sources_api import DSourcesApi
from delphix.api.gateway.api.vdbs_api import VDBsApi
from delphix.api.gateway.model.d_source_snapshot_parameters import DSourceSnapshotParameters
from delphix.api.gateway.model.refresh_vdbby_snapshot_parameters import (
    RefreshVDBBySnapshotParameters,
)


def nightly_refresh(client: ApiClient, name: str, *vdbs: str) -> None:
    """Sync and refresh."""
    dsource = common.dsource(client, name).id
    sync = DSourceSnapshotParameters(appdata_parameters={"resync": False})
    answer = DSourcesApi(client).snapshot_dsource(dsource, d_source_snapshot_parameters=sync)
    common.wait(client, answer.job)

    snapshot = common.newest_snapshot(client, dsource).id
    asked = RefreshVDBBySnapshotParameters(snapshot_id=snapshot)
    api = VDBsApi(client)
    failed = []
    for vdb in vdbs:
        try:
            found = common.named(api.search_vdbs, vdb).id
            answer = api.refresh_vdb_by_snapshot(found, refresh_vdbby_snapshot_parameters=asked)
            common.wait(client, answer.job)
        except (common.JobFailed, LookupError, ApiException) as error:
            failed.append(f"{vdb} is not refreshed: {error}")
    if failed:
        sys.exit("\n".join(failed))


if __name__ == "__main__":
    common.run(nightly_refresh, 2, __doc__)
