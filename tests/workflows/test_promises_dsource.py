"""Sentences of the docs about dSources, each tried on a source that makes it show.

Which test proves which sentence stands in docs/maintainers/promises.md.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from domain.source.facts import CARRIED
from lab.errors import LabError
from lab.lab import Lab
from lab.model import VaultEntry
from testbed import compare, kept, proofs
from testbed.client import ClientError, Server
from testbed.parameters import DEVELOPER, READER, REPLICATOR, Account, link_parameters
from testbed.places import host_place
from testbed.site import Site, mark, marks, until
from tests.workflows.support import (
    RESYNC,
    ROWS,
    refused,
    restart_source,
    running_site,
    same,
    same_as_source,
    server_pid,
    session,
)

NAME, VDB = "sales", "sales_vdb"
OS_USER = Account("delphix", "demo-of-the-application")
# Another value than the default for all that is taken over, and for some that is not.
UNUSUAL = (
    "--sql-mode=ANSI_QUOTES,PIPES_AS_CONCAT",
    "--character-set-server=latin1",
    "--collation-server=latin1_german1_ci",
    "--explicit-defaults-for-timestamp=0",
    "--log-bin-trust-function-creators=1",
    "--innodb-default-row-format=compact",
    "--default-storage-engine=Aria",
    "--group-concat-max-len=7777",
    "--div-precision-increment=7",
    "--default-week-format=3",
    "--lc-time-names=de_DE",
    "--ft-min-word-len=2",
    "--ft-max-word-len=60",
    "--innodb-ft-min-token-size=2",
    "--innodb-ft-max-token-size=60",
    "--innodb-strict-mode=0",
    "--old-mode=NO_PROGRESS_INFO",
)
OF_SIZE = ("--max-connections=222", "--transaction-isolation=READ-COMMITTED", "--wait-timeout=999")
SETUP = f"""
SET SESSION sql_log_bin = 0;
INSTALL SONAME 'ha_archive';
CREATE DATABASE test;
CREATE TABLE sys.mine (n INT) ENGINE = InnoDB;
CREATE TABLE mysql.mine (n INT) ENGINE = InnoDB;
CREATE TABLE shop.packed (n INT) ENGINE = ARCHIVE;
INSERT INTO shop.packed VALUES (1), (2);
CREATE USER '{OS_USER.user}'@'localhost' IDENTIFIED BY '{OS_USER.password}';
CREATE USER '{OS_USER.user}'@'%' IDENTIFIED BY '{OS_USER.password}';
GRANT SELECT ON shop.* TO '{OS_USER.user}'@'%';
CREATE USER '{DEVELOPER.user}'@'%' IDENTIFIED BY 'demo-of-the-source';
CREATE USER 'demo_replica_2'@'%' IDENTIFIED BY 'demo-second';
GRANT REPLICATION SLAVE ON *.* TO 'demo_replica_2'@'%';
"""
SECOND = Account("demo_replica_2", "demo-second")
SLAVE = "SHOW SLAVE STATUS"


@pytest.fixture(scope="module")
def site(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("promises") / "lab"
    with running_site(folder, root / "build" / "artifact.json", _fill) as made:
        restart_source(made, *UNUSUAL, *OF_SIZE)
        second = "mkdir /opt/second && mount --bind /usr /opt/second"
        made.host("staging").run_as_root(["bash", "-c", second])
        yield made


def _fill(lab: Lab) -> None:
    kept.seed(lab, "source", ROWS)
    host_place(lab, "source").server.query(SETUP)


@pytest.fixture(scope="module")
def linked(site: Site) -> Site:
    site.link(NAME)
    site.provision(VDB, NAME)
    return site


def plugin_log(site: Site) -> str:
    paths = sorted((site.lab.root / "log").rglob("info.log"))
    return "\n".join(path.read_text() for path in paths)


def variables(server: Server, names: tuple[str, ...]) -> dict[str, str]:
    listed = ", ".join(f"'{name}'" for name in names)
    return dict(
        server.query(
            "SELECT LOWER(variable_name), variable_value FROM information_schema.global_variables"
            f" WHERE LOWER(variable_name) IN ({listed})"
        )
    )


def replicates(site: Site, name: str) -> tuple[str, str]:
    """Host and account that a staging server replicates with."""
    status = site.place(name).host.run_as_user(
        f"mariadb --no-defaults --socket={site.mount(name)}/run/mariadb.sock"
        " -e 'SHOW SLAVE STATUS\\G'"
    )
    found = dict(re.findall(r"^ *(Master_Host|Master_User): (.*)$", status.text, re.MULTILINE))
    return found["Master_Host"], found["Master_User"]


# -- what comes along --------------------------------------------------------------------------


def test_what_is_taken_over_and_what_is_not(linked: Site) -> None:
    """On staging and on a VDB; size and speed are their own."""
    source = linked.source.server
    wanted = variables(source, CARRIED)
    usual = {"lower_case_table_names", "innodb_page_size"}  # tried in test_carried
    unusual = {option[2:].partition("=")[0].replace("-", "_") for option in UNUSUAL}
    assert unusual | usual == set(CARRIED)
    own = ("max_connections", "wait_timeout", "tx_isolation")
    for name in (NAME, VDB):
        server = linked.sql(name)
        assert variables(server, CARRIED) == wanted
        assert not variables(source, own).items() & variables(server, own).items()
        assert server.query("SELECT engine FROM information_schema.tables"
                            " WHERE table_name = 'packed'") == [("ARCHIVE",)]  # fmt: skip


def test_an_account_of_the_source_named_like_the_os_user(linked: Site) -> None:
    """@localhost becomes the plugin's own; with another host part it stays as it is."""
    host, port = linked.host("target"), linked.lab.container(VDB).parameters["port"]
    login = (OS_USER.user, OS_USER.password)
    server = Server(host.run_as_root, user=login[0], password=login[1],
                    address=(host.address, port))  # fmt: skip
    assert server.value("SELECT CURRENT_USER()") == "delphix@%"
    assert proofs.closed_doors(host, ("127.0.0.1", port), [login]) == []
    assert linked.sql(VDB).value("SELECT CURRENT_USER()") == "delphix@localhost"
    grants = "SHOW GRANTS FOR delphix@'%'"
    assert linked.sql(VDB).query(grants) == linked.source.server.query(grants)
    source = replace(server, run=linked.source.host.run_as_root, address=("127.0.0.1", 3306))
    assert source.value("SELECT CURRENT_USER()") == "delphix@localhost"


