"""Drives an engine by genuine delphixpy through the whole life of a plugin's objects.

    python whole_life.py FILE

FILE is JSON: url, user, password, artifact, plugin (id), staging, target (names of hosts), source
(host and name of a source config), linked, virtual and physical (parameters, where NAME in a string
is replaced by the object's name). Runs in the clients' own environment, so it imports nothing of
ours.
It prints what it saw as one JSON document; an assertion that fails ends it with a trace.
"""

import json
import sys
import uuid

from delphixpy.v1_11_52 import exceptions, job_context
from delphixpy.v1_11_52.delphix_engine import DelphixEngine
from delphixpy.v1_11_52.web import (
    action,
    database,
    environment,
    group,
    host,
    job,
    repository,
    snapshot,
    source,
    sourceconfig,
    timeflow,
    toolkit,
    vo,
)
from delphixpy.v1_11_52.web.environment import user

given = json.load(open(sys.argv[1]))
address = given["url"].removeprefix("http://")
engine = DelphixEngine(address, given["user"], given["password"], "DOMAIN")
seen = {}


def named(rows, name):
    (found,) = [row for row in rows if row.name == name]
    return found


def parameters(kind, name):
    return json.loads(json.dumps(given[kind]).replace("NAME", name))


def latest(container):
    point = vo.TimeflowPointSemantic()
    point.container = container
    point.location = "LATEST_SNAPSHOT"
    return point


def at(reference):
    point = vo.TimeflowPointSnapshot()
    point.snapshot = reference
    return point


def fails(call, *words):
    """The job fails; its last event tells why."""
    try:
        call()
    except exceptions.JobError as error:
        last = error.job.events[-1]
        assert error.job.job_state == "FAILED" and last.event_type == "ERROR"
        for word in words:
            assert word in last.message_details, last.message_details
        return last.message_details
    raise AssertionError("it did not fail")


def refused(call, *words):
    """The call is refused at once."""
    try:
        call()
    except exceptions.RequestError as error:
        for word in words:
            assert word in error.error.details, error.error.details
        return error.error.details
    raise AssertionError("it was not refused")


def virtual(name):
    """The three parts of a new VDB."""
    container = vo.AppDataContainer()
    container.name, container.group = name, seen["group"]
    container.sourcing_policy = vo.SourcingPolicy()
    container.sourcing_policy.logsync_enabled = False
    made = vo.AppDataVirtualSource()
    made.name, made.parameters = name, parameters("virtual", name)
    made.additional_mount_points, made.allow_auto_vdb_restart_on_host_reboot = [], False
    config = vo.AppDataDirectSourceConfig()
    config.name, config.path, config.parameters = name, f"/mnt/{name}", {}
    config.repository, config.linking_enabled = seen["target repository"], True
    config.environment_user = seen["target user"]
    return container, made, config


def test_look():
    plugins = toolkit.get_all(engine)
    (plugin,) = [row for row in plugins if row.plugin_id == given["plugin"]]
    assert toolkit.get(engine, plugin.reference).build_number == plugin.build_number
    assert plugin.manifest.has_linked_pre_snapshot is True
    new = vo.Group()
    new.name = f"Group {uuid.uuid4().hex[:6]}"
    seen["group"] = group.create(engine, new)
    assert named(group.get_all(engine), new.name).reference == seen["group"]
    for name in (given["source"]["host"], given["target"]):
        place = named(environment.get_all(engine), name)
        environment.refresh(engine, place.reference)
        assert job.get(engine, engine.last_job).job_state == "COMPLETED"
        assert environment.get(engine, place.reference).name == name
    for what in ("staging", "target"):
        place = named(environment.get_all(engine), given[what])
        seen[what] = place.reference
        (owner,) = user.get_all(engine, environment=place.reference)
        seen[f"{what} user"] = owner.reference
        assert named(host.get_all(engine), given[what]).reference == place.host
    found = repository.get_all(engine, environment=seen["target"])
    seen["target repository"] = found[0].reference


