"""What `SHOW SLAVE STATUS` says, as a small typed value, and what to make of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from domain.replication.gtid import Position


class Health(Enum):
    """How replication does."""

    ABSENT = "not set up"
    BEING_MADE = "being set up by a resync"
    BUSY = "left alone: an operation stops or starts the server at this moment"
    RUNNING = "running"
    CONNECTING = "connecting"
    STOPPED = "stopped"
    BROKEN = "broken"


@dataclass(frozen=True)
class ReplicaStatus:
    """Replication into the staging server at one moment.

    Attributes:
        configured: whether there is a replication configuration.
        being_made: a resync works on the dataset at this moment.
        busy: its server does not run because another operation stops or starts it.
        log_size: bytes of the error log when replication had been told its source anew.
        source: `host:port` it replicates from.
        io_running, sql_running: the words of the server: Yes, No, Connecting, Preparing.
        io_error, sql_error: last error of each thread, number and text, empty when there is none.
        lag_seconds: seconds behind the source, None when unknown.
        binlog_file, binlog_position: the source's coordinates that have been executed.
        gtid_position: what has been applied.
    """

    configured: bool
    source: str
    io_running: str
    sql_running: str
    io_error: str
    sql_error: str
    lag_seconds: int | None
    binlog_file: str
    binlog_position: int
    gtid_position: Position
    being_made: bool = False
    busy: bool = False
    log_size: int = 0

    @staticmethod
    def of(value: Callable[[str], str]) -> ReplicaStatus:
        """Reads the keys that `replica_answer` of lib/server/replica.sh prints.

        Args:
            value: looks one up, empty when there is none.

        Raises:
            Refusal: POSITION_MISSING.
        """
        lag = value("lagSeconds")
        position = value("binlogPosition")
        return ReplicaStatus(
            configured=value("replica") == "yes",
            source=value("replicatesFrom"),
            io_running=value("ioRunning"),
            sql_running=value("sqlRunning"),
            io_error=value("ioError"),
            sql_error=_shown(value("sqlError")),
            lag_seconds=int(lag) if lag.isdigit() else None,
            binlog_file=value("binlogFile"),
            binlog_position=int(position) if position.isdigit() else 0,
            gtid_position=Position.parse(value("gtidPosition")),
            being_made=value("making") == "yes",
            busy=value("busy") == "yes",
            log_size=int(value("logSize")) if value("logSize").isdigit() else 0,
        )

    @property
    def health(self) -> Health:
        """One word for the whole; an error of the SQL thread never passes by itself."""
        if self.being_made:
            return Health.BEING_MADE
        if self.busy:
            return Health.BUSY
        if not self.configured:
            return Health.ABSENT
        if self.sql_error or (self.io_error and self.io_running == "No"):
            return Health.BROKEN
        if self.sql_running == "No" or self.io_running == "No":
            return Health.STOPPED
        return Health.RUNNING if self.io_running == "Yes" else Health.CONNECTING

    @property
    def login_refused(self) -> bool:
        """The I/O thread may not log in; numbers as in lib/source/sql.sh."""
        return self.io_error.startswith(_LOGIN_ERRORS)

    @property
    def refused_by_source(self) -> bool:
        """The source has not the transaction that this replica has applied last."""
        return self.io_error.startswith("1236:") and _NOT_IN_ITS_LOG in self.io_error

    @property
    def summary(self) -> str:
        """One line for people."""
        parts = [f"replication is {self.health.value}"]
        parts += [f"I/O thread: {self.io_error}"] if self.io_error else []
        parts += [f"SQL thread: {self.sql_error}"] if self.sql_error else []
        applied = str(self.gtid_position)
        parts += [f"applied up to GTID {applied}"] if applied else []
        return "; ".join(parts)


def _shown(error: str) -> str:
    """Without the statement, where that may hold the login to another server."""
    return error.partition(" Query: ")[0] if error.startswith(_ENGINE_ERROR) else error


# Numbers of the server's errors. A login may be cured by a new password from the vault.
_LOGIN_ERRORS = (
    "1045:", "1130:", "1524:", "1698:", "1820:", "1862:", "2059:", "3159:", "4151:",
)  # fmt: skip
# Unknown storage engine: on a copy, those that reach out are not loaded.
_ENGINE_ERROR = "1286:"
# Of a source whose history has other transactions; not of one that has purged its binary log.
_NOT_IN_ITS_LOG = "is not in the master's binlog"
# Lock wait timeout, deadlock, lost or refused connection, out of resources: gone the next moment.
_PASSING_ERRORS = ("1205:", "1213:", "2002:", "2003:", "2006:", "2013:", "1040:", "1158:", "1159:")


class Cure(Enum):
    """What may help a replica that does not run."""

    NONE = "nothing to heal"
    STAND_IN = "leaving out what reaches out"
    RENEW = "telling replication its source and login anew"
    RESTART = "starting replication again"


def cure_of(status: ReplicaStatus, source: str) -> Cure:
    """What may help, without ever skipping an event: an error that lasts has no cure here.

    Args:
        source: `host:port` that it should replicate from; the user may have changed it.
    """
    if status.health in (Health.ABSENT, Health.BEING_MADE, Health.BUSY):
        return Cure.NONE
    if (status.login_refused or status.source != source) and not status.sql_error:
        return Cure.RENEW
    if status.health is Health.STOPPED:
        return Cure.RESTART
    if status.sql_error.startswith(_ENGINE_ERROR):
        return Cure.STAND_IN
    errors = [error for error in (status.io_error, status.sql_error) if error]
    broken = status.health is Health.BROKEN
    passing = all(error.startswith(_PASSING_ERRORS) for error in errors)
    return Cure.RESTART if broken and passing else Cure.NONE
