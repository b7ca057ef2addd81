"""Who may reach the server at all: programs of this machine, and pages that it served itself.

It listens on loopback, but a page from elsewhere may lead a browser of this machine to it. Such
a page can name the server by a host of its own (DNS rebinding) or send it a form. The names in Host
and Origin tell.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers

from lab.api.envelope import FORBIDDEN, ApiError

# Under any port: a tunnel may lie between.
NAMES = frozenset({"127.0.0.1", "localhost", "::1"})


def require_own(headers: Headers) -> None:
    """Raise ApiError for a call that a page from elsewhere has made."""
    host, origin = headers.get("host", ""), headers.get("origin")
    if _name(f"//{host}") not in NAMES:
        raise _refused("The Host header names another machine.", "Call it by 127.0.0.1.")
    if origin is not None and origin.partition("//")[2] != host:
        raise _refused("The call comes from a page of another origin.", "Call it from its own.")


def _name(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _refused(details: str, action: str) -> ApiError:
    return ApiError("exception.webservices.origin", details, action, status=FORBIDDEN)
