"""MariaDB installations on a host, and which of them to use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from catalogue import Refusal
from domain.version import Version


@dataclass(frozen=True)
class Installation:
    """One MariaDB server program.

    Attributes:
        base_dir: holds the installation's bin, sbin and share.
        daemon_path: of mariadbd or mysqld.
        version_text: as the program says it.
    """

    base_dir: str
    daemon_path: str
    version_text: str

    def version(self) -> Version:
        """Raises Refusal VERSION_UNSUPPORTED."""
        return Version.parse(self.version_text)

    def require_supported(self) -> None:
        """Raises Refusal VERSION_UNSUPPORTED for a version that the plugin does not know."""
        self.version()

    @property
    def program_folders(self) -> tuple[str, ...]:
        """Where its programs lie."""
        return f"{self.base_dir}/bin", self.daemon_path.rpartition("/")[0]

    @property
    def name(self) -> str:
        """As people see it in Delphix: `MariaDB 10.11.19 (/usr)`."""
        return f"MariaDB {self.version_text.split('-')[0]} ({self.base_dir})"


def installation_at(
    base_dir: str, found: Iterable[Installation], parameter: str = "stagingBaseDir"
) -> Installation:
    """The installation that the user named; another one is never taken in its place.

    Args:
        base_dir: its real path, or what the user typed when there is no such directory.
        parameter: that named it.

    Raises:
        Refusal: INSTALLATION_NOT_FOUND.
    """
    installations = list(found)
    for installation in installations:
        if installation.base_dir == base_dir:
            return installation
    seen = f"{parameter} leads to {base_dir}; found here: {_names(installations)}"
    raise Refusal("INSTALLATION_NOT_FOUND", seen)


def choose_for_seed(preferred: str, found: Iterable[Installation]) -> Installation:
    """The installation that runs a seed server: the repository's, else the newest.

    Raises:
        Refusal: INSTALLATION_NOT_FOUND.
    """
    installations = list(found)
    return _running(preferred, installations) or newest(installations)


def choose_for_staging(
    preferred: str, found: Iterable[Installation], source: Version
) -> Installation:
    """The installation that runs staging when the user named none.

    Args:
        preferred: server program of the repository; staging may not have it.
        found: what the staging host has.
        source: version of the source server.

    The preferred one is taken if it is there, even if it will not do: the check that follows says
    so. Otherwise the source's own series is best, then the nearest newer one.

    Raises:
        Refusal: INSTALLATION_NOT_FOUND.
    """
    installations = list(found)
    if there := _running(preferred, installations):
        return there
    fitting = [
        (version.series, installation)
        for installation in installations
        if (version := _known(installation)) and version.can_load_dump_of(source)
    ]
    if not fitting:
        seen = f"the source runs {source}; found here: {_names(installations)}"
        raise Refusal("INSTALLATION_NOT_FOUND", seen)
    return min(fitting, key=lambda pair: pair[0])[1]


def _running(daemon_path: str, found: Iterable[Installation]) -> Installation | None:
    return next((item for item in found if item.daemon_path == daemon_path), None)


def _names(installations: Iterable[Installation]) -> str:
    return ", ".join(item.name for item in installations) or "none at all"


def newest(found: Iterable[Installation]) -> Installation:
    """The newest installation of a supported version.

    Raises:
        Refusal: INSTALLATION_NOT_FOUND.
    """
    versions = [(version, item) for item in found if (version := _known(item))]
    if not versions:
        raise Refusal("INSTALLATION_NOT_FOUND", "found none of a supported version")
    return max(versions, key=lambda pair: pair[0])[1]


def _known(installation: Installation) -> Version | None:
    try:
        version = installation.version()
    except Refusal:
        return None
    return version
