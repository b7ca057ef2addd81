"""The plugin's operations in the engine's terms: objects in, checked objects out.

An optional operation that the plugin does not have (its manifest says so) is left out.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dlpx.virtualization.api import common_pb2, platform_pb2, platform_service_pb2
from google.protobuf import message_factory
from google.protobuf.message import Message

from lab.engine import Engine
from lab.errors import LabError
from lab.jobs import JobRun
from lab.model import (
    Container,
    Environment,
    Json,
    Kind,
    MountPoint,
    Repository,
    Snapshot,
)
from lab.plugin import schema
from lab.plugin.artifact import Artifact, Discovered, ObjectSchema
from lab.plugin.runtime.runtime import operation_name

_SERVICE = platform_service_pb2.DESCRIPTOR.services_by_name["Platform"]
_REQUESTS = {
    method.name: message_factory.GetMessageClass(method.input_type) for method in _SERVICE.methods
}
_FLAGS = {
    "discovery.repository": "hasRepositoryDiscovery",
    "discovery.source_config": "hasSourceConfigDiscovery",
    "virtual.initialize": "hasInitialize",
}
ACTIVE = platform_pb2.StagedStatusResult.ACTIVE


def manifest_flag(operation: str) -> str:
    """The manifest's flag of an operation: linked.pre_snapshot -> hasLinkedPreSnapshot."""
    words = operation.replace(".", "_").split("_")
    return _FLAGS.get(operation, "has" + "".join(word.capitalize() for word in words))


@dataclass(frozen=True)
class MountSpecification:
    """What a mount specification operation answered; `owner` is (uid, gid) if it asked for one."""

    mounts: tuple[MountPoint, ...]
    owner: tuple[int, int] | None


