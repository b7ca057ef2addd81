"""A plugin for the lab's own tests: a "database" is a text file, one line per fact."""

import logging

import pages
from dlpx.virtualization.libs import PlatformHandler
from dlpx.virtualization.platform import Mount, MountSpecification, Plugin, Status
from faults import may_fail

from generated.definitions import (
    RepositoryDefinition,
    SnapshotDefinition,
    SourceConfigDefinition,
)

logging.getLogger().addHandler(PlatformHandler())
logging.getLogger().setLevel(logging.DEBUG)
plugin = Plugin()


@plugin.discovery.repository()
def discover_repositories(source_connection):
    folders = pages.folders(source_connection)
    return [RepositoryDefinition(name=f"Notebook at {path}", folder=path) for path in folders]


@plugin.discovery.source_config()
def discover_source_configs(source_connection, repository):
    found = pages.notebooks(source_connection, repository.folder)
    return [SourceConfigDefinition(name=path.rsplit("/", 1)[1], path=path) for path in found]


@plugin.linked.mount_specification()
def linked_mount_specification(staged_source, repository):
    may_fail("linked.mount_specification", staged_source.parameters, staged_source)
    environment = staged_source.staged_connection.environment
    return MountSpecification([Mount(environment, staged_source.parameters.mount_path)])


@plugin.linked.pre_snapshot()
def linked_pre_snapshot(staged_source, repository, source_config, optional_snapshot_parameters):
    resync = optional_snapshot_parameters and optional_snapshot_parameters.resync
    if resync:
        pages.copy(staged_source, source_config.path)
    pages.note(staged_source.staged_connection, staged_source.mount.mount_path, "synced")
    may_fail("linked.pre_snapshot", staged_source.parameters, staged_source)


@plugin.linked.post_snapshot()
def linked_post_snapshot(staged_source, repository, source_config, optional_snapshot_parameters):
    may_fail("linked.post_snapshot", staged_source.parameters, staged_source)
    path = staged_source.mount.mount_path
    lines = pages.count(staged_source.staged_connection, path)
    text = "none" if optional_snapshot_parameters is None else "given"
    snapshot = SnapshotDefinition(lines=lines, origin=source_config.path, parameters=text)
    if may_fail("linked.snapshot", staged_source.parameters, staged_source) == "leak":
        snapshot.origin = "the password is " + staged_source.parameters.credentials["password"]
    return snapshot


@plugin.linked.start_staging()
def start_staging(staged_source, repository, source_config):
    may_fail("linked.start_staging", staged_source.parameters, staged_source)
    pages.set_open(staged_source.staged_connection, staged_source.mount.mount_path, True)


@plugin.linked.stop_staging()
def stop_staging(staged_source, repository, source_config):
    may_fail("linked.stop_staging", staged_source.parameters, staged_source)
    pages.set_open(staged_source.staged_connection, staged_source.mount.mount_path, False)


@plugin.linked.status()
def linked_status(staged_source, repository, source_config):
    connection, path = staged_source.staged_connection, staged_source.mount.mount_path
    return Status.ACTIVE if pages.is_open(connection, path) else Status.INACTIVE


@plugin.linked.worker()
def linked_worker(staged_source, repository, source_config):
    pages.note(staged_source.staged_connection, staged_source.mount.mount_path, "worked")


@plugin.linked.source_size()
def linked_source_size(staged_source, repository, source_config):
    return pages.size(staged_source.staged_connection, staged_source.mount.mount_path)


@plugin.linked.pre_source_to_physical()
def linked_pre_v2p(staged_source, repository, source_config, snapshot, physical_source):
    pages.refuse_used_folder(physical_source)


@plugin.linked.source_to_physical()
def linked_v2p(staged_source, repository, source_config, snapshot, physical_source):
    pages.set_open(physical_source.connection, physical_source.target_directory, True)


@plugin.virtual.mount_specification()
def virtual_mount_specification(virtual_source, repository):
    may_fail("virtual.mount_specification", virtual_source.parameters, virtual_source)
    environment = virtual_source.connection.environment
    return MountSpecification([Mount(environment, virtual_source.parameters.mount_path)])


def _open(virtual_source, word):
    path = virtual_source.mounts[0].mount_path
    pages.note(virtual_source.connection, path, word)
    pages.set_open(virtual_source.connection, path, True)
    return SourceConfigDefinition(name=virtual_source.parameters.title or "untitled", path=path)


@plugin.virtual.configure()
def configure(virtual_source, repository, snapshot):
    may_fail("virtual.configure", virtual_source.parameters, virtual_source)
    return _open(virtual_source, f"configured from {snapshot.lines}")


@plugin.virtual.reconfigure()
def reconfigure(virtual_source, repository, source_config, snapshot):
    may_fail("virtual.reconfigure", virtual_source.parameters, virtual_source)
    return _open(virtual_source, f"reconfigured from {snapshot.lines}")


@plugin.virtual.initialize()
def initialize(virtual_source, repository):
    return _open(virtual_source, "initialized")


@plugin.virtual.unconfigure()
def unconfigure(virtual_source, repository, source_config):
    may_fail("virtual.unconfigure", virtual_source.parameters, virtual_source)
    pages.set_open(virtual_source.connection, virtual_source.mounts[0].mount_path, False)


@plugin.virtual.cleanup()
def cleanup(virtual_source, repository, source_config):
    may_fail("virtual.cleanup", virtual_source.parameters, virtual_source)


@plugin.virtual.start()
def start(virtual_source, repository, source_config):
    pages.set_open(virtual_source.connection, virtual_source.mounts[0].mount_path, True)


@plugin.virtual.stop()
def stop(virtual_source, repository, source_config):
    pages.set_open(virtual_source.connection, virtual_source.mounts[0].mount_path, False)


@plugin.virtual.status()
def virtual_status(virtual_source, repository, source_config):
    is_open = pages.is_open(virtual_source.connection, virtual_source.parameters.mount_path)
    return Status.ACTIVE if is_open else Status.INACTIVE


@plugin.virtual.pre_snapshot()
def virtual_pre_snapshot(virtual_source, repository, source_config):
    may_fail("virtual.pre_snapshot", virtual_source.parameters, virtual_source)


@plugin.virtual.post_snapshot()
def virtual_post_snapshot(virtual_source, repository, source_config):
    may_fail("virtual.post_snapshot", virtual_source.parameters, virtual_source)
    path = virtual_source.mounts[0].mount_path
    return SnapshotDefinition(lines=pages.count(virtual_source.connection, path), origin=path)


@plugin.virtual.source_size()
def virtual_source_size(virtual_source, repository, source_config):
    return pages.size(virtual_source.connection, virtual_source.mounts[0].mount_path)


@plugin.virtual.pre_source_to_physical()
def virtual_pre_v2p(virtual_source, repository, source_config, snapshot, physical_source):
    pages.refuse_used_folder(physical_source)


@plugin.virtual.source_to_physical()
def virtual_v2p(virtual_source, repository, source_config, snapshot, physical_source):
    pages.set_open(physical_source.connection, physical_source.target_directory, True)
