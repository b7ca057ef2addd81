"""A dSource as the plugin sees it: its parameters, its staging server and its source."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property

from dlpx.virtualization.platform import StagedSource

from catalogue import Refusal
from domain.installation import Installation
from domain.options.my_cnf import Role, ServerConfig
from domain.parameters import IngestionMode, LinkedParameters, linked_parameters
from domain.source.address import Source
from domain.source.discovered import Discovered
from errors import while_doing
from generated.definitions import RepositoryDefinition, SourceConfigDefinition
from operations.credentials import Login, login_of
from remote.host import Host
from server import host_facts
from server.host_facts import HostFacts
from server.instance import Instance
from server.outside import Copied
from server.replication import SourceOfReplica
from server.sender import LocalServer, Sender


@dataclass(frozen=True)
class DSource:
    """One dSource during one operation. A vault is asked once for a login, unless it is refused.

    Attributes:
        staged_source, repository, source_config: as the SDK gives them.
    """

    staged_source: StagedSource
    repository: RepositoryDefinition
    source_config: SourceConfigDefinition

    @cached_property
    def parameters(self) -> LinkedParameters:
        """What the user chose; raises Refusal for a value that cannot be used."""
        return linked_parameters(self.staged_source.parameters, self.staged_source.guid)

    @property
    def host(self) -> Host:
        """The staging host."""
        return Host(self.staged_source.staged_connection)

    def ask_host(self) -> HostFacts:
        """Proves that a server can live on the dataset, and tells what the staging host has.

        Raises:
            PluginError: MOUNT_NOT_MOUNTED, MOUNT_NOT_WRITABLE, MOUNT_NOT_OURS or SETTING_REFUSED.
        """
        chosen = self.parameters
        variables = {
            "MOUNT": chosen.layout.mount,
            "PORT": str(chosen.port),
            "SERVER_ID": str(chosen.server_id),
            "EXTRA_DIRECTORY": chosen.base_dir,
        }
        return host_facts.ask(self.host, variables)

    @property
    def role(self) -> Role:
        """What the staging server is between syncs."""
        return Role.SEED if self.parameters.mode is IngestionMode.MANUAL else Role.STAGING

    def config(self, role: Role) -> ServerConfig:
        """The staging server's configuration in one of its roles."""
        chosen = self.parameters
        return ServerConfig(
            role=role,
            layout=chosen.layout,
            port=chosen.port,
            server_id=chosen.server_id,
            bind_address="127.0.0.1",
            settings=chosen.settings,
        )

    def instance(self, installation: Installation | None = None) -> Instance:
        """The staging server; without an installation, with the one it was made with."""
        guid = self.staged_source.guid
        return Instance(self.host, guid, self.config(self.role), installation)

    @property
    def staging_login(self) -> Login | None:
        """Login that a manual load uses, None when none is wanted."""
        supplier = self.parameters.staging_credentials
        return login_of(supplier, "staging login") if supplier else None

    @cached_property
    def place(self) -> Source:
        """Where the source is: by the parameters, else its source config, else its environment.

        Raises:
            Refusal: INPUT_INVALID when nothing says where the source is.
        """
        chosen = self.parameters
        host = chosen.source_host or self.source_config.host or self._source_environment
        port = chosen.source_port or self.source_config.port
        if not host or not port:
            raise Refusal("INPUT_INVALID", "parameter sourceHost is missing")
        return Source(host, int(port), "", chosen.tls)

    @property
    def discovered(self) -> Discovered:
        """Which server the source config was discovered for."""
        config, chosen = self.source_config, self.parameters
        elsewhere = bool(chosen.source_host or chosen.source_port)
        return Discovered(config.data_dir or "", int(config.port or 0), elsewhere)

    @cached_property
    def source(self) -> Source:
        """The source with the account that reads.

        Raises:
            Refusal: INPUT_INVALID when none was given, CREDENTIALS_UNAVAILABLE.
        """
        return self._ask_for_source()

    @cached_property
    def replication_account(self) -> Source:
        """The source with the account that replicates, which may be the one that reads.

        Raises:
            Refusal: CREDENTIALS_UNAVAILABLE, INPUT_INVALID.
        """
        own = bool(self.parameters.replication_credentials)
        return self._ask_for_replication_account() if own else self.source

    @cached_property
    def sender(self) -> Sender | None:
        """The source host, where the files of the source are copied; None where they are not.

        Raises:
            Refusal: INPUT_INVALID when no environment holds the source, CREDENTIALS_UNAVAILABLE.
        """
        transfer = self.parameters.transfer
        if transfer is None:
            return None
        connection = self.staged_source.source_connection
        if not connection:
            why = "backupMethod Physical needs a source whose host is an environment in Delphix"
            raise Refusal("INPUT_INVALID", why)
        there, config = self.repository, self.source_config
        return Sender(
            host=Host(connection),
            guid=self.staged_source.guid,
            installation=Installation(there.base_dir, there.daemon_path, there.version),
            source=self.source,
            server=LocalServer(config.socket or "", int(config.port or self.source.port)),
            transfer=transfer,
        )

    @property
    def replication_source(self) -> Source:
        """The same, if replication can log in with it.

        Raises:
            Refusal: as `replication_account`; INPUT_INVALID for a user name beyond ASCII: the I/O
                thread logs in with the server's character set and would try for ever.
        """
        return _fit_for_replication(self.replication_account)

    @property
    def followed(self) -> SourceOfReplica:
        """What staging replicates from; its login is asked for only when it is needed.

        Then it is asked for again: the one that is known may be the one that was refused.
        """
        return SourceOfReplica(
            self.place.place,
            lambda: _fit_for_replication(self._ask_for_replication_account()),
            lambda: self.copied,
        )

    @property
    def copied(self) -> Copied:
        """What is copied, and the account that reads it.

        Raises:
            Refusal: INPUT_INVALID when none was given, CREDENTIALS_UNAVAILABLE.
        """
        return Copied(self.source, self.parameters.databases)

    def _ask_for_replication_account(self) -> Source:
        supplier = self.parameters.replication_credentials
        if supplier:
            return self._with_login(login_of(supplier, "replication account"))
        return self._ask_for_source()

    def _ask_for_source(self) -> Source:
        supplier = self.parameters.source_credentials
        if supplier is None:
            raise Refusal("INPUT_INVALID", "parameter sourceCredentials is missing")
        return self._with_login(login_of(supplier, "source account"))

    def _with_login(self, login: Login) -> Source:
        return replace(self.place, user=login.user, password=login.password)

    @property
    def _source_environment(self) -> str:
        connection = self.staged_source.source_connection
        return str(connection.environment.host.name) if connection else ""


def _fit_for_replication(source: Source) -> Source:
    if not source.user.isascii():
        why = f"the replication account {source.user!r} has letters beyond ASCII"
        raise Refusal("INPUT_INVALID", why)
    return source


@contextmanager
def dsource_for(
    doing: str,
    staged_source: StagedSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
) -> Iterator[DSource]:
    """The dSource for one operation; adds `doing` to every refusal that is raised inside.

    Args:
        doing: e.g. "syncing the dSource".
        staged_source, repository, source_config: as the SDK gives them.

    Raises:
        PluginError: for whatever is refused inside.
    """
    with while_doing(doing):
        yield DSource(staged_source, repository, source_config)
