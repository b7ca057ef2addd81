"""Calls of DCT that begin a job: those of the engine's interface in other words."""

from __future__ import annotations

from collections.abc import Callable

from lab.api import find as engine_find
from lab.api import masking
from lab.api import toolkit as engine_toolkit
from lab.api import work as engine
from lab.api.calls import Call, Handler, Service
from lab.api.dct import look
from lab.api.dct.names import inner, outer
from lab.api.envelope import Answer, ApiError, job_of
from lab.model import Action, Container, Json, Repository


def _asked(service: Service, handler: Handler, body: Json, reference: str = "") -> Answer:
    """What the engine's interface answers to this call."""
    found = handler(service, Call({"reference": reference}, {}, body))
    assert isinstance(found, Answer)
    return found


def _job(service: Service, answer: Answer, **more: str | None) -> Json:
    reference = answer.job or job_of(answer.action or "")
    return {"job": look.answer_of(service, reference), **more}


def upload(service: Service, call: Call) -> Json:
    """POST /toolkits/upload."""
    token = engine_toolkit.request_upload_token(service, call).result["token"]
    given = Call({}, {}, {"token": token}, raw=call.raw)
    return _job(service, engine_toolkit.upload(service, given))


def refresh_environment(service: Service, call: Call) -> Json:
    """POST /environments/{id}/refresh."""
    return _job(service, _asked(service, engine_find.refresh_environment, {}, call.reference))


def create_source(service: Service, call: Call) -> Json:
    """POST /sources/appdata: the job is over at once."""
    place = service.find(Repository, inner(call.body.get("repository_id")))
    parameters = call.body.get("parameters") or {}
    kind = "AppDataStagedSourceConfig"
    body = {"type": kind, "repository": place.reference, "parameters": parameters}
    made: list[str] = []

    def work() -> None:
        with service.engine.job(Action.SOURCE_UPDATE, place.reference, place.name, []):
            made.append(_asked(service, engine_find.create_source_config, body).result)

    job = service.background.start(work)
    service.background.finish(job.reference)
    return _job(service, Answer(job=job.reference), source_id=outer(made[0]) if made else None)


def link(service: Service, call: Call) -> Json:
    """POST /dsources/appdata."""
    given = call.body
    data = {
        "type": "AppDataStagedLinkData",
        "config": inner(given.get("source_id")),
        "stagingEnvironment": inner(given.get("staging_environment")),
        "parameters": given.get("parameters") or {},
        "syncParameters": {
            "type": "AppDataSyncParameters",
            "parameters": given.get("sync_parameters") or {"resync": True},
        },
    }
    if given.get("link_type", "AppDataStaged") != "AppDataStaged":
        raise ApiError("dct.link_type", "The lab links staged sources only.")
    body = {"type": "LinkParameters", "name": given.get("name"), "linkData": data}
    if given.get("group_id"):
        body["group"] = inner(given["group_id"])
    answer = _asked(service, engine.link, body)
    return _job(service, answer, dsource_id=outer(answer.result))


def snapshot_dsource(service: Service, call: Call) -> Json:
    """POST /dsources/{id}/snapshots."""
    body: Json = {}
    if call.body.get("appdata_parameters"):
        body = {"type": "AppDataSyncParameters", "parameters": call.body["appdata_parameters"]}
    return _job(service, _asked(service, engine.sync, body, call.reference))


def delete_dsource(service: Service, call: Call) -> Json:
    """POST /dsources/delete.

    Its answer is a job itself and holds one, as the schema says. delphix-dct-api 2026.5.0 can read
    the former only.
    """
    body = {"type": "DeleteParameters", "force": bool(call.body.get("force"))}
    answer = _asked(service, engine.delete, body, inner(call.body.get("dsource_id")))
    found = _job(service, answer)
    return {**found["job"], **found}


def update(name: str) -> Callable[[Service, Call], Json]:
    """PATCH of a dSource or VDB; `name` is the field that holds the plugin's parameters."""

    def handler(service: Service, call: Call) -> Json:
        row = service.find(Container, call.reference)
        schema = masking.schema_of(service, row)
        given = masking.restored(schema, call.body.get(name), row.parameters, name)

        def work() -> None:
            with service.engine.job(Action.SOURCE_UPDATE, row.reference, row.name, []):
                if given is not None:
                    service.lab.update_parameters(row.reference, given)
                if call.body.get("name"):
                    body = {"type": "AppDataContainer", "name": call.body["name"]}
                    _asked(service, engine.update, body, row.reference)

        return _job(service, Answer(job=service.background.start(work).reference))

    return handler