def test_the_login_to_create_replaces_one_of_the_source(linked: Site) -> None:
    host, port = linked.host("target"), linked.lab.container(VDB).parameters["port"]
    address = (host.address, port)
    wanted = (DEVELOPER.user, DEVELOPER.password)
    assert proofs.open_doors(host, address, [wanted]) == []
    assert proofs.closed_doors(host, address, [(DEVELOPER.user, "demo-of-the-source")]) == []


def test_system_databases_and_an_empty_test_stay_behind(linked: Site) -> None:
    server = linked.sql(NAME)
    tables = (
        "SELECT table_schema FROM information_schema.tables WHERE table_name = 'mine'"
        " UNION SELECT schema_name FROM information_schema.schemata WHERE schema_name = 'test'"
    )
    assert server.query(tables) == []
    assert ("shop",) in server.query("SHOW DATABASES")
    assert len(linked.source.server.query(tables)) == 3


def test_staging_is_as_the_page_of_settings_says(linked: Site) -> None:
    asked = (
        "SELECT @@innodb_flush_log_at_trx_commit, @@relay_log_recovery, @@relay_log_purge,"
        " @@slave_net_timeout, @@slave_max_allowed_packet, @@global.max_allowed_packet,"
        " @@gtid_strict_mode, @@read_only, @@bind_address, @@event_scheduler, @@local_infile"
    )
    giga = str(1 << 30)
    assert linked.sql(NAME).query(asked) == [
        ("2", "1", "1", "60", giga, giga, "1", "1", "127.0.0.1", "OFF", "0")
    ]


