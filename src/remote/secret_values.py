"""Values that must never be seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

# Shorter secrets would redact ordinary words.
_SHORTEST_REDACTED = 3


@dataclass(frozen=True)
class Secrets:
    """What a script gets by environment and nobody reads in what it says.

    Attributes:
        values: by the names that the script knows them by.
        sent: whether the script gets them at all.
    """

    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    sent: bool = True

    def only_redacted(self) -> Secrets:
        """The same for a step that gets none of them, but may repeat what another one said."""
        return replace(self, sent=False)

    def redact(self, text: str) -> str:
        """`text` with every secret replaced by `***`."""
        for value in sorted(self.values.values(), key=len, reverse=True):
            if len(value) >= _SHORTEST_REDACTED:
                text = text.replace(value, "***")
        return text


NO_SECRETS = Secrets()
