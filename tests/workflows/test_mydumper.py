"""A directory of mydumper: as Debian's makes it, and as newer ones write what theirs tells."""

# ruff: noqa: E501  # statements stand in one line

import re

import pytest

from testbed.backups import FOLDER, USER_BACKUP, drop_odd_names, make_backup
from testbed.site import Site
from tests.workflows.support import RESYNC, refused

NAME = "sales"
DUMP = "mydumper --user root --socket /run/mysqld/mysqld.sock --outputdir it --triggers --events --routines --regex '^(md|mysql)[.]'"
BODY = """DELIMITER //
CREATE PROCEDURE md.p() COMMENT 'two; parts' BEGIN
  -- a remark; with a semicolon;
  SELECT 'a;
b;';
  SET @a = 1;
END//
CREATE TRIGGER md.tr BEFORE INSERT ON md.t FOR EACH ROW BEGIN
  SET NEW.v = CONCAT(NEW.v, ';');
  SET @b = 1;
END//
"""


@pytest.fixture(scope="module", autouse=True)
def filled(site: Site) -> None:
    server = site.source.server
    drop_odd_names(server)
    server.query(
        "SET GLOBAL event_scheduler = OFF; SET GLOBAL binlog_format = 'ROW'; CREATE DATABASE md; USE md;"
        " CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(99), b BIT(9), x VARBINARY(9), at TIMESTAMP NULL);"
        " SET time_zone = '+02:00'; INSERT INTO t SELECT seq, CONCAT('it''s \"', seq, '\" ), (\\n'), b'101',"
        " UNHEX('00FF0A22'), '2026-01-01 12:00:00' FROM seq_1_to_2000;"
        " CREATE TABLE empty (n INT); CREATE VIEW v AS SELECT id FROM t; CREATE VIEW a AS SELECT id FROM v"
    )
    site.host("source").run_as_root(["mariadb", "--comments"], input=BODY.encode())


def resync(site: Site, **given: object) -> None:
    if any(container.name == NAME for container in site.lab.containers()):
        site.change(NAME, **given)
        site.lab.sync(NAME, RESYNC)
    else:
        site.link(NAME, **given)


SAME = [
    "SELECT id, HEX(v), HEX(b), HEX(x), UNIX_TIMESTAMP(at) FROM md.t ORDER BY id",
    "SELECT n FROM md.later ORDER BY n",
    "SELECT COUNT(*) FROM md.empty",
    "SELECT COUNT(*) FROM md.a",
    "SELECT body FROM mysql.proc WHERE db = 'md'",
    "SELECT trigger_name, action_statement FROM information_schema.triggers WHERE trigger_schema = 'md'",
    "SELECT user, host FROM mysql.global_priv WHERE user LIKE 'demo%' ORDER BY 1, 2",
]
NEWER = """# Started dump at: 2026-01-01 11:47:18
[config]
quote_character = BACKTICK
[{section}]
# Channel_Name = '' # It can be use to setup replication FOR CHANNEL
{file} = {log}
{position} = {pos}
Executed_Gtid_Set = {gtid}

[`md`.`t`]
Rows = 2000
# Finished dump at: 2026-01-01 11:47:18
"""
SPELLINGS = {
    "0.10": None,
    "0.14": ("master", "File", "Position"),
    "0.19": ("source", "# SOURCE_LOG_FILE", "# SOURCE_LOG_POS"),
}


@pytest.mark.parametrize(
    ("options", "spelling"),
    [
        ("--compress", "0.10"),
        ("&& zstd -q --rm it/*.sql", "0.19"),
        ("--rows 500 --statement-size 2000", "0.10"),
    ]
    + [("", spelling) for spelling in SPELLINGS],
)
def test_it_is_loaded_and_followed(site: Site, spelling: str, options: str) -> None:
    server = site.source.server
    make_backup(site, f"{DUMP} {options}")
    words = SPELLINGS[spelling]
    if words:
        path = f"{FOLDER}/it/metadata"
        old = site.host("staging").read_file(path).decode()
        log, pos, gtid = re.findall(r"(?:Log|Pos|GTID): ?(\S+)", old)
        section, file, position = words
        told = {"log": log, "pos": pos, "gtid": gtid, "section": section}
        text = NEWER.format(file=file, position=position, **told)
        site.host("staging").write_file(path, text.encode(), 0o600, "delphix")
    server.query("CREATE OR REPLACE TABLE md.later (n INT); INSERT INTO md.later VALUES (1)")
    resync(site, **USER_BACKUP, logSync=True, databases=["md"])
    server.query("INSERT INTO md.later VALUES (2)")
    site.lab.sync(NAME)
    for question in SAME:
        assert site.sql(NAME).query(question) == server.query(question), question
    (told,) = site.latest(NAME).metadata["warnings"]
    assert "has not noted the sql_mode" in told


HURT = {
    "its end": ("sed -i /Finished/d it/metadata", "has not come to its end", "MDB-056"),
    "its name": ("mv it/metadata it/metadata.partial", "has not come to its end", "MDB-056"),
    "half a file": ("truncate -s -40 it/md.t.sql", "md.t.sql", "MDB-051"),
    "its databases": ("rm it/*-schema-create.sql", "no definition of its database", "MDB-056"),
    "a link": ("ln -s /etc/hostname it/md.x.sql", "it holds md.x.sql (l)", "MDB-056"),
    "rows in another form": (": > it/md.x.dat", "it holds md.x.dat (f)", "MDB-056"),
    "rows that it counts": (
        "rm it/md.t.sql && printf '[`md`.`t`]\\nRows = 2000\\n' >> it/metadata",
        "md.t: 0 of 2000",
        "MDB-053",
    ),
}


@pytest.mark.parametrize("kind", HURT)
def test_what_is_missing_in_it_is_told(site: Site, kind: str) -> None:
    command, seen, code = HURT[kind]
    make_backup(site, f"{DUMP} && {command}")
    refused(code, lambda: resync(site, **USER_BACKUP, logSync=False), seen)
