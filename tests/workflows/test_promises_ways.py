"""Sentences of the docs about backups of one's own and Manual Ingestion.

Which test proves which sentence stands in docs/maintainers/promises.md.
"""

from collections.abc import Iterator

import pytest

from testbed import proofs
from testbed.backups import FOLDER, PHYSICAL, USER_BACKUP, make_backup
from testbed.client import ClientError, Server
from testbed.parameters import READER, REPLICATOR, Account
from testbed.site import Site
from testbed.watch import Watch
from tests.workflows.support import RESYNC, only_servers, refused, session

NAME, MANUAL = "own", "manual"
LEAN = Account("demo_only_replicates", "demo-lean")
LOADER = Account("loader", "demo-loader")
GIVEN = {**USER_BACKUP, "stagingPort": 3431, "databases": ["few"]}
NO_SOURCE = {"logSync": False, "sourceCredentials": None, "replicationCredentials": None}
FOLLOWED = {"logSync": True, "sourceCredentials": READER.supplier,
            "replicationCredentials": REPLICATOR.supplier}  # fmt: skip
# A database of its own: the copies are small and quick.
FEW = f"""
CREATE DATABASE few;
CREATE TABLE few.t (n INT PRIMARY KEY) ENGINE = InnoDB;
INSERT INTO few.t VALUES (1);
CREATE DEFINER = 'demo_owner'@'localhost' FUNCTION few.f() RETURNS INT DETERMINISTIC RETURN 5;
CREATE DEFINER = 'demo_owner'@'localhost' VIEW few.v AS SELECT few.f() AS five;
CREATE USER '{LEAN.user}'@'%' IDENTIFIED BY '{LEAN.password}';
GRANT BINLOG MONITOR, REPLICATION SLAVE ON *.* TO '{LEAN.user}'@'%';
"""
ONE = "mariadb-dump --single-transaction"


@pytest.fixture(scope="module")
def few(site: Site) -> Site:
    site.source.server.query(
        f"SET GLOBAL event_scheduler = OFF, GLOBAL binlog_format = 'ROW'; {FEW}"
    )
    return site


def link(site: Site, **given: object) -> None:
    """Link, or resync, with these parameters."""
    wanted = GIVEN | given
    if any(container.name == NAME for container in site.lab.containers()):
        site.change(NAME, **wanted)
        site.lab.sync(NAME, RESYNC)
    else:
        site.link(NAME, **wanted)


# -- what can lie there ------------------------------------------------------------------------


def test_for_replication_alone_no_right_to_read_is_needed(few: Site) -> None:
    """A dump in xz with coordinates: the plugin asks for the GTID. Open accounts get locked."""
    make_backup(few, f"{ONE} --master-data=2 --databases few mysql | xz -0 > it")
    few.source.server.query("INSERT INTO few.t VALUES (2)")
    link(few, sourceCredentials=LEAN.supplier, replicationCredentials=None)
    assert few.sql(NAME).query("SELECT n FROM few.t ORDER BY n") == [("1",), ("2",)]
    few.source.server.query("INSERT INTO few.t VALUES (3)")
    few.lab.sync(NAME)
    assert few.sql(NAME).value("SELECT COUNT(*) FROM few.t") == "3"
    doors = [("demo_nopassword", None), ("somebody", None)]
    assert proofs.closed_doors(few.host("staging"), ("127.0.0.1", 3431), doors) == []
    few.source.server.query("INSERT INTO few.t VALUES (4)")


def test_a_dump_of_one_database_goes_where_its_header_says(few: Site) -> None:
    make_backup(few, f"{ONE} few t | bzip2 > it")
    link(few, **NO_SOURCE)
    assert few.sql(NAME).query("SELECT COUNT(*) FROM few.t") == [("4",)]


def refused_untouched(site: Site, code: str, *words: str, **given: object) -> None:
    """The server that was there runs on, with what it held."""
    before = site.sql(NAME).query("SELECT @@pid_file, COUNT(*) FROM few.t")
    refused(code, lambda: link(site, **NO_SOURCE | given), *words)
    assert site.sql(NAME).query("SELECT @@pid_file, COUNT(*) FROM few.t") == before
    only_servers(site.host("staging"), site.mount(NAME))


UNFIT = {
    "incremental": (
        f"{PHYSICAL} --target-dir=full 2>/dev/null;"
        f" {PHYSICAL} --target-dir=it --incremental-basedir=full; rm -r full",
        "MDB-056",
        ("incremental",),
    ),
    "another series": (
        f"{PHYSICAL} --target-dir=it;"
        " sed -i -E 's/^(server_version *= *)[0-9.]+/\\19.9.9/' it/*_info;"
        " sed -i -E 's/^(server_version *= *)9.9.9/\\112.3.1/' it/*_info",
        "MDB-022",
        ("the backup's files were written by 12.3.1", "staging has"),
    ),
    "a dump of a newer series": (
        f"{ONE} few t | sed -E '1,6s/Distrib [0-9.]+/Distrib 12.3.1/;"
        " s/^(-- Server version).*/\\1\\t12.3.1-MariaDB/' > it",
        "MDB-022",
        ("the dump comes from 12.3.1",),
    ),
    "larger than the dataset": (
        f"{ONE} --databases shop > all; cp all it; truncate -s 400G it; tail -c 100 all >> it",
        "MDB-033",
        ("restoring", "may need", "free are"),
    ),
}


