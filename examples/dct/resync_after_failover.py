"""After a failover of the source: sync, and copy the source anew only if it must be (MDB-063).

resync_after_failover.py DSOURCE [NEW_SOURCE_HOST]

It must be if staging has transactions that the new server lacks. With NEW_SOURCE_HOST the parameter
sourceHost is changed first. The parameters are written back as they are read, which is right with
credentials from a vault only.
"""

import sys

import common
from delphix.api.gateway import ApiClient
from delphix.api.gateway.api.d_sources_api import DSourcesApi
from delphix.api.gateway.model.d_source_snapshot_parameters import DSourceSnapshotParameters
from delphix.api.gateway.model.update_app_data_d_source_parameters import (
    UpdateAppDataDSourceParameters,
)


def resync(client: ApiClient, name: str, new_host: str = "") -> None:
    """Sync, and resync if needed."""
    dsource, api = common.dsource(client, name), DSourcesApi(client)

    def sync(*, anew: bool) -> None:
        asked = DSourceSnapshotParameters(appdata_parameters={"resync": anew})
        answer = api.snapshot_dsource(dsource.id, d_source_snapshot_parameters=asked)
        common.wait(client, answer.job)

    if new_host:
        parameters = common.whole(dsource.appdata_source_params) | {"sourceHost": new_host}
        changed = UpdateAppDataDSourceParameters(parameters=parameters)
        answer = api.update_appdata_dsource_by_id(
            dsource.id, update_app_data_d_source_parameters=changed
        )
        common.wait(client, answer.job)
    try:
        sync(anew=False)
    except common.JobFailed as error:
        if "MDB-063" not in str(error):
            raise
        print(error, file=sys.stderr)
        sync(anew=True)
        print("copied anew")
    else:
        print("replication goes on")


if __name__ == "__main__":
    common.run(resync, 1, __doc__)
