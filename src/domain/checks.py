"""The named checks before a dSource is made; docs/reference/preflight.md lists the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from errors import CATALOGUE, PluginError


@dataclass(frozen=True)
class Check:
    """One check.

    Attributes:
        name: for people.
        code: catalogue entry of its failure.
        hint: what to do then.
    """

    name: str
    code: str
    hint: str


# fmt: off
CHECKS = {check.name: check for check in (
    Check("port", "PORT_IN_USE",
          "Choose another port for staging, or stop what listens there."),
    Check("server-id", "SERVER_ID_IN_USE",
          "Give this dSource another serverId."),
    Check("series", "VERSION_MISMATCH",
          "Install the source's series, or a newer one, on the staging host."),
    Check("binary-log", "SOURCE_NO_BINLOG",
          "Set log_bin on the source and restart it, or switch LogSync off."),
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
)}
# fmt: on


@dataclass(frozen=True)
class Problem:
    """A check that failed.

    Attributes:
        check: its name; empty for an error that kept other checks from being made.
        name: the catalogue entry.
        seen: what was seen.
        hint: what to do.
    """

    check: str
    name: str
    seen: str
    hint: str

    @property
    def line(self) -> str:
        """For a list: `binary-log: MDB-042 log_bin is OFF on the source`."""
        label = f"{CATALOGUE[self.name].label} {self.seen}"
        return f"{self.check}: {label}" if self.check else label

    @property
    def hint_line(self) -> str:
        """For a list: `binary-log: Set log_bin ...`."""
        return f"{self.check or CATALOGUE[self.name].label}: {self.hint}"


def failed(check: str, seen: str) -> Problem:
    """The problem of a check."""
    entry = CHECKS[check]
    return Problem(check, entry.code, seen, entry.hint)


def stopped(error: PluginError) -> Problem:
    """The problem of an error that kept other checks from being made."""
    return Problem("", error.entry.name, error.seen, error.entry.action)


@contextmanager
def gathering(found: Sequence[Problem], doing: str) -> Iterator[None]:
    """An error inside does not hide what was found before it: both are told.

    Raises:
        PluginError: for all of them.
    """
    try:
        yield
    except PluginError as error:
        if not found:
            raise
        refuse([*found, stopped(error)], doing)


def refuse(found: Sequence[Problem], doing: str) -> None:
    """Raises one error for all problems, under the code of the first.

    Raises:
        PluginError: when there is a problem.
    """
    if not found:
        return
    if len(found) == 1:
        raise PluginError(found[0].name, doing, found[0].seen)
    lines = [item.line for item in found]
    hints = [item.hint_line for item in found]
    # A statement ends with its own semicolon.
    seen = " ".join([*(f"{line.removesuffix(';')};" for line in lines[:-1]), lines[-1]])
    raise PluginError(found[0].name, doing, seen, "\n".join(dict.fromkeys(hints)))
