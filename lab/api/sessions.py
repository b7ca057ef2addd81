"""Sessions and who may log in. They live as long as the server."""

from __future__ import annotations

import hmac
import secrets
import time
from dataclasses import dataclass
from typing import Generic, TypeVar

from lab.api.envelope import FORBIDDEN, UNAUTHORIZED, ApiError

# As an engine's default: half an hour without a call.
IDLE_SECONDS = 1800.0
# The newest version of the interface that this server was made after.
NEWEST = (1, 11, 52)
_USER = "USER-2"
# More than this are not open at once: anybody may open one.
_MOST = 1000


Version = tuple[int, int, int]
T = TypeVar("T")


class Tokens(Generic[T]):
    """Tokens that are good for once, each for something; the oldest of too many are forgotten."""

    def __init__(self, most: int = 100) -> None:
        self._most = most
        self._known: dict[str, T] = {}

    def new(self, what: T) -> str:
        """A token for it."""
        token = secrets.token_hex(16)
        self._known[token] = what
        for old in list(self._known)[: -self._most]:
            self._known.pop(old, None)
        return token

    def take(self, token: str) -> T | None:
        """What the token was for; None when it is unknown or was used."""
        return self._known.pop(token, None)


@dataclass
class _Session:
    version: Version
    seen: float
    user: str | None = None


@dataclass(frozen=True)
class Login:
    """The one account: of the engine's interface by name and password, of DCT's by key."""

    user: str
    password: str
    key: str


class Sessions:
    """Who has opened a session, and who has logged in."""

    def __init__(self, login: Login, idle_seconds: float = IDLE_SECONDS) -> None:
        self._login = login
        self._idle = idle_seconds
        self._sessions: dict[str, _Session] = {}

    def open(self, version: Version) -> str:
        """A new session; its token goes into a cookie. Raises ApiError for a newer interface."""
        if version[0] != NEWEST[0] or version > NEWEST:
            asked, there = (".".join(map(str, numbers)) for numbers in (version, NEWEST))
            raise ApiError(
                "exception.webservices.version.unsupported",
                f"The API version {asked} is not supported.",
                f"Use a version up to {there}.",
            )
        self._forget()
        token = secrets.token_hex(16)
        self._sessions[token] = _Session(version, time.monotonic())
        return token

    def _forget(self) -> None:
        """Those that have expired; of too many those first that were not used for longest."""
        known = sorted(tuple(self._sessions.items()), key=lambda pair: pair[1].seen)
        expired = time.monotonic() - self._idle
        for place, (token, session) in enumerate(known, 1):
            if session.seen < expired or place <= len(known) + 1 - _MOST:
                self.end(token)

    def version(self, token: str | None) -> Version:
        """What the session was opened with. Raises ApiError."""
        return self._living(token).version

    def require(self, token: str | None) -> str:
        """The token of a living session, in use again now. Raises ApiError."""
        self._living(token)
        return token or ""

    def _living(self, token: str | None) -> _Session:
        session = self._sessions.get(token or "")
        if session is None or time.monotonic() - session.seen > self._idle:
            self.end(token)
            raise ApiError(
                "exception.webservices.session.missing",
                "There is no session, or it has expired.",
                "Open one (POST /session), and log in.",
                status=FORBIDDEN,
            )
        session.seen = time.monotonic()
        return session

    def login(self, token: str, user: str, password: str) -> str:
        """Log the session in; the user's reference. Raises ApiError."""
        known = self._login
        right = hmac.compare_digest(user.encode(), known.user.encode())
        if not (hmac.compare_digest(password.encode(), known.password.encode()) and right):
            raise ApiError(
                "exception.webservices.login.failed",
                "Invalid username or password.",
                "Log in with the right ones.",
                status=UNAUTHORIZED,
            )
        self._living(token).user = _USER
        return _USER

    def require_user(self, token: str | None) -> str:
        """The reference of the user who has logged in. Raises ApiError."""
        user = self._living(token).user
        if user is None:
            raise ApiError(
                "exception.webservices.login.required",
                "Nobody has logged in.",
                "Log in (POST /login).",
                status=FORBIDDEN,
            )
        return user

    def require_key(self, header: str | None) -> None:
        """The Authorization header of DCT holds the key. Raises ApiError."""
        given = (header or "").removeprefix("apk ").strip()
        if not hmac.compare_digest(given.encode(), self._login.key.encode()):
            raise ApiError("exception.dct.key", "The API key is wrong.", status=UNAUTHORIZED)

    def end(self, token: str | None) -> None:
        """Forget the session."""
        self._sessions.pop(token or "", None)
