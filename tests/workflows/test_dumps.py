"""Every dump that people have: read right, or refused by what it is."""

# ruff: noqa: E501  # statements stand as dumps have them

import io
import re
import tarfile
import zipfile

import pytest

from testbed.backups import FOLDER, make_backup
from testbed.site import Site
from tests.workflows.dumps import BACK, END, HEAD, PATH, SAVED, loaded, made, put, zipped
from tests.workflows.support import refused

pytestmark = pytest.mark.difference

NAME = "dumped"
MANY = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = "


@pytest.fixture(scope="module", autouse=True)
def shop(site: Site) -> None:
    """What the dumps are made of: everything that text can get wrong."""
    site.source.server.query("SET GLOBAL event_scheduler = OFF")
    site.source.server.query(
        "CREATE DATABASE dshop; USE dshop;"
        " CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, w VARCHAR(99), b BIT(9), v VARBINARY(99),"
        " at TIMESTAMP NULL, j TEXT) ENGINE = InnoDB;"
        " CREATE TABLE a (n INT) ENGINE = Aria; INSERT INTO a VALUES (1), (2);"
        " SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO', time_zone = '+02:00';"
        " INSERT INTO t VALUES (0, 'it''s ), (', b'1', UNHEX('00FF0A0D5C27'), '2026-01-01 12:00:00',"
        " '\\r\\n-- no comment;\\n'), (7, '`x` \"y\" \\\\', b'101010101', UNHEX('1A01'),"
        " '2026-06-01 12:00:00', '/* \\t */ #');"
        " CREATE VIEW v AS SELECT id FROM t"
    )
    body = (
        "DELIMITER //\nCREATE PROCEDURE dshop.p() COMMENT 'x' BEGIN\n"
        "-- Final view structure for view `v`\n-- Table structure for table `scratch`\n"
        "SET GLOBAL gtid_slave_pos = '0-1-100';\nSELECT 'DELIMITER ;';\nEND//\n"
    )
    site.host("source").run_as_root(["mariadb", "--comments"], input=body.encode())


def same(site: Site, *tables: str) -> None:
    """Rows and texts are the source's."""
    queries = [
        "SELECT id, w, HEX(b), HEX(v), UNIX_TIMESTAMP(at), HEX(j) FROM dshop.t ORDER BY id",
        "SELECT n FROM dshop.a ORDER BY n",
        "SELECT id FROM dshop.v ORDER BY id",
        "SELECT body FROM mysql.proc WHERE db = 'dshop'",
    ]
    for query in queries:
        assert site.sql(NAME).query(query) == site.source.server.query(query), query


def compared(site: Site) -> str:
    """What the last proof has compared definitions of."""
    logs = "".join(path.read_text() for path in (site.lab.root / "log").rglob("*.log"))
    return logs.rpartition("compared with the texts in the dump: ")[2].partition("\n")[0]


DUMP = "mariadb-dump --routines"
WAYS = {
    "all databases": f"{DUMP} --all-databases --events",
    "one, named": f"{DUMP} --databases dshop",
    "one, by its head": f"{DUMP} dshop",
    "with hex blobs": f"{DUMP} --databases dshop --hex-blob",
    "without comments": f"{DUMP} --databases dshop --skip-comments",
    "--skip-opt": f"{DUMP} --databases dshop --skip-opt",
    "without quotes around names": f"{DUMP} --databases dshop --skip-quote-names",
    "--compact": f"{DUMP} --databases dshop --compact",
    "a row a statement": f"{DUMP} --databases dshop --skip-extended-insert --complete-insert",
    # Without grants on what is not in it.
    "accounts as statements": f"{DUMP} --databases dshop --system=users"
    " | grep -vE '^GRANT .* ON (`|PROCEDURE|FUNCTION|PACKAGE)|ed25519|parsec'",
    "everything, accounts as statements": f"{DUMP} --all-databases --events --system=all",
    "with replication statements": f"{DUMP} --databases dshop --master-data=1 --apply-slave-statements",
}


@pytest.mark.parametrize("way", WAYS)
def test_ways_to_make_a_dump(site: Site, way: str) -> None:
    """TIMESTAMP values and id 0 stay what they are, whatever the head of the dump sets or leaves out."""
    made(site, WAYS[way])
    loaded(site, NAME, configSettings=[{"propertyName": "default_time_zone", "value": "+05:00"}])
    same(site)
    assert site.sql(NAME).query("SHOW ALL SLAVES STATUS") == []
    tables, bodies = (int(word) for word in re.findall("[0-9]+", compared(site)))
    assert tables >= 2 and bodies >= 1
    assert "other definitions" not in "".join(site.latest(NAME).metadata.get("warnings", []))


