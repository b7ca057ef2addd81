"""A dSource of a source that never stops writing: every snapshot is exact and complete."""

from collections.abc import Iterator

import pytest

from lab.model import JobState
from testbed import compare, proofs
from testbed.site import Site, mark, marks, until
from testbed.writer import Writer
from tests.workflows.support import (
    RESYNC,
    only_servers,
    quiet_source,
    same,
    same_as_source,
    server_pid,
)

NAME = "sales"
FACTS = {"takenAt", "serverVersion", "consistency", "gtidPosition", "sizeInBytes", "databases"}


@pytest.fixture(scope="module")
def writer(site: Site) -> Iterator[Writer]:
    with site.writer() as writing:
        yield writing


@pytest.fixture(scope="module")
def linked(site: Site, writer: Writer) -> Site:
    """The dSource, linked under write load."""
    before = writer.acknowledged
    mark(site.source.server, "before link")
    job = site.link(NAME)
    assert job.state is JobState.COMPLETED
    assert writer.failure is None
    site.provision("first", NAME)
    found = compare.consistent(site.sql("first"))
    assert not found.problems
    assert found.missing(before) == []
    assert marks(site.sql("first")) == ["before link"]
    return site


def test_every_write_acknowledged_before_a_sync_is_in_its_snapshot(
    linked: Site, writer: Writer
) -> None:
    """Several syncs under load; the VDBs of their snapshots live side by side."""
    last = [proofs.last_number(linked.sql("first"))]
    for name in ("second", "third"):
        mark(linked.source.server, name)
        acknowledged = writer.acknowledged
        linked.lab.sync(NAME)
        linked.provision(name, NAME)
        found = compare.consistent(linked.sql(name))
        assert not found.problems
        assert found.missing(acknowledged) == []
        assert (
            marks(linked.sql(name))
            == [*marks(linked.sql("first")), "second", "third"][: len(last) + 1]
        )
        last.append(proofs.last_number(linked.sql(name)))
    assert writer.failure is None
    assert last == sorted(set(last)), "a later snapshot must hold more"
    # They all run at once, and what one writes the others do not see.
    target = linked.host("target")
    only_servers(target, *(linked.mount(name) for name in ("first", "second", "third")))
    mark(linked.sql("second"), "only here")
    assert "only here" not in marks(linked.sql("third"))
    assert "only here" not in marks(linked.sql("first"))
    for name in ("second", "third"):
        linked.lab.delete(name)
    only_servers(target, linked.mount("first"))


def test_snapshot_metadata_holds_facts(linked: Site) -> None:
    metadata = linked.latest(NAME).metadata
    assert metadata.keys() >= FACTS
    assert metadata["consistency"] == "Consistent"
    assert {"shop", "crm", "demo_writer"} <= set(metadata["databases"])
    assert "-1-" in metadata["gtidPosition"]
    assert "-1-" in metadata["sourceGtidPosition"]


def test_disable_and_enable(linked: Site, writer: Writer) -> None:
    staging, mount = linked.host("staging"), linked.mount(NAME)
    snapshots = len(linked.lab.snapshots(NAME))
    assert linked.lab.status(NAME) == "ACTIVE"
    linked.lab.disable(NAME)
    only_servers(staging)
    assert staging.mounts() == []
    acknowledged = writer.acknowledged
    linked.lab.enable(NAME)
    only_servers(staging, mount)
    assert linked.lab.status(NAME) == "ACTIVE"
    linked.lab.worker(NAME)
    linked.lab.sync(NAME)
    linked.provision("after", NAME)
    assert compare.consistent(linked.sql("after")).missing(acknowledged) == []
    linked.lab.delete("after")
    assert len(linked.lab.snapshots(NAME)) == snapshots + 1


def test_enable_may_be_repeated(linked: Site) -> None:
    pid = server_pid(linked, NAME)
    linked.lab.enable(NAME)
    assert server_pid(linked, NAME) == pid


def test_staging_shows_what_the_source_holds(linked: Site, writer: Writer) -> None:
    """By replication, without a sync, while the source writes."""
    acknowledged = writer.acknowledged
    until(
        lambda: not compare.consistent(linked.sql(NAME)).missing(acknowledged),
        "staging applies what the source has written",
    )
    assert linked.lab.source_size(NAME) > 1_000_000


def test_resync_under_load(linked: Site, writer: Writer) -> None:
    acknowledged = writer.acknowledged
    linked.lab.sync(NAME, RESYNC)
    linked.provision("again", NAME)
    found = compare.consistent(linked.sql("again"))
    assert not found.problems
    assert found.missing(acknowledged) == []
    linked.lab.delete("again")


def test_both_ends_are_equal_row_by_row(linked: Site, writer: Writer) -> None:
    """Tables, accounts, grants, routines, triggers, events, views and sequences; writer stopped."""
    writer.stop()
    with quiet_source(linked):
        linked.lab.sync(NAME)
        same_as_source(linked, NAME)
        linked.lab.refresh("first")
        same_as_source(linked, "first")
        same(linked.fingerprint("first"), linked.fingerprint("first"))


def test_delete_takes_everything_along(linked: Site) -> None:
    linked.lab.delete("first")
    linked.lab.delete(NAME)
    for name in ("staging", "target"):
        only_servers(linked.host(name))
        assert linked.host(name).mounts() == []
    assert linked.lab.containers() == []
    assert linked.lab.engine.machine.pool.dataset_names() == []