def test_source_configs():
    place = named(environment.get_all(engine), given["source"]["host"]).reference
    configs = sourceconfig.get_all(engine, environment=place)
    chosen = [row for row in configs if given["source"]["name"] in (None, row.name)][0]
    seen["config"] = chosen.reference
    new = vo.AppDataStagedSourceConfig()
    new.name, new.repository = "by hand", chosen.repository
    new.environment_user, new.linking_enabled = chosen.environment_user, True
    new.parameters = given["by hand"]
    made = sourceconfig.create(engine, new)
    changed = vo.AppDataStagedSourceConfig()
    changed.parameters = {**given["by hand"], "name": "another"}
    sourceconfig.update(engine, made, changed)
    assert sourceconfig.get(engine, made).name == "another"
    sourceconfig.delete(engine, made)
    refused(lambda: sourceconfig.get(engine, made), "There is no SourceConfig")


def link(name, **changes):
    asked = vo.LinkParameters()
    asked.name, asked.group = name, seen["group"]
    data = vo.AppDataStagedLinkData()
    data.config, data.environment_user = seen["config"], seen["staging user"]
    data.staging_environment = seen["staging"]
    data.staging_environment_user = seen["staging user"]
    data.parameters = {**parameters("linked", name), **changes}
    data.sync_parameters = vo.AppDataSyncParameters()
    data.sync_parameters.parameters = {"resync": True}
    data.operations = vo.LinkedSourceOperations()
    data.sourcing_policy = vo.SourcingPolicy()
    data.sourcing_policy.logsync_enabled = False
    asked.link_data = data
    with job_context.asyncly(engine):
        made = database.link(engine, asked)
        started = engine.last_job
    linked = job.get(engine, started)
    assert (linked.action_type, linked.job_state) == ("DB_LINK", "COMPLETED")
    (child,) = action.get_all(engine, parent_action=linked.parent_action)
    assert child.action_type == "DB_SYNC"
    job_context.wait(engine, action.get_job(engine, child.reference).reference)
    assert action.get(engine, child.reference).state == "COMPLETED"
    return made


def test_dsource():
    asked = database.link_defaults(engine, config=seen["config"])
    assert asked.link_data.config == seen["config"]
    seen["dsource"] = made = link("ds1")
    assert database.get(engine, made).name == "ds1"
    first = snapshot.get_all(engine, database=made)
    assert len(first) == 1 and isinstance(first[0].metadata, dict)
    sync = vo.AppDataSyncParameters()
    for resync in (False, True):
        sync.parameters = {"resync": resync}
        database.sync(engine, made, sync)
    database.sync(engine, made)
    assert len(snapshot.get_all(engine, database=made)) == 4
    linked = source.get_all(engine, database=made)[0]
    assert (linked.type, linked.runtime.status) == ("AppDataLinkedStagedSource", "RUNNING")
    source.disable(engine, linked.reference, vo.AppDataDisableParameters())
    assert source.get(engine, linked.reference).runtime.enabled == "DISABLED"
    refused(lambda: database.sync(engine, made), "disabled")
    source.enable(engine, linked.reference, vo.AppDataEnableParameters())
    changed = vo.AppDataLinkedStagedSource()
    changed.parameters = {**linked.parameters, **given["broken"]}
    source.update(engine, linked.reference, changed)
    seen["failure"] = fails(lambda: database.sync(engine, made), given["failure"])
    changed.parameters = linked.parameters
    source.update(engine, linked.reference, changed)
    database.sync(engine, made)


def provision(name, point):
    asked = vo.AppDataProvisionParameters()
    asked.container, asked.source, asked.source_config = virtual(name)
    asked.timeflow_point_parameters = point
    return database.provision(engine, asked)


