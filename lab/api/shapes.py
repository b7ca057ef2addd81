"""The lab's objects as the engine's interface shows them."""

from __future__ import annotations

from typing import Any

from lab.api import masking
from lab.api.calls import Service
from lab.api.envelope import missing
from lab.errors import LabError
from lab.model import (
    Container,
    ContainerState,
    Environment,
    Group,
    Json,
    Kind,
    Repository,
    Snapshot,
    SourceConfig,
)

# Where people have made no group, as on a new engine.
UNTITLED = Group("GROUP-1", "Untitled")
_STAGED, _VIRTUAL = "APPDATA_STAGED_SOURCE", "APPDATA_VIRTUAL_SOURCE"


def typed(kind: str, reference: str, name: str, **fields: Any) -> Json:
    """What all objects have."""
    return {"type": kind, "reference": reference, "namespace": None, "name": name, **fields}


def group(row: Group) -> Json:
    """A group."""
    return typed("Group", row.reference, row.name, description=None)


def environment(row: Environment) -> Json:
    """The environment of a host."""
    return typed(
        "UnixHostEnvironment",
        row.reference,
        row.name,
        host=row.host_reference,
        primaryUser=row.user_reference,
        enabled=True,
        description="",
    )


def user(service: Service, row: Environment) -> Json:
    """Its environment user."""
    name = service.engine.host(row.reference).environment_user
    return typed("EnvironmentUser", row.user_reference, name, environment=row.reference)


def host(service: Service, row: Environment) -> Json:
    """Its host."""
    address = service.engine.host(row.reference).address
    return typed("UnixHost", row.host_reference, row.name, address=address, sshPort=22)


def repository(row: Repository) -> Json:
    """An installation. What vanished can no longer be used."""
    return typed(
        "AppDataRepository",
        row.reference,
        row.name,
        environment=row.environment,
        toolkit=row.plugin,
        parameters=row.parameters,
        version=None,
        linkingEnabled=row.present,
        provisioningEnabled=row.present,
        staging=row.present,
    )


def source_config(service: Service, row: SourceConfig) -> Json:
    """A database on a host, or the one of a VDB, which has a path."""
    place = service.engine.store.get(Repository, row.repository)
    owner = service.engine.store.get(Environment, place.environment)
    shown = typed(
        "AppDataStagedSourceConfig",
        row.reference,
        row.name,
        repository=row.repository,
        toolkit=place.plugin,
        environmentUser=owner.user_reference,
        parameters=masking.masked(masking.schema_of(service, row), row.parameters),
        linkingEnabled=row.present and row.container is None,
        discovered=not row.manual,
    )
    if row.container is not None:
        shown["type"] = "AppDataDirectSourceConfig"
        mounts = service.engine.store.get(Container, row.container).mounts
        shown["path"] = mounts[0].path if mounts else ""
    return shown


def container(service: Service, row: Container) -> Json:
    """A dSource or VDB."""
    plugin = service.engine.store.get(Repository, row.repository).plugin
    made = [snapshot.created for snapshot in service.engine.snapshots(row)]
    return typed(
        "AppDataContainer",
        row.reference,
        row.name,
        group=row.group or UNTITLED.reference,
        guid=row.guid,
        toolkit=plugin,
        currentTimeflow=row.timeflow,
        previousTimeflow=None,
        provisionContainer=row.parent,
        creationTime=made[0] if made else None,
        description=None,
        masked=False,
        transformation=False,
        performanceMode="DISABLED",
        sourcingPolicy={"type": "SourcingPolicy", "logsyncEnabled": False},
        runtime={"type": "AppDataContainerRuntime"},
    )


def source_of(row: Container) -> str:
    """The reference of the source of a dSource or VDB: they are numbered alike."""
    number = row.reference.rpartition("-")[2]
    return f"{_STAGED if row.kind is Kind.DSOURCE else _VIRTUAL}-{number}"


