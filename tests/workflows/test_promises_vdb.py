"""Sentences of the docs about VDBs and their settings, most of them tried on one VDB.

Which test proves which sentence stands in docs/maintainers/promises.md.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from lab.errors import LabError
from testbed import proofs
from testbed.client import ClientError, Server
from testbed.parameters import DEVELOPER, READER, Account
from testbed.site import Site, mark, marks
from tests.workflows.support import SECRETS, files, holding, only_servers

NAME, VDB = "sales", "one"
FIRST = [
    {"propertyName": "loose_nonsense", "value": "1"},
    {"propertyName": "log_bin_trust_function_creators", "commentProperty": True},
    {"propertyName": "div_precision_increment", "commentProperty": True},
    {"propertyName": "sort_buffer_size", "value": "3M"},
    {"propertyName": "general_log", "value": "1"},
    {"propertyName": "slow_query_log", "value": "1"},
    {"propertyName": "plugin_load_add", "value": "server_audit"},
    {"propertyName": "loose_server_audit_logging", "value": "ON"},
    {"propertyName": "ssl_cert", "value": "/etc/mysql/vdb/cert.pem"},
    {"propertyName": "ssl_key", "value": "/etc/mysql/vdb/key.pem"},
]
STARTER = """# for all servers of this host
[client]
port = 1
[mysqld]
max_connections = 44
sort_buffer_size = 4M
div_precision_increment = 5
replicate_do_db = shop
rpl_semi_sync_slave_enabled = 1
wsrep_on = ON
datadir = /tmp
[mariadb-{series}]
table_open_cache = 777
[mariadb-9.9]
table_open_cache = 555
"""
CERTIFICATE = """set -e
install -d /etc/mysql/vdb && cd /etc/mysql/vdb
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=vdb -keyout key.pem -out cert.pem
chown "$1" key.pem cert.pem
"""
SECOND = Account("demo_second", "demo-second")


@pytest.fixture(scope="module")
def vdb(site: Site) -> Iterator[Site]:
    """A VDB with a binary log and settings, on a host with a starter file and a certificate."""
    server, target = site.source.server, site.host("target")
    server.query("SET GLOBAL event_scheduler = OFF, GLOBAL div_precision_increment = 7")
    site.link(NAME)
    target.run_as_root(["bash", "-c", CERTIFICATE, "bash", target.environment_user])
    series = ".".join(server.value("SELECT VERSION()").split(".")[:2])
    path = f"{target.toolkit_path}/mariadb.cnf"
    target.write_file(path, STARTER.format(series=series).encode())
    site.provision(VDB, NAME, binaryLog=True, configSettings=FIRST)
    yield site
    target.run_as_root(["rm", path])


def login(site: Site, account: Account = DEVELOPER) -> Server:
    port = site.lab.container(VDB).parameters["port"]
    address = (site.host("target").address, port)
    run = site.host("target").run_as_root
    return Server(run, user=account.user, password=account.password, address=address)


def test_which_line_wins(vdb: Site) -> None:
    """Starter file, taken over, role, own settings, the plugin's; a comment leaves a line out."""
    asked = (
        "SELECT @@max_connections, @@sort_buffer_size, @@div_precision_increment,"
        " @@table_open_cache, @@log_bin_trust_function_creators, @@datadir, @@have_ssl"
    )
    data = f"{vdb.mount(VDB)}/data/"
    assert vdb.sql(VDB).query(asked) == [("44", "3145728", "4", "777", "0", data, "YES")]
    text = vdb.host("target").read_file(f"{vdb.mount(VDB)}/my.cnf").decode().splitlines()
    for passed_over in ("replicate_do_db", "rpl_semi_sync_slave_enabled", "wsrep_on", "datadir"):
        assert any(line.startswith(f"# {passed_over}") for line in text), passed_over
    assert not any(line.startswith(("replicate_", "rpl_", "wsrep")) for line in text)
    kept = {row["propertyName"] for row in vdb.latest(NAME).metadata["requiredSettings"]}
    assert "div_precision_increment" in kept
    assert vdb.sql(NAME).value("SELECT @@div_precision_increment") == "7"


