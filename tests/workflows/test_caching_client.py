"""Hosts whose storage client keeps written pages, as NFS clients do: snapshots are whole."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.hosts.client import Client
from lab.hosts.host import HostSpec
from testbed import kept
from testbed.parameters import Json
from testbed.site import Site
from tests.workflows.support import ROWS, quiet_source, running_site, same, same_as_source

LAZY: Json = {
    "configSettings": [
        {"propertyName": "innodb_flush_log_at_trx_commit", "value": "0"},
        {"propertyName": "innodb_flush_log_at_timeout", "value": "2700"},
        {"propertyName": "loose_innodb_log_file_buffering", "value": "ON"},
        {"propertyName": "sync_binlog", "value": "0"},
    ]
}
ROWS_OF_VDB = 2_000


@pytest.fixture(scope="module")
def cached(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A lab whose staging and target hosts have such a client."""
    specs = [
        HostSpec("source"),
        *(HostSpec(n, client=Client.WRITE_BACK) for n in ("staging", "target")),
    ]
    with running_site(
        tmp_path_factory.mktemp("cached") / "lab",
        root / "build" / "artifact.json",
        lambda lab: kept.seed(lab, "source", ROWS),
        up=lambda lab: lab.up(specs),
    ) as site:
        site.source.server.query("SET GLOBAL event_scheduler = OFF")
        yield site


def test_what_was_committed_is_in_the_snapshot(cached: Site) -> None:
    """Of a dSource right after its copy and a sync, and of a VDB that does not flush its log."""
    cached.link("sales", **LAZY)
    with quiet_source(cached):
        cached.lab.sync("sales")
        cached.provision("one", "sales", binaryLog=True, **LAZY)
        same_as_source(cached, "one")
    inserts = "".join(
        f"INSERT INTO mine.t{number % 2} VALUES ({number});" for number in range(ROWS_OF_VDB)
    )
    cached.sql("one").query(
        "CREATE DATABASE mine; CREATE TABLE mine.t0 (n INT) ENGINE = InnoDB;"
        f"CREATE TABLE mine.t1 (n INT) ENGINE = Aria; {inserts}"
    )
    cached.lab.snapshot("one")
    cached.provision("two", "one")
    for table in ("t0", "t1"):
        assert cached.sql("two").value(f"SELECT COUNT(*) FROM mine.{table}") == str(
            ROWS_OF_VDB // 2
        )
    same(cached.fingerprint("one"), cached.fingerprint("two"))
    cached.lab.stop("one")
    cached.lab.snapshot("one")
    for name in ("two", "one", "sales"):
        cached.lab.delete(name)
    assert cached.host("target").mounts() == cached.host("staging").mounts() == []
