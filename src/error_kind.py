"""The form of an entry of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Error:
    """One kind of failure.

    Attributes:
        name: the name scripts and Python use, e.g. `PORT_IN_USE`.
        code: exit status of a script, 10 to 99 (1, 2 and 126 up belong to the shell).
        message: what happened, one sentence without a full stop.
        action: what the person should do about it.
    """

    name: str
    code: int
    message: str
    action: str

    @property
    def label(self) -> str:
        """The code as people see it, e.g. `MDB-034`."""
        return f"MDB-{self.code:03d}"

    @property
    def anchor(self) -> str:
        """The section of the docs page of error codes."""
        return f"error-codes#{self.label.lower()}-{self.name.lower()}"