def test_accounts_behind_views_are_the_dumps_own(site: Site) -> None:
    """What stood in for them, so that views could be made, is gone; a second load is the same."""
    for _ in range(2):
        made(site, WAYS["everything, accounts as statements"])
        staging = loaded(site, NAME)
        grants = "SHOW GRANTS FOR demo_owner@localhost"
        assert staging.query(grants) == site.source.server.query(grants)
        locked = (
            "SELECT user FROM mysql.global_priv WHERE user = 'demo_owner'"
            " AND JSON_VALUE(priv, '$.account_locked') = 'true'"
        )
        assert staging.query(locked) == []
        assert (
            staging.query("SELECT user FROM mysql.global_priv WHERE priv LIKE '%*0DE1F1A5%'") == []
        )


def test_a_definition_that_staging_changes_is_told(site: Site) -> None:
    """Outside of strict mode a key that is too long is cut, and the client says it in a note."""
    table = "CREATE TABLE `t` (\n  `n` int(11) DEFAULT NULL,\n  `w` varchar(999) DEFAULT NULL,\n"
    end = ") ENGINE=MyISAM DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;\n"
    put(site, f"CREATE DATABASE d;\nUSE d;\n{table}  KEY `w` (`w`)\n{end}")
    loaded(site, NAME)
    told = "\n".join(site.latest(NAME).metadata["warnings"])
    assert (
        "other definitions than the dump says: table d.t (dump:   KEY w (w), staging:   KEY w (w(250)))"
        in told
    )


def test_a_character_set_alone_means_what_it_meant(site: Site) -> None:
    """Since 11.5 utf8mb4 alone means another collation than before, in which other words are equal."""
    table = "CREATE TABLE `t` (\n  `w` varchar(9) DEFAULT NULL\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;\n"
    head = HEAD.format("").replace("10.5.6", "10.4.12")
    create = "CREATE DATABASE `d` /*!40100 DEFAULT CHARACTER SET utf8mb4 */;\nUSE `d`;\n"
    put(site, f"{head}{create}{table}INSERT INTO `t` VALUES ('ß');\n{END}")
    server = loaded(site, NAME)
    assert server.query("SELECT w = 's', w = 'ss' FROM d.t") == [("1", "0")]
    collation = "default_collation_name FROM information_schema.schemata WHERE schema_name = 'd'"
    assert server.value(f"SELECT {collation}") == "utf8mb4_general_ci"


