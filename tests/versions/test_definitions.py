"""Every kind of definition, copied from each series to each that may run staging, is no difference.

The link itself compares them; a false alarm of a newer server's own words would refuse a good one.
"""

from pathlib import Path

import pytest

from testbed.releases import SERIES
from tests.versions.support import site_of
from tests.workflows.support import quiet_source
from tests.workflows.test_definitions import PLUGINS, RICH
from tests.workflows.test_dependencies import BROKEN, LEFT_OUT, WHOLE

PAIRS = [
    ("bullseye", "bullseye"),
    ("bullseye", "bookworm"),
    ("bullseye", "trixie"),
    ("bookworm", "trixie"),
    ("trixie", "trixie"),
]


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_a_rich_schema_is_no_difference(tmp_path: Path, old: str, new: str) -> None:
    with site_of(tmp_path / "lab", {"source": old, "staging": new}) as site, quiet_source(site):
        site.source.server.query(f"{PLUGINS}{RICH}{WHOLE}{BROKEN}")
        site.link("rich")
        snapshot = site.latest("rich")
        assert snapshot.metadata["serverVersion"].startswith(f"{SERIES[new]}.")
        told = snapshot.metadata["warnings"]
        left = {name for name in LEFT_OUT if any(f"{name} is left out" in text for text in told)}
        assert left == LEFT_OUT
        site.lab.sync("rich")
