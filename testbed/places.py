"""Where the servers of the demo's lab are, and how their owners log in: by socket, no password."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from lab.choosing import unknown
from lab.errors import LabError
from lab.hosts.host import Host
from lab.lab import Lab
from testbed.client import Server, as_os_user

SOURCE_HOST, STAGING_HOST, TARGET_HOST = "source", "staging", "target"
SOURCE_SOCKET = "/run/mysqld/mysqld.sock"
# Where the plugin puts it on a dataset.
_DATASET_SOCKET = "run/mariadb.sock"


@dataclass(frozen=True)
class Place:
    """One server: its host, its owner there, its socket, its dataset's mount path ("" for none)."""

    name: str
    host: Host
    os_user: str
    socket: str
    mount_path: str = ""

    @property
    def server(self) -> Server:
        """The server, with its owner's login."""
        run = as_os_user(self.host.run_as_root, self.os_user)
        return Server(run, socket=self.socket, user=self.os_user)

    def popen(
        self, argv: Sequence[str], *, stdin: int | None, stdout: int | None, stderr: int | None
    ) -> "subprocess.Popen[bytes]":
        """Start a program on the host as the server's owner."""
        whole = ["runuser", "--user", self.os_user, "--", *argv]
        return self.host.popen_as_root(whole, stdin=stdin, stdout=stdout, stderr=stderr)


def source_place(lab: Lab) -> Place:
    """The server that `source.start` starts."""
    return host_place(lab, SOURCE_HOST)


def host_place(lab: Lab, name: str) -> Place:
    """The host's own MariaDB, where Debian's client looks for it. Raises LabError."""
    host = lab.hosts.get(name)
    if host is None:
        raise unknown(f"There is no host {name}", name, lab.hosts)
    return Place(name, host, "root", SOURCE_SOCKET)


def place_of(lab: Lab, name: str) -> Place:
    """A VDB, a dSource (its staging server), or a host. Raises LabError."""
    names = [container.name for container in lab.containers()] if lab.exists() else []
    if name not in names:
        if name in lab.hosts:
            return host_place(lab, name)
        message, known = f"There is no VDB, dSource or host {name}", [*names, *lab.hosts]
        raise unknown(message, name, known, "none; make a lab: up")
    container = lab.container(name)
    if not container.mounts:
        raise LabError(f"{name} has no mounted dataset", f"Enable it: enable {name}.")
    mount = container.mounts[0]
    host = lab.engine.host(mount.environment)
    socket = f"{mount.path}/{_DATASET_SOCKET}"
    return Place(name, host, host.environment_user, socket, mount.path)
