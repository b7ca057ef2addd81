"""A dSource as the plugin sees it: its parameters, its staging server and the way to its source."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from dlpx.virtualization.platform import StagedSource

from domain import checks, starter
from domain.checks import Problem
from domain.installation import Installation, installation_at
from domain.parameters import IngestionMode, LinkedParameters, linked_parameters
from domain.server_config import Role, ServerConfig
from domain.source import SourceAddress
from errors import PluginError
from generated.definitions import RepositoryDefinition, SourceConfigDefinition
from operations.secrets import Login, login_of
from remote.answer import Answer
from remote.host import Host
from server import replication
from server.instance import Instance


@dataclass(frozen=True)
class Staging:
    """One dSource.

    Attributes:
        staged_source, repository, source_config: as the SDK gives them.
        doing: for messages, e.g. "syncing the dSource".
    """

    staged_source: StagedSource
    repository: RepositoryDefinition
    source_config: SourceConfigDefinition
    doing: str

    @cached_property
    def parameters(self) -> LinkedParameters:
        """What the user chose; raises PluginError for a value that cannot be used."""
        source = self.staged_source
        return linked_parameters(source.parameters, source.guid, self.doing)

    @property
    def host(self) -> Host:
        """The staging host."""
        return Host(self.staged_source.staged_connection)

    def host_facts(self) -> Answer:
        """Proves that a server can live on the dataset, and tells what the staging host has.

        Raises:
            PluginError: MOUNT_NOT_MOUNTED, MOUNT_NOT_OURS, PORT_IN_USE, SERVER_ID_IN_USE …
        """
        chosen = self.parameters
        variables = {
            "MOUNT": chosen.layout.mount,
            "GUID": self.staged_source.guid,
            "PORT": str(chosen.port),
            "SERVER_ID": str(chosen.server_id),
            "EXTRA_DIRECTORY": chosen.base_dir,
            "STARTER": starter.location(self.host.binary_path),
        }
        return self.host.run("host_facts", "checking the staging host", variables)

    def named_installation(self, host: Answer) -> Installation | None:
        """The installation that the user has named, None when none was.

        Raises:
            PluginError: INSTALLATION_NOT_FOUND.
        """
        named = self.parameters.base_dir
        if not named:
            return None
        # Its real path: an installation is known by that.
        there = host.maybe("extraDirectory") or named
        return installation_at(there, installations(host), host.doing)

    @property
    def role(self) -> Role:
        """What the staging server is between syncs."""
        return Role.SEED if self.parameters.mode is IngestionMode.MANUAL else Role.STAGING

    def config(self, role: Role, memory_bytes: int = 0) -> ServerConfig:
        """The staging server's configuration in one of its roles."""
        chosen = self.parameters
        return ServerConfig(
            role=role,
            layout=chosen.layout,
            port=chosen.port,
            server_id=chosen.server_id,
            bind_address="127.0.0.1",
            settings=chosen.settings,
            databases=chosen.databases,
            memory_bytes=memory_bytes,
        )

    def instance(self, installation: Installation | None = None) -> Instance:
        """The staging server; without an installation, with the one it was made with."""
        guid = self.staged_source.guid
        return Instance(self.host, guid, self.config(self.role), installation)

    @cached_property
    def source_login(self) -> Login:
        """Account on the source that reads.

        Raises:
            PluginError: INPUT_INVALID when none was given.
        """
        supplier = self.parameters.source_credentials
        if supplier is None:
            raise PluginError("INPUT_INVALID", self.doing, "parameter sourceCredentials is missing")
        return login_of(supplier, "source account", self.doing)

    @property
    def staging_login(self) -> Login | None:
        """Login that a manual load uses, None when none is wanted."""
        supplier = self.parameters.staging_credentials
        return login_of(supplier, "staging login", self.doing) if supplier else None

    @property
    def replication_login(self) -> Login | None:
        """Account on the source that replicates, None when it is the source account."""
        supplier = self.parameters.replication_credentials
        return login_of(supplier, "replication account", self.doing) if supplier else None

    def address(self, user: str) -> SourceAddress:
        """The source, from the parameters, else from the source config, else its environment.

        Raises:
            PluginError: INPUT_INVALID when nothing says where the source is.
        """
        chosen = self.parameters
        host = chosen.source_host or self.source_config.host or self._source_environment
        port = chosen.source_port or self.source_config.port
        if not host or not port:
            raise PluginError("INPUT_INVALID", self.doing, "parameter sourceHost is missing")
        return SourceAddress(host, int(port), user, chosen.tls)

    @property
    def way(self) -> replication.Way:
        """The way to the source; its login is asked for only when it is needed."""
        address = self.address("")
        return replication.Way(f"{address.host}:{address.port}", self.replication)

    def replication(self) -> replication.Login:
        """Where and as whom staging replicates.

        Raises:
            PluginError: INPUT_INVALID, also for a user name beyond ASCII: the I/O thread logs in
                with the server's character set and would try for ever.
        """
        login = self.replication_login or self.source_login
        if not login.user.isascii():
            why = f"the replication account {login.user!r} has letters beyond ASCII"
            raise PluginError("INPUT_INVALID", self.doing, why)
        return self.address(login.user), login.secret("REPLICATION_PASSWORD")

    @property
    def _source_environment(self) -> str:
        connection = self.staged_source.source_connection
        return str(connection.environment.host.name) if connection else ""


def host_problems(host: Answer) -> list[Problem]:
    """What `host_facts` found in the way on the staging host."""
    seen = {"port": host.maybe("portTaken"), "server-id": host.maybe("serverIdTaken")}
    return [checks.failed(name, text) for name, text in seen.items() if text]


def installations(host: Answer) -> list[Installation]:
    """What `host_facts` found on the staging host."""
    rows = host.rows("installation", 3)
    return [Installation(base, daemon, version) for daemon, base, version in rows]
