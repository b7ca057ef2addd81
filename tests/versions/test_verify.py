"""The parameter `verify` on each series, and where staging's is newer than the source's."""

from collections.abc import Iterator

import pytest

from lab.model import JobState
from testbed.site import Site
from tests.versions.support import site_of
from tests.workflows.proof import REPLICATED, SCHEMA, TABLES, VERIFY
from tests.workflows.support import refused

NAME = "proven"
# Types that the older ones do not have.
NEWER = """
USE proof; CREATE TABLE newer (id INT PRIMARY KEY, v VECTOR(3) NOT NULL, u UUID, i INET4);
INSERT INTO newer VALUES (1, VEC_FromText('[1, 2, 3]'), UUID(), '10.0.0.1');
"""
MEMORY, HISTORY = "in memory: proof.memory", "history of versioned tables"
WAYS = {
    "10.5": ("bullseye", "bullseye", "", [MEMORY, HISTORY]),
    "10.5 to 11.8": ("bullseye", "trixie", "", [MEMORY]),
    "10.11 to 11.8": ("bookworm", "trixie", "", [MEMORY]),
    "11.8": ("trixie", "trixie", NEWER, [MEMORY]),
}


@pytest.fixture(scope="module", params=list(WAYS))
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def linked(way: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    source, staging, more, _ = WAYS[way]
    folder = tmp_path_factory.mktemp("verify") / "lab"
    with site_of(folder, {"source": source, "staging": staging}) as site:
        server = site.source.server
        server.query("SET GLOBAL event_scheduler = OFF")
        server.query(SCHEMA + more)
        assert site.link(NAME).state is JobState.COMPLETED
        server.query(REPLICATED)
        yield site


def test_what_is_equal_and_what_is_not(linked: Site, way: str) -> None:
    linked.lab.sync(NAME, VERIFY)
    metadata = linked.latest(NAME).metadata
    told = metadata["verified"]
    assert told["gtidPosition"] == metadata["gtidPosition"]
    assert told["tables"] == int(linked.source.server.query(TABLES)[0][0])
    assert told["notCompared"] == WAYS[way][3]
    staging = linked.sql(NAME)
    staging.query("SET sql_log_bin = 0; UPDATE proof.types SET d = d * (1 + 3e-16) WHERE id = 1")
    staging.query("SET sql_log_bin = 0; REVOKE INSERT ON proof.keyless FROM readers")
    error = refused("MDB-065", lambda: linked.lab.sync(NAME, VERIFY), "'readers'@''")
    assert "proof.types (3 rows with other contents)" in error.message
    assert error.message.count("; ") == 1, error.message