def container_of(service: Service, source: str) -> Container:
    """The other way round. Raises ApiError."""
    prefix, _, number = source.rpartition("-")
    if prefix not in (_STAGED, _VIRTUAL):
        return service.find(Container, source)
    found = service.find(Container, f"{Container.PREFIX}-{number}")
    if source_of(found) != source:
        raise missing("Source", source)
    return found


def source(service: Service, row: Container, *, asked: bool = False) -> Json:
    """The source of a dSource or VDB.

    Args:
        asked: whether the plugin is asked for its state and size, which takes remote calls.
    """
    plugin = service.engine.store.get(Repository, row.repository).plugin
    linked = row.kind is Kind.DSOURCE
    shown = typed(
        "AppDataLinkedStagedSource" if linked else "AppDataVirtualSource",
        source_of(row),
        row.name,
        container=row.reference,
        config=row.source_config,
        toolkit=plugin,
        parameters=masking.masked(masking.schema_of(service, row), row.parameters),
        linked=linked,
        virtual=not linked,
        staging=False,
        replica=False,
        status="DEFAULT",
        hosts=[service.engine.store.get(Environment, row.environment).host_reference],
        runtime=_runtime(service, row, asked=asked),
        operations=_operations(row),
    )
    if linked:
        owner = service.engine.store.get(Environment, row.environment)
        shown |= {
            "stagingEnvironment": owner.reference,
            "stagingEnvironmentUser": owner.user_reference,
            "stagingMountBase": row.mounts[0].path if row.mounts else None,
        }
    else:
        shown |= {"additionalMountPoints": [], "allowAutoVDBRestartOnHostReboot": False}
    return shown


_HOOKS = {
    Kind.DSOURCE: ("LinkedSourceOperations", ("preSync", "postSync")),
    Kind.VDB: (
        "VirtualSourceOperations",
        tuple(
            "configureClone preRefresh postRefresh preRollback postRollback preSnapshot "
            "postSnapshot preStart postStart preStop postStop".split()
        ),
    ),
}


def _operations(row: Container) -> Json:
    kind, hooks = _HOOKS[row.kind]
    return {"type": kind, **{hook: [] for hook in hooks}}


def _runtime(service: Service, row: Container, *, asked: bool) -> Json:
    enabled = row.state is ContainerState.ENABLED
    shown: Json = {
        "type": "AppDataSourceRuntime",
        "enabled": "ENABLED" if enabled else "DISABLED",
        "status": "UNKNOWN" if enabled else "INACTIVE",
        "accessible": enabled,
        "notAccessibleReason": None,
    }
    if not (asked and enabled):
        return shown
    try:
        active = service.lab.status(row.name) == "ACTIVE"
        shown["status"] = "RUNNING" if active else "INACTIVE"
        shown["databaseSize"] = float(service.lab.source_size(row.name))
    except LabError as error:
        shown |= {"accessible": False, "notAccessibleReason": error.message}
    return shown


def snapshot(service: Service, row: Snapshot) -> Json:
    """A snapshot; `metadata` is the plugin's object."""
    place = service.engine.store.get(Container, row.container)
    plugin = service.engine.store.get(Repository, place.repository).plugin
    point = {
        "type": "AppDataTimeflowPoint",
        "timeflow": row.timeflow,
        "timestamp": row.created,
        "location": None,
    }
    return typed(
        "AppDataSnapshot",
        row.reference,
        row.name,
        container=row.container,
        timeflow=row.timeflow,
        toolkit=plugin,
        metadata=row.metadata,
        consistency="CONSISTENT",
        creationTime=row.created,
        firstChangePoint=point,
        latestChangePoint=point,
        missingNonLoggedData=False,
        retention=0,
        temporary=False,
        timezone="Etc/UTC,UTC+0000",
        version=None,
        runtime={"type": "AppDataSnapshotRuntime", "provisionable": True},
    )


def timeflow(row: Container) -> Json:
    """The current timeflow of a dSource or VDB."""
    return typed(
        "AppDataTimeflow",
        row.timeflow,
        "default",
        container=row.reference,
        parentSnapshot=row.parent_snapshot,
    )
