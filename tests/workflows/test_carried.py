"""A source that differs from the defaults in all that its files and statements depend on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.errors import LabError
from lab.hosts.host import ENVIRONMENT_USER, Host
from lab.lab import Lab
from testbed import source
from testbed.backups import PHYSICAL, USER_BACKUP, drop_odd_names, make_backup
from testbed.places import Place, host_place
from testbed.site import Site, mark, marks
from tests.workflows.support import RESYNC, ROWS, refused, running_site, same_as_source

NAME, VDB = "odd", "odd_vdb"
KEY_FILE = "/etc/mysql/keys.txt"
KEYS = f"1;{'a7' * 32}\n2;{'49' * 32}\n"
OPTIONS = f"""[mysqld]
user = mysql
datadir = /srv/odd
socket = /run/mysqld/mysqld.sock
pid_file = /run/mysqld/mysqld.pid
log_error = /srv/odd/error.log
bind_address = 0.0.0.0
server_id = 1
log_bin = /srv/odd/binlog
innodb_page_size = 8k
innodb_undo_tablespaces = 3
lower_case_table_names = 1
character_set_server = latin1
collation_server = latin1_german1_ci
sql_mode = ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT,STRICT_TRANS_TABLES
explicit_defaults_for_timestamp = OFF
innodb_strict_mode = OFF
div_precision_increment = 7
ft_min_word_len = 2
plugin_load_add = file_key_management
file_key_management_filename = {KEY_FILE}
"""
START = """set -euo pipefail
install -d -o mysql -g mysql /run/mysqld
install -d -o mysql -g mysql -m 750 /srv/odd
mariadb-install-db --defaults-file=/etc/mysql/odd.cnf --skip-test-db \\
    --auth-root-authentication-method=socket >/dev/null
