"""The application: routes, who may call them, errors, the access log."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import nullcontext
from pathlib import Path
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from lab.api import find, guard, jobs, login, toolkit, work
from lab.api.bodies import form_fields, parsed
from lab.api.calls import Call, Handler, Service
from lab.api.envelope import (
    FAULT,
    NOT_FOUND,
    Answer,
    ApiError,
    refused,
    to_error,
    to_response,
)
from lab.errors import LabError

log = logging.getLogger(__name__)
access = logging.getLogger("lab.access")

PREFIX = "/resources/json/delphix"
COOKIE = "JSESSIONID"
ALL_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# Answers are for the caller alone, and no page from elsewhere may frame ours.
HEADERS = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY"}
STATIC = Path(__file__).resolve().parent.parent / "web" / "static"

# Below PREFIX: method, path, handler.
CALLS: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/about", find.about),
    ("POST", "/toolkit/requestUploadToken", toolkit.request_upload_token),
    ("GET", "/toolkit", toolkit.list_toolkits),
    ("GET", "/toolkit/{reference}", toolkit.get_toolkit),
    ("POST", "/toolkit/{reference}/delete", toolkit.delete_toolkit),
    ("POST", "/service/support/bundle/generate", toolkit.generate_bundle),
    ("GET", "/data/downloadOutputStream", toolkit.download),
    ("GET", "/group", find.list_groups),
    ("POST", "/group", find.create_group),
    ("GET", "/environment", find.list_environments),
    ("GET", "/environment/user", find.list_users),
    ("GET", "/environment/{reference}", find.get_environment),
    ("POST", "/environment/{reference}/refresh", find.refresh_environment),
    ("GET", "/host", find.list_hosts),
    ("GET", "/repository", find.list_repositories),
    ("GET", "/repository/{reference}", find.get_repository),
    ("GET", "/sourceconfig", find.list_source_configs),
    ("POST", "/sourceconfig", find.create_source_config),
    ("GET", "/sourceconfig/{reference}", find.get_source_config),
    ("POST", "/sourceconfig/{reference}", find.update_source_config),
    ("POST", "/sourceconfig/{reference}/delete", find.delete_source_config),
    ("GET", "/database", find.list_databases),
    ("GET", "/database/link/defaults", work.link_defaults),
    ("POST", "/database/link", work.link),
    ("POST", "/database/provision/defaults", work.provision_defaults),
    ("POST", "/database/provision", work.provision),
    ("POST", "/database/createEmpty", work.create_empty),
    ("POST", "/database/export", work.export),
    ("GET", "/database/{reference}", find.get_database),
    ("POST", "/database/{reference}", work.update),
    ("POST", "/database/{reference}/sync", work.sync),
    ("POST", "/database/{reference}/refresh", work.refresh),
    ("POST", "/database/{reference}/rollback", work.rollback),
    ("POST", "/database/{reference}/delete", work.delete),
    ("GET", "/source", find.list_sources),
    ("GET", "/source/{reference}", find.get_source),
    ("POST", "/source/{reference}", find.update_source),
    ("POST", "/source/{reference}/start", work.start),
    ("POST", "/source/{reference}/stop", work.stop),
    ("POST", "/source/{reference}/enable", work.enable),
    ("POST", "/source/{reference}/disable", work.disable),
    ("GET", "/snapshot", find.list_snapshots),
    ("GET", "/snapshot/{reference}", find.get_snapshot),
    ("POST", "/snapshot/{reference}/delete", work.delete_snapshot),
    ("GET", "/timeflow", find.list_timeflows),
    ("GET", "/timeflow/{reference}", find.get_timeflow),
    ("GET", "/job", jobs.list_jobs),
    ("GET", "/job/{reference}", jobs.get_job),
    ("POST", "/job/{reference}/cancel", jobs.cancel_job),
    ("GET", "/action", jobs.list_actions),
    ("GET", "/action/{reference}", jobs.get_action),
    ("GET", "/action/{reference}/getJob", jobs.get_job_of_action),
)

OPEN_CALLS: tuple[tuple[str, str, Handler], ...] = (
    ("POST", "/session", login.open_session),
    ("GET", "/session", login.get_session),
    ("POST", "/login", login.login),
    ("POST", "/logout", login.logout),
)


def build(service: Service, more: Iterable[BaseRoute] = ()) -> Starlette:
    """The application. `more`: routes of other interfaces."""
    routes: list[BaseRoute] = [
        *(_route(service, call, PREFIX, free=True) for call in OPEN_CALLS),
        *(_route(service, call, PREFIX) for call in CALLS),
        Route(f"{PREFIX}/data/upload", _uploader(service), methods=["POST"]),
        _route(service, ("GET", "/lab/job/{reference}/log", toolkit.log_of_job), ""),
        *more,
        Route(f"{PREFIX}/{{rest:path}}", _nowhere, methods=ALL_METHODS),
    ]
    if STATIC.is_dir():
        routes.append(Mount("/", StaticFiles(directory=STATIC, html=True)))
    return Starlette(
        routes=routes,
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=_logged)],
    )


def _route(
    service: Service, call: tuple[str, str, Handler], prefix: str, *, free: bool = False
) -> Route:
    method, path, handler = call

    async def endpoint(request: Request) -> Response:
        try:
            if not free:
                service.sessions.require_user(request.cookies.get(COOKIE))
            body = await parsed(request)
            token, query = request.cookies.get(COOKIE), dict(request.query_params)
            asked = Call(request.path_params, query, body, token)
            return await answered(lambda: _handled(service, handler, asked, method))
        except ApiError as error:
            return to_error(error)

    name = getattr(handler, "__name__", path)
    return Route(f"{prefix}{path}", endpoint, methods=[method], name=f"{method} {path} {name}")


def _handled(service: Service, handler: Handler, call: Call, method: str) -> Answer | Response:
    """A GET sees one moment, whatever jobs do meanwhile."""
    with service.engine.store.reading() if method == "GET" else nullcontext():
        return handler(service, call)


async def answered(work: Callable[[], Answer | Response]) -> Response:
    """What the handler answers, or why it does not."""
    try:
        return to_response(await run_in_threadpool(work))
    except ApiError as error:
        return to_error(error)
    except LabError as error:
        return to_error(refused(error))
    except Exception:
        log.exception("a fault of the lab")
        code = "exception.lab.fault"
        return to_error(ApiError(code, "A fault of the lab: see its log.", status=FAULT))


def _uploader(service: Service) -> Callable[[Request], Awaitable[Response]]:
    """POST /data/upload, whose body is a form."""

    async def endpoint(request: Request) -> Response:
        try:
            service.sessions.require_user(request.cookies.get(COOKIE))
            body, content = toolkit.parse_upload(await form_fields(request))
        except ApiError as error:
            return to_error(error)
        call = Call({}, {}, body, raw=content)
        return await answered(lambda: toolkit.upload(service, call))

    return endpoint


async def _nowhere(request: Request) -> Response:
    path = str(request.scope["path"]).removeprefix(PREFIX)
    details = f"The lab has no call {request.method} {path}."
    return to_error(ApiError("exception.webservices.call.missing", details, status=NOT_FOUND))


async def _logged(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    """One line for each call: method, path, status, milliseconds, client."""
    started = time.monotonic()
    try:
        guard.require_own(request.headers)
        response = await call_next(request)
    except ApiError as error:
        response = to_error(error)
    response.headers.update(HEADERS)
    milliseconds = 1000 * (time.monotonic() - started)
    agent = request.headers.get("user-agent", "-")
    access.info(
        "%s\t%s\t%s\t%.0f\t%s",
        request.method,
        quote(request.scope["path"]),
        response.status_code,
        milliseconds,
        agent.replace("\t", " "),
    )
    return response
