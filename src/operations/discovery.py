"""Discovery: installations on a host, and the running servers of each."""

from __future__ import annotations

import logging

from dlpx.virtualization.common import RemoteConnection

from domain.installation import Installation
from errors import PluginError
from generated.definitions import RepositoryDefinition, SourceConfigDefinition
from remote.host import Host

log = logging.getLogger(__name__)


def repositories(source_connection: RemoteConnection) -> list[RepositoryDefinition]:
    """Every MariaDB installation of a supported version."""
    answer = Host(source_connection).run(
        "discover_repositories", "looking for MariaDB installations"
    )
    found = []
    for daemon, base, text in answer.rows("installation", 3):
        installation = Installation(base, daemon, text)
        try:
            version = installation.version(answer.doing)
        except PluginError as error:
            log.warning("leaving out %s: %s", daemon, error.seen)
            continue
        found.append(
            RepositoryDefinition(
                name=installation.name,
                version=str(version),
                base_dir=base,
                daemon_path=daemon,
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
