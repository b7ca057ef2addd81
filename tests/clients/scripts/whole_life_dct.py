"""Drives a lab by genuine delphix-dct-api through the whole life of a plugin's objects.

    python whole_life_dct.py FILE

FILE is JSON as for whole_life.py, and has a key. It imports nothing of ours.
"""

import json
import sys
import time

from delphix.api.gateway import ApiClient, Configuration
from delphix.api.gateway.api import (
    d_sources_api,
    environments_api,
    groups_api,
    jobs_api,
    snapshots_api,
    sources_api,
    toolkits_api,
    vdbs_api,
)
from delphix.api.gateway.exceptions import ApiException
from delphix.api.gateway.model.app_data_d_source_link_source_parameters import (
    AppDataDSourceLinkSourceParameters,
)
from delphix.api.gateway.model.app_data_source_create_parameters import (
    AppDataSourceCreateParameters,
)
from delphix.api.gateway.model.d_source_snapshot_parameters import DSourceSnapshotParameters
from delphix.api.gateway.model.delete_d_source_request import DeleteDSourceRequest
from delphix.api.gateway.model.delete_vdb_parameters import DeleteVDBParameters
from delphix.api.gateway.model.export_by_snapshot_parameters import ExportBySnapshotParameters
from delphix.api.gateway.model.provision_empty_vdb_parameters import ProvisionEmptyVDBParameters
from delphix.api.gateway.model.provision_vdbby_snapshot_parameters import (
    ProvisionVDBBySnapshotParameters,
)
from delphix.api.gateway.model.refresh_vdbby_snapshot_parameters import (
    RefreshVDBBySnapshotParameters,
)
from delphix.api.gateway.model.rollback_vdbby_snapshot_parameters import (
    RollbackVDBBySnapshotParameters,
)
from delphix.api.gateway.model.search_body import SearchBody
from delphix.api.gateway.model.update_app_data_d_source_parameters import (
    UpdateAppDataDSourceParameters,
)
from delphix.api.gateway.model.update_vdb_parameters import UpdateVDBParameters

given = json.load(open(sys.argv[1]))
configuration = Configuration(host=given["url"] + "/v3")
configuration.api_key["ApiKeyAuth"] = given["key"]
configuration.api_key_prefix["ApiKeyAuth"] = "apk"
client = ApiClient(configuration)
jobs = jobs_api.JobsApi(client)
toolkits = toolkits_api.ToolkitsApi(client)
environments = environments_api.EnvironmentsApi(client)
groups = groups_api.GroupsApi(client)
sources = sources_api.SourcesApi(client)
dsources = d_sources_api.DSourcesApi(client)
vdbs = vdbs_api.VDBsApi(client)
snapshots = snapshots_api.SnapshotsApi(client)


def named(found, name):
    (row,) = [row for row in found["items"] if row["name"] == name]
    return row


def parameters(kind, name):
    return json.loads(json.dumps(given[kind]).replace("NAME", name))


def wait(answer, status="COMPLETED"):
    identity = answer["job"]["id"]
    while (job := jobs.get_job_by_id(identity))["status"] in ("RUNNING", "PENDING", "STARTED"):
        time.sleep(0.2)
    assert job["status"] == status, job
    return job


def latest(found):
    return found["items"][-1]["id"]


# -- what there is -------------------------------------------------------------------------------

wait(toolkits.upload_toolkit(file=open(given["artifact"], "rb"), engine_id="1"))
(plugin,) = [
    row for row in toolkits.get_toolkits()["items"] if row["identifier"] == given["plugin"]
]
assert toolkits.get_toolkit_by_id(plugin["id"])["linked_source_definition"]["parameters"]
here = environments.search_environments(search_body=SearchBody())
place = {row["name"]: row for row in here["items"]}
for name in {given["source"]["host"], given["target"]}:
    wait(environments.refresh_environment(place[name]["id"]))
place = {row["name"]: row for row in environments.get_environments()["items"]}
source_host, staging, target = (
    place[name] for name in (given["source"]["host"], given["staging"], given["target"])
)
assert environments.get_environment_by_id(target["id"])["name"] == given["target"]
group = groups.get_dataset_groups()["items"][0]["id"]
made = sources.create_app_data_source(
    app_data_source_create_parameters=AppDataSourceCreateParameters(
        type="STAGED",
        name="by hand",
        repository_id=source_host["repositories"][0]["id"],
        parameters=given["by hand"],
    )
)
wait(made)
assert sources.get_source_by_id(made["source_id"])["discovered"] is False
words = f"environment_id EQ '{source_host['id']}' AND discovered EQ true"
found = sources.search_sources(search_body=SearchBody(filter_expression=words))
source = found["items"][0]

# -- a dSource -----------------------------------------------------------------------------------


def link(name, **changes):
    return dsources.link_appdata_database(
        app_data_d_source_link_source_parameters=AppDataDSourceLinkSourceParameters(
            name=name,
            source_id=source["id"],
            group_id=group,
            log_sync_enabled=False,
            link_type="AppDataStaged",
            environment_user=source["environment_user_ref"],
            staging_environment=staging["id"],
            staging_environment_user=staging["env_users"][0]["user_ref"],
            parameters={**parameters("linked", name), **changes},
            sync_parameters={"resync": True},
        )
    )


