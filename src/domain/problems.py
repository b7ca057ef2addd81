"""The named checks before a dSource is made; docs/reference/preflight.md lists the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from catalogue import CATALOGUE, Refusal


@dataclass(frozen=True)
class Check:
    """One check.

    Attributes:
        name: for people.
        error: name of the catalogue entry of its failure.
        hint: what to do then.
    """

    name: str
    error: str
    hint: str


# fmt: off
CHECKS = {check.name: check for check in (
    Check("port", "PORT_IN_USE",
          "Choose another port for staging, or stop what listens there."),
    Check("server-id", "SERVER_ID_IN_USE",
          "Give this dSource another stagingServerId."),
    Check("logout", "HOST_ENDS_SERVERS",
          "As root: add the environment user to KillExcludeUsers in logind.conf and restart "
          "systemd-logind; see the prerequisites."),
    Check("same-server", "SOURCE_FOREIGN",
          "Make the right server listen there, or name its address by sourceHost and sourcePort."),
    Check("series", "VERSION_MISMATCH",
          "Install the source's series, or a newer one, on the staging host."),
    Check("binary-log", "SOURCE_NO_BINLOG",
          "Set log_bin on the source and restart it, or switch LogSync off."),
    Check("complete-log", "SOURCE_LOG_INCOMPLETE",
          "Set log_slave_updates, remove binlog_do_db and binlog_ignore_db, restart the source."),
    Check("databases", "SOURCE_DATABASE_UNKNOWN",
          "Correct the names in databases."),
    Check("binlog-format", "SOURCE_BINLOG_FORMAT",
          "Set binlog_format = ROW on the source, or link all databases."),
    Check("encryption", "SOURCE_ENCRYPTED",
          "Give staging a key management plugin and the same key ids by configSettings."),
    Check("names", "SOURCE_NAMES",
          "Rename the tables or databases on the source, or leave them out with databases."),
    Check("privileges", "SOURCE_PRIVILEGE_MISSING",
          "Run the statements on the source."),
    Check("replication-privileges", "SOURCE_PRIVILEGE_MISSING",
          "Run the statements on the source."),
    Check("space", "DISK_SPACE",
          "Give the dataset's storage more room, or link fewer databases."),
    Check("backup-series", "VERSION_MISMATCH",
          "Files need an installation of their own series, a dump that series or a newer one."),
    Check("backup-type", "BACKUP_UNUSABLE",
          "Give the path of a full backup."),
    Check("backup-origin", "BACKUP_UNUSABLE",
          "Load it into a MariaDB server by hand, see what it complains of, and dump that one."),
    Check("backup-database", "BACKUP_UNUSABLE",
          "Set targetDatabase to the database that the dump is of, or leave it empty where the "
          "backup names its databases itself."),
)}
# fmt: on


@dataclass(frozen=True)
class Problem:
    """A check that failed.

    Attributes:
        check: its name; empty for an error that kept other checks from being made.
        error: name of the catalogue entry.
        seen: what was seen.
        hint: what to do.
    """

    check: str
    error: str
    seen: str
    hint: str

    @property
    def line(self) -> str:
        """For a list: `binary-log: MDB-042 log_bin is OFF on the source`."""
        label = f"{CATALOGUE[self.error].label} {self.seen}"
        return f"{self.check}: {label}" if self.check else label

    @property
    def hint_line(self) -> str:
        """For a list: `binary-log: Set log_bin ...`."""
        return f"{self.check or CATALOGUE[self.error].label}: {self.hint}"


def failed(check: str, seen: str) -> Problem:
    """The problem of a check.

    Args:
        check: its name in CHECKS.
        seen: what was seen.
    """
    entry = CHECKS[check]
    return Problem(check, entry.error, seen, entry.hint)


class Problems:
    """What the checks of one operation have found, until it is refused for all of it at once."""

    def __init__(self, found: Iterable[Problem] = ()) -> None:
        self._found = list(found)

    def add(self, found: Iterable[Problem]) -> None:
        """Adds problems of one check."""
        self._found += found

    @contextmanager
    def gathering(self) -> Iterator[None]:
        """An error inside does not hide what was found before it: both are told.

        Raises:
            Refusal: for all of them.
        """
        try:
            yield
        except Refusal as error:
            if not self._found:
                raise
            self.add([Problem("", error.entry.name, error.seen, error.entry.action)])
            self.refuse()

    def refuse(self) -> None:
        """Raises one error for all problems, under the code of the first.

        Raises:
            Refusal: when there is a problem.
        """
        if not self._found:
            return
        first = self._found[0]
        if len(self._found) == 1:
            raise Refusal(first.error, first.seen)
        lines = [item.line for item in self._found]
        hints = [item.hint_line for item in self._found]
        # A statement ends with its own semicolon.
        seen = " ".join([*(f"{line.removesuffix(';')};" for line in lines[:-1]), lines[-1]])
        raise Refusal(first.error, seen, "\n".join(dict.fromkeys(hints)))
