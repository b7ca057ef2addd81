"""What library calls of a plugin reach: the hosts and the credentials of the lab."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from dlpx.virtualization.api import common_pb2

from lab.errors import LabError
from lab.model import Environment, Json, MountPoint, VaultEntry
from lab.plugin.runtime.libraries import Credentials
from lab.state import Store

if TYPE_CHECKING:
    from lab.hosts.host import Host
    from lab.system.process import CommandResult


class HostBackend:
    """Library calls of one operation. `mounts`: where its dataset is mounted, if it has one."""

    def __init__(
        self, store: Store, hosts: Mapping[str, Host], mounts: Sequence[MountPoint] = ()
    ) -> None:
        self._store = store
        self._hosts = hosts
        self._mounts = mounts

    def run_bash(
        self,
        connection: common_pb2.RemoteConnection,
        command: str,
        variables: Mapping[str, str],
        login_shell: bool,
    ) -> CommandResult:
        """Run the command as the environment user. Raises LabError for an unknown connection."""
        host = self._host(connection.environment.reference)
        if connection.user.name != host.environment_user:
            raise LabError(f"{host.name} has no environment user {connection.user.name!r}")
        return host.run_as_user(command, variables, login_shell=login_shell)

    def run_sync(
        self, connection: common_pb2.RemoteConnection, directory: str, excludes: Sequence[str]
    ) -> None:
        """Copy the contents of a host's directory into the operation's dataset."""
        if not self._mounts:
            raise LabError("run_sync needs an operation with a mounted dataset")
        options = " ".join(f"--exclude={shlex.quote(pattern)}" for pattern in excludes)
        source = self._host(connection.environment.reference)
        packed = source.run_as_user(f"tar -c {options} -C {shlex.quote(directory)} .")
        if packed.exit_code != 0:
            words = packed.stderr.decode(errors="replace")
            raise LabError(f"{directory} on {source.name} cannot be read", output=words)
        target = self._host(self._mounts[0].environment)
        target.run_as_root(["tar", "-x", "-C", self._mounts[0].path], input=packed.stdout)

    def _host(self, environment: str) -> Host:
        known = self._store.get(Environment, environment)
        host = self._hosts.get(known.name)
        if host is None:
            raise LabError(f"The host {known.name} is not part of the lab any more")
        return host

    def credentials(self, supplier: Json) -> Credentials:
        """What the supplier holds, or the vault for it. Raises LabError."""
        kind = supplier.get("type")
        if kind == "NamedPasswordCredential":
            return Credentials(supplier["username"], supplier["password"])
        if kind == "NamedKeyPairCredential":
            keys = supplier["privateKey"], supplier["publicKey"]
            return Credentials(supplier["username"], private_key=keys[0], public_key=keys[1])
        for entry in self._store.all(VaultEntry):
            if all(supplier.get(key) == value for key, value in entry.supplier.items()):
                return Credentials(entry.username, entry.password)
        raise LabError(
            f"No credentials for a supplier of type {kind}",
            "Put the secret into the lab's vault: Lab.add_vault_secret.",
        )
