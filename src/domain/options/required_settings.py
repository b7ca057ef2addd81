"""Settings that a dataset's files need, checked again when they are written, whoever told them.

They come from a source, a backup, a snapshot's metadata or the dataset's own `required.cnf`, which
its server could have changed: none of these is trusted.
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.options.host_file import setting_of
from domain.options.settings import Setting, unfit, why_not

# Filters that the plugin itself has set for staging, or 1.0.0 before it.
_OF_REPLICATION = "replicate_"


def of_file(lines: Iterable[str]) -> tuple[Setting, ...]:
    """The settings of a `required.cnf`, without the installation that it was written for."""
    texts = (line.strip() for line in lines)
    found = (setting_of(text) for text in texts if text and text[0] not in "#;[!")
    return tuple(Setting(item.name, item.value) for item in found if item.name != "basedir")


def admitted(settings: Iterable[Setting]) -> tuple[tuple[Setting, ...], tuple[str, ...]]:
    """The settings that a server may be given, and why the others may not."""
    kept: list[Setting] = []
    refused: list[str] = []
    for setting in settings:
        check = unfit if setting.name.startswith(_OF_REPLICATION) else why_not
        why = check(setting.name, setting.value)
        if why:
            refused.append(f"{setting.name} {why}")
        else:
            kept.append(setting)
    return tuple(kept), tuple(refused)
