"""One lab for each test module, with the built artifact; it is gone when the module is done.

A module may set FRESH_RUNTIME = True: each plugin operation then runs in a new interpreter.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.support import Site, open_site
from tests.lab_unit.machine_support import leftovers


@pytest.fixture(scope="module")
def site(
    request: pytest.FixtureRequest, root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A lab with a loaded source and discovered hosts; nothing is linked yet."""
    folder = tmp_path_factory.mktemp("site") / "lab"
    fresh = getattr(request.module, "FRESH_RUNTIME", False)
    hosts = ("source", "staging", "target")
    artifact = root / "build" / "artifact.json"
    with open_site(folder, artifact, fresh_runtime=fresh, hosts=hosts) as made:
        yield made
    assert leftovers(folder) == []
