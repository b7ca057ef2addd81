"""A VDB as the plugin sees it: its parameters and its server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from dlpx.virtualization.platform import VirtualSource

from domain.installation import Installation
from domain.parameters import LoginGrants, VirtualParameters, virtual_parameters
from errors import while_doing
from generated.definitions import RepositoryDefinition, SourceConfigDefinition
from operations import clone
from operations.credentials import Login, login_of
from remote.host import Host
from server.instance import Instance


@dataclass(frozen=True)
class Vdb:
    """One VDB during one operation.

    Attributes:
        virtual_source, repository: as the SDK gives them.
    """

    virtual_source: VirtualSource
    repository: RepositoryDefinition

    @cached_property
    def parameters(self) -> VirtualParameters:
        """What the user chose; raises Refusal for a value that cannot be used."""
        source = self.virtual_source
        return virtual_parameters(source.parameters, source.guid)

    @property
    def host(self) -> Host:
        """The target host."""
        return Host(self.virtual_source.connection)

    @property
    def installation(self) -> Installation:
        """The repository on the target host that was chosen for the VDB."""
        chosen = self.repository
        return Installation(chosen.base_dir, chosen.daemon_path, chosen.version)

    @property
    def instance(self) -> Instance:
        """The VDB's server."""
        return self.instance_of(self.installation)

    def instance_of(self, installation: Installation) -> Instance:
        """The VDB's server, run by an installation."""
        chosen = self.parameters
        config = clone.config_of(chosen)
        return Instance(self.host, self.virtual_source.guid, config, installation)

    @cached_property
    def login(self) -> Login | None:
        """The login to create, None when none is wanted."""
        supplier = self.parameters.credentials
        return login_of(supplier, "login to create") if supplier else None

    @property
    def grants(self) -> LoginGrants:
        """What that login may do."""
        return self.parameters.grants

    def source_config(self) -> SourceConfigDefinition:
        """The VDB as a database server that can be found in Delphix."""
        layout, port = self.parameters.layout, self.parameters.port
        return SourceConfigDefinition(
            name=f"MariaDB on port {port} ({layout.mount})",
            port=port,
            data_dir=layout.data,
            host=self.host.name,
            socket=layout.socket,
        )


@contextmanager
def vdb_for(
    doing: str, virtual_source: VirtualSource, repository: RepositoryDefinition
) -> Iterator[Vdb]:
    """The VDB for one operation; adds `doing` to every refusal that is raised inside.

    Args:
        doing: e.g. "provisioning the VDB".
        virtual_source, repository: as the SDK gives them.

    Raises:
        PluginError: for whatever is refused inside.
    """
    with while_doing(doing):
        yield Vdb(virtual_source, repository)
