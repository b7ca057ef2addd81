"""Upgrade of the public plugin 1.0.0: its dSources, VDBs and snapshots go on."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from lab.errors import LabError
from lab.lab import Lab
from lab.model import ContainerState, Json, Kind, Snapshot
from testbed import kept, proofs
from testbed.old_plugin import OldPlugin
from testbed.old_server import BASE_DIR, OldServer
from testbed.parameters import READER, REPLICATOR
from testbed.site import Hooks, Site, mark, marks, until
from tests.lab.machine_support import leftovers
from tests.workflows.support import (
    RESYNC,
    ROWS,
    holding,
    only_servers,
    quiet_source,
    refused,
    same_as_source,
)

SALES, OLD_VDB, IDLE_VDB = "sales", "oldvdb", "idlevdb"
MANUAL = "byhand"


@dataclass(frozen=True)
class Upgraded:
    """A lab whose plugin has just been upgraded; the servers still run as 1.0.0 started them."""

    site: Site
    sales: OldServer
    vdb: OldServer
    old_snapshot: Snapshot


@pytest.fixture(scope="module")
def upgraded(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgraded]:
    folder = tmp_path_factory.mktemp("site") / "lab"
    hooks = Hooks()
    lab = Lab.open(folder, progress=hooks.tell)
    try:
        lab.up()
        kept.seed(lab, "source", ROWS)
        site = Site(lab, hooks)
        mark(site.source.server, "before link")
        old = OldPlugin(lab)
        old.install("staging", "target")
        made = _objects(site, old)
        lab.upload(root / "build" / "artifact.json")
        for host in ("source", "staging", "target"):
            lab.refresh_environment(host)
        yield made
    finally:
        lab.down()
    assert leftovers(folder) == []


def _objects(site: Site, old: OldPlugin) -> Upgraded:
    container, sales = old.link(SALES, extra="sort_buffer_size = 3M # ours\nskip-name-resolve")
    old_snapshot = site.latest(SALES)
    mark(site.source.server, "after the old snapshot")
    _, vdb = old.provision(OLD_VDB, old_snapshot, 3320)
    idle, idle_server = old.provision(IDLE_VDB, old_snapshot, 3321)
    idle_server.kill()
    site.host("target").unmount(idle_server.mount)
    site.lab.engine.store.put(replace(idle, state=ContainerState.DISABLED))
    manual = {
        "dSourceType": "Manual Backup Ingestion",
        "stagingPort": "3309",
        "mountPath": "/mnt/provision/byhand/",
        "serverId": "",
        "backupPath": "/backup/never/read.sql",
        "sourceUser": "loader",
        "sourcePass": "loader pw",
    }
    by_hand = old.container(MANUAL, Kind.DSOURCE, "staging", manual)
    config = old.source_config(
        by_hand.repository, {"dataDir": "NA", "port": "", "baseDir": "", "dbName": ""}
    )
    site.lab.engine.store.put(replace(by_hand, source_config=config))
    staging = site.host("staging")
    site.lab.engine.machine.pool.create_dataset(by_hand.dataset, staging.uid, staging.gid)
    assert site.lab.container(SALES) == container
    return Upgraded(site, sales, vdb, old_snapshot)


def parameters(site: Site, name: str) -> Json:
    return site.lab.container(name).parameters


def _provision(site: Site, name: str, parent: str) -> None:
    """A VDB on the installation that the old objects use."""
    (repository,) = (
        row for row in site.lab.repositories("target") if row.parameters["baseDir"] == BASE_DIR
    )
    site.provision(name, parent, repository=repository.name)


def test_objects_are_migrated(upgraded: Upgraded) -> None:
    """The upload has checked them against the new schemas."""
    site = upgraded.site
    assert parameters(site, SALES) == {
        "mountPath": upgraded.sales.mount,
        "stagingPort": 3308,
        "ingestionMode": "Replication",
        "backupOrigin": "Delphix Managed Backup",
        "backupMethod": "Logical",
        "logSync": True,
        "sourceHost": site.host("source").address,
        "sourceCredentials": READER.supplier,
        "replicationCredentials": REPLICATOR.supplier,
    }
    assert parameters(site, OLD_VDB) == {
        "mountPath": upgraded.vdb.mount,
        "port": 3320,
        "vdbCredentials": READER.supplier,
        "configSettings": [{"propertyName": "max_connections", "value": "77"}],
    }
    assert parameters(site, MANUAL) == {
        "mountPath": "/mnt/provision/byhand",
        "stagingPort": 3309,
        "ingestionMode": "Manual Ingestion",
        "stagingCredentials": {
            "type": "NamedPasswordCredential",
            "username": "loader",
            "password": "loader pw",
        },
    }
    assert site.latest(SALES).metadata == {
        "takenAt": "2021-08-12T09:30:00Z",
        "serverVersion": "unknown",
        "consistency": "Crash Consistent",
    }


def test_repositories_are_found_again(upgraded: Upgraded) -> None:
    """By identity: discovery meets the migrated one, and adds what 1.0.0 could not see."""
    for host in ("staging", "target"):
        rows = {row.parameters["baseDir"]: row for row in upgraded.site.lab.repositories(host)}
        assert set(rows) == {BASE_DIR, "/usr"}
        assert all(row.present for row in rows.values())
        assert rows[BASE_DIR].parameters["daemonPath"] == f"{BASE_DIR}/bin/mysqld"
    present = [row for row in upgraded.site.lab.source_configs("staging") if not row.manual]
    assert present == [], "an old staging server is no source"


def test_status_before_anything_else(upgraded: Upgraded) -> None:
    """What runs is active, though nobody has restarted it."""
    site = upgraded.site
    before = upgraded.sales.pid(), upgraded.vdb.pid()
    assert [site.lab.status(name) for name in (SALES, OLD_VDB)] == ["ACTIVE", "ACTIVE"]
    assert site.lab.source_size(OLD_VDB) > 0
    assert (upgraded.sales.pid(), upgraded.vdb.pid()) == before


def test_a_vdb_of_an_old_snapshot(upgraded: Upgraded) -> None:
    """And of its settings: those of the old my.cnf go along, from VDB to VDB."""
    site = upgraded.site
    for name, parent in (("fresh", SALES), ("second", "fresh")):
        _provision(site, name, parent)
        server = site.sql(name)
        assert marks(server) == ["before link"]
        assert server.query("SELECT @@sort_buffer_size, @@skip_name_resolve, @@read_only") == [
            ("3145728", "1", "0")
        ]
        assert server.query("SHOW ALL SLAVES STATUS") == []
        assert proofs.writable(name, server) == []
    metadata = site.latest("fresh").metadata
    assert {"propertyName": "sort_buffer_size", "value": "3M"} in metadata["requiredSettings"]
    log = (site.lab.engine.log.root / "MariaDB" / "info.log").read_text()
    assert f"recovering with the binary log {site.mount('fresh')}/log/mysql-bin" in log
    site.lab.disable("fresh")
    site.lab.enable("fresh")
    assert site.sql("fresh").value("SELECT @@sort_buffer_size") == "3145728"
    site.lab.delete("second")


def test_an_old_vdb_that_runs_takes_a_snapshot(upgraded: Upgraded) -> None:
    """Restarted once; what its users wrote is there."""
    site = upgraded.site
    mark(upgraded.vdb.server, "by its user")
    before = upgraded.vdb.pid()
    site.lab.snapshot(OLD_VDB)
    after = upgraded.vdb.pid()
    assert before != after
    assert site.latest(OLD_VDB).metadata["consistency"] == "Consistent"
    assert marks(site.sql(OLD_VDB)) == ["before link", "by its user"]
    assert site.sql(OLD_VDB).value("SELECT @@max_connections") == "77"
    site.lab.snapshot(OLD_VDB)
    assert upgraded.vdb.pid() == after, "only the first snapshot restarts it"


def test_an_old_vdb_that_was_disabled_is_enabled(upgraded: Upgraded) -> None:
    site = upgraded.site
    target = site.host("target")
    target.run_as_root(["gpasswd", "--delete", "delphix", "mysql"])
    refused("MDB-036", lambda: site.lab.enable(IDLE_VDB), "mysql:mysql", "with the groups delphix;")
    target.run_as_root(["gpasswd", "--add", "delphix", "mysql"])
    site.lab.enable(IDLE_VDB)
    assert site.lab.status(IDLE_VDB) == "ACTIVE"
    assert marks(site.sql(IDLE_VDB)) == ["before link"]
    site.lab.snapshot(IDLE_VDB)
    site.lab.stop(IDLE_VDB)
    site.lab.start(IDLE_VDB)
    assert proofs.writable(IDLE_VDB, site.sql(IDLE_VDB)) == []


def test_an_old_dsource_is_synced(upgraded: Upgraded) -> None:
    """Replication by file and position goes over to GTID from where it stood."""
    site = upgraded.site
    site.lab.worker(SALES)
    mark(site.source.server, "after the upgrade")
    site.lab.sync(SALES)
    status = site.sql(SALES).query("SHOW SLAVE STATUS")[0]
    assert "Slave_Pos" in status
    wanted = ["before link", "after the old snapshot", "after the upgrade"]
    _provision(site, "later", SALES)
    assert marks(site.sql("later")) == wanted
    assert site.latest(SALES).metadata["consistency"] == "Consistent"
    for name in (OLD_VDB, IDLE_VDB):
        site.lab.refresh(name)
        assert marks(site.sql(name)) == wanted
    site.lab.refresh(OLD_VDB, upgraded.old_snapshot.reference)
    assert marks(site.sql(OLD_VDB)) == ["before link"]


def test_an_old_dsource_lives_on(upgraded: Upgraded) -> None:
    site = upgraded.site
    site.lab.disable(SALES)
    assert holding(site.host("staging"), "/mnt/provision", "mysql") == []
    mark(site.source.server, "while disabled")
    site.lab.enable(SALES)
    site.lab.sync(SALES)
    until(lambda: "while disabled" in marks(site.sql(SALES)), "replication goes on")
    with quiet_source(site):
        site.lab.sync(SALES, RESYNC)
        same_as_source(site, SALES)
    names = site.host("staging").run_as_root(["ls", "-A", upgraded.sales.mount]).text.split()
    ours = {"delphix.json", "my.cnf", "required.cnf", "written.by"}
    assert set(names) == {"data", "log", "run", "tmp", *ours}
    only_servers(site.host("staging"), upgraded.sales.mount)


def test_manual_backup_ingestion_is_an_empty_server(upgraded: Upgraded) -> None:
    site = upgraded.site
    refused("MDB-039", lambda: site.lab.enable(MANUAL))
    site.lab.engine.store.put(replace(site.lab.container(MANUAL), state=ContainerState.ENABLED))
    site.lab.sync(MANUAL, RESYNC)
    metadata = site.latest(MANUAL).metadata
    assert metadata["emptySeed"] is True
    assert "loader with its password" in metadata["loadWith"]


ODD: list[tuple[Kind, Json, tuple[str, ...]]] = [
    (Kind.DSOURCE, {"mountPath": "mnt/x", "stagingPort": "3308"}, ("mnt/x", "not absolute")),
    (Kind.DSOURCE, {"mountPath": "/mnt/x", "stagingPort": ""}, ("stagingPort is ''", "/mnt/x")),
    (Kind.VDB, {"mPath": "/mnt/y"}, ("parameter port is ''", "'/mnt/y'")),
]


@pytest.mark.parametrize(("kind", "content", "words"), ODD)
def test_an_odd_object_stops_the_upgrade(
    root: Path, tmp_path: Path, kind: Kind, content: Json, words: tuple[str, ...]
) -> None:
    """Nothing is changed then: 1.0.0 stays installed with all its objects."""
    lab = Lab.open(tmp_path / "lab")
    try:
        lab.up(pool_gib=1)
        old = OldPlugin(lab)
        old.install("staging")
        old.container("odd", kind, "staging", content)
        with pytest.raises(LabError) as caught:
            lab.upload(root / "build" / "artifact.json")
        missing = [word for word in ("plugin 1.0.0", *words) if word not in str(caught.value)]
        assert not missing, str(caught.value)
        (plugin,) = lab.plugins()
        assert plugin.build_number == "1.0.0"
        assert lab.container("odd").parameters == content
    finally:
        lab.down()
