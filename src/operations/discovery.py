"""Discovery: installations on a host, and the running servers of each."""

from __future__ import annotations

import logging

from dlpx.virtualization.common import RemoteConnection

from catalogue import Refusal
from generated.definitions import RepositoryDefinition, SourceConfigDefinition
from remote.host import Host
from server.host_facts import installations_of

log = logging.getLogger(__name__)


def repositories(source_connection: RemoteConnection) -> list[RepositoryDefinition]:
    """Every MariaDB installation of a supported version."""
    answer = Host(source_connection).run(
        "discover_repositories", "looking for MariaDB installations"
    )
    found = []
    for installation in installations_of(answer):
        try:
            version = installation.version()
        except Refusal as refusal:
            log.warning("leaving out %s: %s", installation.daemon_path, refusal.seen)
            continue
        found.append(
            RepositoryDefinition(
                name=installation.name,
                version=str(version),
                base_dir=installation.base_dir,
                daemon_path=installation.daemon_path,
            )
        )
    return found


def source_configs(
    source_connection: RemoteConnection, repository: RepositoryDefinition
) -> list[SourceConfigDefinition]:
    """The servers that run from this installation, Delphix's own left out."""
    host = Host(source_connection)
    variables = {"DAEMON": repository.daemon_path, "BASE_DIR": repository.base_dir}
    answer = host.run("discover_servers", "looking for running MariaDB servers", variables)
    # A second process on the same data directory (one that waits for the lock) is no other server.
    found: dict[tuple[str, str], SourceConfigDefinition] = {}
    for port, data_dir, socket, _pid in answer.rows("server", 4):
        if not port.isdigit():
            log.warning("leaving out a server whose port is %r", port)
            continue
        found[port, data_dir] = SourceConfigDefinition(
            name=f"MariaDB on port {port} ({data_dir})",
            port=int(port),
            data_dir=data_dir,
            host=host.name,
            socket=socket,
        )
    return list(found.values())