# -- parameters and when they take effect ------------------------------------------------------


def test_what_is_changed_takes_effect_when_the_page_says(linked: Site) -> None:
    server, asked = linked.sql(NAME), "SELECT @@max_connections, @@port, @@server_id"

    def of_resync() -> tuple[str, str, str]:
        """What the next resync alone may change."""
        rows = linked.latest(NAME).metadata["requiredSettings"]
        noted = {row["propertyName"]: row["value"] for row in rows}["group_concat_max_len"]
        ((length, base),) = linked.sql(NAME).query("SELECT @@group_concat_max_len, @@basedir")
        return length, noted, base.rstrip("/")

    before = server.query(asked)
    linked.source.server.query("SET GLOBAL group_concat_max_len = 8888")
    old = linked.change(
        NAME,
        configSettings=[{"propertyName": "max_connections", "value": "44"}],
        replicationCredentials=SECOND.supplier,
        sourceHost="source",
        stagingBaseDir="/opt/second",
    )
    linked.lab.sync(NAME)
    assert server.query(asked) == before
    assert replicates(linked, NAME) == ("source", SECOND.user), "a moved source is followed"
    linked.change(NAME, replicationCredentials=REPLICATOR.supplier)
    linked.lab.sync(NAME)
    assert replicates(linked, NAME) == ("source", SECOND.user), "the old login still works"
    linked.lab.disable(NAME)
    linked.change(NAME, stagingPort=3377, stagingServerId=3377)
    linked.lab.enable(NAME)
    assert linked.sql(NAME).query(asked) == [("44", "3377", "3377")]
    assert of_resync() == ("7777", "7777", "/usr")
    linked.lab.sync(NAME, RESYNC)
    assert replicates(linked, NAME) == ("source", REPLICATOR.user)
    assert of_resync() == ("8888", "8888", "/opt/second")
    linked.lab.update_parameters(NAME, old)


def test_logins_of_a_vault_may_be_rotated_there(linked: Site) -> None:
    """Nothing of the dSource is changed; a vault that does not answer is told."""
    server = linked.source.server
    keys = {"vault": "V", "engine": "kv", "path": "mariadb/sales", "usernameKey": "user",
            "secretKey": "password"}  # fmt: skip
    supplier = {"type": "HashiCorpVaultCredential", **keys, "expectedSecretType": "password"}
    old = linked.change(NAME, sourceCredentials=supplier)
    refused("MDB-013", lambda: linked.lab.sync(NAME), "No credentials")
    for password in ("demo-first", "demo-rotated"):
        server.query(
            "SET SESSION sql_log_bin = 0;"
            f" CREATE OR REPLACE USER vaulted@'%' IDENTIFIED BY '{password}';"
            " GRANT SELECT, BINLOG MONITOR ON *.* TO vaulted@'%'"
        )
        store = linked.lab.engine.store
        store.remove(*store.all(VaultEntry))
        linked.lab.add_vault_secret(keys, "vaulted", password)
        linked.lab.sync(NAME)
    linked.lab.update_parameters(NAME, old)


# -- replication -------------------------------------------------------------------------------


def test_new_binary_logs_need_no_attention(linked: Site) -> None:
    for text in ("first log", "second log"):
        linked.source.server.query("FLUSH LOGS")
        mark(linked.source.server, text)
    linked.lab.sync(NAME)
    assert marks(linked.sql(NAME))[-1] == "second log"


def test_logsync_that_is_switched_off_ends_at_the_next_start(linked: Site) -> None:
    """Staging then stays as it is; switched on again, the next sync brings what was missed."""
    old = linked.change(NAME, logSync=False)
    linked.lab.disable(NAME)
    linked.lab.enable(NAME)
    mark(linked.source.server, "not followed")
    linked.lab.worker(NAME)
    linked.lab.sync(NAME)
    assert "not followed" not in marks(linked.sql(NAME))
    facts = linked.latest(NAME).metadata
    assert not {"lagSeconds", "sourceGtidPosition"} & set(facts), facts
    linked.lab.update_parameters(NAME, old)
    linked.lab.sync(NAME)
    assert marks(linked.sql(NAME))[-1] == "not followed"


