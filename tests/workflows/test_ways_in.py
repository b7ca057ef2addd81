"""Every other way in: backups that the user made, selected databases, manual loads, empty VDBs."""

import pytest

from lab.errors import LabError
from testbed import compare, dataset
from testbed.backups import (
    DUMP,
    FOLDER,
    PHYSICAL,
    PREPARE,
    USER_BACKUP,
    WITH_GTID,
    Kind,
    drop_odd_names,
    make_backup,
)
from testbed.client import Server
from testbed.site import Site, mark, marks, until
from tests.workflows.support import (
    RESYNC,
    files,
    only_servers,
    quiet_source,
    refused,
    same_as_source,
)


def resync(site: Site, name: str, **given: object) -> None:
    """Link, or resync with these parameters."""
    if any(container.name == name for container in site.lab.containers()):
        site.change(name, **given)
        site.lab.sync(name, RESYNC)
    else:
        site.link(name, **given)


@pytest.mark.parametrize(
    "kind",
    [
        Kind("plain dump", f"{WITH_GTID} > it"),
        Kind("dump, zstd", f"{WITH_GTID} | zstd -q > it"),
        Kind("dump with coordinates only", f"{DUMP} --master-data=2 > it"),
    ],
    ids=str,
)
def test_a_dump_is_restored_and_followed(site: Site, kind: Kind) -> None:
    restored_and_followed(site, "dumped", kind, stagingPort=3401)


@pytest.fixture
def without_odd_names(site: Site) -> None:
    drop_odd_names(site.source.server)


@pytest.mark.parametrize(
    "kind",
    [
        Kind("directory", f"{PHYSICAL} --target-dir=it"),
        Kind("prepared directory", f"{PHYSICAL} --target-dir=it; {PREPARE}"),
        Kind("stream", f"{PHYSICAL} --stream=mbstream > it"),
        Kind("stream, zstd", f"{PHYSICAL} --stream=mbstream | zstd -q > it"),
    ],
    ids=str,
)
@pytest.mark.usefixtures("without_odd_names")
def test_a_physical_backup_is_restored_and_followed(site: Site, kind: Kind) -> None:
    restored_and_followed(site, "files", kind, stagingPort=3402)


def restored_and_followed(site: Site, name: str, kind: Kind, **given: object) -> None:
    """The backup is only read, and what happened after it comes by replication."""
    make_backup(site, kind.command)
    before = files(site.host("staging"), FOLDER)
    mark(site.source.server, f"after {kind}")
    resync(site, name, **USER_BACKUP, **given)
    assert files(site.host("staging"), FOLDER) == before
    assert f"after {kind}" in marks(site.sql(name))
    with quiet_source(site):
        site.lab.sync(name)
        same_as_source(site, name)


@pytest.mark.parametrize(
    ("command", "code", "word"),
    [
        (f"{WITH_GTID} > all; head -c 300000 all > it", "MDB-056", "truncated"),
        (f"{WITH_GTID} | gzip > all; head -c 100000 all > it", "MDB-056", "to its end"),
        ("head -c 100000 /dev/urandom > it", "MDB-056", "neither"),
        ("mkdir it; echo hello > it/there", "MDB-056", "no mariadb-backup"),
        ("true > it", "MDB-056", "empty"),
        (f"{DUMP} > it", "MDB-052", "no replication position"),
        ("mkdir it; cp /etc/passwd it/ibdata1; chmod 0 it/ibdata1", "MDB-056", "it"),
    ],
    ids=["truncated", "gzip cut", "random", "other directory", "empty", "no position", "files"],
)
def test_a_backup_that_will_not_do_is_refused(
    site: Site, command: str, code: str, word: str
) -> None:
    make_backup(site, command)
    refused(code, lambda: resync(site, "refused", **USER_BACKUP, stagingPort=3403), word)
    only_servers(site.host("staging"), *running(site, "dumped", "files"))


def running(site: Site, *names: str) -> list[str]:
    linked = {container.name for container in site.lab.containers()}
    return [site.mount(name) for name in names if name in linked]


def test_without_logsync_a_resync_brings_the_next_backup(site: Site) -> None:
    """No source is asked: its credentials are not even given."""
    mark(site.source.server, "in the first backup")
    make_backup(site, f"{DUMP} > it")
    given = {"logSync": False, "sourceCredentials": None, "replicationCredentials": None}
    resync(site, "copied", **USER_BACKUP, **given, stagingPort=3404)
    mark(site.source.server, "in the second backup")
    site.lab.sync("copied")
    assert "in the second backup" not in marks(site.sql("copied"))
    make_backup(site, f"{DUMP} | gzip > it")
    site.lab.sync("copied", RESYNC)
    assert {"in the first backup", "in the second backup"} <= set(marks(site.sql("copied")))
    assert site.sql("copied").query("SHOW SLAVE STATUS") == []
    site.lab.delete("copied")


