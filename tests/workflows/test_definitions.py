"""Staging has everything as the source has defined it, in the engine that it was defined for."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab.hosts.host import Host
from testbed import compare, source
from testbed.site import Site
from tests.workflows.support import RESYNC, quiet_source, refused

pytestmark = pytest.mark.difference

NAME = "sales"
RICH = (Path(source.__file__).with_name("sql") / "rich.sql").read_text()
PLUGINS = (
    "SET GLOBAL log_bin_trust_function_creators = ON;"
    "INSTALL SONAME 'ha_archive'; INSTALL SONAME 'ha_blackhole'; INSTALL SONAME 'auth_ed25519';\n"
)
ENGINES = (
    "SELECT table_name, engine FROM information_schema.tables WHERE table_schema = 'eng' ORDER BY 1"
)


@contextmanager
def without_library(host: Host, name: str) -> Iterator[None]:
    """A plugin library of the installation cannot be loaded on this host."""
    path = f"/usr/lib/mysql/plugin/{name}.so"
    host.run_as_root(["mount", "--bind", "/dev/null", path])
    try:
        yield
    finally:
        host.run_as_root(["umount", path])


REMARKS = """
USE r1;
DELIMITER //
CREATE PROCEDURE remarks() BEGIN
-- why: 'it' matters
SELECT 1; # and here
/* or here */ END//
CREATE EVENT remarks ON SCHEDULE EVERY 1 DAY DISABLE DO BEGIN
-- why
SET @a = 1; END//
"""
# Events that no server creates: their time is over.
OVER = ("past", "ended")


def test_a_rich_schema_is_no_difference(site: Site) -> None:
    """A false alarm would refuse a good link."""
    server = site.source.server
    with quiet_source(site):
        server.query(f"{PLUGINS}{RICH}")
        # The client takes comments out of what it sends, unless it is asked not to.
        site.host("source").run_as_root(["mariadb", "--comments"], input=REMARKS.encode())
        site.link(NAME)
        both = [
            {
                str(fact): text
                for fact, text in one.facts.items()
                if fact.owner == "r1" and fact.name not in OVER
            }
            for one in (compare.snapshot(server, "source"), site.fingerprint(NAME))
        ]
        assert both[0] == both[1]


def test_a_library_that_staging_lacks(site: Site) -> None:
    """A library of an engine that staging lacks is named before anything is copied.

    On 10.11 the table came as InnoDB, and the job was COMPLETED.
    """
    server = site.source.server
    server.query("CREATE DATABASE eng; CREATE TABLE eng.arch (n INT) ENGINE = ARCHIVE")
    with without_library(site.host("staging"), "ha_archive"):
        refused(
            "MDB-051",
            lambda: site.lab.sync(NAME, RESYNC),
            "engine ARCHIVE",
            "such as eng.arch",
            "ha_archive",
        )
    site.lab.sync(NAME, RESYNC)
    assert site.sql(NAME).query(ENGINES) == [("arch", "ARCHIVE")]


DUMP = """
CREATE DATABASE eng;
USE eng;
/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
CREATE TABLE `arch` (`id` int(11) DEFAULT NULL) ENGINE=ARCHIVE;
INSERT INTO `arch` VALUES (1),(2);
CREATE TABLE `hole` (`id` int(11) DEFAULT NULL) ENGINE=BLACKHOLE;
CREATE TABLE `plain` (`id` tinyint DEFAULT NULL) ENGINE=InnoDB;
INSERT INTO `plain` VALUES (1000);
/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
"""


def test_a_dump_with_tables_of_other_engines(site: Site) -> None:
    """Tables of ARCHIVE and BLACKHOLE in a user's dump end the load where staging lacks them.

    On 10.11 both came as InnoDB.
    """
    path = "/srv/engines.sql"
    site.host("staging").write_file(path, DUMP.encode(), 0o644)
    given = {
        "backupOrigin": "User Provided Backup",
        "backupPath": path,
        "logSync": False,
        "stagingPort": 3311,
    }
    link = lambda: site.link("dumped", **given)  # noqa: E731
    refused("MDB-051", link, "ARCHIVE BLACKHOLE", "'arch'", "'hole'", "ha_archive, ha_blackhole")
    loads = [
        {"propertyName": "plugin_load_add", "value": name}
        for name in ("ha_archive", "ha_blackhole")
    ]
    site.change("dumped", configSettings=loads)
    site.lab.sync("dumped", RESYNC)
    assert [row for row in site.sql("dumped").query(ENGINES)] == [
        ("arch", "ARCHIVE"),
        ("hole", "BLACKHOLE"),
        ("plain", "InnoDB"),
    ]
    (told,) = site.latest("dumped").metadata["warnings"]
    assert "Out of range value for column 'id' at row 1 (1 times, warning 1264)" in told
