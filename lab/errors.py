"""What the lab raises when it cannot do what it was asked for."""

from __future__ import annotations


class LabError(Exception):
    """A failure of the lab, told to a person.

    message: what was being done and what was seen.
    action: what the reader can do about it ("" when there is nothing to advise).
    output: what the failing program said ("" when it said nothing).
    """

    def __init__(self, message: str, action: str = "", output: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.action = action
        self.output = output

    def __str__(self) -> str:
        return "\n".join(part for part in (self.message, self.action, self.output) if part)


class CommandFailed(LabError):
    """A program ended with an exit code that means failure."""

    def __init__(self, message: str, exit_code: int, output: str = "") -> None:
        super().__init__(message, output=output)
        self.exit_code = exit_code


class CommandTimeout(LabError):
    """A program did not end in time; it and all of its descendants were killed."""


class HostDown(LabError):
    """A host of the lab was asked for something while it is not running."""
