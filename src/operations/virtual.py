"""VDB operations: from a copy of a snapshot to a server of its own, and its whole life."""

from __future__ import annotations

import logging

from dlpx.virtualization.platform import MountSpecification, Status, VirtualSource

from domain.dataset import settings_from
from generated.definitions import (
    RepositoryDefinition,
    SnapshotDefinition,
    SourceConfigDefinition,
)
from operations import mounts, restart, series
from operations.vdb import Vdb
from remote.host import NO_SECRETS
from server import snapshot as snapshots

log = logging.getLogger(__name__)


def mount_specification(
    virtual_source: VirtualSource, repository: RepositoryDefinition
) -> MountSpecification:
    """Where the VDB is mounted."""
    vdb = Vdb(virtual_source, repository, "choosing the mount path")
    layout = vdb.parameters.layout
    return mounts.specification(virtual_source.connection, layout, virtual_source.guid)


def configure(
    virtual_source: VirtualSource, repository: RepositoryDefinition, snapshot: SnapshotDefinition
) -> SourceConfigDefinition:
    """Makes a new server of a copy: its parent's logs and replication go."""
    vdb = Vdb(virtual_source, repository, "provisioning the VDB")
    return _configure(vdb, snapshot, keep_logs=False)


def initialize(
    virtual_source: VirtualSource, repository: RepositoryDefinition
) -> SourceConfigDefinition:
    """Makes an empty VDB: a new data directory and a server with nothing in it."""
    vdb = Vdb(virtual_source, repository, "creating the empty VDB")
    vdb.installation.version(vdb.doing)
    login = vdb.login
    instance = vdb.instance.ready()
    with instance.nothing_left_after_failure():
        instance.create((), "vdb")
        instance.start(required=(), role="vdb")
        if login:
            grants = vdb.parameters.grants.value_of_step
            instance.create_login(login.user, login.secret("LOGIN_PASSWORD"), grants)
    return vdb.source_config()


def reconfigure(
    virtual_source: VirtualSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
    snapshot: SnapshotDefinition,
) -> SourceConfigDefinition:
    """Brings the VDB's own files up again, after an enable or a rollback."""
    vdb = Vdb(virtual_source, repository, "bringing up the VDB")
    return _configure(vdb, snapshot, keep_logs=True)


def _configure(vdb: Vdb, snapshot: SnapshotDefinition, keep_logs: bool) -> SourceConfigDefinition:
    login = vdb.login
    secret = login.secret("LOGIN_PASSWORD") if login else NO_SECRETS
    required = settings_from(snapshot.required_settings)
    recovered = series.recover(vdb, snapshot.server_version, required, keep_logs)
    keep_logs = keep_logs or recovered
    user, grants = login.user if login else "", vdb.parameters.grants.value_of_step
    answer = vdb.instance.configure_clone(required, keep_logs, secret, user, grants)
    log.info("%s runs MariaDB %s", vdb.parameters.layout.mount, answer.text("version"))
    return vdb.source_config()


def unconfigure(
    virtual_source: VirtualSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
) -> None:
    """Stops the VDB for good: before a refresh, a rollback, a disable or a delete."""
    Vdb(virtual_source, repository, "taking down the VDB").instance.stop()


def cleanup(
    virtual_source: VirtualSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
) -> None:
    """After unconfigure of a delete: nothing of the VDB may still run."""
    Vdb(virtual_source, repository, "cleaning up after the VDB").instance.stop()


def start(
    virtual_source: VirtualSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
) -> None:
    """Starts the VDB; one that runs already is left alone."""
    Vdb(virtual_source, repository, "starting the VDB").instance.start()


def stop(
    virtual_source: VirtualSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
) -> None:
    """Stops the VDB; one that is down already is fine."""
    Vdb(virtual_source, repository, "stopping the VDB").instance.stop()


def status(
    virtual_source: VirtualSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
) -> Status:
    """ACTIVE when the VDB answers."""
    vdb = Vdb(virtual_source, repository, "asking for the VDB")
    return Status.ACTIVE if vdb.instance.is_active() else Status.INACTIVE


def pre_snapshot(
    virtual_source: VirtualSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
) -> None:
    """Quiesces a running VDB; a stopped one needs nothing."""
    vdb = Vdb(virtual_source, repository, "taking a snapshot of the VDB")
    restart.once(
        vdb.instance, lambda: snapshots.quiesce(vdb.instance, needs_server=False), restart.OLD
    )


def post_snapshot(
    virtual_source: VirtualSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
) -> SnapshotDefinition:
    """Lets the VDB go on and tells what the snapshot holds."""
    vdb = Vdb(virtual_source, repository, "finishing the snapshot of the VDB")
    return SnapshotDefinition(**snapshots.release(vdb.instance).values)


def source_size(
    virtual_source: VirtualSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
) -> int:
    """Bytes of the VDB's data."""
    return Vdb(virtual_source, repository, "measuring the VDB").instance.size()
