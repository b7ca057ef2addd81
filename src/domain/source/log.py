"""Whether the source logs every change: pure functions of what it said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.replication.gtid import Position
from domain.replication.seen import Seen

# Global variables that the rules here and those of the history read.
ASKED = (
    *("server_uid", "hostname", "datadir", "port", "server_id", "log_bin", "gtid_binlog_pos"),
    *("gtid_slave_pos", "gtid_binlog_state", "log_slave_updates", "wsrep_on", "binlog_format"),
)


@dataclass(frozen=True)
class Logging:
    """What decides what a server writes into its binary log.

    Attributes:
        variables: by lower-case name.
        sources: `some` or `none` that it replicates from; empty when its account may not know.
        running: how many of them it follows at this moment.
        only, never: `binlog_do_db` and `binlog_ignore_db`, as SHOW MASTER STATUS tells them.
    """

    variables: Mapping[str, str]
    sources: str = ""
    running: int = 0
    only: str = ""
    never: str = ""

    @property
    def logs_all(self) -> bool:
        """Whether it logs what it applies of others."""
        return _on(self.variables.get("log_slave_updates", ""))

    @property
    def upstream(self) -> str:
        """GTID position of what it applied of others."""
        return self.variables.get("gtid_slave_pos", "")

    def gaps(self, seen: Seen | None = None) -> list[str]:
        """Why changes are missing from its binary log; empty when it is complete.

        Args:
            seen: this server at the last proof.

        Raises:
            Refusal: POSITION_MISSING.
        """
        found = []
        off = "with log_slave_updates = OFF"
        if not self.logs_all and _on(self.variables.get("wsrep_on", "")):
            found.append(f"the source is a Galera node {off}: it does not log what others write")
        elif not self.logs_all and self._is_replica:
            found.append(f"the source is a replica {off}: it does not log what it replicates")
        elif seen and not (self.logs_all and seen.logs_all) and self._moved(seen):
            found.append(f"since the last sync the source has replicated {off}: {self.upstream}")
        if self.only:
            found.append(f"binlog_do_db: the source logs {self.only} only")
        if self.never:
            found.append(f"binlog_ignore_db: the source does not log {self.never}")
        return found

    def _moved(self, seen: Seen) -> bool:
        return Position.parse(self.upstream) != seen.upstream

    @property
    def _is_replica(self) -> bool:
        if self.sources:
            return self.sources == "some"
        return self.running > 0 or not self._has_logged_upstream

    @property
    def _has_logged_upstream(self) -> bool:
        """Whether its binary log has the last transactions that it replicated, if ever it did."""
        # More than a position: the last transaction of each server in each domain.
        logged = self.variables.get("gtid_binlog_state", "").replace("\n", "").split(",")
        known = [Position.parse(gtid) for gtid in logged]
        return all(
            any(
                part.domains.get(domain, ("", 0))[0] == server and part.domains[domain][1] >= number
                for part in known
            )
            for domain, (server, number) in Position.parse(self.upstream).domains.items()
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """In what replicated data may differ."""
        if self.variables.get("binlog_format", "").upper() != "STATEMENT":
            return ()
        return (
            "The source has binlog_format = STATEMENT: staging runs its statements again, so values"
            " of UUID(), RAND(), SYSDATE(), @@hostname, LOAD_FILE() and user functions, and rows"
            " of statements with LIMIT but no order, may differ from the source's.",
        )


def _on(text: str) -> bool:
    return text.upper() in ("ON", "1")
