"""Sessions and who may log in. They live as long as the server."""

from __future__ import annotations

import hmac
import secrets
import time
from dataclasses import dataclass

from lab.api.envelope import FORBIDDEN, UNAUTHORIZED, ApiError

# As an engine's default: half an hour without a call.
IDLE_SECONDS = 1800.0
# The newest version of the interface that this server was made after.
NEWEST = (1, 11, 52)
_USER = "USER-2"


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
        self._seen: dict[str, float] = {}
        self._users: dict[str, str] = {}

    def open(self, version: tuple[int, int, int]) -> str:
        """A new session; its token goes into a cookie. Raises ApiError for a newer interface."""
        if version[0] != NEWEST[0] or version > NEWEST:
            asked, there = (".".join(map(str, numbers)) for numbers in (version, NEWEST))
            raise ApiError(
                "exception.webservices.version.unsupported",
                f"The API version {asked} is not supported.",
                f"Use a version up to {there}.",
            )
        token = secrets.token_hex(16)
        self._seen[token] = time.monotonic()
        return token

    def require(self, token: str | None) -> str:
        """The token of a living session, in use again now. Raises ApiError."""
        seen = self._seen.get(token or "")
        if token is None or seen is None or time.monotonic() - seen > self._idle:
            self.end(token)
            raise ApiError(
                "exception.webservices.session.missing",
                "There is no session, or it has expired.",
                "Open one (POST /session), and log in.",
                status=FORBIDDEN,
            )
        self._seen[token] = time.monotonic()
        return token

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
        self._users[token] = _USER
        return _USER

    def require_user(self, token: str | None) -> str:
        """The reference of the user who has logged in. Raises ApiError."""
        user = self._users.get(self.require(token))
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
        self._seen.pop(token or "", None)
        self._users.pop(token or "", None)