setsid mariadbd --defaults-file=/etc/mysql/odd.cnf </dev/null >/dev/null 2>&1 &
until mariadb -e 'SELECT 1' >/dev/null 2>&1; do kill -0 $!; sleep 0.1; done
"""
DATA = """
CREATE DATABASE odd;
CREATE TABLE odd.Secret (n INT PRIMARY KEY, t VARCHAR(40)) ENCRYPTED = YES ENCRYPTION_KEY_ID = 2;
CREATE TABLE odd.wide (a TEXT, at TIMESTAMP, KEY (a (600))) ROW_FORMAT = COMPRESSED;
CREATE TABLE odd.words (t TEXT, FULLTEXT (t)) ENGINE = MyISAM;
INSERT INTO odd.secret VALUES (1, 'plainly readable \\');
INSERT INTO odd.wide (a) VALUES (REPEAT('x', 9000));
INSERT INTO odd.words VALUES ('ab cd');
CREATE VIEW odd.joined AS SELECT "n" || "t" AS j, 1 / 3 AS third FROM odd.SECRET;
"""
ASKED = (
    "SELECT @@innodb_page_size, @@lower_case_table_names, @@collation_server, @@sql_mode,"
    " @@explicit_defaults_for_timestamp, @@div_precision_increment, @@ft_min_word_len"
)
ON_STAGING = [
    {"propertyName": "plugin_load_add", "value": "file_key_management"},
    {"propertyName": "file_key_management_filename", "value": KEY_FILE},
]


@pytest.fixture(scope="module")
def site(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("carried") / "lab"
    with running_site(folder, root / "build" / "artifact.json", _fill) as made:
        yield made


def _fill(lab: Lab) -> None:
    place = host_place(lab, "source")
    _keys(place.host, "mysql")
    place.host.write_file("/etc/mysql/odd.cnf", OPTIONS.encode())
    place.host.run_as_root(["bash", "-c", START], timeout=60)
    source.seed(lab, "source", ROWS)
    place.server.query(DATA)


def _keys(host: Host, owner: str) -> None:
    host.run_as_root(["install", "-d", "/etc/mysql"])
    host.write_file(KEY_FILE, KEYS.encode(), 0o400, f"{owner}:{owner}")


def test_encrypted_tables_without_keys_are_refused(site: Site) -> None:
    words = ("1 tables demand encryption, such as odd: secret",)
    refused("MDB-058", lambda: site.link(NAME), *words)
    site.lab.delete(NAME)


def test_staging_has_all_of_it(site: Site) -> None:
    _keys(site.host("staging"), "delphix")
    site.link(NAME, configSettings=ON_STAGING)
    assert site.sql(NAME).query(ASKED) == site.source.server.query(ASKED)
    mark(site.source.server, "followed")
    site.source.server.query("INSERT INTO odd.SECRET VALUES (2, 'another')")
    site.lab.sync(NAME)
    same_as_source(site, NAME)
    assert marks(site.sql(NAME))[-1] == "followed"


def test_without_its_key_file_a_vdb_says_so(site: Site) -> None:
    """And it comes once the file is there."""
    with pytest.raises(LabError) as caught:
        site.provision(VDB, NAME)
    assert "MDB-071" in str(caught.value)
    assert KEY_FILE in str(caught.value)
    assert VDB not in [row.name for row in site.lab.containers()]


def test_a_vdb_has_all_of_it(site: Site) -> None:
    _keys(site.host("target"), "delphix")
    site.provision(VDB, NAME)
    server = site.sql(VDB)
    assert server.query(ASKED) == site.source.server.query(ASKED)
    same_as_source(site, VDB)
    assert (
        server.value(
            "SELECT COUNT(*) FROM odd.words WHERE MATCH (t) AGAINST ('ab' IN BOOLEAN MODE)"
        )
        == "1"
    )
    server.query("INSERT INTO odd.secret VALUES (3, 'readable only with keys')")
    site.lab.stop(VDB)
    files = site.host("target").run_as_root(
        ["grep", "-rlE", "readable", f"{site.mount(VDB)}/data/odd"], check=False
    )
    assert files.text == ""
    site.lab.start(VDB)
    assert server.value("SELECT t FROM odd.secret WHERE n = 1") == "plainly readable \\"


def test_a_copy_that_is_nobodys_has_all_of_it(site: Site) -> None:
    """V2P: a server of its own, with the source's keys, page size and ways with names."""
    host, directory = site.host("target"), "/srv/copies/odd"
    host.run_as_root(["install", "-d", "-o", ENVIRONMENT_USER, "/srv/copies"])
    site.lab.export(
        NAME, host="target", directory=directory, snapshot=None, parameters={"port": 3406}
    )
    copy = Place(directory, host, ENVIRONMENT_USER, f"{directory}/run/mariadb.sock").server
    assert copy.query(ASKED) == site.source.server.query(ASKED)
    for table in ("SECRET", "wide", "words"):
        asked = f"CHECKSUM TABLE odd.{table}"
        assert copy.query(asked) == site.source.server.query(asked)
    copy.query("SHUTDOWN")
    host.run_as_root(["mv", KEY_FILE, f"{KEY_FILE}.away"])
    try:
        refused(
            "MDB-071",
            lambda: site.lab.export(
                NAME,
                host="target",
                directory="/srv/copies/keyless",
                snapshot=None,
                parameters={"port": 3407},
            ),
            KEY_FILE,
        )
    finally:
        host.run_as_root(["mv", f"{KEY_FILE}.away", KEY_FILE])
    assert host.run_as_root(["ls", "-A", "/srv/copies/keyless"], check=False).text == ""


def test_an_encrypted_backup_is_restored_with_the_keys_of_the_dsource(site: Site) -> None:
    """Never with those that the backup names: its own options are not read."""
    drop_odd_names(site.source.server)
    make_backup(site, f"{PHYSICAL} --datadir=/srv/odd --target-dir=it")
    given = {**USER_BACKUP, "logSync": False, "stagingPort": 3421}
    refused("MDB-058", lambda: site.link("files", **given), "--prepare", "key is not found")
    site.change("files", configSettings=ON_STAGING)
    site.lab.sync("files", RESYNC)
    asked = "SELECT n, t FROM odd.secret ORDER BY n"
    assert site.sql("files").query(asked) == site.source.server.query(asked)
    site.lab.delete("files")