@pytest.mark.parametrize("kind", UNFIT)
def test_what_cannot_be_restored_is_refused_before_anything_is_touched(
    few: Site, kind: str
) -> None:
    command, code, words = UNFIT[kind]
    drop = [row[0] for row in few.source.server.query("SHOW DATABASES") if row[0].startswith("odd")]
    for name in drop:
        few.source.server.query(f"DROP DATABASE `{name.replace('`', '``')}`")
    if "truncate" in command:  # too large to be sent: made where it lies
        dump, _, rest = command.partition(";")
        make_backup(few, dump)
        script = f"cd {FOLDER}; {rest}; chmod 644 it"
        few.host("staging").run_as_root(["bash", "-c", script])
    else:
        make_backup(few, command)
    refused_untouched(few, code, *words)


def test_what_a_dump_lacks_is_told(few: Site) -> None:
    """The accounts that its functions belong to; a table of which it has the heading only."""
    make_backup(few, f"{ONE} --routines --databases few > it")
    refused("MDB-051", lambda: link(few, **NO_SOURCE), "1449", "definer")
    heading = "-- Table structure for table `never_made`"
    make_backup(few, f"{ONE} few t | sed 's/^-- Dump completed/{heading}\\n&/' > it")
    refused("MDB-056", lambda: link(few, **NO_SOURCE), "never_made")
    only_servers(few.host("staging"))


def test_a_backup_of_some_databases_needs_their_names(few: Site) -> None:
    make_backup(few, f"{ONE} --master-data=2 --gtid --databases few --ignore-table=few.v > it")
    link(few, **FOLLOWED, databases=None)
    few.source.server.query("CREATE TABLE crm.of_others (n INT) ENGINE = InnoDB")
    refused("MDB-060", lambda: few.lab.sync(NAME), "crm")
    link(few, **FOLLOWED)
    few.source.server.query("INSERT INTO few.t VALUES (5)")
    few.lab.sync(NAME)
    assert few.sql(NAME).value("SELECT COUNT(*) FROM few.t") == "5"
    few.lab.delete(NAME)


# -- Manual Ingestion --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def manual(few: Site) -> Iterator[Site]:
    """An empty server to be loaded; the source hears nothing of it."""
    given = {"ingestionMode": "Manual Ingestion", "stagingCredentials": LOADER.supplier}
    with Watch(few.host("source"), few.host("staging")) as watch:
        few.link(MANUAL, stagingPort=3432, **given)
        few.lab.sync(MANUAL)
        few.lab.worker(MANUAL)
        assert watch.contacts() == []
    yield few


def loader(site: Site) -> Server:
    run = site.host("staging").run_as_root
    return Server(run, user=LOADER.user, password=LOADER.password, address=("127.0.0.1", 3432))


def test_a_server_to_be_loaded(manual: Site) -> None:
    staging = manual.host("staging")
    sockets = staging.run_as_root(["ss", "-Hltn", "sport = :3432"]).text.split()
    assert sockets[3] == "127.0.0.1:3432" and sockets.count("LISTEN") == 1
    asked = "SELECT @@read_only, @@log_bin, @@local_infile, @@innodb_flush_log_at_trx_commit"
    assert manual.sql(MANUAL).query(asked) == [("0", "0", "0", "1")]
    assert manual.sql(MANUAL).query("SHOW SLAVE STATUS") == []
    facts = manual.latest(MANUAL).metadata
    kept = {row["propertyName"] for row in facts["requiredSettings"]}
    assert kept >= {"lower_case_table_names", "innodb_page_size", "innodb_data_file_path",
                    "innodb_undo_tablespaces"}  # fmt: skip
    assert "sql_mode" not in kept
    logs = (manual.lab.root / "log").rglob("info.log")
    assert any(f"to load data: {facts['loadWith']}" in path.read_text() for path in logs)
    loader(manual).query("CREATE DATABASE loaded; CREATE TABLE loaded.t (n INT) ENGINE = InnoDB")
    with pytest.raises(ClientError, match="ERROR"):
        loader(manual).query("LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE loaded.t")


def test_a_sync_in_the_middle_of_a_load(manual: Site) -> None:
    """Holds what was committed by then; the first snapshot is still of an empty server."""
    server, first = manual.sql(MANUAL), manual.lab.snapshots(MANUAL)[0]
    server.query("INSERT INTO loaded.t VALUES (1)")
    with session(manual.place(MANUAL), "BEGIN; INSERT INTO loaded.t VALUES (2)"):
        manual.lab.sync(MANUAL)
    manual.provision("of_manual", MANUAL)
    assert manual.sql("of_manual").query("SELECT n FROM loaded.t") == [("1",)]
    manual.lab.refresh("of_manual", first.reference)
    own = {"mysql", "sys", "information_schema", "performance_schema"}
    assert {row[0] for row in manual.sql("of_manual").query("SHOW DATABASES")} <= own
    manual.lab.delete("of_manual")


def test_a_load_that_took_the_account_away(manual: Site) -> None:
    """What comes before a sync is refused; a sync brings it back."""
    server, user = manual.sql(MANUAL), manual.host("staging").environment_user
    server.query(f"DELETE FROM mysql.global_priv WHERE User = '{user}'; FLUSH PRIVILEGES")
    assert manual.lab.status(MANUAL) == "INACTIVE"
    manual.lab.sync(MANUAL)
    assert server.value("SELECT CURRENT_USER()") == f"{user}@localhost"
    assert manual.lab.status(MANUAL) == "ACTIVE"


def test_a_resync_makes_a_new_empty_server(manual: Site) -> None:
    manual.lab.sync(MANUAL, RESYNC)
    assert ("loaded",) not in manual.sql(MANUAL).query("SHOW DATABASES")
    assert manual.latest(MANUAL).metadata["emptySeed"] is True
    assert loader(manual).value("SELECT 1") == "1"
    manual.lab.delete(MANUAL)
