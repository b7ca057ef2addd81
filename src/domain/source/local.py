"""What the source's server says on its own host, whose files are to be copied."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass

from domain.source.facts import SourceFacts
from domain.source.grants import Grants
from domain.version import Version

# What tells one server from another, and what of its files is encrypted.
_IDENTITY = ("server_uid", "server_id", "hostname", "port", "datadir")
_ENCRYPTED = ("innodb_encrypt_tables", "innodb_encrypt_log", "aria_encrypt_tables")
ASKED = (*_IDENTITY, *_ENCRYPTED)


@dataclass(frozen=True)
class LocalFacts:
    """What the server says that is asked on the source host.

    Attributes:
        variables: by lower-case name.
        grants: of the source account as it logs in there.
        file_bytes: roughly, of all files that are copied; 0 when the account may not know.
        tool: version of mariadb-backup, None when it does not say.
        runs_as: how mariadb-backup is run there, for people.
    """

    variables: Mapping[str, str]
    grants: Grants
    file_bytes: int
    tool: Version | None
    runs_as: str

    @property
    def data_dir(self) -> str:
        """Its data directory."""
        return posixpath.normpath(self.variables.get("datadir", "/"))

    def difference(self, facts: SourceFacts) -> str:
        """In what the server that staging reaches is another one, for people; else empty."""
        for name in _IDENTITY:
            here, there = self.variables.get(name, ""), facts.variables.get(name, "")
            if here != there:
                return (
                    f"{name} is {there!r} of the server that staging reaches, and {here!r} of the "
                    "one on the source host whose files would be copied"
                )
        return ""

    @property
    def encrypted_by(self) -> str:
        """The setting by which files are encrypted, empty for none."""
        for name in _ENCRYPTED:
            value = self.variables.get(name, "OFF")
            if value.upper() not in ("OFF", "0", ""):
                return f"{name} = {value}"
        return ""
