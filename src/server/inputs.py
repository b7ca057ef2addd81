"""What the steps of a server's life are given: option files, and what a dataset says of itself."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from domain.dataset.marker import Marker
from domain.installation import Installation
from domain.options import encryption, init_sql, my_cnf, option_file, required_settings
from domain.options.my_cnf import ServerConfig
from domain.options.settings import Setting
from errors import while_doing
from remote.answer import Answer

log = logging.getLogger(__name__)

# Crash recovery of a large data set takes minutes, a stuck server must not hold a job for ever.
START_SECONDS = 1800
# A clean shutdown writes what the buffer pool holds.
STOP_SECONDS = 600


@dataclass(frozen=True)
class Served:
    """What a dataset is served by.

    Attributes:
        guid: of the dSource or VDB.
        config: of its server.
        installation: that runs it.
    """

    guid: str
    config: ServerConfig
    installation: Installation


def dataset_files(served: Served, required: tuple[Setting, ...], role: str) -> dict[str, str]:
    """Texts of delphix.json, required.cnf and my.cnf.

    Args:
        required: settings that the files need.
        role: `staging` or `vdb`.
    """
    config, chosen = served.config, served.installation
    left_out = {setting.name for setting in config.settings if setting.comment}
    required = tuple(setting for setting in required if setting.name not in left_out)
    keys = encryption.settings(config.given)
    required += tuple(setting for setting in keys if setting not in required)
    required = admitted(required)
    marker = Marker(
        guid=served.guid,
        role=role,
        port=config.port,
        server_id=config.server_id,
        base_dir=chosen.base_dir,
        daemon_path=chosen.daemon_path,
        required=required,
    )
    return {
        "MARKER": marker.render(),
        "REQUIRED": my_cnf.render_required(chosen.base_dir, required),
        "CONFIG": my_cnf.render(config),
    }


def dataset_files_anew(
    served: Served, answer: Answer, added: tuple[Setting, ...] = ()
) -> dict[str, str]:
    """Texts of delphix.json and required.cnf, rendered anew from what the dataset holds.

    The dataset's own server could have changed both files, so their settings are checked again.

    Args:
        answer: of the step `start_facts`.
        added: further settings that the files need.

    Raises:
        PluginError: MOUNT_NOT_OURS.
    """
    config, chosen = served.config, served.installation
    with while_doing(answer.doing):
        marker = Marker.parse(answer.text("marker"))
    marker = replace(
        marker,
        guid=served.guid,
        port=config.port,
        server_id=config.server_id,
        base_dir=chosen.base_dir,
        daemon_path=chosen.daemon_path,
        required=admitted((*marker.required, *added)),
    )
    settings = admitted((*required_settings.of_file(answer.many("requiredLine")), *added))
    return {
        "MARKER": marker.render(),
        "REQUIRED": my_cnf.render_required(chosen.base_dir, settings),
    }


def start(config: ServerConfig, user: str, restart: bool) -> dict[str, str]:
    """Inputs of a step that starts the server.

    Args:
        user: environment user, who gets the management account.
        restart: a running server is stopped first.
    """
    return {
        "PORT": str(config.port),
        "SERVER_ID": str(config.server_id),
        "CONFIG": my_cnf.render(config),
        "INIT_SQL": init_sql.render(user),
        "OPEN_ACCOUNTS_SQL": init_sql.open_accounts_query(),
        "START_SECONDS": str(START_SECONDS),
        "STOP_SECONDS": str(STOP_SECONDS),
        "RESTART": yes(restart),
    }


def keys(config: ServerConfig) -> str:
    """Lines of `backup-my.cnf` that give mariadb-backup the keys which this server is given.

    mariadb-backup looks for the line `plugin_load` itself before it reads the file as an option
    file. That line must have no blanks and no quotes: with either it goes on without keys (seen on
    10.11). Names of libraries need no quotes.
    """
    settings = admitted(encryption.for_backup(config.given))
    return "\n".join(
        f"{item.name}={item.value}" if item.name == "plugin_load" else option_file.line(item)
        for item in settings
    )


def admitted(settings: tuple[Setting, ...]) -> tuple[Setting, ...]:
    """Those that a server may be given, whoever asked for them; the others are told."""
    kept, refused = required_settings.admitted(settings)
    for text in refused:
        log.warning("left out of what the files need: %s", text)
    return kept


def yes(value: bool) -> str:
    """A flag as scripts take it."""
    return "yes" if value else "no"
