"""One restart where that is the cure: a start gives the plugin its account on the server again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from errors import PluginError
from server.instance import Instance

log = logging.getLogger(__name__)

_Result = TypeVar("_Result")

# A load or a replicated statement replaced the grant tables.
REFUSED = "ENTRY_REFUSED"
# The plugin was upgraded from 1.0.0 while the server ran.
OLD = "SERVER_OLD_LAYOUT"


def after_restart(instance: Instance, work: Callable[[], _Result], *errors: str) -> _Result:
    """Does the work; after one of these errors it restarts the server and does the work again.

    Args:
        errors: names of those that a restart cures.

    Raises:
        PluginError: any other error, and the second one.
    """
    try:
        return work()
    except PluginError as error:
        if error.entry.name not in errors:
            raise
        log.warning("%s; restarting the server", error.seen)
    instance.start(restart=True)
    return work()
