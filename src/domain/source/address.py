"""Where and as whom a source is reached from the staging host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.source.tls import Tls


@dataclass(frozen=True)
class Source:
    """A source server and an account on it.

    Attributes:
        host: name or address, as the staging host knows it.
        port: TCP port.
        user, password: of the account.
        tls: how the connection is protected.
    """

    host: str
    port: int
    user: str
    tls: Tls
    password: str = field(default="", repr=False)

    @property
    def place(self) -> str:
        """`host:port`, as replication tells it, too."""
        return f"{self.host}:{self.port}"

    def variables(self) -> dict[str, str]:
        """Inputs of every script that asks the source, without the password."""
        return {
            "SOURCE_HOST": self.host,
            "SOURCE_PORT": str(self.port),
            "SOURCE_USER": self.user,
            **self.tls.variables(),
        }

    def secrets(self, name: str = "SOURCE_PASSWORD") -> Mapping[str, str]:
        """The password under the name that a script knows it by."""
        return {name: self.password}

    def __str__(self) -> str:
        return f"{self.user}@{self.place}"
