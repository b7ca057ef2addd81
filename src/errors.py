"""The exception that people see, and the look-up of the catalogue by exit status.

A script fails with the exit status of a catalogue entry; Python raises the same entries.
People see `MDB-nnn`, where nnn is that exit status. `docs/reference/error-codes.md` has one
section per entry (a test holds the two together).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from dlpx.virtualization.platform.exceptions import UserError

from catalogue import CATALOGUE, ENTRIES, Refusal
from error_kind import Error
from shown import shown

_BY_CODE: Mapping[int, Error] = {entry.code: entry for entry in ENTRIES}


def by_exit_code(code: int) -> Error:
    """The entry of a script's exit status; `UNEXPECTED` for a status outside the catalogue."""
    if signal_of(code):
        return CATALOGUE["STEP_KILLED"]
    return _BY_CODE.get(code, CATALOGUE["UNEXPECTED"])


def signal_of(exit_code: int) -> int:
    """The signal that ended a command, 0 when it ended by itself.

    A shell tells it as 128 plus the number, Python as its negative; -1 stands for any failure.
    """
    number = -exit_code if exit_code < -1 else exit_code - 128
    return number if 0 < number <= 64 else 0


class PluginError(Refusal, UserError):
    """A failure of the catalogue, shown to the user as message, action and output.

    Args:
        name: name of the catalogue entry.
        doing: what the plugin was doing, e.g. "starting the server on stg1 port 3310".
        seen: what it saw; one or a few lines.
        output: the redacted tail of the script's story, if there is one.
    """

    def __init__(self, name: str, doing: str, seen: str, output: str = "") -> None:
        self.entry = CATALOGUE[name]
        self.doing = shown(doing)
        self.seen = shown(seen, keep="\n")
        text = f"{self.entry.label} {self.entry.message}. While {self.doing}: {self.seen}"
        action = f"{self.entry.action} (docs: {self.entry.anchor})"
        self.output = output
        UserError.__init__(self, text, action, output)

    @property
    def was_cut_off(self) -> bool:
        """Whether the step ended without a chance to undo what it had begun."""
        return self.entry.name in ("STEP_KILLED", "HOST_UNREACHABLE")

    def during(self, part: str) -> PluginError:
        """The same error, which also names the part of a longer piece of work that it ended."""
        return PluginError(self.entry.name, f"{self.doing} ({part})", self.seen, self.output)


@contextmanager
def while_doing(doing: str) -> Iterator[None]:
    """What is refused inside becomes the error that people see.

    Args:
        doing: what is being done, e.g. "syncing the dSource".

    Raises:
        PluginError: for a Refusal; one that knows what was being done stays as it is.
    """
    try:
        yield
    except PluginError:
        raise
    except Refusal as refusal:
        whole = f"{doing} ({refusal.part})" if refusal.part else doing
        raise PluginError(refusal.entry.name, whole, refusal.seen, refusal.output) from refusal
