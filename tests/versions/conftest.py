"""One lab for each Debian release, all three hosts of it; it lives as long as its tests.

The tests of one lab belong to one worker of pytest-xdist (`--dist loadgroup`).
"""

from collections.abc import Iterator

import pytest

from tests.lab.support import Site
from tests.versions.support import SERIES, running_site


def pytest_configure(config: pytest.Config) -> None:
    """The mark of pytest-xdist, for runs without workers."""
    config.addinivalue_line("markers", "xdist_group(name): these tests go to one worker")


@pytest.fixture(
    scope="session",
    params=[pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in SERIES],
)
def release(request: pytest.FixtureRequest) -> str:
    """Name of a Debian release."""
    return str(request.param)


@pytest.fixture(scope="session")
def series(release: str) -> str:
    """Series of its MariaDB, such as 10.11."""
    return SERIES[release]


@pytest.fixture(scope="session")
def site(release: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A lab of this release with a loaded source; nothing is linked yet."""
    folder = tmp_path_factory.mktemp(release) / "lab"
    with running_site(folder, dict.fromkeys(("source", "staging", "target"), release)) as made:
        yield made
