"""Calls of operations as an engine makes them: protobuf requests into the SDK's own wrappers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from dlpx.virtualization.api import common_pb2, platform_pb2
from google.protobuf.message import Message

from errors import PluginError
from tests.operations.fake_libs import FakeHost

SOURCE_PASSWORD = "SourcePw-4711"
REPLICATION_PASSWORD = "ReplicaPw-4712"
VDB_PASSWORD = "VdbPw-4713"
STAGING_PASSWORD = "StagingPw-4714"
PASSWORDS = (SOURCE_PASSWORD, REPLICATION_PASSWORD, VDB_PASSWORD, STAGING_PASSWORD)
SECRET_VARIABLES = ("SOURCE_PASSWORD", "REPLICATION_PASSWORD", "LOGIN_PASSWORD")


def account(user: str, password: str) -> dict[str, str]:
    """A credentials supplier."""
    return {"type": "NamedPasswordCredential", "username": user, "password": password}


REPLICATOR = account("replicator", REPLICATION_PASSWORD)
LINKED = {
    "mountPath": "/mnt/sales",
    "ingestionMode": "Replication",
    "backupOrigin": "Delphix Managed Backup",
    "backupMethod": "Logical",
    "logSync": True,
    "sourceHost": "db.example",
    "sourcePort": 3306,
    "sourceCredentials": account("reader", SOURCE_PASSWORD),
    "stagingPort": 3310,
    "stagingServerId": 77,
    "catchUpTimeout": 20,
    "configSettings": [{"propertyName": "max-connections", "value": "50"}],
}
MANUAL = {
    "mountPath": "/mnt/sales",
    "ingestionMode": "Manual Ingestion",
    "stagingPort": 3310,
    "stagingCredentials": account("loader", STAGING_PASSWORD),
}
VIRTUAL = {
    "mountPath": "/mnt/copy",
    "port": 3320,
    "serverId": 88,
    "vdbCredentials": account("dev", VDB_PASSWORD),
}
PHYSICAL = {
    "port": 3306,
    "serverId": 99,
    "loginCredentials": account("dev", VDB_PASSWORD),
}
REPOSITORY = {
    "name": "MariaDB 10.11.19 (/usr)",
    "version": "10.11.19",
    "baseDir": "/usr",
    "daemonPath": "/usr/sbin/mariadbd",
}
SOURCE_CONFIG = {"name": "MariaDB on port 3306", "port": 3306, "dataDir": "/var/lib/mysql"}
SNAPSHOT = {
    "takenAt": "2026-11-22T10:00:00Z",
    "serverVersion": "10.11.19-MariaDB",
    "consistency": "Consistent",
    "requiredSettings": [{"propertyName": "lower_case_table_names", "value": "1"}],
}


@dataclass(frozen=True)
class World:
    """What Delphix knows and hands to an operation, as JSON."""

    linked: Mapping[str, Any] = field(default_factory=lambda: LINKED)
    virtual: Mapping[str, Any] = field(default_factory=lambda: VIRTUAL)
    physical: Mapping[str, Any] = field(default_factory=lambda: PHYSICAL)
    repository: Mapping[str, Any] = field(default_factory=lambda: REPOSITORY)
    source_config: Mapping[str, Any] = field(default_factory=lambda: SOURCE_CONFIG)
    snapshot: Mapping[str, Any] = field(default_factory=lambda: SNAPSHOT)
    snapshot_parameters: Mapping[str, Any] | None = None
    source_host: str = "src1.example"
    binary_path: str = "/b"
    target_directory: str = "/srv/copy"


WORLD = World()
RESYNC = World(snapshot_parameters={"resync": True})


def linked(**changes: Any) -> World:
    """A resync with other dSource parameters."""
    return World(linked={**LINKED, **changes}, snapshot_parameters={"resync": True})


def backup(**changes: Any) -> World:
    """A resync from a backup that the user provides."""
    return linked(backupOrigin="User Provided Backup", backupPath="/backups/sales", **changes)


def virtual(**changes: Any) -> World:
    """A VDB with other parameters."""
    return World(virtual={**VIRTUAL, **changes})


def physical(**changes: Any) -> World:
    """A physical copy with other parameters."""
    return World(physical={**PHYSICAL, **changes})


# Name of an operation in plugin_runner: its request and its wrapper.
OPERATIONS: dict[str, tuple[type[Message], str]] = {
    "discovery.repository": (platform_pb2.RepositoryDiscoveryRequest, "_internal_repository"),
    "discovery.source_config": (
        platform_pb2.SourceConfigDiscoveryRequest,
        "_internal_source_config",
    ),
    "linked.mount_specification": (
        platform_pb2.StagedMountSpecRequest,
        "_internal_mount_specification",
    ),
    "linked.pre_snapshot": (
        platform_pb2.StagedPreSnapshotRequest,
        "_internal_staged_pre_snapshot",
    ),
    "linked.post_snapshot": (
        platform_pb2.StagedPostSnapshotRequest,
        "_internal_staged_post_snapshot",
    ),
    "linked.start_staging": (platform_pb2.StartStagingRequest, "_internal_start_staging"),
    "linked.stop_staging": (platform_pb2.StopStagingRequest, "_internal_stop_staging"),
    "linked.worker": (platform_pb2.StagedWorkerRequest, "_internal_worker"),
    "linked.status": (platform_pb2.StagedStatusRequest, "_internal_status"),
    "linked.source_size": (platform_pb2.StagedSourceSizeRequest, "_internal_staged_source_size"),
    "virtual.mount_specification": (
        platform_pb2.VirtualMountSpecRequest,
        "_internal_mount_specification",
    ),
    "virtual.initialize": (platform_pb2.InitializeRequest, "_internal_initialize"),
    "virtual.configure": (platform_pb2.ConfigureRequest, "_internal_configure"),
    "virtual.reconfigure": (platform_pb2.ReconfigureRequest, "_internal_reconfigure"),
    "virtual.unconfigure": (platform_pb2.UnconfigureRequest, "_internal_unconfigure"),
    "virtual.cleanup": (platform_pb2.VirtualCleanupRequest, "_internal_cleanup"),
    "virtual.start": (platform_pb2.StartRequest, "_internal_start"),
    "virtual.stop": (platform_pb2.StopRequest, "_internal_stop"),
    "virtual.status": (platform_pb2.VirtualStatusRequest, "_internal_status"),
    "virtual.pre_snapshot": (platform_pb2.VirtualPreSnapshotRequest, "_internal_pre_snapshot"),
    "virtual.post_snapshot": (platform_pb2.VirtualPostSnapshotRequest, "_internal_post_snapshot"),
    "virtual.source_size": (
        platform_pb2.VirtualSourceSizeRequest,
        "_internal_virtual_source_size",
    ),
    "linked.pre_source_to_physical": (
        platform_pb2.StagedPreSourceToPhysicalRequest,
        "_internal_staged_pre_source_to_physical",
    ),
    "linked.source_to_physical": (
        platform_pb2.StagedSourceToPhysicalRequest,
        "_internal_staged_source_to_physical",
    ),
    "virtual.pre_source_to_physical": (
        platform_pb2.VirtualPreSourceToPhysicalRequest,
        "_internal_virtual_pre_source_to_physical",
    ),
    "virtual.source_to_physical": (
        platform_pb2.VirtualSourceToPhysicalRequest,
        "_internal_virtual_source_to_physical",
    ),
}


@dataclass(frozen=True)
class Engine:
    """Runs operations of the real plugin object against the fake hosts."""

    plugin: Any
    host: FakeHost

    def run(self, operation: str, world: World = WORLD) -> Any:
        """The operation's result. Whatever happens, no password may be seen anywhere."""
        request_class, wrapper = OPERATIONS[operation]
        call = attrgetter(f"{operation.split('.', 1)[0]}.{wrapper}")(self.plugin)
        try:
            response = call(_request(request_class, world))
        except Exception as error:
            _see_no_password(f"the error of {operation}", _texts_of(error))
            raise
        finally:
            self._see_no_password_on_the_way()
        result = response.return_value
        _see_no_password(f"the result of {operation}", [str(result)])
        return result

    def refused(self, operation: str, world: World = WORLD) -> PluginError:
        """The error with which the operation ends."""
        try:
            self.run(operation, world)
        except PluginError as error:
            return error
        raise AssertionError(f"{operation} succeeded; steps: {self.host.steps}")

    def _see_no_password_on_the_way(self) -> None:
        _see_no_password("the plugin log", [text for _, text in self.host.records])
        for call in self.host.calls:
            shown = [v for name, v in call.variables.items() if name not in SECRET_VARIABLES]
            _see_no_password(f"the command of {call.step}", [call.command])
            _see_no_password(f"the variables of {call.step}", shown)


