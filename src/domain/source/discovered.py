"""Whether the server that answers is the one that was discovered."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Discovered:
    """What the source config of a discovered server says.

    Attributes:
        data_dir: of the server, empty in a source config that was typed by hand.
        port: of the server.
        elsewhere: the user has named another address on purpose (a proxy, a moving address).
    """

    data_dir: str
    port: int
    elsewhere: bool

    def difference(self, variables: Mapping[str, str]) -> str:
        """In what the server that answers differs, for people; empty when in nothing.

        Args:
            variables: `datadir` and `port` of the server that answers.
        """
        there = _plain(variables.get("datadir", "")), variables.get("port", "")
        if not self.data_dir or there == (_plain(self.data_dir), str(self.port)):
            return ""
        return (
            f"the server that answers has port {there[1]} and its data in {there[0]}; the source "
            f"config was discovered for port {self.port} and {_plain(self.data_dir)}"
        )


def _plain(path: str) -> str:
    return posixpath.normpath(path) if path else ""
