"""Manual Ingestion: an empty seed server on the staging host, which its owner loads."""

from __future__ import annotations

import logging

from domain.installation import choose_for_seed
from domain.problems import Problems
from errors import while_doing
from operations.dsource import DSource

log = logging.getLogger(__name__)


def run(dsource: DSource) -> None:
    """Makes a new, empty, running staging server; deletes the data of an older one.

    Raises:
        Refusal: also as PluginError. When a check refuses, nothing has been changed yet.
    """
    login = dsource.staging_login
    host = dsource.ask_host()
    Problems(host.problems).refuse()
    with while_doing(host.doing):
        installation = host.named(dsource.parameters.base_dir) or choose_for_seed(
            dsource.repository.daemon_path, host.installations
        )
        installation.require_supported()
        instance = dsource.instance(installation).with_options(host.host_options)
    with instance.nothing_left_after_failure():
        instance.create((), "staging")
        instance.start(required=())
        if login:
            instance.create_login(login.user, login.secret("LOGIN_PASSWORD"), "all")
    log.info("the seed server is ready: %s", how_to_load(dsource))


def how_to_load(dsource: DSource) -> str:
    """Which host, port, socket and account to load the seed server with."""
    chosen = dsource.parameters
    host = dsource.host
    text = (
        f"on {host.name}, as OS user {host.user} without a password over the socket "
        f"{chosen.layout.socket} (mariadb --binary-mode --socket={chosen.layout.socket})"
    )
    # The user name is only told when the supplier itself holds it: a vault is not asked for it.
    if chosen.staging_credentials is not None:
        user = chosen.staging_credentials.get("username") or "the staging login"
        text += f", or as {user} with its password at 127.0.0.1 port {chosen.port}"
    return text
