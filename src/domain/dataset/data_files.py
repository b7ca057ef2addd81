"""Data files that a server of another series wrote, and who may open them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from catalogue import Refusal
from domain.installation import Installation
from domain.version import Version

# What lib/server/stop.sh notes after a clean shutdown.
CLOSED = "closed"

# What a server must be told to open files that another one has made, whatever its own defaults.
FILE_SETTINGS = (
    "lower_case_table_names",
    "innodb_page_size",
    "innodb_data_file_path",
    "innodb_undo_tablespaces",
)


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
        self, chosen: Installation, found: Iterable[Installation]
    ) -> Installation | None:
        """The older installation that must recover the files and shut down before `chosen` may.

        None when `chosen` may open them as they are.

        Args:
            chosen: shall run them.
            found: what the host has.

        Raises:
            Refusal: VERSION_MISMATCH, when `chosen` is older, or nobody can recover them.
        """
        runs = chosen.version()
        if runs.can_open_files_of(self.written_by):
            return None
        if not runs.can_upgrade_files_of(self.written_by):
            raise self._refused(f", the repository runs the older {runs}")
        if self.closed:
            return None
        installations = list(found)
        fitting = [item for item in installations if self._opens(item)]
        if fitting:
            return max(fitting, key=lambda item: item.version())
        names = ", ".join(item.name for item in installations)
        why = " while it ran, and only a server of the snapshot's series can recover it"
        raise self._refused(f"{why}; the repository runs {runs}; found here: {names}")

    def chosen(self, preferred: str, found: Iterable[Installation]) -> Installation:
        """The installation that shall run the files where nobody named one.

        The preferred one if it is there and can; else one of the files' own series, else the
        nearest newer one.

        Args:
            preferred: server program of the repository, which this host may not have.
            found: what the host has.

        Raises:
            Refusal: VERSION_MISMATCH.
        """
        installations = list(found)
        fitting = [item for item in installations if self._can_run(item, installations)]
        for item in fitting:
            if item.daemon_path == preferred:
                return item
        if not fitting:
            names = ", ".join(item.name for item in installations) or "none at all"
            raise self._refused(f", and no installation here can run them; found here: {names}")
        versions = {item: item.version() for item in fitting}
        nearest = min(version.series for version in versions.values())
        best = [item for item in fitting if versions[item].series == nearest]
        return max(best, key=lambda item: versions[item])

    def _can_run(self, chosen: Installation, found: list[Installation]) -> bool:
        try:
            self.recovered_by(chosen, found)
        except Refusal:
            return False
        return True

    def _refused(self, why: str) -> Refusal:
        text = f"the snapshot was written by {self.written_by}{why}"
        return Refusal("VERSION_MISMATCH", text)

    def _opens(self, installation: Installation) -> bool:
        try:
            return installation.version().can_open_files_of(self.written_by)
        except Refusal:  # a version of which nothing is known
            return False