linked = link("ds1")
wait(linked)
dsource = linked["dsource_id"]
assert dsources.get_dsource_by_id(dsource)["enabled"] is True
(first,) = dsources.get_dsource_snapshots(dsource)["items"]
assert isinstance(json.loads(first["appdata_metadata"]), dict)
for given_parameters in ({"resync": False}, {"resync": True}, None):
    more = {"appdata_parameters": given_parameters} if given_parameters else {}
    wait(
        dsources.snapshot_dsource(
            dsource, d_source_snapshot_parameters=DSourceSnapshotParameters(**more)
        )
    )
assert len(dsources.get_dsource_snapshots(dsource)["items"]) == 4
wait(dsources.disable_dsource(dsource))
assert dsources.get_dsource_by_id(dsource)["enabled"] is False
wait(dsources.enable_dsource(dsource))
before = parameters("linked", "ds1")
for changed, status in (({**before, **given["broken"]}, "FAILED"), (before, "COMPLETED")):
    wait(
        dsources.update_appdata_dsource_by_id(
            dsource,
            update_app_data_d_source_parameters=UpdateAppDataDSourceParameters(parameters=changed),
        )
    )
    job = wait(dsources.snapshot_dsource(dsource), status)
    if status == "FAILED":
        assert given["failure"] in job["error_details"], job

# -- VDBs ----------------------------------------------------------------------------------------


def provision(name):
    return vdbs.provision_vdb_by_snapshot(
        provision_vdbby_snapshot_parameters=ProvisionVDBBySnapshotParameters(
            source_data_id=dsource,
            name=name,
            target_group_id=group,
            environment_id=target["id"],
            environment_user_id=target["env_users"][0]["user_ref"],
            repository_id=target["repositories"][0]["id"],
            appdata_source_params=parameters("virtual", name),
        )
    )


answer = provision("v1")
wait(answer)
vdb = answer["vdb_id"]
shown = vdbs.get_vdb_by_id(vdb)
assert (shown["parent_id"], shown["status"]) == (dsource, "RUNNING")
search = SearchBody(filter_expression="name EQ 'v1'")
assert [row["id"] for row in vdbs.search_vdbs(search_body=search)["items"]] == [vdb]
wait(vdbs.snapshot_vdb(vdb))
own = latest(vdbs.get_vdb_snapshots(vdb))
assert snapshots.get_snapshot_by_id(own)["dataset_id"] == vdb
wait(vdbs.stop_vdb(vdb))
assert vdbs.get_vdb_by_id(vdb)["status"] == "INACTIVE"
wait(vdbs.start_vdb(vdb))
wait(
    vdbs.refresh_vdb_by_snapshot(
        vdb,
        refresh_vdbby_snapshot_parameters=RefreshVDBBySnapshotParameters(
            snapshot_id=latest(dsources.get_dsource_snapshots(dsource))
        ),
    )
)
wait(
    vdbs.rollback_vdb_by_snapshot(
        vdb,
        rollback_vdbby_snapshot_parameters=RollbackVDBBySnapshotParameters(snapshot_id=own),
    )
)
wait(vdbs.disable_vdb(vdb))
wait(vdbs.enable_vdb(vdb))
wait(
    vdbs.update_vdb_by_id(
        vdb,
        update_vdb_parameters=UpdateVDBParameters(
            appdata_source_params=parameters("virtual", "v1")
        ),
    )
)
empty = vdbs.empty_vdb(
    provision_empty_vdb_parameters=ProvisionEmptyVDBParameters(
        name="e1",
        target_group_id=group,
        engine_id="1",
        environment_id=target["id"],
        repository_id=target["repositories"][0]["id"],
        appdata_source_params=parameters("virtual", "e1"),
    )
)
wait(empty)
wait(vdbs.delete_vdb(empty["vdb_id"]))

# -- V2P -----------------------------------------------------------------------------------------

for export, what, directory in (
    (dsources.export_dsource_by_snapshot, dsource, "/srv/dsource"),
    (vdbs.export_vdb_by_snapshot, vdb, "/srv/vdb"),
):
    asked = ExportBySnapshotParameters(
        unique_name="copy",
        database_name="copy",
        repository_id=target["repositories"][0]["id"],
        target_directory=directory,
        appdata_v2p_params=parameters("physical", directory),
    )
    wait(export(what, asked))

# -- what is refused -----------------------------------------------------------------------------


def refused(call, status):
    try:
        call()
    except ApiException as error:
        assert error.status == status, error
    else:
        raise AssertionError("it was not refused")


refused(lambda: provision("v1"), 400)
refused(lambda: vdbs.get_vdb_by_id("1-APPDATA_CONTAINER-999"), 404)
refused(lambda: jobs.get_job_by_id("JOB-999"), 404)
refused(lambda: vdbs.search_vdbs(search_body=SearchBody(filter_expression="a LIKE b")), 400)
configuration.api_key["ApiKeyAuth"] = "wrong"
refused(lambda: vdbs.get_vdbs(), 401)
configuration.api_key["ApiKeyAuth"] = given["key"]

# -- the end -------------------------------------------------------------------------------------

wait(vdbs.delete_vdb(vdb, delete_vdb_parameters=DeleteVDBParameters(force=False)))
# The answer is a job itself: the package cannot read the one inside of it.
ended = dsources.delete_dsource(delete_d_source_request=DeleteDSourceRequest(dsource_id=dsource))
wait({"job": {"id": ended["id"]}})
assert {job["status"] for job in jobs.get_jobs()["items"]} <= {"COMPLETED", "FAILED"}
print(json.dumps({"dsource": dsource, "vdb": vdb}))