# -- VDBs --------------------------------------------------------------------------------------


def provision(service: Service, call: Call) -> Json:
    """POST /vdbs/provision_by_snapshot."""
    snapshot = look.snapshot_of(service, call.body, inner(call.body.get("source_data_id")))
    point = {"type": "TimeflowPointSnapshot", "snapshot": snapshot.reference}
    body = _new_vdb(service, call, "AppDataProvisionParameters")
    answer = _asked(service, engine.provision, {**body, "timeflowPointParameters": point})
    return _job(service, answer, vdb_id=outer(answer.result))


def create_empty(service: Service, call: Call) -> Json:
    """POST /vdbs/empty_vdb."""
    body = _new_vdb(service, call, "AppDataEmptyVFilesCreationParameters")
    answer = _asked(service, engine.create_empty, body)
    return _job(service, answer, vdb_id=outer(answer.result))


def _new_vdb(service: Service, call: Call, kind: str) -> Json:
    given = call.body
    container = {"type": "AppDataContainer", "name": given.get("name")}
    if given.get("target_group_id"):
        container["group"] = inner(given["target_group_id"])
    parameters = given.get("appdata_source_params") or {}
    place = inner(given.get("repository_id")) or _only_repository(service, given)
    return {
        "type": kind,
        "container": container,
        "source": {"type": "AppDataVirtualSource", "parameters": parameters},
        "sourceConfig": {"type": "AppDataDirectSourceConfig", "repository": place},
    }


def _only_repository(service: Service, given: Json) -> str:
    """auto_select_repository: the one of the environment. Raises ApiError."""
    wanted = inner(given.get("environment_id"))
    rows = service.engine.store.all(
        Repository, lambda row: row.environment == wanted and row.present
    )
    if not given.get("auto_select_repository") or len(rows) != 1:
        text = f"{len(rows)} repositories fit."
        raise ApiError("dct.repository", text, "Name one by repository_id.")
    return rows[0].reference


def refresh(service: Service, call: Call) -> Json:
    """POST /vdbs/{id}/refresh_by_snapshot."""
    row = service.find(Container, call.reference)
    return _to_point(service, call, engine.refresh, "RefreshParameters", row.parent)


def rollback(service: Service, call: Call) -> Json:
    """POST /vdbs/{id}/rollback_by_snapshot."""
    return _to_point(service, call, engine.rollback, "RollbackParameters", call.reference)


def _to_point(service: Service, call: Call, handler: Handler, kind: str, of: str | None) -> Json:
    snapshot = look.snapshot_of(service, call.body, of)
    point = {"type": "TimeflowPointSnapshot", "snapshot": snapshot.reference}
    body = {"type": kind, "timeflowPointParameters": point}
    return _job(service, _asked(service, handler, body, call.reference))


def simply(handler: Handler, kind: str) -> Callable[[Service, Call], Json]:
    """A call whose body says nothing that the lab heeds, but `force`."""

    def calling(service: Service, call: Call) -> Json:
        body: Json = {"type": kind}
        if kind == "DeleteParameters":
            body["force"] = bool(call.body.get("force"))
        return _job(service, _asked(service, handler, body, call.reference))

    return calling


def snapshot_vdb(service: Service, call: Call) -> Json:
    """POST /vdbs/{id}/snapshots."""
    return _job(service, _asked(service, engine.sync, {}, call.reference))


def export(service: Service, call: Call) -> Json:
    """POST /vdbs/{id}/export-by-snapshot, and that of a dSource: V2P."""
    snapshot = look.snapshot_of(service, call.body, call.reference)
    place = inner(call.body.get("repository_id")) or _only_repository(service, call.body)
    config = {"type": "AppDataDirectSourceConfig", "repository": place}
    directory = call.body.get("targetDirectory") or call.body.get("mount_base") or ""
    body = {
        "type": "AppDataExportParameters",
        "timeflowPointParameters": {
            "type": "TimeflowPointSnapshot",
            "snapshot": snapshot.reference,
        },
        "sourceConfig": config,
        "filesystemLayout": {"type": "AppDataFilesystemLayout", "targetDirectory": directory},
        "parameters": call.body.get("appdata_v2p_params") or {},
    }
    return _job(service, _asked(service, engine.export, body))


def delete_snapshot(service: Service, call: Call) -> Json:
    """POST /snapshots/{id}/delete."""
    return _job(service, _asked(service, engine.delete_snapshot, {}, call.reference))
