"""FLOAT columns on one version: a managed copy holds every bit of them, whatever stands beside them."""

import random
import struct
from collections.abc import Iterator

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

_TABLES = r"""
CREATE DATABASE exact; USE exact; SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES';
CREATE TABLE keyless (id INT, f FLOAT);
INSERT INTO keyless VALUES (1, 1234567), (2, 0.1234567), (3, 7.5), (4, 16777217), (5, 1/3), (6, NULL),
    (7, 3.402823466e38), (8, -3.402823466e38), (9, 1.401298e-45), (10, 0), (11, 0.1);
INSERT INTO keyless VALUES (12, -1e-300);
CREATE TABLE shaped (id INT AUTO_INCREMENT PRIMARY KEY, z FLOAT UNSIGNED ZEROFILL, s FLOAT(7,3),
    w FLOAT(20,1) NOT NULL, d DOUBLE, dd DOUBLE(12,4), n INT(8) ZEROFILL, x DECIMAL(65,30)) AUTO_INCREMENT = 500;
INSERT INTO shaped VALUES (0, 0.1, 1234.567, 123456789012.3, 0.1, 1.2345, 42, 1/3),
    (NULL, 1e30, -0.0009, 16777217, 5e-324, -1e7 / 3, 0, -99999999999999999999999999999999999.123456789),
    (7, 3.402823466e38, 9999.999, -0.04, 1.7976931348623157e308, 0, 1, 0);
DELETE FROM shaped WHERE id = 500; ALTER TABLE shaped AUTO_INCREMENT = 900;
CREATE TABLE every (f FLOAT NOT NULL, i8 TINYINT, i64 BIGINT UNSIGNED, b BIT(64), y YEAR, d DATE, t TIME(6),
    m DATETIME(3), s TIMESTAMP(6) NULL, e ENUM('a', 'it''s', 'NULL'), st SET('x', 'y''', 'z') NOT NULL, c CHAR(9) CHARACTER SET sjis,
    v VARCHAR(99) CHARACTER SET latin1, u TEXT CHARACTER SET ucs2, k LONGTEXT CHARACTER SET utf8mb4, vb VARBINARY(300), bl LONGBLOB,
    bn BINARY(4) NOT NULL, p POINT, g GEOMETRY, j JSON, a6 INET6, n VARCHAR(9) NOT NULL DEFAULT 'x', `no ``one's "name\` INT INVISIBLE);
INSERT INTO every VALUES (0.1, -128, 18446744073709551615, b'1', 0, '0000-00-00', '-838:59:59.999999', '2020-02-31 01:02:03.004',
    '2038-01-19 03:14:07.999999', 2, 'x,z', _sjis x'835C5C', CONCAT(x'E927', 'NULL\\'), 'a\tb', 'NULL', x'00090A0D5C271AFF', x'', x'00000027',
    ST_GeomFromText('POINT(0.1 2)', 4326), ST_GeomFromText('LINESTRING(0 0, 1e-9 1)'), '{"a": "b''"}', '2001:db8::1', 'NULL'),
    (-1/3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '', NULL, NULL, NULL, NULL, NULL, NULL, '', NULL, NULL, NULL, NULL, ''),
    (1e-40, 1, 1, x'FFFFFFFFFFFFFFFF', 2155, '9999-12-31', '00:00:00', '1000-01-01', '1970-01-01 00:00:01', 'no such', 'y''', '', '', '', '',
    '', REPEAT(x'5C2700090A', 400000), 'abcd', NULL, NULL, '[]', '::', '\r\n');
CREATE TABLE dropped (gone INT, f FLOAT, e ENUM('a', 'b'), h INT AS (f * 2) STORED, l INT AS (f + 1) VIRTUAL, o FLOAT DEFAULT 1234567,
    KEY (e), UNIQUE (f), CHECK (f < 1e9));
INSERT INTO dropped (f, e) VALUES (1234567, 'b'), (0.7, 'zzz'); ALTER TABLE dropped DROP COLUMN gone;
CREATE TABLE parent (f FLOAT, id INT PRIMARY KEY); CREATE TABLE child (id INT, f FLOAT, FOREIGN KEY (id) REFERENCES parent (id) ON DELETE CASCADE);
INSERT INTO parent VALUES (0.1, 1), (0.2, 2); INSERT INTO child VALUES (1, 3.3), (2, 1e10/3), (NULL, 16777217);
CREATE TABLE told (id INT AUTO_INCREMENT PRIMARY KEY, f FLOAT);
CREATE TRIGGER parent_in BEFORE INSERT ON parent FOR EACH ROW SET NEW.f = NEW.f + 1;
CREATE TRIGGER parent_told AFTER INSERT ON parent FOR EACH ROW INSERT INTO told (f) VALUES (NEW.f);
CREATE TABLE parted (id INT PRIMARY KEY, f FLOAT) PARTITION BY HASH (id) PARTITIONS 3;
INSERT INTO parted SELECT seq, seq / 7 FROM seq_1_to_1000;
CREATE TABLE myisam (id INT, f FLOAT, t TEXT) ENGINE = MyISAM; INSERT INTO myisam SELECT seq, 1e7 / seq, seq FROM seq_1_to_1000;
CREATE TABLE aria (id INT AUTO_INCREMENT PRIMARY KEY, f FLOAT) ENGINE = Aria; INSERT INTO aria SELECT seq, 1e7 / seq FROM seq_1_to_1000;
CREATE TABLE `Case` (f FLOAT); INSERT INTO `Case` VALUES (0.7); CREATE TABLE `case` (f INT); INSERT INTO `case` VALUES (7);
CREATE TABLE `it's ``one``	"tab\` (f FLOAT, `c'o``l\` TEXT); INSERT INTO `it's ``one``	"tab\` VALUES (0.7, 'x');
CREATE TABLE empty (f FLOAT DEFAULT 0.12345678, g FLOAT(9,2) DEFAULT 7654321.5);
CREATE TABLE moving (id INT AUTO_INCREMENT PRIMARY KEY, f FLOAT, g FLOAT); INSERT INTO moving (f, g) VALUES (1, 2), (3, 4), (5, 6);
CREATE TABLE versioned (id INT PRIMARY KEY, f FLOAT) WITH SYSTEM VERSIONING;
INSERT INTO versioned VALUES (1, 0.1), (2, 1234567); UPDATE versioned SET f = f / 3; DELETE FROM versioned WHERE id = 2;
CREATE TABLE versioned_own (id INT PRIMARY KEY, f FLOAT, a TIMESTAMP(6) GENERATED ALWAYS AS ROW START,
    b TIMESTAMP(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (a, b)) WITH SYSTEM VERSIONING;
INSERT INTO versioned_own (id, f) VALUES (1, 0.1), (2, 1234567); UPDATE versioned_own SET f = f / 3;
"""
_LATER = {
    "10.11": "CREATE TABLE later (f FLOAT, u UUID, a INET4); INSERT INTO later VALUES (0.1, UUID(), '10.0.0.1'), (0.7, NULL, NULL);",
    "11.8": "CREATE TABLE vectors (f FLOAT, v VECTOR(2) NOT NULL); INSERT INTO vectors VALUES (0.1, VEC_FromText('[0.1,-3e38]'));",
}


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
            " AND table_type <> 'VIEW' ORDER BY BINARY table_name"
        )
    ]
    queries = [f"CHECKSUM TABLE exact.`{name}` EXTENDED; SHOW CREATE TABLE exact.`{name}`" for name in names]
    queries += [
        "SELECT trigger_name, action_statement FROM information_schema.triggers"
        " WHERE trigger_schema = 'exact' ORDER BY 1",
        # No definition and no checksum tells these.
        "SELECT id, ATAN2(f, -1) FROM exact.keyless ORDER BY id",
        "SELECT CAST(DEFAULT(f) AS DOUBLE), CAST(DEFAULT(g) AS DOUBLE) FROM (SELECT 1) one LEFT JOIN exact.empty ON FALSE",
    ]
    return [row for query in queries for row in server.query(query)]


