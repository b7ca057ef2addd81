"""Calls that begin a job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from lab.api import find, masking, shapes
from lab.api.calls import ANY, FLAG, FREE, TEXT, Call, Service, form, require
from lab.api.envelope import Answer, ApiError, missing
from lab.errors import LabError
from lab.model import Container, Environment, Job, Json, Repository, Snapshot, SourceConfig
from lab.workflows import datasets

_SYNC = form("AppDataSyncParameters", parameters=ANY)
_LINK = form(
    "LinkParameters",
    name_=TEXT,
    group=TEXT,
    linkData_=form(
        "AppDataStagedLinkData",
        config_=TEXT,
        stagingEnvironment_=TEXT,
        parameters_=FREE,
        syncParameters={"anyOf": [_SYNC, {"type": "null"}]},
    ),
)
_POINT = form(
    ("TimeflowPointSnapshot", "TimeflowPointSemantic"),
    snapshot=TEXT,
    container=TEXT,
    location={"enum": ["LATEST_POINT", "LATEST_SNAPSHOT", "OLDEST_SNAPSHOT"]},
)
_VDB: Json = {
    "container_": form("AppDataContainer", name_=TEXT),
    "source_": form("AppDataVirtualSource", parameters_=FREE),
    "sourceConfig_": form("AppDataDirectSourceConfig", repository_=TEXT),
}
_PROVISION = form("AppDataProvisionParameters", timeflowPointParameters_=_POINT, **_VDB)
_EMPTY = form("AppDataEmptyVFilesCreationParameters", **_VDB)
_REFRESH = form("RefreshParameters", timeflowPointParameters_=_POINT)
_ROLLBACK = form("RollbackParameters", timeflowPointParameters_=_POINT)
_EXPORT = form(
    "AppDataExportParameters",
    timeflowPointParameters_=_POINT,
    sourceConfig_=form("AppDataDirectSourceConfig", repository_=TEXT),
    filesystemLayout_=form("AppDataFilesystemLayout", targetDirectory_=TEXT),
    parameters=ANY,
)
_DELETE = form("DeleteParameters", force=FLAG)
_ENABLE = form("AppDataEnableParameters")
_DISABLE = form("AppDataDisableParameters", attemptCleanup=FLAG)
_START, _STOP = form("SourceStartParameters"), form("SourceStopParameters")


# -- dSources ----------------------------------------------------------------------------------


def link_defaults(service: Service, call: Call) -> Answer:
    """GET /database/link/defaults."""
    row = service.find(SourceConfig, call.query.get("config"))
    place = service.engine.store.get(Repository, row.repository).environment
    user = service.engine.store.get(Environment, place).user_reference
    return Answer(
        {
            "type": "LinkParameters",
            "name": row.name,
            "group": shapes.UNTITLED.reference,
            "linkData": {
                "type": "AppDataStagedLinkData",
                "config": row.reference,
                "environmentUser": user,
                "stagingEnvironment": place,
                "stagingEnvironmentUser": user,
                "parameters": {},
                "syncParameters": {"type": "AppDataSyncParameters", "parameters": {}},
            },
        }
    )


def link(service: Service, call: Call) -> Answer:
    """POST /database/link: the job of the link; its child is that of the first sync."""
    require(_LINK, call.body)
    given = call.body["linkData"]
    config = service.find(SourceConfig, given["config"])
    staging = service.find(Environment, given["stagingEnvironment"])
    place = find.group(service, call.body.get("group"))
    sync = (given.get("syncParameters") or {}).get("parameters")
    plugin = service.engine.store.get(Repository, config.repository).plugin
    schema = service.engine.artifact(plugin).linked_source.schema
    parameters = masking.restored(schema, given["parameters"], {})

    def work() -> Job:
        return service.lab.link(
            call.body["name"],
            source_config=config,
            staging_host=staging.name,
            parameters=parameters,
            sync_parameters=sync,
            group=place,
        )

    return service.job(work)


def sync(service: Service, call: Call) -> Answer:
    """POST /database/{ref}/sync: a sync of a dSource, a snapshot of a VDB."""
    row = service.find(Container, call.reference)
    if call.body:
        require(_SYNC, call.body)
    parameters = call.body.get("parameters") or None
    if find.is_dsource(row):
        return service.job(lambda: service.lab.sync(row.name, parameters), "")
    return service.job(lambda: service.lab.snapshot(row.name), "")


# -- VDBs --------------------------------------------------------------------------------------


def provision_defaults(service: Service, call: Call) -> Answer:
    """POST /database/provision/defaults."""
    require(_POINT, call.body)
    snapshot = point(service, call.body)
    return Answer(
        {
            "type": "AppDataProvisionParameters",
            "container": {"type": "AppDataContainer", "group": shapes.UNTITLED.reference},
            "source": {"type": "AppDataVirtualSource", "parameters": {}},
            "sourceConfig": {"type": "AppDataDirectSourceConfig", "parameters": {}},
            "timeflowPointParameters": {
                "type": "TimeflowPointSnapshot",
                "snapshot": snapshot.reference,
            },
        }
    )


def provision(service: Service, call: Call) -> Answer:
    """POST /database/provision."""
    require(_PROVISION, call.body)
    snapshot = point(service, call.body["timeflowPointParameters"])
    name, host, repository, parameters, place = _new_vdb(service, call.body)

    def work() -> Job:
        return service.lab.provision(
            name,
            container=snapshot.container,
            snapshot=snapshot.reference,
            host=host,
            repository=repository,
            parameters=parameters,
            group=place,
        )

    return service.job(work)


def create_empty(service: Service, call: Call) -> Answer:
    """POST /database/createEmpty."""
    require(_EMPTY, call.body)
    name, host, repository, parameters, place = _new_vdb(service, call.body)

    def work() -> Job:
        return service.lab.create_empty(
            name, host=host, repository=repository, parameters=parameters, group=place
        )

    return service.job(work)


def _new_vdb(service: Service, body: Json) -> tuple[str, str, str, Json, str | None]:
    row = service.find(Repository, body["sourceConfig"]["repository"])
    host = service.engine.store.get(Environment, row.environment).name
    place = find.group(service, body["container"].get("group"))
    schema = service.engine.artifact(row.plugin).virtual_source.schema
    parameters = masking.restored(schema, body["source"]["parameters"], {})
    return body["container"]["name"], host, row.reference, parameters, place


def point(service: Service, given: Json) -> Snapshot:
    """The snapshot that a point of a timeflow means. Raises ApiError."""
    if given["type"] == "TimeflowPointSnapshot":
        return service.find(Snapshot, given.get("snapshot"))
    row = service.find(Container, given.get("container"))
    found = service.engine.snapshots(row)
    if not found:
        raise LabError(f"{row.name} has no snapshot", "Sync it, or take one.")
    return found[0] if given.get("location") == "OLDEST_SNAPSHOT" else found[-1]


def refresh(service: Service, call: Call) -> Answer:
    """POST /database/{ref}/refresh: from a snapshot of its parent."""
    require(_REFRESH, call.body)
    row = service.find(Container, call.reference)
    snapshot = point(service, call.body["timeflowPointParameters"])
    if snapshot.container != row.parent:
        raise ApiError(
            "exception.lab.refused",
            f"{snapshot.reference} is no snapshot of the parent of {row.name}.",
            "Choose one of the dSource or VDB that it was provisioned from.",
        )
    return service.job(lambda: service.lab.refresh(row.name, snapshot.reference), "")


def rollback(service: Service, call: Call) -> Answer:
    """POST /database/{ref}/rollback: to a snapshot of its own."""
    require(_ROLLBACK, call.body)
    row = service.find(Container, call.reference)
    snapshot = point(service, call.body["timeflowPointParameters"])
    return service.job(lambda: service.lab.rollback(row.name, snapshot.reference), "")


def export(service: Service, call: Call) -> Answer:
    """POST /database/export: V2P."""
    require(_EXPORT, call.body)
    body = call.body
    snapshot = point(service, body["timeflowPointParameters"])
    row = service.find(Repository, body["sourceConfig"]["repository"])
    host = service.engine.store.get(Environment, row.environment).name

    def work() -> Job:
        return service.lab.export(
            snapshot.container,
            host=host,
            directory=body["filesystemLayout"]["targetDirectory"],
            parameters=body.get("parameters") or {},
            snapshot=snapshot.reference,
        )

    return service.job(work, "")


# -- both --------------------------------------------------------------------------------------


def delete(service: Service, call: Call) -> Answer:
    """POST /database/{ref}/delete."""
    row = service.find(Container, call.reference)
    if call.body:
        require(_DELETE, call.body)
    force = bool(call.body.get("force"))
    return service.job(lambda: service.lab.delete(row.name, force=force), "")


def update(service: Service, call: Call) -> Answer:
    """POST /database/{ref}: another name or group."""
    require(form("AppDataContainer", name=TEXT, group=TEXT), call.body)
    row = service.find(Container, call.reference)
    name = call.body.get("name", row.name)
    place = find.group(service, call.body["group"]) if "group" in call.body else row.group
    with service.engine.store.busy(row.reference, "an update"):
        stored = service.find(Container, row.reference)
        service.engine.store.put_named(replace(stored, name=name, group=place))
    return Answer(None)


def delete_snapshot(service: Service, call: Call) -> Answer:
    """POST /snapshot/{ref}/delete."""
    row = service.find(Snapshot, call.reference)
    owner = service.find(Container, row.container)
    return service.job(lambda: datasets.delete_snapshot(service.engine, owner, row), "")


def _on_source(
    schema: Json, workflow: Callable[[Service, Container, Json], Job]
) -> Callable[[Service, Call], Answer]:
    def handler(service: Service, call: Call) -> Answer:
        if call.body:
            require(schema, call.body)
        row = shapes.container_of(service, call.reference)
        return service.job(lambda: workflow(service, row, call.body), "")

    return handler


def _disable(service: Service, row: Container, body: Json) -> Job:
    if body.get("attemptCleanup") is False:
        raise LabError("The lab cannot disable without a clean-up", "Leave attemptCleanup out.")
    return service.lab.disable(row.name)


start = _on_source(_START, lambda service, row, _: service.lab.start(row.name))
stop = _on_source(_STOP, lambda service, row, _: service.lab.stop(row.name))
enable = _on_source(_ENABLE, lambda service, row, _: service.lab.enable(row.name))
disable = _on_source(_DISABLE, _disable)


def no_such_call(service: Service, call: Call) -> Answer:
    """What the engine has and the lab has not."""
    raise missing("call", call.path.get("rest", ""))
