"""A user's mariadb-backup is looked into: every table opens, its files are there, none is foreign."""

# ruff: noqa: E501  # commands stand in one line

import pytest

from testbed.backups import FOLDER, PHYSICAL, PREPARE, USER_BACKUP, drop_odd_names, make_backup
from testbed.site import Site
from tests.workflows.support import refused

pytestmark = pytest.mark.difference

NAME = "restored"
GIVEN = {**USER_BACKUP, "logSync": False, "stagingPort": 3413, "partialBackup": False}
BACKUP = f"{PHYSICAL} --target-dir=it"
PREPARED = f"{BACKUP} && {PREPARE}"


@pytest.fixture(scope="module", autouse=True)
def whole(site: Site) -> None:
    drop_odd_names(site.source.server)
    site.source.server.query(
        "SET GLOBAL event_scheduler = OFF; CREATE DATABASE w; USE w;"
        " CREATE TABLE i (n INT PRIMARY KEY, t TEXT) ENGINE = InnoDB;"
        " INSERT INTO i SELECT seq, REPEAT('x', 200) FROM seq_1_to_3000;"
        " CREATE TABLE j (n INT) ENGINE = InnoDB; CREATE TABLE m (n INT) ENGINE = MyISAM;"
        " INSERT INTO m SELECT seq FROM seq_1_to_3000; CREATE TABLE a (n INT) ENGINE = Aria;"
        " CREATE TABLE p (n INT) ENGINE = InnoDB PARTITION BY HASH (n) PARTITIONS 2;"
        " CREATE TABLE z (n INT PRIMARY KEY, t TEXT) ENGINE = InnoDB ROW_FORMAT = COMPRESSED KEY_BLOCK_SIZE = 4;"
        " CREATE TABLE f (n INT PRIMARY KEY, t TEXT, FULLTEXT (t)) ENGINE = InnoDB"
    )


def link(site: Site, **given: object) -> None:
    if any(container.name == NAME for container in site.lab.containers()):
        site.change(NAME, **(GIVEN | given))
        site.lab.sync(NAME, {"resync": True})
    else:
        site.link(NAME, **(GIVEN | given))


@pytest.mark.parametrize("command", [BACKUP, PREPARED], ids=["unprepared", "prepared"])
def test_a_whole_backup_is_whole(site: Site, command: str) -> None:
    make_backup(site, command)
    link(site)
    assert site.sql(NAME).value("SELECT COUNT(*) FROM w.i") == "3000"
    assert not site.latest(NAME).metadata.get("warnings")


HURT = {
    "a file is missing": ("rm it/w/j.ibd", "w/j.ibd is missing"),
    "a partition is missing": ("rm it/w/p#P#p1.ibd", "w/p#P#p1.ibd is missing"),
    "a file is cut off": ("truncate -s 98304 it/w/i.ibd", "w/i.ibd"),
    "a file is empty": (": > it/w/j.ibd", "w/j.ibd"),
    "a file of another table": ("cp it/w/j.ibd it/w/j2.ibd", "w/j2.ibd belongs to no table"),
    "a file under another name": (
        "mv it/w/i.ibd it/w/x && mv it/w/j.ibd it/w/i.ibd && mv it/w/x it/w/j.ibd",
        "`w`.`i`",
    ),
    "rows of MyISAM are missing": ("rm it/w/m.MYD", "w.m"),
    "rows of MyISAM are cut off": ("truncate -s 1000 it/w/m.MYD", "w.m"),
    "an index of Aria is missing": ("rm it/w/a.MAI", "w.a"),
    "a definition is missing": ("rm it/w/j.frm", "w/j"),
}


@pytest.mark.parametrize("kind", HURT)
def test_a_hurt_backup_is_refused_by_name(site: Site, kind: str) -> None:
    command, seen = HURT[kind]
    make_backup(site, f"{PREPARED} && {command}")
    refused("MDB-056", lambda: link(site), seen)


def test_names_in_upper_case_want_a_server_that_tells_them_apart(site: Site) -> None:
    site.source.server.query("CREATE TABLE IF NOT EXISTS w.Orders (n INT)")
    make_backup(site, BACKUP)
    folding = [{"propertyName": "lower_case_table_names", "value": "1"}]
    refused("MDB-056", lambda: link(site, configSettings=folding), "w/Orders.frm was written with")
    link(site, configSettings=[])
    assert site.sql(NAME).value("SELECT COUNT(*) FROM w.Orders") == "0"
    site.source.server.query("DROP TABLE w.Orders")


def test_a_partial_backup_is_refused_unless_the_user_knows(site: Site) -> None:
    make_backup(site, f"{BACKUP} --tables-exclude='^w[.]j$'")
    refused("MDB-056", lambda: link(site), "partial")
    link(site, partialBackup=True)
    assert site.sql(NAME).value("SELECT COUNT(*) FROM w.i") == "3000"
    assert any("not whole" in line for line in site.latest(NAME).metadata["warnings"])


FOREIGN = {
    "cold files": (
        "mkdir it && cp -r /var/lib/mysql/mysql /var/lib/mysql/ibdata1 it",
        "is a data directory, not a backup",
    ),
    "MySQL 8": ("mkdir it && : > it/mysql.ibd && : > it/ibdata1", "is a data directory of MySQL 8"),
    "MySQL 5.7": ("mkdir -p it/sys it/mysql && : > it/ibdata1", "is a data directory of MySQL"),
    "MySQL Shell": ("mkdir it && : > it/@.json", "is a dump of MySQL Shell"),
    "XtraBackup": (
        "mkdir it && printf 'backup_type = full-backuped\\n' > it/xtrabackup_checkpoints &&"
        " printf 'tool_name = xtrabackup\\nserver_version = 8.0.36-28\\n' > it/xtrabackup_info",
        "was made by Percona XtraBackup of MySQL 8.0.36-28",
    ),
    "--tab": ("mkdir it && : > it/t.sql && : > it/t.txt", "holds files of mariadb-dump --tab"),
    "nothing that is known": (
        "mkdir it && : > it/x",
        "is no mariadb-backup and holds no SQL files; it holds: x",
    ),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_directory_that_is_no_backup_is_told_by_its_name(site: Site, kind: str) -> None:
    command, seen = FOREIGN[kind]
    make_backup(site, command)
    refused("MDB-056", lambda: link(site), f"{FOLDER}/it {seen}")