def _same(copy: Server, source: Server) -> None:
    there, here = _facts(copy), _facts(source)
    differ = [pair for pair in zip(there, here, strict=False) if pair[0] != pair[1]]
    assert not differ and len(there) == len(here), "\n".join(f"{a}\n{b}" for a, b in differ)


def _history(server: Server) -> list[tuple[str, ...]]:
    columns = "id, CAST(f AS DOUBLE), {0}, IF({1} > '2038-01-01', 'now', {1})"
    return server.query(
        "SET time_zone = '+00:00';"
        f"SELECT {columns.format('row_start', 'row_end')} FROM exact.versioned FOR SYSTEM_TIME ALL ORDER BY 1, 3;"
        f"SELECT {columns.format('a', 'b')} FROM exact.versioned_own FOR SYSTEM_TIME ALL ORDER BY 1, 3"
    )


class Exact:
    """To be subclassed in a module that says which RELEASE."""

    @pytest.fixture(scope="class")
    @classmethod
    def exact(cls, site: Site, series: str) -> Iterator[Site]:
        """A dSource that was linked while its FLOATs were written to."""
        server = site.source.server
        server.query(_TABLES + _bits())
        for since, statements in _LATER.items():
            if float(series.split(".")[0]) + int(series.split(".")[1]) / 100 >= float(since.split(".")[0]) + int(since.split(".")[1]) / 100:
                server.query(f"USE exact; {statements}")
        server.query("SET GLOBAL binlog_format = 'ROW'")
        with repeated(site.source, WRITES):
            site.link(NAME, databases=["exact"])
        yield site
        site.lab.delete(NAME, force=True)
        server.query("DROP DATABASE exact; SET GLOBAL binlog_format = 'MIXED'")

    def test_every_bit_is_there(self, exact: Site) -> None:
        """Rows that were written during the link came by the copy or by replication, never by both."""
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
            "UPDATE exact.keyless SET f = f / 3 WHERE id < 12; UPDATE exact.keyless SET id = 99 WHERE id = 12;"
            " UPDATE exact.bits SET id = id + 1; DELETE FROM exact.every WHERE f = 1e-40 OR i8 IS NULL;"
            " UPDATE exact.every SET f = 0.7; INSERT INTO exact.parent VALUES (0.3, 3); DELETE FROM exact.parent WHERE id = 2"
        )
        exact.lab.sync(NAME)
        _same(exact.sql(NAME), server)
        exact.provision(VDB, NAME)
        _same(exact.sql(VDB), server)
        exact.lab.delete(VDB)
