"""Replication (or a copy without it) from a backup that the user provides."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from domain.backup import Backup, BackupKind, Compression, Dump
from domain.dump import Head
from domain.installation import Installation
from domain.options import init_sql
from domain.options.settings import Setting
from domain.replication.gtid import Position
from domain.replication.told import MASTER, OWN, BackupPosition, told
from domain.source.address import Source
from errors import PluginError, while_doing
from ingestion import files
from ingestion.interface import Ingested, system_objects
from remote import lists
from remote.answer import Answer
from remote.host import Host
from remote.secret_values import NO_SECRETS
from server import inputs, jobs, source
from server.instance import Instance

log = logging.getLogger(__name__)


def inspect(
    host: Host, mount: str, path: str, there: Sequence[Installation], partial: bool = False
) -> Backup:
    """What lies at `path`, by its content.

    Args:
        host: the staging host.
        mount: of the staging dataset, which must not hold the backup.
        path: of a file or directory on it.
        there: its installations; qpress may lie beside their programs.
        partial: the user knows that tables are missing.

    Raises:
        PluginError: BACKUP_UNUSABLE.
    """
    folders = [folder for one in there for folder in one.program_folders]
    variables = {
        "MOUNT": mount,
        "BACKUP_PATH": path,
        "QPRESS_FOLDERS": ":".join(dict.fromkeys(folders)),
        "PARTIAL": inputs.yes(partial),
    }
    answer = host.run("backup_inspect", f"looking at the backup {path}", variables)
    try:
        kind = BackupKind(answer.text("kind"))
        compression = Compression(answer.maybe("compression") or "none")
        dumps = tuple(_dump(row) for row in answer.rows("dump", 8))
    except ValueError as error:
        raise PluginError("ANSWER_UNREADABLE", answer.doing, str(error)) from error
    return Backup(
        path=path,
        kind=kind,
        compression=compression,
        size_bytes=answer.number("sizeBytes"),
        version_text=answer.maybe("serverVersion"),
        type=answer.maybe("backupType"),
        qpress=answer.maybe("qpress"),
        dumps=dumps,
    )


def _dump(row: Sequence[str]) -> Dump:
    path, compression, tool, version, database, needs, zone, saves = row
    head = Head(tool, version, database, needs == "yes", zone, saves == "yes")
    return Dump(path, Compression(compression), head)


def read(instance: Instance, backup: Backup, follow: bool) -> None:
    """Reads dumps to their ends while the dataset still holds the last copy.

    Args:
        instance: of the dataset, which is only looked at. Where it holds no data, the load itself
            reads the dumps for the first time.
        backup: the dumps.
        follow: they must tell a position.

    Raises:
        PluginError: BACKUP_UNUSABLE, POSITION_MISSING, JOB_LOST.
    """
    doing = f"reading {backup.path} for"
    answer = instance.run("backup_read_start", doing, _of_dumps(backup, ""))
    if answer.text("job") != "started":
        return
    answer = jobs.follow(instance, doing, backup.size_bytes, NO_SECRETS)
    if follow and not (answer.many("toldGtid") or answer.many("toldPosition")):
        raise PluginError("POSITION_MISSING", answer.doing, f"{backup.path}: {_HOW_TO}")


# Steps that load files of mydumper have no use for these.
_OF_DUMPS = ("DUMPS", "UTC", "OLD_COLLATIONS")


def _without(variables: dict[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in variables.items() if name not in names}


def _of_dumps(backup: Backup, target: str) -> dict[str, str]:
    rows = [(dump.path, dump.compression.value, dump.database(target)) for dump in backup.dumps]
    return {"DUMPS": lists.encode_rows(rows), "STALL_SECONDS": str(jobs.STALL_SECONDS)}


@dataclass(frozen=True)
class UserBackup:
    """A restore of one backup.

    Attributes:
        backup: what is known of it.
        source: that will be followed, with the account that reads; None when LogSync is off.
        target: where a dump goes that names no database; empty to take what its head says.
    """

    backup: Backup
    source: Source | None
    target: str = ""

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
        elif self.backup.kind is BackupKind.MYDUMPER:
            variables = {"BACKUP_PATH": self.backup.path, **self._of_dump(instance)}
            instance.run("restore_mydumper_start", doing, _without(variables, *_OF_DUMPS))
        else:
            instance.run("restore_dump_start", doing, self._of_dump(instance))
        answer = jobs.follow(instance, doing, self.backup.size_bytes, NO_SECRETS)
        position = self._position(instance, answer) if self.source else None
        log.info("restored up to GTID %s", position or "(none)")
        if physical:
            return Ingested(position, 0, files.with_own(required, answer), None)
        proof = self._proof(instance)
        return Ingested(position, proof.number("objects"), required, system_objects(proof))

    def _proof(self, instance: Instance) -> Answer:
        """What the dumps define and hold is on staging."""
        doing = f"comparing {self.backup.path} with"
        variables = {"STALL_SECONDS": str(jobs.STALL_SECONDS)}
        instance.run("dump_prove_start", doing, variables)
        return jobs.follow(instance, doing, 0, NO_SECRETS)

    def _of_files(self, instance: Instance) -> dict[str, str]:
        return {
            "BACKUP_PATH": self.backup.path,
            "COMPRESSION": self.backup.compression.value,
            "KIND": self.backup.kind.value,
            "QPRESS": self.backup.qpress,
            "KEYS": inputs.keys(instance.config),
            "STALL_SECONDS": str(jobs.STALL_SECONDS),
        }

    def _of_dump(self, instance: Instance) -> dict[str, str]:
        return {
            **_of_dumps(self.backup, self.target),
            "UTC": inputs.yes(self.backup.is_utc),
            "OLD_COLLATIONS": inputs.yes(self.backup.collates_as_before),
            "INIT_SQL": init_sql.render(instance.host.user),
        }

    def _position(self, instance: Instance, answer: Answer) -> Position:
        """The backup's own position, else the source's for the backup's coordinates.

        A backup may have been made on a replica of the source that is followed: then it tells the
        position of that source, too. A dump that was made without GTID holds coordinates only.
        """
        with while_doing(answer.doing):
            gtids, places = answer.rows("toldGtid", 3), answer.rows("toldPosition", 4)
            own, of_master = told(OWN, gtids, places), told(MASTER, gtids, places)
        chosen = own
        if of_master and not (own and self._is_of_source(instance, own)):
            log.info("the backup was made on a replica: its source's position is taken")
            chosen = of_master
        if not chosen:
            raise PluginError("POSITION_MISSING", answer.doing, f"{self.backup.path}: {_HOW_TO}")
        return chosen.gtid or self._asked(instance, chosen)

    def _is_of_source(self, instance: Instance, own: BackupPosition) -> bool:
        """Whether the source's binary log has the same transaction at these coordinates."""
        if not own.gtid or not own.file:
            return False
        try:
            return self._asked(instance, own) == own.gtid
        except PluginError as error:
            if error.entry.name != "POSITION_MISSING":
                raise
            return False

    def _asked(self, instance: Instance, place: BackupPosition) -> Position:
        assert self.source is not None, "only LogSync asks for a position"
        return source.position_at(instance, self.source, place.file, place.offset)


_HOW_TO = (
    "it has no replication position; make it with mariadb-dump --single-transaction "
    "--master-data=2 --gtid, or with mariadb-backup, or switch LogSync off"
)
