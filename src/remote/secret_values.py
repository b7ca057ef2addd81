"""Values that must never be seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

# Shorter secrets would redact ordinary words.
_SHORTEST_REDACTED = 3


@dataclass(frozen=True)
class Secrets:
    """Secrets of a script: sent to it by its environment and redacted from all its output.

    Attributes:
        values: secrets by the names of their environment variables.
        sent: False when they are only redacted and not sent.
    """

    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    sent: bool = True

    def only_redacted(self) -> Secrets:
        """The same secrets, not sent: for a step that may show output of a step that had them."""
        return replace(self, sent=False)

    def redact(self, text: str) -> str:
        """`text` with every secret replaced by `***`."""
        for value in sorted(self.values.values(), key=len, reverse=True):
            if len(value) >= _SHORTEST_REDACTED:
                text = text.replace(value, "***")
        return text


NO_SECRETS = Secrets()