def test_logs_that_were_switched_on_lie_in_the_dataset(vdb: Site) -> None:
    """Without what the plugin says to its servers; the audit log masks its passwords itself."""
    login(vdb).query("SELECT 'heard by the logs'")
    vdb.lab.snapshot(VDB)
    host, log = vdb.host("target"), f"{vdb.mount(VDB)}/log"
    heard = holding(host, log, "heard by the logs")
    assert {"general.log", "audit.log"} <= set(heard)
    host.run_as_root(["test", "-f", f"{log}/slow.log"])
    assert set(holding(host, log, "BACKUP STAGE")) <= {"audit.log"}
    assert holding(host, log, SECRETS["developer"]) == []
    assert "IDENTIFIED BY *****" in host.read_file(f"{log}/audit.log").decode()


def test_the_dataset_holds_what_the_page_lists(vdb: Site) -> None:
    names = vdb.host("target").run_as_root(["ls", "-A", vdb.mount(VDB)]).text.split()
    files_of_ours = {"my.cnf", "required.cnf", "delphix.json", "written.by"}
    assert set(names) == {"data", "log", "tmp", "run"} | files_of_ours
    lies = vdb.host("target").run_as_root(["ls", "-A", f"{vdb.mount(VDB)}/run"]).text.split()
    assert {"mariadb.sock", "mariadb.pid", "init.sql", "files"} <= set(lies)
    assert vdb.host("target").run_as_root(["ls", "-A", f"{vdb.mount(VDB)}/run/files"]).text == ""
    told = f"cd {vdb.mount(NAME)} && stat -c %a data data/master.info"
    modes = vdb.host("staging").run_as_root(["bash", "-c", told]).text.split()
    assert modes == ["700", "660"]


def test_what_the_login_may_do(vdb: Site) -> None:
    """With the data of every database, present and later; pass it on; look."""
    server = login(vdb)
    server.query(
        "CREATE DATABASE mine; CREATE TABLE mine.t (n INT);"
        " GRANT SELECT ON mine.* TO 'demo_app'@'%'; SELECT COUNT(*) FROM mysql.global_priv"
    )
    assert ("crm",) in server.query("SHOW DATABASES")
    host, port = vdb.host("target"), vdb.lab.container(VDB).parameters["port"]
    app = replace(server, user="demo_app", password="demo-app", address=(host.address, port))
    assert app.query("SELECT n FROM mine.t") == []
    with pytest.raises(ClientError, match=r"ERROR 1142"):
        server.query("CREATE TABLE mysql.mine (n INT)")


def test_the_login_is_made_again(vdb: Site) -> None:
    """At rollback, enable and refresh; own snapshots stay for a rollback, binary logs too."""
    lab, server = vdb.lab, vdb.sql(VDB)
    lab.snapshot(VDB)
    own = vdb.latest(VDB).reference
    first = server.query("SHOW BINARY LOGS")[0][0]

    def enable() -> None:
        lab.disable(VDB)
        lab.enable(VDB)

    steps = (
        (lambda: lab.rollback(VDB, own), True),
        (enable, True),
        (lambda: lab.refresh(VDB), False),
        (lambda: lab.rollback(VDB, own), True),
    )
    for step, own_content in steps:
        server.query(f"DROP USER '{DEVELOPER.user}'@'%'")
        step()
        assert login(vdb).value("SELECT 1") == "1"
        assert (("mine",) in server.query("SHOW DATABASES")) is own_content
        kept = [row[0] for row in server.query("SHOW BINARY LOGS")]
        assert (len(kept) > 1) is own_content and kept[0] == first, kept


def test_parameters_take_effect_when_the_page_says(vdb: Site) -> None:
    asked = (
        "SELECT @@port, @@server_id, @@log_bin, @@event_scheduler, @@bind_address,"
        " @@max_connections"
    )
    server, target = vdb.sql(VDB), vdb.host("target")
    before = server.query(asked)
    given = {"eventScheduler": True, "bindAddress": "127.0.0.1", "binaryLog": False}
    own = [*FIRST, {"propertyName": "max_connections", "value": "55"}]
    vdb.change(VDB, **given, configSettings=own, vdbCredentials=SECOND.supplier)
    vdb.lab.snapshot(VDB)
    assert server.query(asked) == before
    mounts = target.mounts()
    vdb.lab.stop(VDB)
    assert target.mounts() == mounts, "stopped, it stays mounted"
    vdb.lab.start(VDB)
    port, number = before[0][:2]
    assert server.query(asked) == [(port, number, "0", "ON", "127.0.0.1", "55")]
    logins = "SELECT User FROM mysql.global_priv WHERE User IN ('demo_second', 'demo_developer')"
    assert server.query(logins) == [("demo_developer",)]
    vdb.lab.disable(VDB)
    moved = {"port": 3388, "serverId": 3388, "mountPath": "/mnt/delphix/elsewhere"}
    vdb.change(VDB, **moved, bindAddress=None)
    vdb.lab.enable(VDB)
    assert vdb.sql(VDB).query(asked)[0][:2] == ("3388", "3388")
    only_servers(target, "/mnt/delphix/elsewhere")
    assert sorted(vdb.sql(VDB).query(logins)) == [("demo_developer",), ("demo_second",)]
    assert login(vdb, SECOND).value("SELECT 1") == "1"


