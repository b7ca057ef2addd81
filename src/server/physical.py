"""The steps of V2P that no other server has: a look before, the hand-over, and the way back."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from domain.options import init_sql, my_cnf
from domain.options.my_cnf import Role
from domain.physical import Owned
from errors import PluginError
from remote.answer import Answer
from remote.secret_values import Secrets
from server import inputs
from server.instance import UNDO_SECONDS, Instance

log = logging.getLogger(__name__)


def look(instance: Instance, base_dir: str, starter: str) -> Answer:
    """Proves that the target directory can take a copy, and tells what its host has.

    Args:
        instance: the server to be; nothing of it is there yet.
        base_dir: where the user says that an installation is.
        starter: where the host's option file would lie.

    Raises:
        PluginError: TARGET_UNUSABLE or SETTING_REFUSED.
    """
    variables = {
        "TARGET": instance.config.layout.mount,
        "PORT": str(instance.config.port),
        "SERVER_ID": str(instance.config.server_id),
        "EXTRA_DIRECTORY": base_dir,
        "STARTER": starter,
    }
    doing = f"checking the target directory for {instance.label}"
    return instance.host.run("physical_check", doing, variables)


def hand_over(instance: Instance, owned: Owned, start: bool, login: tuple[str, Secrets]) -> Answer:
    """Makes the configured server its owner's; it is proven, then left running or stopped.

    Args:
        instance: whose server runs.
        owned: what its owner is told.
        start: leave it running.
        login: name of the login that was created (empty for none), and its password.

    Raises:
        PluginError: VDB_NOT_INDEPENDENT, VDB_NOT_USABLE, or one about its start and end.
    """
    config = instance.config
    user, password = login
    variables = {
        "PORT": str(config.port),
        "SERVER_ID": str(config.server_id),
        "BIND_ADDRESS": config.bind_address,
        "EVENTS": inputs.yes(config.event_scheduler),
        "OUTSIDE": inputs.yes(config.outside),
        "CONFIG": my_cnf.render(replace(config, role=Role.PHYSICAL)),
        "UNIT": owned.unit,
        "GUIDE": owned.guide,
        "START": inputs.yes(start),
        "START_SECONDS": str(inputs.START_SECONDS),
        "STOP_SECONDS": str(inputs.STOP_SECONDS),
        "OPEN_ACCOUNTS_SQL": init_sql.open_accounts_query(),
        "LOGIN_USER": user,
    }
    return instance.run("physical_finish", "handing over", variables, password)


@contextmanager
def emptied_after_failure(instance: Instance) -> Iterator[None]:
    """Takes the copy out of its directory when the block fails; people see the first error."""
    try:
        yield
    except BaseException:
        try:
            variables = {"STOP_SECONDS": str(UNDO_SECONDS)}
            instance.run("physical_undo", "taking back the copy in", variables)
        except PluginError as error:
            log.error("the copy could not be taken back: %s", error.seen)
        raise
