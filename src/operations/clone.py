"""A copy of a snapshot's files becomes a running server of its own: a VDB's, or a physical one."""

from __future__ import annotations

import logging
from typing import Protocol

from domain.dataset.marker import settings_from
from domain.options.my_cnf import Role, ServerConfig
from domain.parameters import LoginGrants, VirtualParameters
from generated.definitions import SnapshotDefinition
from operations import newer_server
from operations.credentials import Login
from remote.secret_values import NO_SECRETS, Secrets
from server.instance import People

log = logging.getLogger(__name__)


def config_of(chosen: VirtualParameters) -> ServerConfig:
    """The configuration of a server of its own, as people chose it."""
    return ServerConfig(
        role=Role.VDB,
        layout=chosen.layout,
        port=chosen.port,
        server_id=chosen.server_id,
        bind_address=chosen.bind_address,
        settings=chosen.settings,
        binary_log=chosen.binary_log,
        event_scheduler=chosen.event_scheduler,
        outside=chosen.outside,
    )


class Clone(newer_server.Runnable, Protocol):
    """What is needed of a VDB or a physical copy."""

    @property
    def login(self) -> Login | None:
        """The login to create, None when none is wanted."""

    @property
    def grants(self) -> LoginGrants:
        """What that login may do."""


def login_to_create(clone: Clone) -> tuple[str, Secrets]:
    """Name of the login, empty for none, and its password."""
    login = clone.login
    return (login.user, login.secret("LOGIN_PASSWORD")) if login else ("", NO_SECRETS)


def configure(clone: Clone, snapshot: SnapshotDefinition, keep_logs: bool, prove: bool) -> None:
    """Brings the files to the series of their server, and makes it independent; it runs then.

    Args:
        snapshot: of which the files are.
        keep_logs: see `Instance.configure_clone`.
        prove: that people can work with it, see `People`.

    Raises:
        PluginError: of the steps; VERSION_MISMATCH.
    """
    user, secret = login_to_create(clone)
    required = settings_from(snapshot.required_settings)
    recovered = newer_server.recover(clone, snapshot.server_version, required, keep_logs)
    keep_logs = keep_logs or recovered
    instance = clone.instance
    people = People(user, secret, clone.grants.value_of_step, prove)
    answer = instance.configure_clone(required, keep_logs, people)
    log.info("%s runs MariaDB %s", instance.config.layout.mount, answer.text("version"))