def test_a_lock_that_replication_waited_for_in_vain_is_healed(linked: Site) -> None:
    """1205 stops it; the worker starts it again once the lock is gone."""
    staging = linked.sql(NAME)
    staging.query("SET GLOBAL innodb_lock_wait_timeout = 1, GLOBAL slave_transaction_retries = 0")
    staging.query("STOP SLAVE; START SLAVE")
    held = "BEGIN; UPDATE shop.audit SET what = what"
    with session(linked.place(NAME), held):
        linked.source.server.query("INSERT INTO shop.audit (what) VALUES ('locked')")
        until(lambda: "1205" in str(staging.query(SLAVE)), "replication gives up")
    linked.lab.worker(NAME)
    asked = "SELECT COUNT(*) FROM shop.audit WHERE what = 'locked'"
    until(lambda: staging.value(asked) == "1", "the row arrives")


def test_an_error_of_replication_does_not_fail_the_enable(linked: Site) -> None:
    linked.source.server.query("CREATE TABLE shop.clash (n INT PRIMARY KEY) ENGINE = InnoDB")
    linked.lab.sync(NAME)
    staging = linked.sql(NAME)
    staging.query("INSERT INTO shop.clash VALUES (1)")
    linked.source.server.query("INSERT INTO shop.clash VALUES (1)")
    until(lambda: "1062" in str(staging.query(SLAVE)), "the conflict stops replication")
    linked.lab.disable(NAME)
    linked.lab.enable(NAME)
    assert linked.lab.status(NAME) == "ACTIVE"
    until(lambda: "1062" in str(staging.query(SLAVE)), "the conflict stops it again")
    with pytest.raises(LabError, match="MDB-060"):
        linked.lab.worker(NAME)
    staging.query("DELETE FROM shop.clash")
    linked.lab.enable(NAME)
    linked.lab.sync(NAME)
    assert staging.query("SELECT n FROM shop.clash") == [("1",)]


@pytest.mark.parametrize(
    ("version", "code"), [("8.0.36", "MDB-046"), ("10.3.39-MariaDB-log", "MDB-021")]
)
def test_a_server_that_is_none_of_ours_is_refused(linked: Site, version: str, code: str) -> None:
    before = server_pid(linked, NAME)
    restart_source(linked, *UNUSUAL, f"--version={version}")
    try:
        refused(code, lambda: linked.lab.sync(NAME, RESYNC), version.partition("-")[0])
        assert server_pid(linked, NAME) == before
    finally:
        restart_source(linked, *UNUSUAL, *OF_SIZE)
    linked.lab.sync(NAME)


# -- selected databases ------------------------------------------------------------------------

OUTSIDE = """
CREATE DATABASE looks CHARACTER SET utf8mb4;
CREATE TABLE looks.t (n INT) ENGINE = InnoDB;
CREATE PROCEDURE looks.p() SELECT COUNT(*) FROM crm.contact;
CREATE TRIGGER looks.tr BEFORE INSERT ON looks.t FOR EACH ROW
    SET NEW.n = (SELECT COUNT(*) FROM crm.contact);
CREATE EVENT looks.e ON SCHEDULE EVERY 1 DAY DO DELETE FROM crm.contact WHERE id < 0;
CREATE VIEW looks.v AS SELECT id FROM crm.contact;
"""
LATER = """
CREATE PROCEDURE looks.later() SELECT 1;
INSERT INTO mysql.time_zone_name VALUES ('Moon/Tycho', 1);
ANALYZE TABLE shop.product PERSISTENT FOR ALL;
SET SESSION sql_log_bin = 0; CREATE TABLE mysql.unheard_of (n INT) ENGINE = InnoDB;
SET SESSION sql_log_bin = 1; INSERT INTO mysql.unheard_of VALUES (1);
"""