def test_vdb():
    made = seen["vdb"] = provision("v1", latest(seen["dsource"]))
    parent = database.get(engine, made)
    assert parent.provision_container == seen["dsource"]
    assert timeflow.get_all(engine, database=made)[0].reference == parent.current_timeflow
    database.sync(engine, made)
    own = snapshot.get_all(engine, database=made)
    place = source.get_all(engine, database=made)[0].reference
    source.stop(engine, place, vo.SourceStopParameters())
    assert source.get(engine, place).runtime.status == "INACTIVE"
    source.start(engine, place, vo.SourceStartParameters())
    assert source.get(engine, place).runtime.status == "RUNNING"
    asked = vo.RefreshParameters()
    asked.timeflow_point_parameters = latest(seen["dsource"])
    database.refresh(engine, made, asked)
    assert database.get(engine, made).current_timeflow != parent.current_timeflow
    asked = vo.RollbackParameters()
    asked.timeflow_point_parameters = at(own[-1].reference)
    database.rollback(engine, made, asked)
    source.disable(engine, place, vo.AppDataDisableParameters())
    source.enable(engine, place, vo.AppDataEnableParameters())
    config = sourceconfig.get(engine, source.get(engine, place).config)
    assert config.type == "AppDataDirectSourceConfig"
    database.sync(engine, made)
    again = snapshot.get_all(engine, database=made)
    snapshot.delete(engine, again[-1].reference)
    assert len(snapshot.get_all(engine, database=made)) == len(again) - 1


def test_empty_vdb():
    asked = vo.AppDataEmptyVFilesCreationParameters()
    asked.container, asked.source, asked.source_config = virtual("e1")
    made = database.create_empty(engine, asked)
    assert source.get_all(engine, database=made)[0].runtime.status == "RUNNING"
    database.delete(engine, made, vo.DeleteParameters())


def test_v2p():
    """The latest snapshots of both become directories of the target host."""
    for name in ("dsource", "vdb"):
        asked = vo.AppDataExportParameters()
        asked.timeflow_point_parameters = latest(seen[name])
        _, _, asked.source_config = virtual(f"copy of {name}")
        asked.filesystem_layout = vo.AppDataFilesystemLayout()
        asked.filesystem_layout.target_directory = f"/srv/{name}"
        asked.parameters = parameters("physical", name)
        database.export(engine, asked)
    fails(lambda: database.export(engine, asked), "not empty")


def test_bad_input():
    refused(lambda: database.get(engine, "APPDATA_CONTAINER-999"), "APPDATA_CONTAINER-999")
    refused(lambda: provision("v1", latest(seen["dsource"])), "v1")
    refused(lambda: database.delete(engine, seen["dsource"], vo.DeleteParameters()), "v1")
    other = DelphixEngine(address, given["user"], "wrong", "DOMAIN")
    try:
        database.get_all(other)
    except exceptions.HttpError as error:
        assert error.status == 401
    else:
        raise AssertionError("anybody may log in")
    before = len(database.get_all(engine))
    fails(lambda: link("ds2", **given["broken"]), given["failure"])
    made = named(database.get_all(engine), "ds2")
    assert len(database.get_all(engine)) == before + 1
    database.delete(engine, made.reference, vo.DeleteParameters())


def test_end():
    for name in ("vdb", "dsource"):
        delete = vo.DeleteParameters()
        delete.force = False
        database.delete(engine, seen[name], delete)
    assert not [row for row in database.get_all(engine) if row.name in ("ds1", "v1")]
    assert {row.job_state for row in job.get_all(engine)} <= {"COMPLETED", "FAILED"}


for test in (
    test_look,
    test_source_configs,
    test_dsource,
    test_vdb,
    test_empty_vdb,
    test_v2p,
    test_bad_input,
    test_end,
):
    try:
        test()
    except exceptions.JobError as error:
        print(error.job.events[-1], file=sys.stderr)
        raise
    print(f"{test.__name__}: ok", file=sys.stderr)
print(json.dumps(seen))
