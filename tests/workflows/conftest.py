"""One lab for each test module, with the built artifact; it is gone when the module is done.

A module may set FRESH_RUNTIME = True: each plugin operation then runs in a new interpreter.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from testbed import kept
from testbed.site import Site
from tests.workflows.support import ROWS, running_site


@pytest.fixture(scope="module")
def site(
    request: pytest.FixtureRequest, root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A lab with a loaded source and discovered hosts; nothing is linked yet."""
    folder = tmp_path_factory.mktemp("site") / "lab"
    with running_site(
        folder,
        root / "build" / "artifact.json",
        lambda lab: kept.seed(lab, "source", ROWS),
        fresh_runtime=getattr(request.module, "FRESH_RUNTIME", False),
    ) as made:
        yield made
