"""Replication with a Delphix managed backup, logical: mariadb-dump streamed into staging."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from domain.options import init_sql
from domain.options.settings import Setting
from domain.replication.gtid import Position
from domain.source import sessions
from domain.source.address import Source
from domain.source.facts import SourceFacts
from domain.source.privileges import Lock
from domain.source.sessions import Align
from domain.version import Version
from errors import PluginError, while_doing
from ingestion.interface import Ingested, system_objects
from remote import lists
from remote.answer import Answer
from remote.secret_values import Secrets
from server import jobs
from server.instance import Instance

log = logging.getLogger(__name__)

# How long the read locks on non-transactional tables may take to be granted.
LOCK_SECONDS = 60
# Copies of a source whose accounts or routines change while nothing locks them.
ATTEMPTS = 3


@dataclass(frozen=True)
class ManagedLogical:
    """A streamed copy of one source.

    Attributes:
        source: with the account that reads.
        facts: what the source says of itself.
        log_sync: whether a replication position is needed.
        databases: to copy, empty for all.
        tools: version of the installation on staging.
        lock: what the source account may hold still.
        sessions: how many read the source at a time, at most.
    """

    source: Source
    facts: SourceFacts
    log_sync: bool
    databases: tuple[str, ...]
    tools: Version
    lock: Lock
    sessions: int

    def ingest(self, instance: Instance, required: tuple[Setting, ...]) -> Ingested:
        """Streams everything into a new staging server; again when the source did not stand still.

        Raises:
            PluginError: DUMP_FAILED, LOAD_FAILED, SOURCE_LOCK_TIMEOUT, POSITION_MISSING,
                INVENTORY_DIFFERS, SOURCE_CHANGED, JOB_LOST, JOB_STALLED or one about the source.
        """
        planned, copied = self._copied(instance, required, ATTEMPTS)
        proven = instance.run(
            "copy_prove", f"comparing {self.source} with", self._chosen(), self._password()
        )
        for item in proven.many("outside"):
            log.warning("this looks into a database that is not copied: %s", item)
        log.info("copied up to GTID %s", copied.maybe("gtid") or "(none)")
        position = _position(copied) if self.log_sync else None
        return Ingested(position, proven.number("objects"), required, system_objects(planned))

    def _copied(
        self, instance: Instance, required: tuple[Setting, ...], attempts: int
    ) -> tuple[Answer, Answer]:
        """What the plan and the copy said."""
        instance.create(required, "staging")
        instance.start(required=required)
        doing, password = f"copying {self.source} into", self._password()
        plan = {**self._chosen(), "DUMP_OPTIONS": self._dump_options()}
        asked = {**plan, "PIPES": str(self._pipes), "PIECE_BYTES": str(sessions.PIECE_BYTES)}
        reading = f"reading what {self.source} holds for"
        planned = instance.run("copy_plan", reading, asked, password)
        variables = {
            **plan,
            "LOG_SYNC": "yes" if self.log_sync else "no",
            "INIT_SQL": init_sql.render(instance.host.user),
            "STALL_SECONDS": str(jobs.STALL_SECONDS),
            "LOCK": self.lock.value,
            "LOCK_SECONDS": str(LOCK_SECONDS),
            "ALIGN": self._align.value,
        }
        instance.run("ingest_start", doing, variables, password)
        try:
            return planned, jobs.follow(instance, doing, planned.number("copyBytes"), password)
        except PluginError as error:
            if error.entry.name != "SOURCE_CHANGED" or attempts == 1:
                raise
            log.warning("%s; copying again", error.seen)
        return self._copied(instance, required, attempts - 1)

    @property
    def _align(self) -> Align:
        return sessions.align(self.facts, self.log_sync)

    @property
    def _pipes(self) -> int:
        return 1 if self._align is Align.NONE else self.sessions

    def _chosen(self) -> dict[str, str]:
        """What is asked of the source, and for which databases."""
        return {**self.source.variables(), "DATABASES": lists.encode(self.databases)}

    def _password(self) -> Secrets:
        return Secrets(self.source.secrets())

    def _dump_options(self) -> str:
        """For the history of versioned tables, as far as the tools can carry it."""
        if not self.tools.dumps_history:
            return ""
        older = self.tools.counts_to_2106 and not self.facts.version().counts_to_2106
        return "--dump-history --update-history" if older else "--dump-history"


def _position(answer: Answer) -> Position:
    with while_doing(answer.doing):
        return Position.parse(answer.text("gtid"))