class Operations:
    """The operations of one plugin, as steps of one job."""

    def __init__(self, engine: Engine, run: JobRun, plugin: str | Artifact) -> None:
        """`plugin`: reference of an installed one, or an artifact that is being installed."""
        self._engine = engine
        self._run = run
        self.artifact = plugin if isinstance(plugin, Artifact) else engine.artifact(plugin)
        self._code = self.artifact.code(engine.plugins)

    def implements(self, rpc: str) -> bool:
        """Whether the plugin has the operation."""
        return self.artifact.has(manifest_flag(operation_name(rpc)))

    # -- discovery -----------------------------------------------------------------------------

    def discover_repositories(self, environment: Environment) -> list[Json]:
        """discovery.repository: the repositories' parameters."""
        request = platform_pb2.RepositoryDiscoveryRequest(
            source_connection=self._engine.connection(environment.reference)
        )
        result = self._call("DiscoverRepository", request)
        return self._discovered(self.artifact.repository, result.repositories if result else ())

    def discover_source_configs(self, repository: Repository) -> list[Json]:
        """discovery.source_config: the source configs' parameters."""
        request = platform_pb2.SourceConfigDiscoveryRequest(
            source_connection=self._engine.connection(repository.environment),
            repository=_object(common_pb2.Repository, repository.parameters),
        )
        result = self._call("DiscoverSourceConfig", request)
        found = result.source_configs if result else ()
        return self._discovered(self.artifact.source_config, found)

    def _discovered(self, kind: Discovered, found: Sequence[Any]) -> list[Json]:
        objects = [self._checked(kind.definition, item) for item in found]
        identities = [kind.identity(item) for item in objects]
        if len(set(identities)) != len(identities):
            raise LabError(f"The plugin discovered the same {kind.definition.what} twice")
        return objects

    def _checked(self, expected: ObjectSchema, answer: Any, secrets: Sequence[str] = ()) -> Json:
        """An object from the plugin: fits its schema and holds no known secret."""
        value: Json = json.loads(answer.parameters.json)
        try:
            expected.check(value)
            schema.refuse_secrets(f"The {expected.what}", value, {*secrets, *self._run.secrets})
        except LabError as error:
            raise LabError(
                f"The plugin returned a bad object: {error.message}", error.action
            ) from None
        return value

    # -- dSources and VDBs ---------------------------------------------------------------------

    def call(self, rpc: str, container: Container, *, mounted: bool = True, **more: Any) -> Any:
        """Run an operation on a dSource or VDB; None when the plugin does not have it.

        `mounted`: whether the plugin is told the mounts. `more`: further fields of the request.
        """
        request: Any = _REQUESTS[rpc](**more)
        self._fill_source(request, container, mounted)
        repository = self._engine.store.get(Repository, container.repository)
        request.repository.parameters.json = json.dumps(repository.parameters)
        if "source_config" in request.DESCRIPTOR.fields_by_name:
            name, parameters = self._source_config(container)
            request.source_config.name = name
            request.source_config.parameters.json = json.dumps(parameters)
        return self._call(rpc, request, container.mounts if mounted else ())

    def _fill_source(self, request: Any, container: Container, mounted: bool) -> None:
        mounts = container.mounts if mounted else ()
        parameters = json.dumps(container.parameters)
        if container.kind is Kind.VDB:
            source = request.virtual_source
            source.guid, source.parameters.json = container.guid, parameters
            source.connection.CopyFrom(self._engine.connection(container.environment))
            source.mounts.extend(self._mount(mount) for mount in mounts)
            return
        staged = request.staged_source
        staged.linked_source.guid = container.guid
        staged.linked_source.parameters.json = parameters
        repository = self._engine.store.get(Repository, container.repository)
        staged.source_connection.CopyFrom(self._engine.connection(repository.environment))
        staged.staged_connection.CopyFrom(self._engine.connection(container.environment))
        if len(mounts) == 1:
            single = self._mount(mounts[0])
            staged.staged_mount.mount_path = single.mount_path
            staged.staged_mount.remote_environment.CopyFrom(single.remote_environment)
        else:
            staged.mounts.extend(self._mount(mount) for mount in mounts)

    def _mount(self, mount: MountPoint) -> common_pb2.SingleSubsetMount:
        environment = self._engine.remote_environment(mount.environment)
        return common_pb2.SingleSubsetMount(remote_environment=environment, mount_path=mount.path)

    def mount_specification(self, container: Container) -> MountSpecification:
        """linked or virtual mount_specification. Raises LabError for what the lab cannot mount."""
        staged = container.kind is Kind.DSOURCE
        rpc = "StagedMountSpecification" if staged else "VirtualMountSpecification"
        result = self.call(rpc, container, mounted=False)
        if result is None:
            raise LabError("The plugin has no mount specification")
        single = [result.staged_mount] if staged and result.HasField("staged_mount") else []
        mounts = [*single, *result.mounts]
        if not mounts:
            raise LabError("The plugin's mount specification is empty")
        for mount in mounts:
            if mount.shared_path not in ("", "/"):
                raise LabError(
                    f"The plugin wants {mount.shared_path} of the dataset only",
                    "The lab mounts whole datasets.",
                )
            if not mount.mount_path.startswith("/"):
                raise LabError(f"The mount path {mount.mount_path!r} is not absolute")
            self._engine.store.get(Environment, mount.remote_environment.reference)
        owner = result.ownership_spec if result.HasField("ownership_spec") else None
        return MountSpecification(
            tuple(MountPoint(m.remote_environment.reference, m.mount_path) for m in mounts),
            (owner.uid, owner.gid) if owner else None,
        )

    def snapshot_metadata(self, container: Container, result: Any) -> Json:
        """The snapshot object of a post_snapshot result."""
        if result is None:
            raise LabError("The plugin has no post_snapshot")
        return self._checked(self.artifact.snapshot, result.snapshot, self._secrets(container))

    def _source_config(self, container: Container) -> tuple[str, Json]:
        """Of a container that the plugin never finished to configure: a placeholder."""
        if container.source_config is None:
            return container.name, self.artifact.source_config.placeholder(container.name)
        config = self._engine.source_config(container)
        return config.name, config.parameters

    def source_config_of(self, container: Container, result: Any) -> Json:
        """The source config of a configure, reconfigure or initialize result."""
        if result is None:
            raise LabError("The plugin cannot do this: it lacks the operation")
        expected = self.artifact.source_config.definition
        return self._checked(expected, result.source_config, self._secrets(container))

    def _secrets(self, container: Container) -> list[str]:
        linked = container.kind is Kind.DSOURCE
        expected = self.artifact.linked_source if linked else self.artifact.virtual_source
        return list(schema.secrets(expected.schema, container.parameters))

    def _call(self, rpc: str, request: Message, mounts: Sequence[MountPoint] = ()) -> Any:
        if not self.implements(rpc):
            return None
        return self._run.operation(self._code, rpc, request, self._engine.backend(mounts))

    # -- upgrade -------------------------------------------------------------------------------

    def upgrade(self, rpc: str, kind: str, objects: dict[str, Json], ids: Sequence[str]) -> Any:
        """Run the migrations of one kind of objects; reference -> new JSON."""
        request = platform_pb2.UpgradeRequest(
            pre_upgrade_parameters={key: json.dumps(value) for key, value in objects.items()},
            type=platform_pb2.UpgradeRequest.Type.Value(kind),
            migration_ids=ids,
        )
        result = self._run.operation(self._code, rpc, request, self._engine.backend())
        return {key: json.loads(text) for key, text in result.post_upgrade_parameters.items()}


def _object(kind: Any, parameters: Json) -> Any:
    """A `common` message that carries plugin defined JSON."""
    return kind(parameters=common_pb2.PluginDefinedObject(json=json.dumps(parameters)))


def snapshot_message(snapshot: Snapshot | None) -> common_pb2.Snapshot:
    """A snapshot for a request; an empty object when a VDB was made without one."""
    message: common_pb2.Snapshot = _object(
        common_pb2.Snapshot, snapshot.metadata if snapshot else {}
    )
    return message


def sync_message(parameters: Json | None) -> common_pb2.SnapshotParameters:
    """Snapshot parameters for a request; absent ones are the JSON text null."""
    text = json.dumps(parameters)
    return common_pb2.SnapshotParameters(parameters=common_pb2.PluginDefinedObject(json=text))
