"""One lab for each module, all three hosts of the Debian release that the module names.

The classes that the modules inherit hold the tests; one module for each release lets
`./dev test` run two releases at once (`--dist loadfile`).
"""

from collections.abc import Iterator

import pytest

from testbed.releases import SERIES
from testbed.site import Site
from tests.versions.support import site_of


@pytest.fixture(scope="module")
def series(request: pytest.FixtureRequest) -> str:
    """Series of the release's MariaDB, such as 10.11."""
    return SERIES[request.module.RELEASE]


@pytest.fixture(scope="module")
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A lab of this release with a loaded source; nothing is linked yet."""
    release = request.module.RELEASE
    folder = tmp_path_factory.mktemp(release) / "lab"
    with site_of(folder, dict.fromkeys(("source", "staging", "target"), release)) as made:
        yield made
