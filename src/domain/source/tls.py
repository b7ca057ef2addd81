"""How the connection to the source is protected."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from catalogue import Refusal


class TlsMode(Enum):
    """What must hold for a connection to the source; the same for dump and replication.

    VERIFY_CA checks the host's name too: replication and clients of 11.4 and later check both or
    nothing.
    """

    DISABLED = "Disabled"
    REQUIRED = "Required"
    VERIFY_CA = "Verify CA"
    VERIFY_IDENTITY = "Verify Identity"

    @property
    def verifies(self) -> bool:
        """Whether the source's certificate is checked."""
        return self in (TlsMode.VERIFY_CA, TlsMode.VERIFY_IDENTITY)


@dataclass(frozen=True)
class Tls:
    """A mode and the files on the staging host that it needs.

    Attributes:
        ca_path: of the CA's certificate, for the verifying modes.
        cert_path, key_path: of a client certificate, both or none.
    """

    mode: TlsMode = TlsMode.DISABLED
    ca_path: str = ""
    cert_path: str = ""
    key_path: str = ""

    def check(self) -> Tls:
        """Itself, if its parts fit together.

        Raises:
            Refusal: INPUT_INVALID.
        """
        if self.mode.verifies and not self.ca_path:
            why = f"parameter tlsCaPath is missing, tlsMode {self.mode.value} needs it"
            raise Refusal("INPUT_INVALID", why)
        if bool(self.cert_path) != bool(self.key_path):
            why = "parameters tlsCertPath and tlsKeyPath go together"
            raise Refusal("INPUT_INVALID", why)
        return self

    def variables(self) -> dict[str, str]:
        """Inputs of every script that reaches the source."""
        return {
            "TLS_MODE": self.mode.name,
            "TLS_CA": self.ca_path if self.mode.verifies else "",
            "TLS_CERT": self.cert_path if self.mode is not TlsMode.DISABLED else "",
            "TLS_KEY": self.key_path if self.mode is not TlsMode.DISABLED else "",
        }
