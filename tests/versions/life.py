"""The whole life of a dSource and its VDB on one version, compared exactly; tests in order."""

from collections.abc import Iterator

import pytest

from lab.model import JobState
from testbed import compare, proofs
from testbed.site import Site, mark, marks
from tests.workflows.support import only_servers, quiet_source, same, same_as_source

NAME, VDB = "life", "life_vdb"


class Life:
    """To be subclassed in a module that says which RELEASE."""

    @pytest.fixture(scope="class")
    @classmethod
    def linked(cls, site: Site) -> Iterator[Site]:
        """The dSource and its VDB. Both were made while all engines were written to."""
        with site.writer() as writer:
            acknowledged = dict(writer.acknowledged)
            assert site.link(NAME).state is JobState.COMPLETED
            site.provision(VDB, NAME)
            found = compare.consistent(site.sql(VDB))
            assert not found.problems
            assert found.missing(acknowledged) == []
            assert writer.failure is None
        yield site
        for container in reversed(site.lab.containers()):
            site.lab.delete(container.name, force=True)

    def test_discovery(self, site: Site, series: str) -> None:
        """One repository each, and a server on the source only."""
        for host in ("source", "staging", "target"):
            (found,) = site.lab.repositories(host)
            assert found.name.startswith(f"MariaDB {series}.") and found.name.endswith("(/usr)")
        (config,) = site.lab.source_configs("source")
        assert config.parameters["port"] == 3306
        assert site.lab.source_configs("staging") == []

    def test_sync_under_load(self, linked: Site) -> None:
        with linked.writer() as writer:
            acknowledged = dict(writer.acknowledged)
            linked.lab.sync(NAME)
            linked.lab.refresh(VDB)
            found = compare.consistent(linked.sql(VDB))
            assert not found.problems
            assert found.missing(acknowledged) == []
            assert writer.failure is None

    def test_copy_and_vdb_equal_the_source(self, linked: Site, series: str) -> None:
        """Tables, accounts, grants, routines, triggers, events, views and sequences."""
        with quiet_source(linked):
            linked.lab.sync(NAME)
            same_as_source(linked, NAME)
            linked.lab.refresh(VDB)
            same_as_source(linked, VDB)
        metadata = linked.latest(NAME).metadata
        assert metadata["serverVersion"].startswith(f"{series}.")
        assert metadata["consistency"] == "Consistent"
        assert proofs.writable(VDB, linked.sql(VDB)) == []

    def test_snapshot_and_rollback(self, linked: Site) -> None:
        mark(linked.sql(VDB), "kept")
        before = linked.fingerprint(VDB)
        linked.lab.snapshot(VDB)
        mark(linked.sql(VDB), "lost")
        linked.sql(VDB).query("SET SESSION foreign_key_checks = 0; DROP DATABASE shop")
        linked.lab.rollback(VDB, linked.latest(VDB).name)
        assert marks(linked.sql(VDB))[-1] == "kept"
        same(before, linked.fingerprint(VDB))

    def test_stop_start_disable_enable(self, linked: Site) -> None:
        target, mount = linked.host("target"), linked.mount(VDB)
        linked.lab.stop(VDB)
        assert linked.lab.status(VDB) == "INACTIVE"
        only_servers(target)
        linked.lab.start(VDB)
        assert linked.lab.status(VDB) == "ACTIVE"
        linked.lab.disable(VDB)
        only_servers(target)
        assert target.mounts() == []
        linked.lab.enable(VDB)
        only_servers(target, mount)
        assert marks(linked.sql(VDB))[-1] == "kept"

    def test_dsource_disable_enable(self, linked: Site) -> None:
        staging, mount = linked.host("staging"), linked.mount(NAME)
        linked.lab.disable(NAME)
        only_servers(staging)
        mark(linked.source.server, "while disabled")
        linked.lab.enable(NAME)
        only_servers(staging, mount)
        linked.lab.worker(NAME)
        linked.lab.sync(NAME)
        assert marks(linked.sql(NAME))[-1] == "while disabled"

    def test_delete(self, linked: Site) -> None:
        linked.lab.delete(VDB)
        linked.lab.delete(NAME)
        for name in ("staging", "target"):
            only_servers(linked.host(name))
            assert linked.host(name).mounts() == []
