"""FLOAT columns on one version: a managed copy holds every bit, whatever stands beside them."""

import random
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from testbed.client import Server
from testbed.managed import repeated
from testbed.site import Site

NAME, VDB = "exact", "exact_vdb"
LIMITS = (0x00000001, 0x007FFFFF, 0x00800000, 0x7F7FFFFF, 0x80000001, 0xFF7FFFFF, 0x4B800001)
WRITES = (
    "UPDATE exact.bits SET f = f / 3 + 0.1 WHERE id % 97 = 5;"
    " INSERT INTO exact.moving (f, g) VALUES (RAND() * 1e10, RAND());"
    " UPDATE exact.moving SET f = f / 7 ORDER BY id DESC LIMIT 3;"
)

_TABLES = Path(__file__).with_suffix(".sql").read_text()
_NEW_TYPES = (
    "CREATE TABLE later (f FLOAT, u UUID, a INET4);"
    " INSERT INTO later VALUES (0.1, UUID(), '10.0.0.1'), (0.7, NULL, NULL)",
    "CREATE TABLE vectors (f FLOAT, v VECTOR(2) NOT NULL);"
    " INSERT INTO vectors VALUES (0.1, VEC_FromText('[0.1,-3e8]'))",
)
_LATER = {"10.5": (), "10.11": _NEW_TYPES[:1], "11.8": _NEW_TYPES}


def _bits() -> str:
    """A table of FLOATs of which every bit is at random, with the limits of the type."""
    some = random.Random(8)
    numbers = []
    while len(numbers) < 5000:
        bits = some.getrandbits(32) if len(numbers) >= len(LIMITS) else LIMITS[len(numbers)]
        (value,) = struct.unpack("<f", struct.pack("<I", bits))
        if value - value == 0:
            numbers.append(repr(value))
    rows = ", ".join(f"({index}, {value})" for index, value in enumerate(numbers))
    return f"CREATE TABLE exact.bits (id INT, f FLOAT); INSERT INTO exact.bits VALUES {rows};"
    " CREATE VIEW exact.seen AS SELECT f FROM exact.bits;"


def _facts(server: Server) -> list[tuple[str, ...]]:
    """Checksums of the stored bytes, counters and triggers; one version only may be compared."""
    names = [
        row[0].replace("`", "``")
        for row in server.query(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'exact'"
            " AND table_type = 'BASE TABLE' ORDER BY BINARY table_name"
        )
    ]
    queries = [
        f"CHECKSUM TABLE exact.`{name}` EXTENDED; SHOW CREATE TABLE exact.`{name}`"
        for name in names
    ]
    queries += [
        "SELECT trigger_name, action_statement FROM information_schema.triggers"
        " WHERE trigger_schema = 'exact' ORDER BY 1",
        # No definition and no checksum tells these.
        "SELECT id, ATAN2(f, -1) FROM exact.keyless ORDER BY id",
        "SELECT CAST(DEFAULT(f) AS DOUBLE), CAST(DEFAULT(g) AS DOUBLE)"
        " FROM (SELECT 1) one LEFT JOIN exact.empty ON FALSE",
    ]
    return [row for query in queries for row in server.query(query)]


def _same(copy: Server, source: Server) -> None:
    there, here = _facts(copy), _facts(source)
    differ = [pair for pair in zip(there, here, strict=False) if pair[0] != pair[1]]
    assert not differ and len(there) == len(here), "\n".join(f"{a}\n{b}" for a, b in differ)


def _history(server: Server) -> list[tuple[str, ...]]:
    query = (
        "SELECT id, CAST(f AS DOUBLE), {1}, IF({2} > '2038-01-01', 'now', {2})"
        " FROM exact.{0} FOR SYSTEM_TIME ALL ORDER BY 1, 3;"
    )
    both = query.format("versioned", "row_start", "row_end") + query.format(
        "versioned_own", "a", "b"
    )
    return server.query(f"SET time_zone = '+00:00'; {both}")


class Exact:
    """To be subclassed in a module that says which RELEASE."""

    @pytest.fixture(scope="class")
    @classmethod
    def exact(cls, site: Site, series: str) -> Iterator[Site]:
        """A dSource that was linked while its FLOATs were written to."""
        server = site.source.server
        server.query(_TABLES + _bits())
        for statements in _LATER[series]:
            server.query(f"USE exact; {statements}")
        server.query("SET GLOBAL binlog_format = 'ROW'")
        with repeated(site.source, WRITES):
            site.link(NAME, databases=["exact"])
        yield site
        site.lab.delete(NAME, force=True)
        server.query("DROP DATABASE exact; SET GLOBAL binlog_format = 'MIXED'")

    def test_every_bit_is_there(self, exact: Site) -> None:
        """What was written during the link came by the copy or by replication, never by both."""
        exact.lab.sync(NAME)
        _same(exact.sql(NAME), exact.source.server)

    def test_history_as_far_as_the_tools_carry_it(self, exact: Site, series: str) -> None:
        source, staging = (_history(server) for server in (exact.source.server, exact.sql(NAME)))
        if series == "10.5":
            source = [row[:2] for row in source if row[3] == "now"]
            staging = [row[:2] for row in staging]
        assert staging == source

    def test_a_change_of_a_row_without_a_key_is_replicated(self, exact: Site) -> None:
        server = exact.source.server
        server.query(
            "USE exact; UPDATE keyless SET f = f / 3 WHERE id < 12;"
            " UPDATE keyless SET id = 99 WHERE id = 12; UPDATE bits SET id = id + 1;"
            " DELETE FROM every WHERE i8 IS NULL; UPDATE every SET f = 0.7;"
            " INSERT INTO parent VALUES (0.3, 3); DELETE FROM parent WHERE id = 2"
        )
        exact.lab.sync(NAME)
        _same(exact.sql(NAME), server)
        exact.provision(VDB, NAME)
        _same(exact.sql(VDB), server)
        exact.lab.delete(VDB)
