"""The note of the last proof that staging's history is a beginning of the source's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from catalogue import Refusal
from domain.replication.gtid import Position


@dataclass(frozen=True)
class Server:
    """One life of a server, from a start to its end.

    Attributes:
        uid: `server_uid` of 10.11 and later, else empty.
        host: its `hostname`.
        data_dir: its `datadir`.
        port: that it listens on.
        server_id: in its GTIDs.
        started: when, in seconds by its own clock.
    """

    uid: str
    host: str
    data_dir: str
    port: str
    server_id: str
    started: int

    @property
    def place(self) -> tuple[str, str, str, str]:
        """What a restart does not change."""
        return (self.uid, self.host, self.data_dir, self.port)

    def lives_in(self, other: Server) -> bool:
        """Whether both are the same life of the same server."""
        same = (self.place, self.server_id) == (other.place, other.server_id)
        return same and abs(self.started - other.started) <= 1

    def __str__(self) -> str:
        return f"server id {self.server_id} ({self.host}:{self.port}, {self.data_dir})"


@dataclass(frozen=True)
class Seen:
    """The source at a moment when staging's history was proven.

    Attributes:
        server: the source.
        file, position: the end of its binary log.
        birth: of that file: when it was begun, by whom, its checksum; empty when nobody knows.
        gtid: what the log holds up to there.
        upstream: what the source itself had applied of its own source's.
        logs_all: it logged that, too.
        log_size: of staging's error log, in bytes.
    """

    server: Server
    file: str
    position: int
    birth: str
    gtid: Position
    upstream: Position
    logs_all: bool
    log_size: int = 0

    def render(self) -> str:
        """The text of the file, one `key<TAB>value` a line."""
        values = {
            "uid": self.server.uid,
            "host": self.server.host,
            "dataDir": self.server.data_dir,
            "port": self.server.port,
            "serverId": self.server.server_id,
            "started": str(self.server.started),
            "file": self.file,
            "position": str(self.position),
            "birth": self.birth,
            "gtid": str(self.gtid),
            "upstream": str(self.upstream),
            "logsAll": "yes" if self.logs_all else "no",
            "logSize": str(self.log_size),
        }
        # A tab or a line end in a name of the source would end the value.
        return "\n".join(f"{key}\t{' '.join(value.split())}" for key, value in values.items())

    @staticmethod
    def parse(lines: Iterable[str]) -> Seen | None:
        """Reads the lines; None when they are no whole note, whoever wrote them."""
        found = dict(line.split("\t", 1) for line in lines if "\t" in line)
        try:
            server = Server(
                found["uid"],
                found["host"],
                found["dataDir"],
                found["port"],
                found["serverId"],
                int(found["started"]),
            )
            return Seen(
                server,
                found["file"],
                int(found["position"]),
                found["birth"],
                Position.parse(found["gtid"]),
                Position.parse(found["upstream"]),
                found["logsAll"] == "yes",
                int(found["logSize"]),
            )
        except (KeyError, ValueError, Refusal):
            return None
