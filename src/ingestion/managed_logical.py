"""Replication with a Delphix managed backup, logical: mariadb-dump streamed into staging."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from domain.options import init_sql
from domain.options.settings import Setting
from domain.replication.gtid import Position
from domain.source.address import Source
from domain.source.facts import SourceFacts
from domain.source.privileges import Lock
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
    """

    source: Source
    facts: SourceFacts
    log_sync: bool
    databases: tuple[str, ...]
    tools: Version
    lock: Lock

    def ingest(self, instance: Instance, required: tuple[Setting, ...]) -> Ingested:
        """Streams everything into a new staging server; again when the source did not stand still.

        Raises:
            PluginError: DUMP_FAILED, LOAD_FAILED, SOURCE_LOCK_TIMEOUT, POSITION_MISSING,
                INVENTORY_DIFFERS, SOURCE_CHANGED, JOB_LOST, JOB_STALLED or one about the source.
        """
        answer = self._copied(instance, required, ATTEMPTS)
        self._tell(answer)
        position = _position(answer) if self.log_sync else None
        return Ingested(position, answer.number("objects", 0), required, system_objects(answer))

    def _copied(self, instance: Instance, required: tuple[Setting, ...], attempts: int) -> Answer:
        instance.create(required, "staging")
        instance.start(required=required)
        doing = f"copying {self.source} into"
        variables = {
            **self.source.variables(),
            "LOG_SYNC": "yes" if self.log_sync else "no",
            "DATABASES": lists.encode(self.databases),
            "DUMP_OPTIONS": self._dump_options(),
            "INIT_SQL": init_sql.render(instance.host.user),
            "STALL_SECONDS": str(jobs.STALL_SECONDS),
            "LOCK": self.lock.value,
            "LOCK_SECONDS": str(LOCK_SECONDS),
        }
        password = Secrets(self.source.secrets())
        self._definitions(instance, "before", f"reading the definitions of {self.source} for")
        instance.run("ingest_start", doing, variables, password)
        try:
            answer = jobs.follow(instance, doing, self.facts.data_bytes, password)
        except PluginError as error:
            if error.entry.name != "SOURCE_CHANGED" or attempts == 1:
                raise
            log.warning("%s; copying again", error.seen)
            return self._copied(instance, required, attempts - 1)
        self._definitions(instance, "after", f"comparing the definitions of {self.source} with")
        return answer

    def _definitions(self, instance: Instance, when: str, doing: str) -> None:
        """Before and after the copy: what did not change meanwhile must be equal on staging."""
        variables = {
            **self.source.variables(),
            "DATABASES": lists.encode(self.databases),
            "WHEN": when,
        }
        instance.run("definitions", doing, variables, Secrets(self.source.secrets()))

    def _dump_options(self) -> str:
        """For the history of versioned tables, as far as the tools can carry it."""
        if not self.tools.dumps_history:
            return ""
        older = self.tools.counts_to_2106 and not self.facts.version().counts_to_2106
        return "--dump-history --update-history" if older else "--dump-history"

    @staticmethod
    def _tell(answer: Answer) -> None:
        for item in answer.many("outside"):
            log.warning("this looks into a database that is not copied: %s", item)
        log.info("copied up to GTID %s", answer.maybe("gtid") or "(none)")


def _position(answer: Answer) -> Position:
    with while_doing(answer.doing):
        return Position.parse(answer.text("gtid"))
