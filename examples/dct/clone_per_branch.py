"""A VDB for each branch of your code, to be made and taken away by a pipeline.

clone_per_branch.py up DSOURCE BRANCH TARGET_ENVIRONMENT
    Make the branch's VDB from the newest snapshot, or refresh it; print its name and port.
clone_per_branch.py down DSOURCE BRANCH
    Delete it, if there is one.

Ports 3400 to 3499 are the clones'. The login to create is the secret mariadb/DSOURCE/clone.
"""

import hashlib
import json
import re
from typing import Any

import common
from delphix.api.gateway import ApiClient
from delphix.api.gateway.api.environments_api import EnvironmentsApi
from delphix.api.gateway.api.vdbs_api import VDBsApi
from delphix.api.gateway.model.delete_vdb_parameters import DeleteVDBParameters
from delphix.api.gateway.model.provision_vdbby_snapshot_parameters import (
    ProvisionVDBBySnapshotParameters,
)
from delphix.api.gateway.model.refresh_vdbby_snapshot_parameters import (
    RefreshVDBBySnapshotParameters,
)
from delphix.api.gateway.model.search_body import SearchBody

PORTS = range(3400, 3500)


def name_of(dsource: str, branch: str) -> str:
    """Feature/A and feature-a are two branches: a part of a checksum keeps them apart."""
    slug = re.sub("[^a-z0-9]", "_", branch.lower())[:24]
    return f"{dsource}_{slug}_{hashlib.sha256(branch.encode()).hexdigest()[:6]}"


def free_port(api: VDBsApi) -> int:
    """The first one that no VDB has."""
    rows = api.search_vdbs(search_body=SearchBody(), limit=1000).get("items") or []
    used = {(row.get("appdata_source_params") or {}).get("port") for row in rows}
    return next(port for port in PORTS if port not in used)


def provision(client: ApiClient, name: str, dsource: Any, target_host: str, snapshot: str) -> None:
    """Make the VDB."""
    target = common.named(EnvironmentsApi(client).search_environments, target_host)
    api = VDBsApi(client)
    asked = ProvisionVDBBySnapshotParameters(
        name=name,
        source_data_id=dsource.id,
        snapshot_id=snapshot,
        target_group_id=common.group_id(client),
        environment_id=target.id,
        environment_user_id=common.user_of(target),
        repository_id=next(
            row.id for row in target.repositories if row.toolkit_id == dsource.toolkit_id
        ),
        vdb_restart=True,
        appdata_source_params={
            "mountPath": f"/mnt/delphix/{name}",
            "port": free_port(api),
            "vdbCredentials": common.vault_secret(f"mariadb/{dsource.name}/clone"),
        },
    )
    common.wait(client, api.provision_vdb_by_snapshot(asked).job)


def clone(
    client: ApiClient, what: str, dsource_name: str, branch: str, target_host: str = ""
) -> None:
    """Make, refresh or delete."""
    name, api = name_of(dsource_name, branch), VDBsApi(client)
    search = SearchBody(filter_expression=f"name EQ '{name}'")
    there = [row.id for row in api.search_vdbs(search_body=search).get("items") or []]
    if what == "down":
        for vdb in there:
            answer = api.delete_vdb(vdb, delete_vdb_parameters=DeleteVDBParameters(force=False))
            common.wait(client, answer.job)
        return
    dsource = common.dsource(client, dsource_name)
    snapshot = common.newest_snapshot(client, dsource.id).id
    if there:
        asked = RefreshVDBBySnapshotParameters(snapshot_id=snapshot)
        answer = api.refresh_vdb_by_snapshot(there[0], refresh_vdbby_snapshot_parameters=asked)
        common.wait(client, answer.job)
    else:
        provision(client, name, dsource, target_host, snapshot)
    made = common.named(api.search_vdbs, name)
    print(json.dumps({"name": name, "port": common.whole(made.appdata_source_params["port"])}))


if __name__ == "__main__":
    common.run(clone, 3, __doc__)
