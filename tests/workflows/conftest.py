"""One lab for each test module, with the built artifact; it is gone when the module is done.

A module may set FRESH_RUNTIME = True: each plugin operation then runs in a new interpreter.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.lab import Lab
from testbed import kept
from testbed.site import Hooks, Site
from tests.lab.machine_support import leftovers
from tests.workflows.support import ROWS


@pytest.fixture(scope="module")
def site(
    request: pytest.FixtureRequest, root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A lab with a loaded source and discovered hosts; nothing is linked yet."""
    folder, hooks = tmp_path_factory.mktemp("site") / "lab", Hooks()
    fresh = getattr(request.module, "FRESH_RUNTIME", False)
    lab = Lab.open(folder, progress=hooks.tell, fresh_runtime=fresh)
    try:
        lab.up()
        kept.seed(lab, "source", ROWS)
        lab.upload(root / "build" / "artifact.json")
        for host in lab.hosts:
            lab.refresh_environment(host)
        yield Site(lab, hooks)
    finally:
        lab.down()
    assert leftovers(folder) == []
