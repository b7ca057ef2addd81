"""Mount specifications of dSources and VDBs: the path is checked before anything is mounted."""

from __future__ import annotations

from dlpx.virtualization.common import RemoteConnection
from dlpx.virtualization.platform import Mount, MountSpecification

from domain.dataset.layout import Layout
from remote.host import Host


def specification(connection: RemoteConnection, layout: Layout, guid: str) -> MountSpecification:
    """One mount of the whole dataset at the user's path, owned by the environment user.

    Raises:
        PluginError: MOUNT_IN_USE when something else lies or is mounted there.
    """
    variables = {"MOUNT": layout.mount, "GUID": guid}
    Host(connection).run("mount_check", f"checking the mount path {layout.mount}", variables)
    return MountSpecification([Mount(connection.environment, layout.mount)])