def test_selected_databases_are_copied_and_followed_alone(site: Site) -> None:
    server = site.source.server
    given = {"databases": ["shop", "select"], "stagingPort": 3405}
    refused("MDB-049", lambda: site.link("part", **given), "binlog_format")
    server.query("SET GLOBAL binlog_format = 'ROW'")
    site.change("part", databases=["shop", "nonesuch"])
    refused("MDB-044", lambda: site.lab.sync("part", RESYNC), "nonesuch", "shop, ")
    server.query("CREATE VIEW shop.looks_outside AS SELECT COUNT(*) AS n FROM crm.contact")
    resync(site, "part", **given)
    assert ("crm",) not in site.sql("part").query("SHOW DATABASES")
    assert site.sql("part").query("SHOW TABLES FROM shop LIKE 'looks%'") == []
    # Statements whose default database is the other one, both ways, and a change of accounts.
    server.query(
        "CREATE TABLE shop.both_ways (n INT); CREATE TABLE crm.both_ways (n INT);"
        " USE crm; INSERT INTO shop.both_ways VALUES (1);"
        " USE shop; INSERT INTO crm.both_ways VALUES (2);"
        " CREATE USER late@'%' IDENTIFIED BY 'a password'"
    )
    site.lab.sync("part")
    assert site.sql("part").query("SELECT n FROM shop.both_ways") == [("1",)]
    assert site.sql("part").value("SELECT COUNT(*) FROM mysql.user WHERE User = 'late'") == "1"
    server.query(
        "DROP TABLE shop.both_ways, crm.both_ways; DROP USER late@'%';"
        " DROP VIEW shop.looks_outside; SET GLOBAL binlog_format = 'MIXED'"
    )
    site.lab.delete("part")


LOADER = {"type": "NamedPasswordCredential", "username": "loader", "password": "l'o\"a\\d"}


def test_manual_ingestion_lets_its_owner_load_and_replace_everything(site: Site) -> None:
    given = {"ingestionMode": "Manual Ingestion", "stagingPort": 3406}
    site.link("manual", **given, stagingCredentials=LOADER)
    facts = site.latest("manual").metadata
    assert facts["emptySeed"] is True
    assert "127.0.0.1 port 3406" in facts["loadWith"] and "loader" in facts["loadWith"]
    owner = site.sql("manual")
    loader = Server(
        site.host("staging").run_as_root,
        user=LOADER["username"],
        password=LOADER["password"],
        address=("127.0.0.1", 3406),
    )
    dataset.load(loader, rows=dataset.SMALL_ROWS)
    site.lab.sync("manual")
    assert site.latest("manual").metadata["emptySeed"] is False
    # A load that replaces the grant tables takes the plugin's own account away.
    user = site.host("staging").environment_user
    owner.query(f"DELETE FROM mysql.global_priv WHERE User = '{user}'; FLUSH PRIVILEGES")
    site.lab.sync("manual")
    # Its owner restarts it, as the owner of the files may.
    site.lab.disable("manual")
    site.lab.enable("manual")
    site.lab.sync("manual")
    site.provision("of_manual", "manual")
    left = compare.diff(site.fingerprint("manual"), site.fingerprint("of_manual"))
    assert [line for line in left if "developer" not in line and "@localhost" not in line] == []
    site.lab.delete("of_manual")
    site.lab.delete("manual")


def test_an_empty_vdb_is_a_server_like_any_other(site: Site) -> None:
    site.lab.create_empty(
        "empty", host="target", parameters={"mountPath": "/mnt/delphix/empty", "port": 3407}
    )
    site.sql("empty").query("CREATE DATABASE mine; CREATE TABLE mine.t (n INT PRIMARY KEY)")
    site.lab.snapshot("empty")
    site.sql("empty").query("DROP DATABASE mine")
    site.lab.rollback("empty", site.latest("empty").reference)
    assert ("mine",) in site.sql("empty").query("SHOW DATABASES")
    assert site.lab.source_size("empty") > 10_000_000
    site.lab.delete("empty")


def test_the_worker_heals_what_passes_and_reports_what_lasts(site: Site) -> None:
    make_backup(site, f"{WITH_GTID} > it")
    resync(site, "dumped", **USER_BACKUP, stagingPort=3401)
    server = site.sql("dumped")
    server.query("STOP SLAVE")
    site.lab.worker("dumped")
    site.lab.sync("dumped")
    site.source.server.query("CREATE TABLE shop.clash (n INT PRIMARY KEY)")
    site.lab.sync("dumped")
    server.query("SET GLOBAL read_only = 0; INSERT INTO shop.clash VALUES (1)")
    site.source.server.query("INSERT INTO shop.clash VALUES (1), (2)")
    until(lambda: failing(server), "the conflict stops replication")
    with pytest.raises(LabError, match="MDB-060"):
        site.lab.worker("dumped")
    assert server.query("SELECT n FROM shop.clash") == [("1",)], "an event was skipped"
    refused("MDB-060", lambda: site.lab.sync("dumped"), "1062")
    server.query("DELETE FROM shop.clash")
    site.lab.sync("dumped", RESYNC)
    assert server.query("SELECT n FROM shop.clash") == [("1",), ("2",)]


def failing(server: Server) -> bool:
    return "1062" in str(server.query("SHOW SLAVE STATUS"))
