"""What reaches out: storage engines whose rows lie elsewhere, and libraries that open connections.

On a copy nothing of it is loaded, so that no copy reads or writes what belongs to somebody else.
"""

from __future__ import annotations

import re
from enum import Enum

# Engines by the names that tables bear. BLACKHOLE is not among them: it reaches nothing.
ENGINES = ("FEDERATED", "CONNECT", "SPIDER", "OQGRAPH", "S3", "SPHINX", "CASSANDRA")
# Libraries of these engines, and two that talk to others by themselves. An extended expression.
_NAMES = "federatedx?|connect|spider|oqgraph|s3|sphinx|cassandra|handlersocket|feedback"
LIBRARIES = f"^(ha_)?({_NAMES})([.]so)?$"
_LIBRARY = re.compile(LIBRARIES)
# What a library says of itself when it is a plugin of the server. Libraries of functions do not.
PLUGIN_MARK = "_(maria|mysql)_plugin_interface_version_"
# The comment of a table that stands where one that reaches out was not copied begins with this.
STAND_IN = "Delphix: stands in for a table that reaches out"


class ExternalTables(Enum):
    """What becomes on a VDB of tables and functions that reach out."""

    INERT = "Inert"
    KEEP = "Keep"

    @property
    def are_kept(self) -> bool:
        """They work as on the source, and the VDB reaches what they reach."""
        return self is ExternalTables.KEEP


def reaches_out(library: str) -> bool:
    """Whether a library, or a plugin as `plugin_load` names it, is one that reaches out.

    Args:
        library: `ha_federatedx`, `ha_federatedx.so` or `federated=ha_federatedx`.
    """
    return bool(_LIBRARY.match(library.rpartition("=")[2].strip()))
