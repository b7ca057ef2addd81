"""A copy reaches out to nobody: tables of other servers and functions of libraries are inert."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from testbed.backups import PHYSICAL, USER_BACKUP, drop_odd_names, make_backup
from testbed.site import Site
from tests.workflows.reaching import (
    PASSWORD,
    Third,
    fails_with,
    fill_source,
    library_of_functions,
    warned,
)
from tests.workflows.support import RESYNC, holding, refused

NAME, VDB = "sales", "one"
OWN = "SELECT * FROM erp.own ORDER BY id"
BY_URL = "SELECT * FROM erp.by_url ORDER BY id"
ENGINE = "SELECT engine FROM information_schema.tables WHERE table_schema = 'erp' AND table_name = "


@pytest.fixture(scope="module")
def third(site: Site) -> Iterator[Third]:
    """A dSource of a source that reaches a third server, and a VDB of it."""
    drop_odd_names(site.source.server)
    server = Third(site)
    fill_source(site, server)
    site.link(NAME)
    yield server
    server.only_the_source_called()


def same_rows(site: Site, name: str, query: str = OWN) -> None:
    assert site.sql(name).query(query) == site.source.server.query(query)


@pytest.mark.difference
def test_staging_repeats_nothing_on_the_third_server(site: Site, third: Third) -> None:
    """FEDERATED tables, and triggers into them: nothing is written there a second time.

    From statements and from rows; each row is there once, by the source's own doing.
    """
    assert third.rows() == ["1 linked"]
    for number, form in enumerate(("MIXED", "ROW", "STATEMENT")):
        site.source.server.query(
            f"SET SESSION binlog_format = {form}; USE erp;"
            f"INSERT INTO own VALUES ({10 + number}, '{form}');"
            f"INSERT INTO by_url VALUES ({20 + number}, 'b');"
            f"UPDATE by_url SET v = 'c' WHERE id = {20 + number};"
            "DELETE FROM by_server WHERE id = 1"
        )
    site.lab.sync(NAME)
    assert third.rows() == ["10 MIXED", "11 ROW", "12 STATEMENT", "20 c", "21 c", "22 c"]
    same_rows(site, NAME)
    assert third.callers() == {site.source.host.name}


@pytest.mark.difference
def test_a_vdb_reads_and_writes_nothing_there(site: Site, third: Third) -> None:
    """FEDERATED tables on a VDB: what it deletes or inserts reaches nobody.

    Whoever asks for it, and whatever right the login has.
    """
    site.provision(VDB, NAME, vdbPrivileges="All privileges")
    before, vdb = third.rows(), site.sql(VDB)
    vdb.query(
        "USE erp; DELETE FROM by_url; INSERT INTO by_server VALUES (5, 'x');"
        "INSERT INTO own VALUES (99, 'vdb')"
    )
    for empty in ("by_url", "by_server", "looks_there"):
        assert vdb.query(f"SELECT * FROM erp.{empty}") == []
    assert vdb.query("SELECT * FROM mysql.servers") == []
    for name in ("ha_federatedx", "ha_federated", "ha_sphinx", "handlersocket"):
        fails_with(1126, lambda name=name: vdb.query(f"INSTALL SONAME '{name}'"))
    made = f"CREATE TABLE erp.m (id INT) ENGINE = FEDERATED CONNECTION = '{third.url()}'"
    fails_with(1286, lambda: vdb.query(made))
    vdb.query("INSTALL SONAME 'ha_archive'; CREATE TABLE erp.a (id INT) ENGINE = ARCHIVE")
    assert third.rows() == before
    third.only_the_source_called()


def test_people_are_told_by_name(site: Site, third: Third) -> None:
    told = "\n".join(warned(site, NAME))
    assert "erp.by_server (BLACKHOLE), erp.by_url (BLACKHOLE)" in told
    assert "triggers on tables that reach out were not copied: erp.unfired" in told
    assert "binlog_format is MIXED on the source" in told
    site.lab.snapshot(VDB)
    assert "erp.by_url" in "\n".join(warned(site, VDB))


@pytest.mark.parametrize("name", [NAME, VDB])
@pytest.mark.usefixtures("third")
def test_no_login_of_the_third_server_is_in_a_copy(site: Site, name: str) -> None:
    """Neither in a definition nor in mysql.servers."""
    assert holding(site.place(name).host, site.mount(name), PASSWORD) == []


@pytest.mark.difference
def test_what_is_made_later_comes_as_a_stand_in(site: Site, third: Third) -> None:
    """A table becomes or is made FEDERATED while staging replicates: no stale or stray rows.

    Also where a session would let another engine take its place.
    """
    source = site.source.server
    url = f"ENGINE = FEDERATED CONNECTION = '{third.url()}'"
    source.query(
        "USE erp; CREATE TABLE turned (id INT PRIMARY KEY, v VARCHAR(10));"
        "INSERT INTO turned VALUES (1, 'stale')"
    )
    site.lab.sync(NAME)
    source.query(
        f"USE erp; CREATE TABLE later (id INT PRIMARY KEY, v VARCHAR(10)) {url};"
        f"CREATE OR REPLACE TABLE turned (id INT PRIMARY KEY, v VARCHAR(10)) {url};"
        "INSERT INTO later VALUES (30, 'later'); INSERT INTO own VALUES (31, 'later');"
        "SET SESSION sql_mode = '';"
        f"CREATE TABLE silent (id INT PRIMARY KEY, v VARCHAR(10)) {url};"
        "SET SESSION binlog_format = ROW; INSERT INTO silent VALUES (32, 'silent')"
    )
    site.lab.sync(NAME)
    for name in ("later", "turned", "silent"):
        assert site.sql(NAME).query(f"{ENGINE}'{name}'") == [("BLACKHOLE",)], name
        assert name in "\n".join(warned(site, NAME))
    same_rows(site, NAME)
    site.lab.disable(NAME)
    site.lab.enable(NAME)
    source.query("INSERT INTO erp.later VALUES (33, 'b'); INSERT INTO erp.own VALUES (34, 'b')")
    site.lab.worker(NAME)
    site.lab.sync(NAME)
    same_rows(site, NAME)
    third.only_the_source_called()


@pytest.mark.usefixtures("third")
def test_no_log_of_the_plugin_tells_the_login(site: Site) -> None:
    """Replication has stopped at a statement that holds it."""
    logs = "".join(path.read_text() for path in (site.lab.root / "log").rglob("*.log"))
    assert "leaving out what reaches out" in logs
    assert PASSWORD not in logs


@pytest.mark.difference
def test_a_table_that_reaches_out_no_more_is_copied_again(site: Site, third: Third) -> None:
    """A table that was FEDERATED has rows of its own: never left out in silence."""
    source = site.source.server
    source.query("USE erp; DROP TABLE later; CREATE TABLE later (id INT) AS SELECT 7 AS id")
    error = refused("MDB-063", lambda: site.lab.sync(NAME), "erp.later (InnoDB)")
    assert "resync" in error.action
    site.lab.sync(NAME, RESYNC)
    same_rows(site, NAME, "SELECT * FROM erp.later")
    third.only_the_source_called()


@pytest.mark.difference
def test_functions_of_libraries(site: Site, third: Third, tmp_path: Path) -> None:
    """Functions of libraries (UDF): replication goes on past their making and their end.

    People are told of them.
    """
    source = site.source.server
    with library_of_functions(site, tmp_path):
        source.query(
            "CREATE FUNCTION twice RETURNS INTEGER SONAME 'udf_twice.so';"
            "INSERT INTO erp.own SELECT twice(), 'made'"
        )
        site.lab.sync(NAME)
        same_rows(site, NAME)
        assert "functions of libraries are not loaded on a copy: twice" in str(warned(site, NAME))
        site.lab.sync(NAME, RESYNC)
        fails_with(1305, lambda: site.sql(NAME).query("SELECT twice()"))
        source.query(
            "DROP FUNCTION twice; CREATE FUNCTION thrice RETURNS INTEGER SONAME 'udf_twice.so';"
            "INSERT INTO erp.own SELECT thrice(), 'after'"
        )
        site.lab.sync(NAME)
        same_rows(site, NAME)
        source.query("DROP FUNCTION thrice")
    site.lab.sync(NAME, RESYNC)


@pytest.mark.difference
def test_a_dump_of_a_user(site: Site, third: Third) -> None:
    """FEDERATED tables of a user's dump: stand-ins, without the login that the dump holds."""
    make_backup(site, "mariadb-dump --databases erp > it")
    site.link("dumped", **USER_BACKUP, logSync=False, stagingPort=3405)
    assert site.sql("dumped").query(f"{ENGINE}'by_url'") == [("BLACKHOLE",)]
    assert "erp.by_url" in "\n".join(warned(site, "dumped"))
    assert holding(site.host("staging"), f"{site.mount('dumped')}/data", PASSWORD) == []
    site.lab.delete("dumped")
    third.only_the_source_called()


