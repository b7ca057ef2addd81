"""Replication (or a copy without it) from a backup that the user provides."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from domain.backup import Backup, BackupKind, Compression
from domain.installation import Installation
from domain.options import init_sql
from domain.options.settings import Setting
from domain.replication.gtid import Position
from domain.source.address import Source
from errors import PluginError, while_doing
from ingestion.interface import Ingested, system_objects
from remote.answer import Answer
from remote.host import Host
from remote.secret_values import NO_SECRETS
from server import inputs, jobs, source
from server.instance import Instance

log = logging.getLogger(__name__)


def inspect(host: Host, mount: str, path: str, there: Sequence[Installation]) -> Backup:
    """What lies at `path`, by its content.

    Args:
        host: the staging host.
        mount: of the staging dataset, which must not hold the backup.
        path: of a file or directory on it.
        there: its installations; qpress may lie beside their programs.

    Raises:
        PluginError: BACKUP_UNUSABLE.
    """
    folders = [folder for one in there for folder in one.program_folders]
    variables = {
        "MOUNT": mount,
        "BACKUP_PATH": path,
        "QPRESS_FOLDERS": ":".join(dict.fromkeys(folders)),
    }
    answer = host.run("backup_inspect", f"looking at the backup {path}", variables)
    try:
        kind = BackupKind(answer.text("kind"))
        compression = Compression(answer.maybe("compression") or "none")
    except ValueError as error:
        raise PluginError("ANSWER_UNREADABLE", answer.doing, str(error)) from error
    return Backup(
        path=path,
        kind=kind,
        compression=compression,
        size_bytes=answer.number("sizeBytes"),
        version_text=answer.maybe("serverVersion"),
        database=answer.maybe("database"),
        type=answer.maybe("backupType"),
        qpress=answer.maybe("qpress"),
    )


@dataclass(frozen=True)
class UserBackup:
    """A restore of one backup.

    Attributes:
        backup: what is known of it.
        source: that will be followed, with the account that reads; None when LogSync is off.
    """

    backup: Backup
    source: Source | None

    def ingest(self, instance: Instance, required: tuple[Setting, ...]) -> Ingested:
        """Fills the dataset: a dump through a new server, files without one.

        Args:
            instance: in its loading configuration.
            required: settings carried from the source.

        Raises:
            PluginError: BACKUP_UNUSABLE, LOAD_FAILED, INVENTORY_DIFFERS, POSITION_MISSING,
                JOB_LOST and what starting a server may raise.
        """
        physical = self.backup.is_physical
        instance.create(required, "staging", initialise=not physical)
        if not physical:
            instance.start(required=required)
        doing = f"restoring {self.backup.path} into"
        if physical:
            instance.run("restore_files_start", doing, self._of_files(instance))
        else:
            instance.run("restore_dump_start", doing, self._of_dump(instance))
        answer = jobs.follow(instance, doing, self.backup.size_bytes, NO_SECRETS)
        position = self._position(instance, answer) if self.source else None
        log.info("restored up to GTID %s", position or "(none)")
        objects = None if physical else system_objects(answer)
        return Ingested(position, answer.number("objects", 0), _with_own(required, answer), objects)

    @property
    def _of_any_kind(self) -> dict[str, str]:
        return {
            "BACKUP_PATH": self.backup.path,
            "COMPRESSION": self.backup.compression.value,
            "STALL_SECONDS": str(jobs.STALL_SECONDS),
        }

    def _of_files(self, instance: Instance) -> dict[str, str]:
        return {
            **self._of_any_kind,
            "KIND": self.backup.kind.value,
            "QPRESS": self.backup.qpress,
            "KEYS": inputs.keys(instance.config),
        }

    def _of_dump(self, instance: Instance) -> dict[str, str]:
        return {
            **self._of_any_kind,
            "DATABASE": self.backup.database,
            "INIT_SQL": init_sql.render(instance.host.user),
        }

    def _position(self, instance: Instance, answer: Answer) -> Position:
        """The backup's own position, else the source's for the backup's coordinates.

        A dump that was made without GTID holds coordinates only.
        """
        assert self.source is not None
        gtid, file = answer.maybe("gtid"), answer.maybe("binlogFile")
        if gtid:
            with while_doing(answer.doing):
                return Position.parse(gtid)
        if not file:
            raise PluginError("POSITION_MISSING", answer.doing, f"{self.backup.path}: {_HOW_TO}")
        return source.position_at(instance, self.source, file, answer.text("binlogPosition"))


_HOW_TO = (
    "it has no replication position; make it with mariadb-dump --single-transaction "
    "--master-data=2 --gtid, or with mariadb-backup, or switch LogSync off"
)


def _with_own(required: tuple[Setting, ...], answer: Answer) -> tuple[Setting, ...]:
    """The settings that the files themselves ask for go before the source's."""
    own = tuple(Setting(name, value) for name, value in answer.rows("setting", 2))
    names = {setting.name for setting in own}
    return (*(setting for setting in required if setting.name not in names), *own)