def test_what_selected_databases_bring_and_what_not(linked: Site) -> None:
    server, part = linked.source.server, "part"
    server.query(OUTSIDE + "SET GLOBAL binlog_format = 'ROW'")
    linked.link(part, databases=["looks", "shop"], stagingPort=3378, logSync=False)
    staging, log = linked.sql(part), plugin_log(linked)
    for item in ("procedure looks.p", "trigger looks.tr", "event looks.e"):
        assert f"this looks into a database that is not copied: {item}" in log
    there = (
        "SELECT (SELECT COUNT(*) FROM information_schema.routines WHERE routine_schema = 'looks'),"
        " (SELECT COUNT(*) FROM information_schema.triggers WHERE trigger_schema = 'looks'),"
        " (SELECT COUNT(*) FROM information_schema.events WHERE event_schema = 'looks'),"
        " (SELECT COUNT(*) FROM information_schema.views WHERE table_schema = 'looks')"
    )
    assert staging.query(there) == [("1", "1", "1", "0")]
    for statement in ("CALL looks.p()", "INSERT INTO looks.t VALUES (1)"):
        with pytest.raises(ClientError, match=r"ERROR (1049|1146)"):
            staging.query(statement)
    # LogSync that is switched on needs a resync.
    linked.change(part, logSync=True)
    refused("MDB-062", lambda: linked.lab.sync(part))
    linked.lab.sync(part, RESYNC)
    server.query(LATER)
    # A change of the list waits for a resync, also over a restart.
    linked.change(part, databases=["looks", "shop", "crm"])
    linked.lab.disable(part)
    linked.lab.enable(part)
    server.query("CREATE TABLE crm.new (n INT) ENGINE = InnoDB")
    linked.lab.sync(part)
    arrived = (
        "SELECT (SELECT COUNT(*) FROM mysql.proc WHERE name = 'later'),"
        " (SELECT COUNT(*) FROM mysql.time_zone_name WHERE name = 'Moon/Tycho'),"
        " (SELECT COUNT(*) > 0 FROM mysql.column_stats WHERE table_name = 'product')"
    )
    assert staging.query(arrived) == [("1", "1", "1")]
    databases = {row[0] for row in staging.query("SHOW DATABASES")}
    assert databases & {"looks", "shop", "crm"} == {"looks", "shop"}
    linked.lab.sync(part, RESYNC)
    assert staging.query("SHOW TABLES FROM crm LIKE 'new'") == [("new",)]
    linked.lab.delete(part)


# -- which server, which program ---------------------------------------------------------------

PROGRAM = """#!/bin/bash
if [[ " $* " == *" --version "* ]]; then
    echo "mariadbd  Ver {version}-MariaDB for Linux on x86_64"
else
    exec /usr/sbin/mariadbd "$@"
fi
"""


@contextmanager
def installations(site: Site, host: str, **versions: str) -> Iterator[None]:
    """Programs in /opt that say they are of these versions."""
    machine = site.host(host)
    for name, version in versions.items():
        machine.run_as_root(["mkdir", "-p", f"/opt/{name}/sbin"])
        text = PROGRAM.format(version=version)
        machine.write_file(f"/opt/{name}/sbin/mariadbd", text.encode(), 0o755)
        machine.run_as_root(["install", "-D", "/usr/bin/mariadb", f"/opt/{name}/bin/mariadb"])
    yield
    machine.run_as_root(["rm", "-r", *(f"/opt/{name}" for name in versions)])


def test_a_source_typed_by_hand_and_the_choice_of_staging(linked: Site) -> None:
    """Its repository is on no staging host: the source's series is taken, else a newer one."""
    lab = linked.lab
    with (
        installations(linked, "source", only_there="10.11.3"),
        installations(linked, "staging", older="10.4.1", newer="11.4.1", too_old="10.3.39"),
    ):
        for host in ("source", "staging"):
            lab.refresh_environment(host)
        names = [row.name for row in lab.repositories("staging")]
        assert any(name.endswith("(/opt/newer)") for name in names)
        assert not any("/opt/too_old" in name for name in names)
        assert "leaving out /opt/too_old/sbin/mariadbd: version 10.3.39" in plugin_log(linked)
        typed = {"name": "by hand", "port": 3306, "host": linked.host("source").address}
        config = lab.add_source_config("source", "MariaDB 10.11.3 (/opt/only_there)", typed)
        given = link_parameters("typed", {"stagingPort": 3380})
        lab.link("typed", source_config=config, staging_host="staging", parameters=given)
        assert "with MariaDB 10.11." in plugin_log(linked)
        assert lab.status("typed") == "ACTIVE"
        before = linked.fingerprint("typed")
        old = linked.change("typed", stagingBaseDir="/opt/newer")
        words = ("none of mariadb-install-db mysql_install_db is in /opt/newer",)
        refused("MDB-023", lambda: lab.sync("typed", RESYNC), *words)
        lab.update_parameters("typed", old)
        lab.enable("typed")
        same(before, linked.fingerprint("typed"))
        lab.delete("typed")
    for host in ("source", "staging"):
        lab.refresh_environment(host)


