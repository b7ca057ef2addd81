"""MariaDB 11.8, of Debian 13."""

import pytest

from testbed.backups import FOLDER, USER_BACKUP
from testbed.site import Site
from tests.versions.cloud import Cloud
from tests.versions.exact import Exact
from tests.versions.life import Life
from tests.versions.privileges import Privileges
from tests.versions.tls import Tls
from tests.versions.ways import NO_SOURCE, Ways
from tests.workflows.support import refused

RELEASE = "trixie"
VISIBLE = (
    "t (n INT, row_start TIMESTAMP(6) GENERATED ALWAYS AS ROW START,"
    " row_end TIMESTAMP(6) GENERATED ALWAYS AS ROW END,"
    " PERIOD FOR SYSTEM_TIME (row_start, row_end))"
)
DUMP = """-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB, for debian-linux-gnu (x86_64)
CREATE DATABASE h;
USE h;
CREATE TABLE {table} WITH SYSTEM VERSIONING;
SET time_zone = '+00:00', system_versioning_insert_history = 1;
INSERT INTO t (n, row_start, row_end) VALUES (1, '2020-01-01', '2024-01-01');
INSERT INTO t (n, row_start, row_end) VALUES (2, '2020-01-01', '{end}');
-- Dump completed
"""


class TestLife(Life):
    """Its life from link to delete."""


class TestPrivileges(Privileges):
    """Its grants."""


class TestTls(Tls):
    """Its connections to the source."""


class TestWays(Ways):
    """Every other way in."""

    @pytest.mark.parametrize("table", ["t (n INT)", VISIBLE])
    def test_history_of_an_older_server_in_a_dump(self, site: Site, table: str) -> None:
        """Present rows end in 2106 here, in 2038 there: they would be lost without a word."""
        staging = site.host("staging")
        for end, fits in (
            ("2038-01-19 03:14:07.999999", False),
            ("2106-02-07 06:28:15.999999", True),
        ):
            text = DUMP.format(table=table, end=end)
            staging.write_file(f"{FOLDER}/it", text.encode(), 0o644)
            if fits:
                site.link("history", **USER_BACKUP | NO_SOURCE)
                assert site.sql("history").value("SELECT COUNT(*) FROM h.t") == "1"
            else:
                words = "present rows of h.t came as history"
                refused("MDB-056", lambda: site.link("history", **USER_BACKUP | NO_SOURCE), words)
            site.lab.delete("history")


class TestCloud(Cloud):
    """As a managed cloud source."""


class TestExact(Exact):
    """Its FLOAT columns."""
