"""Calls that open a session and log in."""

from __future__ import annotations

from lab.api.calls import TEXT, Call, Service, form, require
from lab.api.envelope import Answer

_NUMBER = {"type": "integer", "minimum": 0}
_SESSION = form(
    "APISession", version_=form("APIVersion", major_=_NUMBER, minor_=_NUMBER, micro_=_NUMBER)
)
_LOGIN = form("LoginRequest", username_=TEXT, password_=TEXT)


def open_session(service: Service, call: Call) -> Answer:
    """POST /session."""
    require(_SESSION, call.body)
    version = call.body["version"]
    token = service.sessions.open((version["major"], version["minor"], version["micro"]))
    return Answer(_session(version), cookie=token)


def get_session(service: Service, call: Call) -> Answer:
    """GET /session."""
    numbers = service.sessions.version(call.token)
    version = dict(zip(("major", "minor", "micro"), numbers, strict=True))
    return Answer(_session({"type": "APIVersion", **version}))


def _session(version: object) -> dict[str, object]:
    return {"type": "APISession", "version": version, "locale": "en-US", "client": None}


def login(service: Service, call: Call) -> Answer:
    """POST /login."""
    require(_LOGIN, call.body)
    token = service.sessions.require(call.token)
    return Answer(service.sessions.login(token, call.body["username"], call.body["password"]))


def logout(service: Service, call: Call) -> Answer:
    """POST /logout."""
    service.sessions.end(call.token)
    return Answer(None)
