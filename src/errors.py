"""The one exception type of the plugin, and the look-up of the catalogue.

A script fails with the exit status of a catalogue entry; Python raises the same entries.
People see `MDB-nnn`, where nnn is that exit status. `docs/reference/error-codes.md` has one
section per entry (a test holds the two together).
"""

from __future__ import annotations

from collections.abc import Mapping

from dlpx.virtualization.platform.exceptions import UserError

from catalogue import ENTRIES, Error

CATALOGUE: Mapping[str, Error] = {entry.name: entry for entry in ENTRIES}
_BY_CODE: Mapping[int, Error] = {entry.code: entry for entry in ENTRIES}


def by_exit_code(code: int) -> Error:
    """The entry of a script's exit status; `UNEXPECTED` for a status outside the catalogue."""
    return _BY_CODE.get(code, CATALOGUE["UNEXPECTED"])


class PluginError(UserError):
    """A failure of the catalogue, shown to the user as message, action and output.

    Args:
        name: name of the catalogue entry.
        doing: what the plugin was doing, e.g. "starting the server on stg1 port 3310".
        seen: what it saw; one or a few lines.
        output: the redacted tail of the script's story, if there is one.
    """

    def __init__(self, name: str, doing: str, seen: str, output: str = "") -> None:
        self.entry = CATALOGUE[name]
        self.seen = seen
        text = f"{self.entry.label} {self.entry.message}. While {doing}: {seen}"
        super().__init__(text, f"{self.entry.action} (docs: {self.entry.anchor})", output)
