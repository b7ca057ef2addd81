"""Hosts that are other Debian releases: the root file systems that `./dev roots` makes."""

import os
from collections.abc import Mapping
from pathlib import Path

from lab.errors import LabError
from lab.hosts.host import HostSpec

ROOTS = Path(__file__).resolve().parents[1] / "build" / "roots"
SERIES = {"bullseye": "10.5", "bookworm": "10.11", "trixie": "11.8"}
"""The series of MariaDB that each Debian release carries."""
HOSTS = ("source", "staging", "target")
# Set by hand or by `./dev differences`: all hosts of a lab are of this release.
RELEASE = "DEV_TEST_RELEASE"


def root_of(release: str) -> Path:
    """The root directory of a release. Raises LabError."""
    if not (ROOTS / release).is_dir():
        raise LabError(f"{ROOTS / release} is missing: run ./dev roots")
    return ROOTS / release


def specs(releases: Mapping[str, str]) -> list[HostSpec]:
    """Hosts by name and release. Raises LabError."""
    return [HostSpec(name, root_of(release)) for name, release in releases.items()]


def chosen() -> list[HostSpec] | None:
    """Hosts of the release that was asked for; None for those of this machine."""
    release = os.environ.get(RELEASE)
    return specs(dict.fromkeys(HOSTS, release)) if release else None