@pytest.mark.difference
def test_files_of_a_user(site: Site, third: Third) -> None:
    """FEDERATED tables of a user's files: nothing opens them unless a VDB is told to."""
    make_backup(site, f"{PHYSICAL} --target-dir=it")
    site.link("files", **USER_BACKUP, stagingPort=3406)
    told = "\n".join(warned(site, "files"))
    assert (
        "to use one ends in error 1286: erp.by_server (FEDERATED), erp.by_url (FEDERATED)" in told
    )
    assert "(mysql.servers) came with the files: other" in told
    site.provision("inert", "files")
    vdb, before = site.sql("inert"), third.rows()
    for statement in ("DELETE FROM erp.by_url", BY_URL, "INSERT INTO erp.own VALUES (98, 'x')"):
        fails_with(1286, lambda statement=statement: vdb.query(statement))
    assert vdb.query("SELECT * FROM mysql.servers") == []
    assert third.rows() == before
    third.only_the_source_called()
    site.lab.delete("inert")


@pytest.mark.difference
def test_replication_of_files_goes_on(site: Site, third: Third) -> None:
    """FEDERATED tables of a user's files: replication goes on, from statements and rows."""
    kept = site.latest("files").reference
    for number, form in enumerate(("ROW", "MIXED")):
        site.source.server.query(
            f"SET SESSION binlog_format = {form}; INSERT INTO erp.own VALUES ({60 + number}, 'f')"
        )
        site.lab.sync("files")
        same_rows(site, "files")
    third.only_the_source_called()
    site.provision("kept", "files", snapshot=kept, externalTables="Keep")
    assert site.sql("kept").query(BY_URL) == [tuple(row.split()) for row in third.rows()]
    site.sql("kept").query("SELECT * FROM erp.by_server")
    # It would have been seen, had a copy called before.
    assert third.callers() - {site.source.host.name}
    third.server.query("TRUNCATE mysql.general_log")
    site.lab.delete("kept")
    site.lab.delete("files")