def _texts_of(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        yield repr(error)
        yield from (str(argument) for argument in error.args)
        error = error.__cause__


def _see_no_password(where: str, texts: list[str] | Iterator[str]) -> None:
    for text in texts:
        for password in PASSWORDS:
            assert password not in text, f"a password in {where}: {text[:300]}"


def _request(request_class: type[Message], world: World) -> Message:
    request = request_class()
    for name in request.DESCRIPTOR.fields_by_name:
        value = _message(name, world)
        if value is not None:
            getattr(request, name).CopyFrom(value)
    return request


def _message(name: str, world: World) -> Message | None:
    if name == "source_connection":
        return connection(world.source_host)
    if name == "staged_source":
        return _staged_source(world)
    if name == "virtual_source":
        return common_pb2.VirtualSource(
            guid="vdb-1",
            connection=connection("tgt1.example", world.binary_path),
            parameters=_json(world.virtual),
        )
    if name == "physical_source":
        return common_pb2.PhysicalSource(
            guid="physical-1",
            connection=connection("phys1.example", world.binary_path),
            target_directory=world.target_directory,
            parameters=_json(world.physical),
        )
    classes = {
        "repository": common_pb2.Repository,
        "source_config": common_pb2.SourceConfig,
        "snapshot": common_pb2.Snapshot,
        "snapshot_parameters": common_pb2.SnapshotParameters,
    }
    kind = classes.get(name)
    return kind(parameters=_json(getattr(world, name))) if kind else None


def _staged_source(world: World) -> Message:
    staged = common_pb2.StagedSource(
        linked_source=common_pb2.LinkedSource(guid="dsource-1", parameters=_json(world.linked)),
        source_connection=connection(world.source_host),
        staged_connection=connection("stg1.example", world.binary_path),
    )
    staged.staged_mount.mount_path = "/mnt/sales"
    staged.staged_mount.remote_environment.CopyFrom(connection("stg1.example").environment)
    return staged


def _json(content: Mapping[str, Any] | None) -> common_pb2.PluginDefinedObject:
    return common_pb2.PluginDefinedObject(json=json.dumps(content))


def connection(host: str, binary_path: str = "/b") -> common_pb2.RemoteConnection:
    """The environment user's connection to a host."""
    return common_pb2.RemoteConnection(
        environment=common_pb2.RemoteEnvironment(
            name=f"environment of {host}",
            reference=f"UNIX_HOST_ENVIRONMENT-{host}",
            host=common_pb2.RemoteHost(
                name=host, reference=f"UNIX_HOST-{host}", binary_path=binary_path, scratch_path="/s"
            ),
        ),
        user=common_pb2.RemoteUser(name="osuser", reference="HOST_USER-1"),
    )
