"""A login of a VDB is not the OS user, and what the plugin says to a server is in no log of it."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from testbed.client import ClientError, Server
from testbed.parameters import DEVELOPER
from testbed.site import Site
from tests.workflows.support import SECRETS, files, holding, refused

NAME, VDB = "sales", "one"
HOME = "/home/delphix"
LOUD = [
    {"propertyName": name, "value": value}
    for name, value in (
        ("general_log", "1"),
        ("slow_query_log", "1"),
        ("long_query_time", "0"),
        ("log_output", "FILE,TABLE"),
        ("performance_schema", "ON"),
        ("performance_schema_consumer_events_statements_history_long", "ON"),
    )
]


@pytest.fixture(scope="module")
def vdb(site: Site) -> Iterator[Site]:
    """A dSource and a VDB whose servers log whatever they hear."""
    site.source.server.query("SET GLOBAL event_scheduler = OFF")
    site.link(NAME, configSettings=LOUD)
    site.provision(VDB, NAME, configSettings=LOUD, binaryLog=True)
    yield site


def login(site: Site, **changes: object) -> Server:
    """The VDB as the developer sees it."""
    place = site.place(VDB)
    port = site.lab.container(VDB).parameters["port"]
    target = site.host("target")
    server = Server(target.run_as_root, user=DEVELOPER.user, password=DEVELOPER.password,
                    address=("127.0.0.1", port))  # fmt: skip
    assert place.host.name == target.name
    return replace(server, **changes)


def denied(server: Server, statement: str) -> None:
    with pytest.raises(ClientError, match=r"ERROR (1045|1044|1142|1227|1231|1290|1370|4166|1698)"):
        server.query(statement)


ESCAPES = (
    f"SELECT 'x' INTO OUTFILE '{HOME}/.ssh/authorized_keys'",
    f"SELECT 'x' INTO DUMPFILE '{HOME}/.profile'",
    "SELECT '[mysqld]' INTO OUTFILE '/opt/delphix/toolkit/mariadb.cnf'",
    f"LOAD DATA INFILE '{HOME}/.profile' INTO TABLE mine.t",
    f"LOAD DATA LOCAL INFILE '{HOME}/.profile' INTO TABLE mine.t",
    f"SET GLOBAL general_log_file = '{HOME}/.profile'",
    f"SET GLOBAL slow_query_log_file = '{HOME}/.profile'",
    "SET GLOBAL init_connect = 'x'",
    "INSTALL SONAME 'ha_connect'",
    "CREATE FUNCTION f RETURNS STRING SONAME 'x.so'",
    "CREATE USER other IDENTIFIED BY 'x'",
    "ALTER USER root@localhost IDENTIFIED BY 'x'",
    "GRANT SUPER ON *.* TO CURRENT_USER",
    "UPDATE mysql.global_priv SET Priv = '{}'",
    "CREATE DEFINER = root@localhost PROCEDURE mine.p() SET GLOBAL general_log = 1",
    "SHUTDOWN",
)


def test_the_login_works_with_all_data_and_with_nothing_else(vdb: Site) -> None:
    server, before = login(vdb), files(vdb.host("target"), HOME)
    server.query(
        "CREATE DATABASE mine; CREATE TABLE mine.t (line TEXT); INSERT INTO mine.t VALUES ('x');"
        " CREATE VIEW mine.v AS SELECT * FROM mine.t; UPDATE shop.product SET price = price + 1;"
        " CREATE PROCEDURE mine.q() SELECT 1; CREATE TABLE shop.new AS SELECT * FROM mine.v;"
        " DROP TABLE shop.new; CREATE EVENT mine.e ON SCHEDULE EVERY 1 DAY DO SET @a = 1;"
        " CREATE TRIGGER mine.tr BEFORE INSERT ON mine.t FOR EACH ROW SET @a = 1"
    )
    for statement in ESCAPES:
        denied(server, statement)
    assert server.value(f"SELECT IFNULL(LOAD_FILE('{HOME}/.profile'), 'nothing')") == "nothing"
    assert files(vdb.host("target"), HOME) == before


def test_all_privileges_when_they_are_asked_for(vdb: Site) -> None:
    """Files are still out of reach for what MariaDB bars by secure_file_priv."""
    vdb.change(VDB, vdbPrivileges="All privileges")
    vdb.lab.disable(VDB)
    vdb.lab.enable(VDB)
    server = login(vdb)
    server.query("SET GLOBAL max_connections = 77; CREATE USER other IDENTIFIED BY 'x'")
    for statement in ESCAPES[:5]:
        denied(server, statement)
    mount = vdb.mount(VDB)
    server.query(f"SELECT 'x' INTO OUTFILE '{mount}/run/files/mine'")


def test_what_such_a_login_writes_is_never_read_by_the_next_start(vdb: Site) -> None:
    """It may lead a log into any file of the environment user; of ours none is obeyed."""
    server, mount = login(vdb), vdb.mount(VDB)
    lines = "SELECT '\n[mysqld]\nplugin_load_add=ha_connect\nport=1\ndatadir=/tmp\n'"
    target = vdb.host("target")
    denied(server, f"SET GLOBAL general_log_file = '{mount}/my.cnf'")
    for name in ("required.cnf", "delphix.json"):
        server.query(f"SET GLOBAL general_log = 0, general_log_file = '{mount}/{name}';")
        server.query(f"SET GLOBAL general_log = 1; {lines}")
    server.query(f"SET GLOBAL general_log = 0, general_log_file = '{mount}/log/general.log'")
    for name in ("required.cnf", "delphix.json"):
        assert "datadir=/tmp" in target.read_file(f"{mount}/{name}").decode()
    vdb.lab.stop(VDB)
    vdb.lab.start(VDB)
    for name in ("required.cnf", "my.cnf", "delphix.json"):
        text = target.read_file(f"{mount}/{name}").decode()
        assert "datadir=/tmp" not in text and "\ndatadir = /tmp" not in text
    asked = "SELECT COUNT(*) FROM information_schema.plugins WHERE plugin_name = 'CONNECT'"
    assert vdb.sql(VDB).query(asked) == [("0",)]


def test_a_planted_starter_file_is_refused(vdb: Site) -> None:
    target = vdb.host("target")
    path = f"{target.toolkit_path}/mariadb.cnf"
    target.write_file(path, b"[mysqld]\nmax_connections=33\n", 0o640, "delphix:delphix")
    try:
        vdb.lab.stop(VDB)
        refused("MDB-012", lambda: vdb.lab.start(VDB), "belongs to delphix", "chown root")
    finally:
        target.run_as_root(["rm", path])
    vdb.lab.start(VDB)


PATHS = {
    "general_log_file": f"{HOME}/x",
    "slow_query_log_file": "x.log",
    "innodb_temp_data_file_path": f"../../..{HOME}/ibtmp:12M",
    "innodb_data_file_path": f"{HOME}/ibdata1:12M",
    "plugin_dir": HOME,
    "plugin_load_add": f"{HOME}/x.so",
    "secure_file_priv": "",
    "local_infile": "1",
    "innodb_tmpdir": HOME,
    "innodb_buffer_pool_filename": f"{HOME}/pool",
    "loose_server_audit_file_path": f"{HOME}/audit.log",
    "loose_unheard_of_log_file": "x",
    "aria_log_dir_path": HOME,
    "loose_anything": f"{HOME}/x",
}


@pytest.mark.parametrize("name", PATHS)
def test_settings_that_lead_out_of_the_dataset_are_refused(vdb: Site, name: str) -> None:
    old = vdb.change(VDB, configSettings=[{"propertyName": name, "value": PATHS[name]}])
    try:
        refused("MDB-012", lambda: vdb.lab.refresh(VDB), name)
    finally:
        vdb.lab.update_parameters(VDB, old)
        if vdb.lab.status(VDB) != "ACTIVE":
            vdb.lab.enable(VDB)


def test_no_secret_is_in_a_log_or_a_data_file_or_a_snapshot(vdb: Site) -> None:
    """MariaDB keeps the replication password in master.info of staging; else it is nowhere."""
    vdb.lab.sync(NAME)
    vdb.provision("second", NAME, configSettings=LOUD)
    vdb.lab.snapshot(VDB)
    time.sleep(0.1)
    for name in (NAME, VDB, "second"):
        host = vdb.place(name).host
        for user, part in SECRETS.items():
            found = holding(host, vdb.mount(name), part)
            allowed = ["data/master.info"] if (name, user) == (NAME, "replicator") else []
            assert found == allowed, f"the password of {user} in {name}"
        history = "SELECT COUNT(*) FROM performance_schema.events_statements_history_long"
        texts = f"{history} WHERE sql_text LIKE '%IDENTIFIED BY%' OR sql_text LIKE '%MASTER_PASS%'"
        assert vdb.sql(name).query(texts) == [("0",)]
    vdb.lab.delete("second")


def test_what_people_said_to_staging_does_not_come_along(vdb: Site) -> None:
    vdb.sql(NAME).query("SELECT 'spoken on staging'")
    vdb.lab.sync(NAME)
    staging = vdb.place(NAME).host
    assert holding(staging, f"{vdb.mount(NAME)}/log", "spoken on staging")
    vdb.provision("third", NAME)
    assert holding(vdb.host("target"), vdb.mount("third"), "spoken on staging") == []
    vdb.lab.delete("third")