def test_an_account_that_was_unlocked_without_a_password_is_locked_again(vdb: Site) -> None:
    server = vdb.sql(VDB)
    host, port = vdb.host("target"), vdb.lab.container(VDB).parameters["port"]
    address = (host.address, port)
    server.query("ALTER USER 'demo_nopassword'@'%' ACCOUNT UNLOCK")
    assert proofs.open_doors(host, address, [("demo_nopassword", None)]) == []
    vdb.lab.stop(VDB)
    vdb.lab.start(VDB)
    assert proofs.closed_doors(host, address, [("demo_nopassword", None)]) == []
    server.query("ALTER USER 'demo_nopassword'@'%' IDENTIFIED BY 'demo-given' ACCOUNT UNLOCK")
    vdb.lab.stop(VDB)
    vdb.lab.start(VDB)
    assert proofs.open_doors(host, address, [("demo_nopassword", "demo-given")]) == []


def test_facts_of_the_snapshots(vdb: Site) -> None:
    """Of a source at rest they are exact; no key that the page does not know."""
    vdb.lab.sync(NAME)
    facts, server = vdb.latest(NAME).metadata, vdb.source.server
    ((log, position, *_),) = server.query("SHOW MASTER STATUS")
    assert (facts["binlogFile"], str(facts["binlogPosition"])) == (log, position)
    assert facts["gtidPosition"] == facts["sourceGtidPosition"]
    assert facts["gtidPosition"] == server.value("SELECT @@gtid_binlog_pos")
    assert facts["lagSeconds"] == 0
    assert facts["serverVersion"] == vdb.sql(NAME).value("SELECT VERSION()")
    own = {"mysql", "sys", "information_schema", "performance_schema"}
    databases = {row[0] for row in vdb.sql(NAME).query("SHOW DATABASES")} - own
    assert set(facts["databases"]) == databases
    used = vdb.host("staging").run_as_root(["du", "-sb", f"{vdb.mount(NAME)}/data"]).text
    assert 0.3 < facts["sizeInBytes"] / int(used.split()[0]) < 2
    of_files = {"innodb_page_size", "lower_case_table_names", "innodb_data_file_path",
                "innodb_undo_tablespaces"}  # fmt: skip
    assert of_files <= {row["propertyName"] for row in facts["requiredSettings"]}
    mark(vdb.sql(VDB), "stopped")
    vdb.lab.stop(VDB)
    vdb.lab.snapshot(VDB)
    stopped = vdb.latest(VDB).metadata
    assert (stopped["consistency"], stopped.get("databases", [])) == ("Stopped", [])
    assert not {"lagSeconds", "binlogFile", "sourceGtidPosition"} & set(stopped)
    secrets = (READER.password, DEVELOPER.password, SECOND.password)
    assert not any(text in str((facts, stopped)) for text in secrets)
    vdb.lab.start(VDB)
    assert marks(vdb.sql(VDB))[-1] == "stopped"


def test_an_empty_vdb_lives_like_others_but_has_no_parent(vdb: Site) -> None:
    lab = vdb.lab
    given = {"mountPath": "/mnt/delphix/empty", "port": 3397, "vdbCredentials": SECOND.supplier}
    lab.create_empty("empty", host="target", parameters=given)
    own = {"mysql", "sys", "information_schema", "performance_schema"}
    assert {row[0] for row in vdb.sql("empty").query("SHOW DATABASES")} <= own
    vdb.sql("empty").query("CREATE DATABASE mine")
    lab.stop("empty")
    lab.start("empty")
    assert ("mine",) in vdb.sql("empty").query("SHOW DATABASES")
    with pytest.raises(LabError):
        lab.refresh("empty")
    home = files(vdb.host("target"), "/home")
    assert "mariadb" not in home
    lab.delete("empty")
