"""A managed physical copy: mariadb-backup on the source host, streamed into the staging dataset."""

import pytest

from testbed.site import Site, mark, marks
from tests.workflows.managed_physical import PHYSICAL, allow, left_on
from tests.workflows.support import RESYNC, only_servers, quiet_source, same_as_source

NAME = "sales"


@pytest.fixture(scope="module")
def linked(site: Site) -> Site:
    allow(site)
    mark(site.source.server, "before the link")
    with quiet_source(site):
        site.link(NAME, **PHYSICAL)
        same_as_source(site, NAME)
    return site


def test_it_is_equal_and_leaves_nothing(linked: Site) -> None:
    only_servers(linked.host("staging"), linked.mount(NAME))
    assert left_on(linked.host("source")) == []
    assert left_on(linked.host("staging")) == []


def test_syncs_follow_later_writes(linked: Site) -> None:
    mark(linked.source.server, "after the link")
    linked.lab.sync(NAME)
    assert marks(linked.sql(NAME))[-1] == "after the link"


def test_a_resync_copies_while_the_source_writes(linked: Site) -> None:
    with linked.writer():
        linked.lab.sync(NAME, RESYNC)
    with quiet_source(linked):
        mark(linked.source.server, "after the resync")
        linked.lab.sync(NAME)
        same_as_source(linked, NAME)


def test_a_vdb_of_it(linked: Site) -> None:
    linked.provision("copy", NAME)
    mark(linked.sql("copy"), "written on the copy")
    linked.lab.refresh("copy")
    assert marks(linked.sql("copy")) == marks(linked.sql(NAME))


def test_without_logsync(linked: Site) -> None:
    mark(linked.source.server, "before the copy")
    given = {"stagingPort": 3401, "transferPort": 14444, "transferCompression": True}
    linked.link("once", **PHYSICAL, logSync=False, **given)
    assert marks(linked.sql("once"))[-1] == "before the copy"
    assert linked.sql("once").query("SHOW ALL SLAVES STATUS") == []