CHANGES = {
    "line ends of Windows": lambda text: text.replace(b"\n", b"\r\n"),
    "a byte order mark": lambda text: b"\xef\xbb\xbf" + text,
    "comments first": lambda text: (
        b"# made by hand\n\n-- " + b"x" * 200 + b"\n/* more\n of it */\n" + text
    ),
    "a sandbox mark": lambda text: b"/*M!999999\\- enable the sandbox mode */ \n" + text,
    "a version of a proxy": lambda text: text.replace(
        b"-- Server version\t", b"-- Server version\t8.0.11 "
    ),
    "packed": zipped,
    "raw line ends in strings": lambda text: text.replace(
        rb"\r\n-- no comment;\n", b"\r\n-- no comment;\n"
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_changes_on_the_way(site: Site, change: str) -> None:
    made(site, f"{DUMP} --databases dshop", CHANGES[change])
    loaded(site, NAME)
    same(site)


def test_a_dump_that_names_no_database(site: Site) -> None:
    made(site, f"{DUMP} --compact dshop")
    seen = f"{PATH} names no database for its tables"
    refused("MDB-056", lambda: loaded(site, NAME), seen)
    loaded(site, NAME, targetDatabase="dshop")
    same(site)
    made(site, f"{DUMP} --databases dshop")
    refused(
        "MDB-056", lambda: loaded(site, NAME, targetDatabase="dshop"), "names its databases itself"
    )


PHPMYADMIN = (
    "-- phpMyAdmin SQL Dump\n-- version 5.2.1\n-- Server version: 10.5.6-MariaDB\n\n"
    'SET SQL_MODE = "NO_AUTO_VALUE_ON_ZERO";\nSTART TRANSACTION;\nSET time_zone = "+00:00";\n\n'
    f"{SAVED}--\n-- Database: `garden`\n--\n\n"
    "CREATE TABLE `plant` (\n  `id` int(11) NOT NULL,\n  `n` text DEFAULT NULL\n) ENGINE=InnoDB;\n\n"
    "INSERT INTO `plant` (`id`, `n`) VALUES\n(1, 'oak''s; --'),\n(2, 'a\nb');\n"
    f"ALTER TABLE `plant`\n  ADD PRIMARY KEY (`id`);\nCOMMIT;\n\n{BACK}"
)
HEIDISQL = (
    "-- --------\r\n-- Host:  127.0.0.1\r\n-- Server version:  10.5.6-MariaDB - mariadb.org\r\n"
    "-- HeidiSQL Version:  12.6.0.6765\r\n\r\n"
    "/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;\r\n"
    "/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;\r\n/*!40103 SET TIME_ZONE='+00:00' */;\r\n"
    "CREATE DATABASE IF NOT EXISTS `garden`;\r\nUSE `garden`;\r\n"
    "CREATE TABLE IF NOT EXISTS `plant` (\r\n  `id` int(11) NOT NULL,\r\n  `n` text,\r\n"
    "  PRIMARY KEY (`id`)\r\n) ENGINE=InnoDB;\r\n"
    "INSERT INTO `plant` (`id`, `n`) VALUES\r\n\t(1, 'oak\\'s; --'),\r\n\t(2, 'a\nb');\r\n"
    "/*!40101 SET CHARACTER_SET_CLIENT=IFNULL(@OLD_CHARACTER_SET_CLIENT, 'utf8') */;\r\n"
)
ADMINER = (
    "-- Adminer 4.8.1 MySQL 10.5.6-MariaDB dump\n\nSET NAMES utf8;\nSET time_zone = '+00:00';\n"
    "SET foreign_key_checks = 0;\n\nDROP DATABASE IF EXISTS `garden`;\nCREATE DATABASE `garden`;\n"
    "USE `garden`;\n\nDROP TABLE IF EXISTS `plant`;\nCREATE TABLE `plant` (\n  `id` int NOT NULL,\n"
    "  `n` text,\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB;\n\n"
    "INSERT INTO `plant` (`id`, `n`) VALUES\n(1,\t'oak''s; --'),\n(2,\t'a\nb');\n\n-- 2026-01-01 10:00:00\n"
)


@pytest.mark.parametrize(
    "text", [PHPMYADMIN, HEIDISQL, ADMINER], ids=["phpMyAdmin", "HeidiSQL", "Adminer"]
)
def test_exports_of_other_programs(site: Site, text: str) -> None:
    put(site, text)
    server = loaded(site, NAME)
    assert server.query("SELECT id, n FROM garden.plant ORDER BY id") == [
        ("1", "oak's; --"),
        ("2", "a\nb"),
    ]
    warned = site.latest(NAME).metadata.get("warnings", [])
    untold = "says that it is whole"
    assert any(untold in line for line in warned) is (text is ADMINER)


ONE = HEAD.format("east") + "CREATE TABLE `t` (`n` int);\nINSERT INTO `t` VALUES\n(1),\n(2);\n"
EAST = (
    HEAD.format("east").replace("east", "")
    + "CREATE DATABASE `east`;\nUSE `east`;\n"
    + ONE.partition("\n\n")[2]
)
WEST = EAST.replace("east", "west")
BAD = {
    "two, the second without USE": (ONE + END + ONE.replace("east", "west") + END, "has no USE"),
    "two, the first is cut": (EAST + WEST + END, "that begins at line 1 is cut off"),
    "a table twice": (
        EAST + "DROP TABLE `t`;\nCREATE TABLE `t` (`n` int);\n" + END,
        "east.t is defined a second time",
    ),
    "cut behind a row": (
        SAVED + "CREATE DATABASE d; USE d; CREATE TABLE t (n INT);\nINSERT INTO t VALUES\n(1)",
        "ends inside of a statement that begins at line 3",
    ),
    "without its end": (
        SAVED + "CREATE DATABASE d; USE d; CREATE TABLE t (n INT);\n",
        "does not end with",
    ),
}


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_a_bad_dump_leaves_the_last_copy(site: Site, kind: str, packed: bool) -> None:
    put(site, EAST + END)
    loaded(site, NAME).query("CREATE TABLE east.mark (n INT)")
    text, seen = BAD[kind]
    put(site, zipped(text.encode()) if packed else text)
    refused("MDB-056", lambda: loaded(site, NAME), seen)
    assert site.sql(NAME).value(f"{MANY} 'east'") == "2"


def test_several_dumps_in_one_file(site: Site) -> None:
    put(site, EAST + END + WEST + END)
    server = loaded(site, NAME)
    assert (
        server.query("SELECT n FROM east.t UNION ALL SELECT n FROM west.t") == [("1",), ("2",)] * 2
    )


def test_a_dump_without_a_time_zone_is_told(site: Site) -> None:
    made(site, f"{DUMP} --databases dshop --skip-tz-utc")
    loaded(site, NAME)
    (told,) = site.latest(NAME).metadata["warnings"]
    assert "sets no time zone" in told and "dshop.t" in told


def test_rows_that_are_not_there(site: Site) -> None:
    """A trigger that comes before the rows makes others of them."""
    trigger = "CREATE TRIGGER g BEFORE INSERT ON `t` FOR EACH ROW INSERT INTO u VALUES (NEW.n);\n"
    text = EAST.replace("INSERT", "CREATE TABLE u (n INT);\n" + trigger + "INSERT", 1)
    put(site, text + "INSERT INTO `u` VALUES (7);\n" + END)
    refused("MDB-053", lambda: loaded(site, NAME), "east.u: 3 of 1")


def archive(kind: str) -> bytes:
    content, out = (EAST + END).encode(), io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(out, "w") as whole:
            whole.writestr("dump.sql", content)
    else:
        with tarfile.open(fileobj=out, mode="w:gz" if kind == "tar.gz" else "w") as tar:
            info = tarfile.TarInfo("dump.sql")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


WARNED = "mysqldump: [Warning] Using a password on the command line interface can be insecure.\n"
NAMED = {
    "UTF-16": ((EAST + END).encode("utf-16"), "is UTF-16 text"),
    "zip": (archive("zip"), "is a zip archive"),
    "tar": (archive("tar"), "is a tar archive"),
    "tar.gz": (archive("tar.gz"), "is a tar archive"),
    "7z": (b"7z\xbc\xaf\x27\x1c" + b"x" * 99, "is a 7z archive"),
    "packed twice": (zipped(zipped(EAST.encode())), "is compressed twice"),
    "a warning first": (WARNED + EAST + END, "begins with a line that is no SQL"),
    "another line first": (
        "/usr/bin/mysqldump: Deprecated program name.\n" + EAST + END,
        "begins with a line that is no SQL",
    ),
    "no SQL at all": ("name,age\nJohn,7\n", "begins with a line that is no SQL"),
    "MySQL 8": (
        (EAST + END)
        .replace("MariaDB dump 10.19", "MySQL dump 10.13")
        .replace("10.5.6-MariaDB", "8.0.36"),
        "is a dump of MySQL 8.0.36",
    ),
    "XML": ('<?xml version="1.0"?>\n<mysqldump>\n', "is XML"),
    "PostgreSQL": ("--\n-- PostgreSQL database dump\n--\n", "is a dump of PostgreSQL"),
    "a binary log": (b"\xfebin" + b"\0" * 99, "is a binary log"),
    "nothing": (b"", "is empty"),
}


@pytest.mark.parametrize("kind", NAMED)
def test_what_is_no_dump_is_told_by_its_name(site: Site, kind: str) -> None:
    content, seen = NAMED[kind]
    put(site, content)
    refused("MDB-056", lambda: loaded(site, NAME), seen)


def test_a_file_that_is_still_written(site: Site) -> None:
    put(site, EAST + END, "it.part")
    refused("MDB-056", lambda: loaded(site, NAME, backupPath=f"{PATH}.part"), "is still written")


@pytest.mark.parametrize(
    "odd",
    [
        "ln -s a.sql it/b.sql",
        "mkdir it/more",
        "mkfifo it/c.sql",
        ": > it/d.sql.lz4",
        ": > $'it/e\\n.sql'",
    ],
)
def test_nothing_in_a_folder_is_passed_over(site: Site, odd: str) -> None:
    make_backup(site, f"mkdir it && mariadb-dump dshop > it/a.sql && {odd}")
    refused("MDB-056", lambda: loaded(site, NAME), "which is none of the files")


def test_a_folder_with_a_file_for_each_database(site: Site) -> None:
    script = "mkdir it; for name in dshop; do mariadb-dump --routines $name | gzip > it/$name.sql.gz; done"
    make_backup(site, f"{script}; printf %s {ADMINER!r} > /dev/null; true")
    staging = site.host("staging")
    staging.write_file(f"{FOLDER}/it/garden.sql", PHPMYADMIN.encode(), 0o600, "delphix")
    server = loaded(site, NAME, backupPath=PATH)
    same(site)
    assert server.value("SELECT COUNT(*) FROM garden.plant") == "2"
