"""Manual Ingestion: an empty seed server on the staging host, which its owner loads."""

from __future__ import annotations

import logging

from domain import checks
from domain.installation import Installation, choose_for_seed
from operations.staging import Staging, host_problems, installations
from remote.answer import Answer

log = logging.getLogger(__name__)


def run(staging: Staging) -> None:
    """Makes a new, empty, running staging server; what an older one held goes.

    Raises:
        PluginError: with the state as it was before, as long as a check refuses.
    """
    login = staging.staging_login
    host = staging.host_facts()
    checks.refuse(host_problems(host), staging.doing)
    installation = _choose(staging, host)
    installation.version(host.doing)
    instance = staging.instance(installation).with_starter(host)
    with instance.nothing_left_after_failure():
        instance.create((), "staging")
        instance.start(required=())
        if login:
            instance.create_login(login.user, login.secret("LOGIN_PASSWORD"), "all")
    log.info("the seed server is ready: %s", way_in(staging))


def way_in(staging: Staging) -> str:
    """Which host, port, socket and account to load the seed server with."""
    chosen = staging.parameters
    host = staging.host
    text = (
        f"on {host.name}, as OS user {host.user} without a password over the socket "
        f"{chosen.layout.socket} (mariadb --binary-mode --socket={chosen.layout.socket})"
    )
    # Only a supplier that holds the name itself tells it: no vault is asked for a message.
    if chosen.staging_credentials is not None:
        user = chosen.staging_credentials.get("username") or "the staging login"
        text += f", or as {user} with its password at 127.0.0.1 port {chosen.port}"
    return text


def _choose(staging: Staging, host: Answer) -> Installation:
    return staging.named_installation(host) or choose_for_seed(
        staging.repository.daemon_path, installations(host), host.doing
    )
