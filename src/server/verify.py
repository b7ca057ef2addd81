"""Comparing staging with its source, row by row, at one GTID position."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from domain import verification
from domain.options import init_sql
from domain.replication.gtid import Position
from domain.source.address import Source
from domain.verification import Difference, Round, Verified
from domain.version import Version
from errors import PluginError, while_doing
from remote import lists
from remote.answer import Answer
from remote.secret_values import Secrets
from server import jobs
from server.inputs import yes
from server.instance import Instance

log = logging.getLogger(__name__)

# How often what changes on the source is looked at, in the hope that it stands still.
ROUNDS = 4


@dataclass(frozen=True)
class Comparison:
    """What is compared with what.

    Attributes:
        instance: the staging server.
        source: with the account that reads.
        databases: that staging has; empty for all.
        managed: the plugin itself made the copy, so it is known what that carries.
        wait_seconds: how long staging may take to come to the source's position.
    """

    instance: Instance
    source: Source
    databases: tuple[str, ...]
    managed: bool
    wait_seconds: int

    def run(self) -> Verified:
        """Compares everything; replication rests afterwards, where the comparison was.

        After a failure replication goes on.

        Raises:
            PluginError: VERIFY_DIFFERS, VERIFY_FAILED, REPLICATION_BROKEN, CATCH_UP_TIMEOUT or one
                about the source or the staging server.
        """
        try:
            return self._run()
        except BaseException:
            self.give_up()
            raise

    def give_up(self) -> None:
        """Ends what still works on the comparison, and lets replication go on."""
        with suppress(PluginError):
            self.instance.run(
                "verify_end",
                "letting replication go on into",
                self.source.variables(),
                self._password,
            )

    def _run(self) -> Verified:
        started = time.monotonic()
        history = self.managed and self._version().dumps_history
        first = self._round(history, ())
        left = self._settled(history, first)
        others = [] if self.managed else ["accounts: the backup was provided"]
        others += [] if history else ["history of versioned tables"]
        result = Verified(
            position=first.position,
            tables=first.tables,
            rows=first.rows,
            bytes=first.bytes,
            seconds=round(time.monotonic() - started),
            not_compared=verification.not_compared(first, left, others),
        )
        log.info("%s", result)
        return result

    def _settled(self, history: bool, first: Round) -> Sequence[Difference]:
        """Looks again at what was not equal; gives what never stood still."""
        left: Sequence[Difference] = first.differences
        if first.more:
            seen = f"{first.more} more than {len(left)} tables and accounts are not equal"
            log.warning("%s", seen)
        for _ in range(1, ROUNDS):
            if not left:
                break
            log.info("looking again at %s", "; ".join(str(item) for item in left[:20]))
            left = verification.unsettled(left, self._round(history, left))
        if first.more:
            doing = f"{self._doing} {self.instance.label} on {self.instance.host.name}"
            raise PluginError("VERIFY_FAILED", doing, seen)
        return left

    def _round(self, history: bool, suspects: Sequence[Difference]) -> Round:
        accounts = any(item.is_account for item in suspects) if suspects else self.managed
        tables = [(item.database, item.name) for item in suspects if not item.is_account]
        variables = {
            **self.source.variables(),
            "DATABASES": lists.encode(self.databases),
            "WAIT_SECONDS": str(self.wait_seconds),
            "HISTORY": yes(history),
            "ACCOUNTS": yes(accounts),
            "AGAIN": yes(bool(suspects)),
            "CLOSED_SQL": init_sql.closed_condition(),
            "SUSPECTS": lists.encode_rows(tables),
        }
        self.instance.run("verify_start", self._doing, variables, self._password)
        answer = jobs.follow(self.instance, self._doing, 0, self._password)
        found = _round(answer)
        if suspects:
            with while_doing(answer.doing):
                verification.require_no_difference(found)
        return found

    @property
    def _doing(self) -> str:
        return f"comparing with {self.source}"

    @property
    def _password(self) -> Secrets:
        return Secrets(self.source.secrets())

    def _version(self) -> Version:
        """Of the staging server."""
        answer = self.instance.files()
        with while_doing(answer.doing):
            return Version.parse(answer.text("writtenBy"))


def _round(answer: Answer) -> Round:
    differences = tuple(
        Difference(kind, database, name, seen, still == "yes")
        for kind, database, name, seen, still in answer.rows("unequal", 5)
    )
    skipped = tuple((row[0], row[1], row[2]) for row in answer.rows("skipped", 3))
    with while_doing(answer.doing):
        return Round(
            position=Position.parse(answer.maybe("gtid")),
            tables=answer.number("tables"),
            rows=answer.number("rows"),
            bytes=answer.number("bytes"),
            differences=differences,
            more=answer.number("unequalCount") - len(differences),
            skipped=skipped,
            skipped_more=answer.number("skippedCount") - len(skipped),
        )
