"""Room that a dataset takes beside the data themselves: the files of its server."""

from __future__ import annotations

import re
from collections.abc import Iterable

from domain.options.settings import Setting

MIB = 1024 * 1024
# Redo log of a server that is told no size, as staging runs.
DEFAULT_REDO = 96 * MIB
# System tablespace, undo and temporary tablespaces, Aria's log, the server's own schemas, and what
# grows while they are used: 30 MiB on 10.11, 60 MiB on 11.8 right after the start.
_EMPTY = 128 * MIB
# Of these, what files that are restored do not bring with them.
_BESIDE_FILES = 32 * MIB
# While loading, no larger redo log makes a load faster that anybody has measured.
_LARGEST_REDO = 1024 * MIB
_UNITS = {"": 1, "k": 1024, "m": MIB, "g": 1024 * MIB, "t": 1024 * 1024 * MIB}


def redo_of(settings: Iterable[Setting]) -> int:
    """Bytes of redo log that staging keeps, by the settings that people gave it."""
    redo = DEFAULT_REDO
    for setting in settings:
        found = re.fullmatch(r"(\d{1,15})([KMGT]?)", setting.value or "", re.IGNORECASE)
        if setting.name.removeprefix("loose_") == "innodb_log_file_size" and found:
            redo = int(found[1]) * _UNITS[found[2].lower()]
    return redo


def beside_data(settings: Iterable[Setting]) -> int:
    """Bytes that a server needs which the data are loaded into."""
    return _EMPTY + max(DEFAULT_REDO, redo_of(settings))


def beside_files(settings: Iterable[Setting]) -> int:
    """Bytes that a server needs on files which are restored."""
    return _BESIDE_FILES + redo_of(settings)


def redo_while_loading(pool_bytes: int, spare_bytes: int) -> int:
    """Bytes of the redo log of the loading server: a large one loads faster, where there is room.

    Args:
        pool_bytes: of its buffer pool.
        spare_bytes: that stay free when all is loaded, with a redo log of the default size.
    """
    best = min(pool_bytes, _LARGEST_REDO)
    return max(min(best, DEFAULT_REDO), min(best, DEFAULT_REDO + spare_bytes // 2)) // MIB * MIB
