"""Replication with a Delphix managed backup, physical: mariadb-backup, streamed to staging."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from domain.options.settings import Setting
from domain.replication.gtid import Position
from domain.replication.told import OWN, told
from domain.source.local import LocalFacts
from errors import PluginError, while_doing
from ingestion import files
from ingestion.interface import Ingested
from remote.answer import Answer
from remote.secret_values import NO_SECRETS
from server import inputs, jobs, source
from server.instance import Instance
from server.sender import Sender, Sending

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ManagedPhysical:
    """A copy of the files of one source.

    Attributes:
        sender: the source host.
        facts: what the server says there.
        log_sync: whether a replication position is needed.
    """

    sender: Sender
    facts: LocalFacts
    log_sync: bool

    def ingest(self, instance: Instance, required: tuple[Setting, ...]) -> Ingested:
        """Has the source host send its files, and prepares them.

        Raises:
            PluginError: TRANSFER_BROKEN, SOURCE_BACKUP_FAILED, SOURCE_FILES_CLOSED,
                SOURCE_ENCRYPTED, BACKUP_UNUSABLE, PORT_IN_USE, POSITION_MISSING, JOB_LOST,
                JOB_STALLED or LOAD_FAILED.
        """
        instance.create(required, "staging", initialise=False)
        log.info("mariadb-backup runs as %s", self.facts.runs_as or "the environment user")
        with self.sender.sending(self.facts.data_dir) as sending:
            answer = self._received(instance, sending)
        position = self._position(instance, answer) if self.log_sync else None
        log.info("copied up to GTID %s", position or "(none)")
        return Ingested(position, 0, files.with_own(required, answer), None)

    def _received(self, instance: Instance, sending: Sending) -> Answer:
        doing = f"taking the files of {self.sender.source} into"
        variables = {
            **sending.identity(),
            **self.sender.transfer.variables(),
            "KEYS": inputs.keys(instance.config),
            "STALL_SECONDS": str(jobs.STALL_SECONDS),
        }
        listening = instance.run("receive_start", doing, variables)
        # Without a port the job has ended, and the first look tells why.
        if listening.maybe("port"):
            sending.send_to(instance.host.name, listening)
        expected = self.facts.file_bytes
        try:
            return jobs.follow(instance, doing, expected, NO_SECRETS, sending.look)
        except PluginError as error:
            cause = _cause(error, instance, sending)
            if cause is error:
                raise
            raise cause from error

    def _position(self, instance: Instance, answer: Answer) -> Position:
        """As mariadb-backup has noted it, else the source's for its coordinates."""
        with while_doing(answer.doing):
            own = told(OWN, answer.rows("toldGtid", 3), answer.rows("toldPosition", 4))
        if not own:
            raise PluginError("POSITION_MISSING", answer.doing, "mariadb-backup has noted none")
        return own.gtid or source.position_at(instance, self.sender.source, own.file, own.offset)


def _cause(error: PluginError, instance: Instance, sending: Sending) -> PluginError:
    """Of two ends of a stream that broke, the one that knows more than that."""
    if error.entry.name != "TRANSFER_BROKEN":
        return error
    other = jobs.error_of(instance, error.doing) if sending.failed_with(error) else sending.error()
    return other if other and other.entry.name != "TRANSFER_BROKEN" else error
