"""The routes of DCT's form, who may call them, and its errors."""

from __future__ import annotations

import logging
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from lab.api import work as engine
from lab.api.bodies import form_fields, parsed
from lab.api.calls import Call, Service
from lab.api.dct import look, work
from lab.api.dct.names import inner
from lab.api.envelope import FAULT, OK, ApiError
from lab.errors import LabError
from lab.model import Json

log = logging.getLogger(__name__)

PREFIX = "/v3"
BAD_REQUEST, NOT_FOUND, CREATED = 400, 404, 201
Handler = Callable[[Service, Call], Json]
_MISSING = "exception.webservices.object.missing"

CALLS: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/jobs", look.jobs),
    ("POST", "/jobs/search", look.jobs),
    ("GET", "/jobs/{reference}", look.job),
    ("GET", "/toolkits", look.toolkits),
    ("POST", "/toolkits/search", look.toolkits),
    ("POST", "/toolkits/upload", work.upload),
    ("GET", "/toolkits/{reference}", look.toolkit),
    ("GET", "/environments", look.environments),
    ("POST", "/environments/search", look.environments),
    ("GET", "/environments/{reference}", look.environment),
    ("POST", "/environments/{reference}/refresh", work.refresh_environment),
    ("GET", "/groups", look.groups),
    ("POST", "/groups/search", look.groups),
    ("GET", "/sources", look.sources),
    ("POST", "/sources/search", look.sources),
    ("POST", "/sources/appdata", work.create_source),
    ("GET", "/sources/{reference}", look.source),
    ("GET", "/dsources", look.dsources),
    ("POST", "/dsources/search", look.dsources),
    ("POST", "/dsources/appdata", work.link),
    ("PATCH", "/dsources/appdata/{reference}", work.update("parameters")),
    ("POST", "/dsources/delete", work.delete_dsource),
    ("GET", "/dsources/{reference}", look.dataset),
    ("GET", "/dsources/{reference}/snapshots", look.snapshots),
    ("POST", "/dsources/{reference}/snapshots", work.snapshot_dsource),
    (
        "POST",
        "/dsources/{reference}/enable",
        work.simply(engine.enable, "AppDataEnableParameters"),
    ),
    (
        "POST",
        "/dsources/{reference}/disable",
        work.simply(engine.disable, "AppDataDisableParameters"),
    ),
    ("POST", "/dsources/{reference}/export-by-snapshot", work.export),
    ("GET", "/vdbs", look.vdbs),
    ("POST", "/vdbs/search", look.vdbs),
    ("POST", "/vdbs/provision_by_snapshot", work.provision),
    ("POST", "/vdbs/empty_vdb", work.create_empty),
    ("GET", "/vdbs/{reference}", look.dataset),
    ("PATCH", "/vdbs/{reference}", work.update("appdata_source_params")),
    ("GET", "/vdbs/{reference}/snapshots", look.snapshots),
    ("POST", "/vdbs/{reference}/snapshots", work.snapshot_vdb),
    ("POST", "/vdbs/{reference}/refresh_by_snapshot", work.refresh),
    ("POST", "/vdbs/{reference}/rollback_by_snapshot", work.rollback),
    ("POST", "/vdbs/{reference}/export-by-snapshot", work.export),
    ("POST", "/vdbs/{reference}/start", work.simply(engine.start, "SourceStartParameters")),
    ("POST", "/vdbs/{reference}/stop", work.simply(engine.stop, "SourceStopParameters")),
    ("POST", "/vdbs/{reference}/enable", work.simply(engine.enable, "AppDataEnableParameters")),
    ("POST", "/vdbs/{reference}/disable", work.simply(engine.disable, "AppDataDisableParameters")),
    ("POST", "/vdbs/{reference}/delete", work.simply(engine.delete, "DeleteParameters")),
    ("POST", "/snapshots/search", look.all_snapshots),
    ("GET", "/snapshots/{reference}", look.snapshot),
    ("POST", "/snapshots/{reference}/delete", work.delete_snapshot),
)


def routes(service: Service) -> list[BaseRoute]:
    """All of them."""
    return [
        *(_route(service, *call) for call in CALLS),
        Route(f"{PREFIX}/{{rest:path}}", _nowhere, methods=["GET", "POST", "PATCH", "DELETE"]),
    ]


def _route(service: Service, method: str, path: str, handler: Handler) -> Route:
    async def endpoint(request: Request) -> Response:
        try:
            service.sessions.require_key(request.headers.get("authorization"))
            call = await _call(request)
            found = await run_in_threadpool(handler, service, call)
        except ApiError as error:
            return _refused(error)
        except LabError as error:
            return _refused(ApiError("exception.lab.refused", error.message, error.action))
        except Exception:
            log.exception("a fault of the lab")
            return _refused(ApiError("exception.lab.fault", "A fault of the lab.", status=FAULT))
        return JSONResponse(found)

    return Route(f"{PREFIX}{path}", endpoint, methods=[method], name=f"{method} {path}")


async def _call(request: Request) -> Call:
    place = {"reference": inner(request.path_params.get("reference"))}
    query = dict(request.query_params)
    if request.headers.get("content-type", "").startswith("multipart/"):
        fields = await form_fields(request)
        return Call(place, query, {}, raw=fields.get("file", b""))
    return Call(place, query, await parsed(request))


def _refused(error: ApiError) -> Response:
    """Unlike the engine, DCT tells by the status of HTTP."""
    status = error.status
    if status == OK:
        status = NOT_FOUND if error.code == _MISSING else BAD_REQUEST
    body = {"status": status, "message": error.details, "details": error.action or None}
    return JSONResponse(body, status_code=status)


async def _nowhere(request: Request) -> Response:
    text = f"The lab has no call {request.method} {request.url.path}."
    return _refused(ApiError("dct.call", text, status=NOT_FOUND))
