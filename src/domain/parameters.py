"""What the user chose, checked once and typed. A missing or null optional key means its default.

JSON-schema defaults only pre-fill the UI, so the same defaults are applied here.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from domain.dataset.layout import Layout, layout_of
from domain.definition import Reader
from domain.options.settings import Setting, settings_of
from domain.outside import ExternalTables
from domain.source.tls import Tls, TlsMode

DEFAULT_CATCH_UP_SECONDS = 3600
# Below the ports that systems give to connections by themselves.
TRANSFER_PORTS = (13306, 13325)
_HOST = re.compile(r"[A-Za-z0-9._:%-]{1,255}\Z")
_ADDRESS = re.compile(r"(\*|[A-Za-z0-9._:%,-]{1,255})\Z")


class IngestionMode(Enum):
    """How the data of the staging server is managed."""

    REPLICATION = "Replication"
    MANUAL = "Manual Ingestion"


class BackupOrigin(Enum):
    """Who makes the full copy."""

    MANAGED = "Delphix Managed Backup"
    USER_PROVIDED = "User Provided Backup"


class BackupMethod(Enum):
    """How Delphix reads the full copy."""

    LOGICAL = "Logical"
    PHYSICAL = "Physical"


class LoginGrants(Enum):
    """What the login made for people may do on a VDB."""

    DATA = "Data"
    ALL = "All privileges"

    @property
    def value_of_step(self) -> str:
        """The word for it in scripts."""
        return "all" if self is LoginGrants.ALL else "data"


@dataclass(frozen=True)
class Transfer:
    """How the files of a source come to staging.

    Attributes:
        first_port, last_port: on the staging host; the first free one is listened on.
        packed: by zstd, on the way.
    """

    first_port: int
    last_port: int
    packed: bool

    def variables(self) -> dict[str, str]:
        """Inputs of the step that listens."""
        return {"TRANSFER_PORTS": f"{self.first_port}-{self.last_port}", **self.packing()}

    def packing(self) -> dict[str, str]:
        """What both ends are told."""
        return {"PACKED": "yes" if self.packed else "no"}


@dataclass(frozen=True)
class LinkedParameters:
    """Parameters of a dSource.

    Attributes:
        mode: how the data comes in.
        backup_path: of a user's backup on the staging host, empty for a managed one.
        layout: the staging dataset.
        port: of the staging server.
        server_id: of the staging server.
        log_sync: keep in sync by replication; never in Manual Ingestion.
        source_host, source_port: as typed by the user, empty or 0 to take the source config's.
        source_credentials, replication_credentials: credentials suppliers or None.
        staging_credentials: supplier of the login that a manual load uses, or None.
        tls: how the source is reached.
        base_dir: of the staging installation, empty to find it.
        databases: to copy and replicate; empty for all.
        catch_up_seconds: how long a sync may wait.
        settings: of the staging server.
        copy_sessions: how many may read the source during a copy, 0 for no wish.
        target_database: where statements of a dump go that name no database; empty to take what
            its head says.
        partial_backup: the user knows that tables are missing in the backup.
        transfer: how the files of the source come to staging; None for every other copy.
    """

    mode: IngestionMode
    backup_path: str
    layout: Layout
    port: int
    server_id: int
    log_sync: bool
    source_host: str
    source_port: int
    source_credentials: Mapping[str, Any] | None
    replication_credentials: Mapping[str, Any] | None
    staging_credentials: Mapping[str, Any] | None
    tls: Tls
    base_dir: str
    databases: tuple[str, ...]
    catch_up_seconds: int
    settings: tuple[Setting, ...]
    target_database: str = ""
    partial_backup: bool = False
    transfer: Transfer | None = None
    copy_sessions: int = 0


@dataclass(frozen=True)
class VirtualParameters:
    """Parameters of a VDB.

    Attributes:
        layout: the VDB's dataset.
        port, server_id, bind_address: of its server.
        credentials: supplier of the login to create, or None.
        binary_log, event_scheduler, outside: switched on or not; the last is what reaches out.
        settings: of its server.
        grants: what the created login may do.
    """

    layout: Layout
    port: int
    server_id: int
    bind_address: str
    credentials: Mapping[str, Any] | None
    binary_log: bool
    event_scheduler: bool
    settings: tuple[Setting, ...]
    grants: LoginGrants = LoginGrants.DATA
    outside: bool = False


def linked_parameters(definition: Any, guid: str) -> LinkedParameters:
    """Reads a `LinkedSourceDefinition`.

    Raises:
        Refusal: INPUT_INVALID, MOUNT_PATH_INVALID or SETTING_REFUSED.
    """
    read = Reader(definition)
    mode = read.enum("ingestion_mode", IngestionMode, IngestionMode.REPLICATION)
    origin = read.enum("backup_origin", BackupOrigin, BackupOrigin.MANAGED)
    server_id = read.integer("staging_server_id", 0, (1, 2**32 - 1))
    path = _backup_path(read, mode, origin)
    log_sync = mode is IngestionMode.REPLICATION and read.boolean("log_sync", True)
    asked = log_sync or (mode is IngestionMode.REPLICATION and not path)
    return LinkedParameters(
        mode=mode,
        backup_path=path,
        layout=layout_of(read.text("mount_path")),
        port=read.integer("staging_port", None, (1024, 65535)),
        server_id=server_id or derived_server_id(guid),
        log_sync=log_sync,
        source_host=read.matching("source_host", _HOST),
        source_port=read.integer("source_port", 0, (1, 65535)),
        source_credentials=read.supplier("source_credentials"),
        replication_credentials=read.supplier("replication_credentials"),
        staging_credentials=read.supplier("staging_credentials"),
        tls=_tls(read, asked),
        base_dir=read.path("staging_base_dir"),
        databases=read.names("databases"),
        catch_up_seconds=read.integer("catch_up_timeout", DEFAULT_CATCH_UP_SECONDS, (1, 604800)),
        settings=settings_of(read.value("config_settings")),
        target_database=read.name("target_database"),
        partial_backup=read.boolean("partial_backup", False),
        transfer=_transfer(read, mode, origin),
        copy_sessions=read.integer("copy_sessions", 0, (1, 16)),
    )


def _backup_path(read: Reader, mode: IngestionMode, origin: BackupOrigin) -> str:
    if mode is not IngestionMode.REPLICATION or origin is not BackupOrigin.USER_PROVIDED:
        return ""
    path = read.path("backup_path")
    if not path:
        raise read.refuse("backup_path", "is missing, a user provided backup needs it")
    mount = posixpath.normpath(read.text("mount_path") or "/")
    if f"{posixpath.normpath(path)}/".startswith(f"{mount}/"):
        raise read.refuse("backup_path", f"lies inside the dataset at {mount}: a resync empties it")
    return path


def _transfer(read: Reader, mode: IngestionMode, origin: BackupOrigin) -> Transfer | None:
    method = read.enum("backup_method", BackupMethod, BackupMethod.LOGICAL)
    port = read.integer("transfer_port", 0, (1024, 65535))
    packed = read.boolean("transfer_compression", False)
    managed = mode is IngestionMode.REPLICATION and origin is BackupOrigin.MANAGED
    if method is not BackupMethod.PHYSICAL or not managed:
        return None
    if read.names("databases"):
        raise read.refuse("databases", "names some: backupMethod Physical copies all of them")
    first, last = (port, port) if port else TRANSFER_PORTS
    return Transfer(first, last, packed)


def _tls(read: Reader, asked: bool) -> Tls:
    """Of a source that is never asked the form hides it, and nobody would see what is refused."""
    tls = Tls(
        mode=read.enum("tls_mode", TlsMode, TlsMode.DISABLED),
        ca_path=read.path("tls_ca_path"),
        cert_path=read.path("tls_cert_path"),
        key_path=read.path("tls_key_path"),
    )
    return tls.check() if asked else tls


def virtual_parameters(definition: Any, guid: str) -> VirtualParameters:
    """Reads a `VirtualSourceDefinition`.

    Raises:
        Refusal: INPUT_INVALID, MOUNT_PATH_INVALID or SETTING_REFUSED.
    """
    read = Reader(definition)
    server_id = read.integer("server_id", 0, (1, 2**32 - 1))
    external = read.enum("external_tables", ExternalTables, ExternalTables.INERT)
    return VirtualParameters(
        layout=layout_of(read.text("mount_path")),
        port=read.integer("port", None, (1024, 65535)),
        server_id=server_id or derived_server_id(guid),
        bind_address=read.matching("bind_address", _ADDRESS) or "*",
        credentials=read.supplier("vdb_credentials"),
        grants=read.enum("vdb_privileges", LoginGrants, LoginGrants.DATA),
        binary_log=read.boolean("binary_log", False),
        event_scheduler=read.boolean("event_scheduler", False),
        outside=external.are_kept,
        settings=settings_of(read.value("config_settings"), external.are_kept),
    )


def derived_server_id(guid: str) -> int:
    """A server id for a dataset: the same at each call, spread over the upper half of 32 bits.

    People number their servers from 1 or by address; the upper half is seldom used by hand.
    """
    digest = hashlib.sha256(guid.encode("utf-8")).digest()
    return int.from_bytes(digest[:4], "big") | 0x8000_0000
