"""The engine's objects. References carry the prefixes a real engine gives them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar

Json = dict[str, Any]


@dataclass(frozen=True)
class Plugin:
    """An uploaded artifact. `digest` (sha256 of the file) tells two builds of one number apart."""

    PREFIX: ClassVar[str] = "APPDATA_TOOLKIT"
    reference: str
    plugin_id: str
    name: str
    build_number: str
    migration_ids: tuple[str, ...]
    digest: str


@dataclass(frozen=True)
class Environment:
    """A host as the engine knows it, with its one environment user."""

    PREFIX: ClassVar[str] = "UNIX_HOST_ENVIRONMENT"
    reference: str
    name: str
    host_reference: str
    user_reference: str


@dataclass(frozen=True)
class Group:
    """What people keep dSources and VDBs in."""

    PREFIX: ClassVar[str] = "GROUP"
    reference: str
    name: str


@dataclass(frozen=True)
class Repository:
    """An installation the plugin discovered. `present` turns false when it vanished."""

    PREFIX: ClassVar[str] = "APPDATA_REPOSITORY"
    reference: str
    name: str
    environment: str
    plugin: str
    parameters: Json
    present: bool = True


@dataclass(frozen=True)
class SourceConfig:
    """A database on a host: discovered, typed by hand (`manual`), or a VDB's (`container`)."""

    PREFIX: ClassVar[str] = "APPDATA_STAGED_SOURCE_CONFIG"
    reference: str
    name: str
    repository: str
    parameters: Json
    present: bool = True
    manual: bool = False
    container: str | None = None


class Kind(Enum):
    """What a container is."""

    DSOURCE = "dSource"
    VDB = "VDB"


class ContainerState(Enum):
    """CREATING until its first workflow succeeded; only ENABLED ones have a mounted dataset."""

    CREATING = "CREATING"
    ENABLED = "ENABLED"
    DISABLED = "DISABLED"


@dataclass(frozen=True)
class MountPoint:
    """Where a dataset belongs, as the plugin's mount specification said."""

    environment: str
    path: str


@dataclass(frozen=True)
class Container:
    """A dSource or a VDB with its source.

    `source_config` of a dSource is what it was linked to, of a VDB what the plugin's configure
    returned (None before). `parent` is the container a VDB was provisioned from,
    `parent_snapshot` what its current timeflow was made from; `group` one that people made.
    """

    PREFIX: ClassVar[str] = "APPDATA_CONTAINER"
    reference: str
    name: str
    kind: Kind
    guid: str
    environment: str
    repository: str
    parameters: Json
    state: ContainerState
    timeflow: str
    source_config: str | None = None
    parent: str | None = None
    parent_snapshot: str | None = None
    mounts: tuple[MountPoint, ...] = ()
    group: str | None = None

    @property
    def dataset(self) -> str:
        """Name of the live dataset in the storage pool."""
        return dataset_name(self.reference, self.timeflow)


def dataset_name(container: str, timeflow: str) -> str:
    """Storage path of a timeflow, shaped like a real engine's export path."""
    return f"{container.lower()}/{timeflow.lower()}"


@dataclass(frozen=True)
class Snapshot:
    """A point to provision from; `metadata` is the plugin's snapshot object."""

    PREFIX: ClassVar[str] = "APPDATA_SNAPSHOT"
    reference: str
    name: str
    container: str
    timeflow: str
    created: str
    metadata: Json

    @property
    def storage_name(self) -> str:
        """Name of the read-only snapshot in the storage pool."""
        return self.reference.lower()


@dataclass(frozen=True)
class VaultEntry:
    """A secret that a vault would hold: `supplier` is what parameters name it by."""

    PREFIX: ClassVar[str] = "VAULT_ENTRY"
    reference: str
    supplier: Json
    username: str
    password: str


class Action(Enum):
    """Kinds of jobs."""

    PLUGIN_UPLOAD = "PLUGIN_UPLOAD"
    ENVIRONMENT_REFRESH = "ENVIRONMENT_REFRESH_AND_DISCOVER"
    DB_LINK = "DB_LINK"
    DB_SYNC = "DB_SYNC"
    DB_PROVISION = "DB_PROVISION"
    DB_CREATE_EMPTY = "DB_CREATE_EMPTY"
    DB_REFRESH = "DB_REFRESH"
    DB_ROLLBACK = "DB_ROLLBACK"
    DB_EXPORT = "DB_EXPORT"
    DB_DELETE = "DB_DELETE"
    SNAPSHOT_DELETE = "SNAPSHOT_DELETE"
    SOURCE_START = "SOURCE_START"
    SOURCE_STOP = "SOURCE_STOP"
    SOURCE_UPDATE = "SOURCE_UPDATE"
    SOURCE_ENABLE = "SOURCE_ENABLE"
    SOURCE_DISABLE = "SOURCE_DISABLE"
    # Polled by a real engine, not jobs there: they are not kept.
    SOURCE_STATUS = "SOURCE_STATUS"
    SOURCE_WORKER = "SOURCE_WORKER"
    SOURCE_SIZE = "SOURCE_SIZE"


class JobState(Enum):
    """Life of a job."""

    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"


class StepKind(Enum):
    """Who does a step: the plugin, or the engine (storage, mounts)."""

    PLUGIN = "plugin"
    ENGINE = "engine"


@dataclass(frozen=True)
class Step:
    """One part of a job; seconds are wall clock, remote ones those spent in run_bash.

    `ended` is the time when it was over (ISO 8601, UTC), also when it failed.
    """

    name: str
    kind: StepKind
    seconds: float
    remote_calls: int = 0
    remote_seconds: float = 0.0
    ended: str = ""


@dataclass(frozen=True)
class JobError:
    """Why a job failed, as the user interface shows it."""

    message: str
    action: str
    output: str


@dataclass(frozen=True)
class Job:
    """One run of a workflow on `target` (a reference); times are ISO 8601, UTC.

    `parent` is the job that it came out of: the link, of a first sync.
    """

    PREFIX: ClassVar[str] = "JOB"
    reference: str
    action: Action
    target: str
    target_name: str
    state: JobState
    started: str
    ended: str | None = None
    error: JobError | None = None
    steps: tuple[Step, ...] = ()
    parent: str | None = None

    def operations(self) -> list[str]:
        """The plugin operations that were called, in order."""
        return [step.name for step in self.steps if step.kind is StepKind.PLUGIN]