@pytest.mark.difference
def test_a_seed_does_not_replicate(site: Site, third: Third) -> None:
    """A seed that was made to replicate: the sync ends that, and says so."""
    site.link("seed", ingestionMode="Manual Ingestion", stagingPort=3407)
    seed, address = site.sql("seed"), third.place.host.address
    seed.query(
        "CREATE DATABASE loaded; CHANGE MASTER 'x' TO MASTER_HOST = '192.0.2.1',"
        f" MASTER_USER = 'u', MASTER_PASSWORD = '{PASSWORD}'; START SLAVE 'x'"
    )
    assert address
    site.lab.sync("seed")
    assert seed.query("SHOW ALL SLAVES STATUS") == []
    assert "this server replicated, which was stopped and removed: 'x'" in str(warned(site, "seed"))
    site.lab.delete("seed")


@pytest.mark.usefixtures("third")
def test_a_dump_that_starts_replication(site: Site) -> None:
    """What it says of replication is read, not run; the plugin log tells it without the login."""
    begin = "CHANGE MASTER TO MASTER_HOST = '192.0.2.1', MASTER_USER = 'u', MASTER_PASSWORD = 'p';"
    for text in (begin, f"{begin} START SLAVE;", f"{begin}\n/*!50000 START ALL SLAVES */;"):
        make_backup(site, f'{{ mariadb-dump --databases erp; printf "{text}\n"; }} > it')
        site.link("dumped", **USER_BACKUP, logSync=False, stagingPort=3405)
        assert site.sql("dumped").query("SHOW ALL SLAVES STATUS") == []
        site.lab.delete("dumped")


def test_a_dump_that_starts_replication_by_a_statement_in_a_statement(site: Site) -> None:
    """Which no reader of text can see: a thread that runs at the end ends the load."""
    text = (
        "EXECUTE IMMEDIATE 'CHANGE MASTER TO MASTER_HOST = \\'192.0.2.1\\', MASTER_USER = \\'u\\'';"
        " EXECUTE IMMEDIATE 'START SLAVE';"
    )
    make_backup(site, f'{{ mariadb-dump --databases erp; printf "%s\n" "{text}"; }} > it')
    given = {**USER_BACKUP, "logSync": False, "stagingPort": 3405}
    refused("MDB-056", lambda: site.link("dumped", **given), "starts replication")
