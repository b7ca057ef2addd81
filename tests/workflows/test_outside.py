"""Nothing outside of the datasets is written: all works on hosts that take no writes."""

from collections.abc import Iterator

import pytest

from lab.hosts.host import Host
from testbed.backups import PHYSICAL, USER_BACKUP, drop_odd_names, make_backup
from testbed.site import Site, mark, marks
from tests.workflows.support import RESYNC, quiet_source, same_as_source

NAME, VDB = "sales", "one"
# The host's only other file systems; datasets are mounted below /mnt.
_CLOSE = """set -eu
mount -o remount,bind,ro /
for path in /tmp /run /dev/shm; do mount -o remount,ro "$path"; done
"""
_OPEN = """set -eu
mount -o remount,bind,rw /
for path in /tmp /run /dev/shm; do mount -o remount,rw "$path"; done
"""


def _closed(host: Host) -> None:
    host.run_as_root(["bash", "-c", _CLOSE])
    for place in ("/tmp", "/var/tmp", "/dev/shm", "/run", host.home, host.toolkit_path):
        tried = host.run_as_root(["touch", f"{place}/outside"], check=False)
        assert "Read-only file system" in tried.stderr.decode(), place


@pytest.fixture(scope="module")
def closed(site: Site) -> Iterator[Site]:
    """A dSource and a VDB on hosts that can write to nothing but the datasets."""
    drop_odd_names(site.source.server)
    with quiet_source(site):
        site.link(NAME)
        site.provision(VDB, NAME, binaryLog=True)
        make_backup(
            site,
            f"{PHYSICAL} --target-dir=it; mariadb-dump --hex-blob --databases metrics > dump.sql",
        )
        hosts = site.host("staging"), site.host("target")
        for host in hosts:
            _closed(host)
        try:
            yield site
        finally:
            for host in hosts:
                host.run_as_root(["bash", "-c", _OPEN])


def test_the_whole_life_of_a_vdb(closed: Site) -> None:
    lab = closed.lab
    mark(closed.sql(VDB), "before")
    lab.snapshot(VDB)
    mark(closed.sql(VDB), "after")
    lab.rollback(VDB, closed.latest(VDB).reference)
    assert marks(closed.sql(VDB))[-1] == "before"
    lab.stop(VDB)
    lab.start(VDB)
    lab.disable(VDB)
    lab.enable(VDB)
    lab.source_size(VDB)
    lab.refresh(VDB)
    same_as_source(closed, VDB)


def test_syncs_and_copies(closed: Site) -> None:
    mark(closed.source.server, "later")
    closed.lab.sync(NAME)
    closed.lab.worker(NAME)
    closed.lab.disable(NAME)
    closed.lab.enable(NAME)
    closed.lab.sync(NAME, RESYNC)
    same_as_source(closed, NAME)


@pytest.mark.parametrize("name", ["it", "dump.sql"])
def test_restores(closed: Site, name: str) -> None:
    path = USER_BACKUP["backupPath"].replace("/it", f"/{name}")
    old = closed.change(NAME, **(USER_BACKUP | {"backupPath": path}), logSync=False)
    closed.lab.sync(NAME, RESYNC)
    counted = "SELECT COUNT(*) FROM metrics.no_key"
    assert closed.sql(NAME).query(counted) == closed.source.server.query(counted)
    closed.lab.update_parameters(NAME, old)
