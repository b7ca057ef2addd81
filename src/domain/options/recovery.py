"""The configuration of a server that only recovers the files of an older series."""

from __future__ import annotations

from dataclasses import replace

from domain.options import encryption
from domain.options.host_file import Starter
from domain.options.my_cnf import ServerConfig
from domain.options.settings import Setting

# Settings that have to do with files. What else people set is for the newer server: the older one
# may not know it, or not its value.
_OF_FILES = ("innodb_", "aria_", "rocksdb_", "plugin_dir", "plugin_load", "lower_case_table_names")


def for_recovery(config: ServerConfig) -> ServerConfig:
    """The configuration of a server that only recovers files: on 127.0.0.1, with no events.

    It gets the user's settings about files, with the prefix `loose_`, because an older server may
    not know them all; of the host's starter file it gets those about encryption.
    """
    starter = config.starter or Starter()
    keys = [
        item for _, settings in starter.groups for item in settings if encryption.is_needed(item)
    ]
    chosen = [item for item in config.settings if item.comment or _about_files(item)]
    settings = tuple(
        item if item.comment else Setting(f"loose_{item.name}", item.value)
        for item in (*keys, *chosen)
    )
    closed = replace(config, bind_address="127.0.0.1", event_scheduler=False)
    return replace(closed, settings=settings, starter=Starter())


def _about_files(setting: Setting) -> bool:
    name = setting.name.removeprefix("loose_")
    return name.startswith(_OF_FILES) or encryption.is_needed(setting)
