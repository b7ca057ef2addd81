"""Names that somebody with rights on one database has chosen: they are copied, never obeyed."""

from collections.abc import Iterator

import pytest

from testbed.client import identifier
from testbed.site import Site
from tests.workflows.support import RESYNC, holding, quiet_source, refused, same_as_source

NAME = "sales"
VIEWS = (
    "v\nresult-file=/home/delphix/dump.sql#",
    "v\nwhere=0",
    "v\nhost=127.0.0.9",
    "v\n[client]\nhost=127.0.0.9",
    "v\r\nplugin-dir=/home",
    'v"\nlog-error=/home/delphix/x',
    "v\\\nno-data",
    "esc\x1b[31m\x07",
)
DATABASES = ("x\nmysql", "y\ncrm", "tab\tand ☃")
TABLES = ("m\ndata", "q'`\"\\", "r\r\nx", "a.b", "-- Current Database: `mysql`", "$(id)")
PLANTED = "rds_x\ngeneral_log=1#"


@pytest.fixture(scope="module")
def hostile(site: Site) -> Iterator[Site]:
    server = site.source.server
    for database in DATABASES:
        server.query(f"CREATE DATABASE {identifier(database)}")
        for engine in ("InnoDB", "MyISAM"):
            for table in TABLES:
                place = identifier(database, f"{table}{engine}")
                server.query(f"CREATE TABLE {place} (n INT PRIMARY KEY) ENGINE = {engine}")
                server.query(f"INSERT INTO {place} VALUES (1), (2), (3)")
    for view in VIEWS:
        server.query(f"CREATE VIEW {identifier(DATABASES[0], view)} AS SELECT 1 AS n")
    routine = identifier(DATABASES[0], "p\nUSE mysql")
    server.query(f"CREATE PROCEDURE {routine}() SELECT 1")
    server.query(f"CREATE TABLE {identifier('mysql', PLANTED)} (n INT)")
    with quiet_source(site):
        site.link(NAME)
        yield site
    server.query(f"DROP TABLE {identifier('mysql', PLANTED)}")


def test_everything_is_copied_as_it_is(hostile: Site) -> None:
    same_as_source(hostile, NAME)
    query = (
        "SELECT HEX(table_schema), HEX(table_name), table_rows FROM information_schema.tables"
        " WHERE table_schema NOT IN ('mysql', 'sys') ORDER BY 1, 2"
    )
    names = [row[:2] for row in hostile.source.server.query(query)]
    assert [row[:2] for row in hostile.sql(NAME).query(query)] == names


def test_no_name_became_an_option_of_a_client_or_a_server(hostile: Site) -> None:
    assert holding(hostile.host("staging"), "/home", "CREATE") == []
    asked = "SELECT @@general_log, @@plugin_dir LIKE '/home%', @@port"
    assert hostile.sql(NAME).query(asked)[0][:2] == ("0", "0")
    text = hostile.host("staging").read_file(f"{hostile.mount(NAME)}/required.cnf").decode()
    assert "\ngeneral_log" not in text
    assert 'replicate_ignore_table = "mysql.rds_x\\ngeneral_log=1#"' in text


def test_what_happens_later_in_such_tables_is_followed(hostile: Site) -> None:
    for table in TABLES:
        place = identifier(DATABASES[0], f"{table}InnoDB")
        hostile.source.server.query(f"INSERT INTO {place} VALUES (4)")
    hostile.source.server.query(f"INSERT INTO {identifier('mysql', PLANTED)} VALUES (1)")
    hostile.lab.sync(NAME)
    same_as_source(hostile, NAME)


def test_the_log_shows_control_characters_and_never_sends_them(hostile: Site) -> None:
    hostile.provision("copy", NAME)
    assert set(DATABASES) <= set(hostile.latest("copy").metadata["databases"])
    for path in (hostile.lab.root / "log").rglob("*.log"):
        text = path.read_text()
        assert not any(ord(char) < 32 and char != "\n" for char in text), path
        assert all(line.startswith("[2") for line in text.splitlines()), path
    hostile.lab.delete("copy")


def test_names_that_the_tools_take_for_one_another_are_refused(hostile: Site) -> None:
    """mariadb-dump takes `a.b`.`c` and `a`.`b.c` for the same table when it leaves one out."""
    server = hostile.source.server
    server.query("CREATE DATABASE `a`; CREATE TABLE a.`b.c` (n INT) ENGINE = InnoDB")
    server.query("CREATE DATABASE `a.b`; CREATE TABLE `a.b`.c (n INT) ENGINE = MyISAM")
    snapshots = hostile.lab.snapshots(NAME)
    refused("MDB-059", lambda: hostile.lab.sync(NAME, RESYNC), "a.b.c")
    assert hostile.lab.snapshots(NAME) == snapshots
    hostile.source.server.query("DROP DATABASE a; DROP DATABASE `a.b`")
    hostile.lab.sync(NAME)


@pytest.mark.parametrize("database", ["it's", 'a"b', "a\\b", "a\nb", "a\rb"])
def test_events_that_mariadb_dump_cannot_read_are_refused(hostile: Site, database: str) -> None:
    """It asks for them with the database's name escaped as in a text."""
    server, name = hostile.source.server, identifier(database)
    server.query(f"CREATE DATABASE {name}")
    server.query(f"CREATE EVENT {name}.e ON SCHEDULE EVERY 1 DAY DISABLE DO SET @a = 1")
    refused("MDB-059", lambda: hostile.lab.sync(NAME, RESYNC), "events of the database")
    assert hostile.lab.status(NAME) == "ACTIVE"
    server.query(f"DROP DATABASE {name}")
    hostile.lab.sync(NAME)
