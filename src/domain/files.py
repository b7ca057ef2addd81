"""Data files that a server of another series wrote, and who may open them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from domain import encryption
from domain.installation import Installation
from domain.server_config import ServerConfig
from domain.settings import Setting
from domain.starter import Starter
from domain.version import Version
from errors import PluginError

# What lib/series.sh notes after a clean shutdown.
CLOSED = "closed"

# What a server must be told to open files that another one has made, whatever its own defaults.
FILE_SETTINGS = (
    "lower_case_table_names",
    "innodb_page_size",
    "innodb_data_file_path",
    "innodb_undo_tablespaces",
)

# Settings that have to do with files. What else people set is for the newer server: the older one
# may not know it, or not its value.
_OF_FILES = ("innodb_", "aria_", "rocksdb_", "plugin_dir", "plugin_load", "lower_case_table_names")


@dataclass(frozen=True)
class Files:
    """What is known of a copy's data files.

    Attributes:
        written_by: the server that had them last.
        closed: it was shut down in good order afterwards.
    """

    written_by: Version
    closed: bool

    def recovered_by(
        self, chosen: Installation, found: Iterable[Installation], doing: str
    ) -> Installation | None:
        """The older installation that must recover the files and shut down before `chosen` may.

        None when `chosen` may open them as they are.

        Args:
            chosen: shall run them.
            found: what the host has.

        Raises:
            PluginError: VERSION_MISMATCH, when `chosen` is older, or nobody can recover them.
        """
        runs = chosen.version(doing)
        if runs.can_open_files_of(self.written_by):
            return None
        if not runs.can_upgrade_files_of(self.written_by):
            raise self._refused(f", the repository runs the older {runs}", doing)
        if self.closed:
            return None
        installations = list(found)
        fitting = [item for item in installations if self._opens(item, doing)]
        if fitting:
            return max(fitting, key=lambda item: item.version(doing))
        names = ", ".join(item.name for item in installations)
        why = " while it ran, and only a server of the snapshot's series can recover it"
        raise self._refused(f"{why}; the repository runs {runs}; found here: {names}", doing)

    def _refused(self, why: str, doing: str) -> PluginError:
        text = f"the snapshot was written by {self.written_by}{why}"
        return PluginError("VERSION_MISMATCH", doing, text)

    def _opens(self, installation: Installation, doing: str) -> bool:
        try:
            return installation.version(doing).can_open_files_of(self.written_by)
        except PluginError:  # a version of which nothing is known
            return False


def for_recovery(config: ServerConfig) -> ServerConfig:
    """The configuration of a server that only recovers files: nobody gets in, no event runs.

    Of the settings of people it takes those about files, as far as it knows them; of the host's
    starter file those about keys.
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