KEYS = "/etc/mysql/promised-keys.txt"
ENCRYPTING = (
    "--plugin-load-add=file_key_management",
    f"--file-key-management-filename={KEYS}",
    "--innodb-encrypt-tables=ON",
    "--innodb-encryption-threads=2",
)


def test_a_table_of_the_service_that_came_later_needs_a_resync(linked: Site) -> None:
    """LATER wrote into a table of `mysql` that staging has not. The source now encrypts, too.

    The resync touches neither snapshots nor VDBs.
    """
    refused("MDB-060", lambda: linked.lab.sync(NAME), "1146", "mysql.unheard_of")
    linked.source.host.write_file(KEYS, f"1;{'a7' * 32}\n".encode(), 0o400, "mysql:mysql")
    restart_source(linked, *UNUSUAL, *OF_SIZE, *ENCRYPTING)
    server = linked.source.server
    server.query(
        "SET SESSION sql_log_bin = 0; DROP DATABASE test;"
        " CREATE TABLE shop.clear (t VARCHAR(60)) ENGINE = InnoDB;"
        " INSERT INTO shop.clear VALUES ('readable on staging only')"
    )
    before, pid = linked.fingerprint(VDB), server_pid(linked, VDB)
    snapshots = linked.lab.snapshots(NAME)
    linked.sql(NAME).query("CREATE DATABASE thrown_away")
    linked.lab.sync(NAME, RESYNC)
    assert "the schema mysql of staging lacks it: mine, unheard_of" in plugin_log(linked)
    server.query("INSERT INTO mysql.unheard_of VALUES (2)")
    linked.lab.sync(NAME)
    same_as_source(linked, NAME)
    assert linked.lab.snapshots(NAME)[: len(snapshots)] == snapshots
    assert server_pid(linked, VDB) == pid
    same(before, linked.fingerprint(VDB))
    linked.lab.refresh(VDB, snapshots[0].reference)


def test_a_source_that_encrypts_is_copied_in_clear(linked: Site) -> None:
    """When no table demands encryption and staging has no keys."""
    for server, host, folder, clear in (
        (linked.source.server, linked.source.host, "/srv/mariadb", False),
        (linked.sql(NAME), linked.host("staging"), f"{linked.mount(NAME)}/data", True),
    ):
        server.query("FLUSH TABLES shop.clear FOR EXPORT")  # all of it is in the file then
        grep = ["grep", "-c", "readable on staging only", f"{folder}/shop/clear.ibd"]
        assert (host.run_as_root(grep, check=False).exit_code == 0) is clear


def test_a_delete_leaves_nothing_on_the_source(linked: Site) -> None:
    server = linked.source.server
    before = compare.snapshot(server, "before")
    for container in reversed(linked.lab.containers()):
        linked.lab.delete(container.name)
    sessions = (
        "SELECT COUNT(*) FROM information_schema.processlist"
        f" WHERE user IN ('{READER.user}', '{REPLICATOR.user}', '{SECOND.user}')"
    )
    # What sends the binary log finds its reader gone at the next event, or after half a minute.
    server.query("FLUSH BINARY LOGS")
    until(lambda: server.value(sessions) == "0", "no session of ours is left", 40)
    same(before, compare.snapshot(server, "after"))
