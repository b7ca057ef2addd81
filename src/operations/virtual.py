"""VDB operations: from a copy of a snapshot to a server of its own, and its whole life."""

from __future__ import annotations

from dlpx.virtualization.platform import MountSpecification, Status, VirtualSource

from generated.definitions import (
    RepositoryDefinition,
    SnapshotDefinition,
    SourceConfigDefinition,
)
from operations import clone, mount
from operations.vdb import Vdb, vdb_for
from remote.secret_values import NO_SECRETS
from server import quiesce, retry


def mount_specification(
    virtual_source: VirtualSource, repository: RepositoryDefinition
) -> MountSpecification:
    """Where the VDB is mounted."""
    with vdb_for("choosing the mount path", virtual_source, repository) as vdb:
        layout = vdb.parameters.layout
    return mount.specification(virtual_source.connection, layout, virtual_source.guid)


def configure(
    virtual_source: VirtualSource, repository: RepositoryDefinition, snapshot: SnapshotDefinition
) -> SourceConfigDefinition:
    """Makes a new server of a copy: its parent's logs and replication go."""
    with vdb_for("provisioning the VDB", virtual_source, repository) as vdb:
        return _configure(vdb, snapshot, keep_logs=False)


def initialize(
    virtual_source: VirtualSource, repository: RepositoryDefinition
) -> SourceConfigDefinition:
    """Makes an empty VDB: a new data directory and a server with nothing in it."""
    with vdb_for("creating the empty VDB", virtual_source, repository) as vdb:
        vdb.installation.require_supported()
        login = vdb.login
        instance = vdb.instance.with_host_options()
        with instance.nothing_left_after_failure():
            instance.create((), "vdb")
            instance.start(required=(), role="vdb")
            if login:
                secret, grants = login.secret("LOGIN_PASSWORD"), vdb.parameters.grants.value_of_step
                instance.create_login(login.user, secret, grants)
                instance.prove(secret, login.user)
            else:
                instance.prove(NO_SECRETS)
        return vdb.source_config()


def reconfigure(
    virtual_source: VirtualSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
    snapshot: SnapshotDefinition,
) -> SourceConfigDefinition:
    """Brings the VDB's own files up again, after an enable or a rollback."""
    with vdb_for("bringing up the VDB", virtual_source, repository) as vdb:
        return _configure(vdb, snapshot, keep_logs=True)


def _configure(vdb: Vdb, snapshot: SnapshotDefinition, keep_logs: bool) -> SourceConfigDefinition:
    clone.configure(vdb, snapshot, keep_logs, prove=True)
    return vdb.source_config()


def unconfigure(
    virtual_source: VirtualSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
) -> None:
    """Stops the VDB for good: before a refresh, a rollback, a disable or a delete."""
    with vdb_for("taking down the VDB", virtual_source, repository) as vdb:
        vdb.instance.stop()


def cleanup(
    virtual_source: VirtualSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
) -> None:
    """After unconfigure of a delete: nothing of the VDB may still run."""
    with vdb_for("cleaning up after the VDB", virtual_source, repository) as vdb:
        vdb.instance.stop()


def start(
    virtual_source: VirtualSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
) -> None:
    """Starts the VDB and proves it; one that runs already is left alone."""
    with vdb_for("starting the VDB", virtual_source, repository) as vdb:
        instance = vdb.instance
        if not instance.start().flag("already"):
            with instance.nothing_left_after_failure():
                instance.prove(NO_SECRETS, made=False)


def stop(
    virtual_source: VirtualSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
) -> None:
    """Stops the VDB; one that is down already is fine."""
    with vdb_for("stopping the VDB", virtual_source, repository) as vdb:
        vdb.instance.stop()


def status(
    virtual_source: VirtualSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
) -> Status:
    """ACTIVE when the VDB answers."""
    with vdb_for("asking for the VDB", virtual_source, repository) as vdb:
        return Status.ACTIVE if vdb.instance.is_active() else Status.INACTIVE


def pre_snapshot(
    virtual_source: VirtualSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
) -> None:
    """Quiesces a running VDB; a stopped one needs nothing."""
    with vdb_for("taking a snapshot of the VDB", virtual_source, repository) as vdb:
        retry.after_restart(
            vdb.instance, lambda: quiesce.quiesce(vdb.instance, needs_server=False), retry.OLD
        )


def post_snapshot(
    virtual_source: VirtualSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
) -> SnapshotDefinition:
    """Lets the VDB go on and tells what the snapshot holds."""
    with vdb_for("finishing the snapshot of the VDB", virtual_source, repository) as vdb:
        return SnapshotDefinition(**quiesce.release(vdb.instance).definition())


def source_size(
    virtual_source: VirtualSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
) -> int:
    """Bytes of the VDB's data."""
    with vdb_for("measuring the VDB", virtual_source, repository) as vdb:
        return vdb.instance.size()
