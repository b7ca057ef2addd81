"""Puts the bash libraries and one step's script together into one command text.

Scripts are ordinary files, so that shellcheck and the tests see what runs; only the exit codes of
the catalogue are put in front of them.
"""

from __future__ import annotations

import pkgutil
from functools import cache

from errors import CATALOGUE

# Order matters only for reading: the libraries hold nothing but functions.
LIBRARIES = (
    "story",
    "writers",
    "dataset",
    "legacy",
    "tools",
    "installations",
    "starter",
    "process",
    "left_behind",
    "series",
    "sql",
    "source",
    "server",
    "replica",
    "source_lock",
    "movement",
    "dump",
    "ingest",
    "backup",
    "stream_gate",
    "backup_files",
    "packed",
    "quiesce",
    "clone",
    "job",
)


def _resource(name: str) -> str:
    data = pkgutil.get_data("resources", name)
    if data is None:  # pragma: no cover - pkgutil answers None only for odd loaders
        raise FileNotFoundError(name)
    return data.decode("utf-8")


def _body(text: str) -> str:
    """The script without its `#!` line: it becomes part of a larger text."""
    return text.split("\n", 1)[1] if text.startswith("#!") else text


@cache
def command_text(script: str) -> str:
    """The whole command of one step.

    Args:
        script: name of a file in `resources` without `.sh`, e.g. `server_start`.

    Raises:
        FileNotFoundError: when there is no such script.
    """
    prelude = "".join(f"ERR_{entry.name}={entry.code}\n" for entry in CATALOGUE.values())
    libraries = [_body(_resource(f"lib/{name}.sh")) for name in LIBRARIES]
    step = _body(_resource(f"{script}.sh"))
    return "\n".join([f"# step: {script}", prelude, *libraries, step])
