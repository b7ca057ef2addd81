"""A database that a comparison of rows may get wrong, for the tests of `verify`."""

from testbed.parameters import Json

VERIFY: Json = {"verify": True}

# What a checksum by plain SQL may get wrong: rows without a key and the same twice, every type,
# NULL beside an empty text, separators inside values, names that need quotes or differ in case.
SCHEMA = r"""
CREATE DATABASE proof CHARACTER SET utf8mb4;
USE proof;
CREATE TABLE keyless (a INT, b VARCHAR(20)) ENGINE=InnoDB;
INSERT INTO keyless VALUES (1, 'one'), (1, 'one'), (2, NULL), (2, ''), (NULL, NULL);
CREATE TABLE pairs (a VARCHAR(20), b VARCHAR(20), n INT PRIMARY KEY);
INSERT INTO pairs VALUES ('x,', 'y', 1), ('x', ',y', 2), ('p', 'q', 3), ('r', 's', 4);
CREATE TABLE types (id INT PRIMARY KEY, d DOUBLE, dc DECIMAL(30,10), b BIT(10),
  e ENUM('a', 'b', ''), s SET('a', 'b', 'c'), y YEAR, da DATE, dt DATETIME(6), ts TIMESTAMP(3) NULL,
  tm TIME(2), c CHAR(10),
  cb BINARY(5), v VARCHAR(20) CHARACTER SET latin1, vb VARBINARY(20), tx TEXT CHARACTER SET ucs2,
  bl LONGBLOB, j JSON, i6 INET6, g GEOMETRY, z INT(6) ZEROFILL, bu BIGINT UNSIGNED,
  twice INT AS (id * 2) VIRTUAL, kept VARCHAR(30) AS (CONCAT(v, '!')) STORED,
  age INT AS (YEAR(NOW()) - y) VIRTUAL, hidden INT INVISIBLE DEFAULT 7, packed TEXT COMPRESSED);
INSERT INTO types
  (id, d, dc, b, e, s, y, da, dt, ts, tm, c, cb, v, vb, tx, bl, j, i6, g, z, bu, packed)
  VALUES (1, 1e300, 1.5, 5, 'a', 'a,c', 2024, '2024-02-29', '2024-01-01 10:00:00.123456',
  '2024-01-01 00:00:00.123', '-10:00:00.55', 'abc  ', 'ab', 'é~|', '\0\n\\', 'ü漢', '\0\0',
  '{"a": 1}', '::1', POINT(1, 2), 42, 18446744073709551615, REPEAT('x', 900));
INSERT INTO types (id, tx, v) VALUES (2, '', ''), (3, NULL, NULL);
CREATE TABLE `odd ``name;
-- of "a'table` (`a ``b\` INT, `c
d` TEXT);
INSERT INTO `odd ``name;
-- of "a'table` VALUES (1, 'x');
CREATE TABLE Upper (a INT); CREATE TABLE upper (a INT); INSERT INTO upper VALUES (1);
CREATE TABLE plain (a INT, b VARCHAR(10)) ENGINE=MyISAM;
INSERT INTO plain VALUES (1, 'a'), (1, 'a');
CREATE TABLE aria (a INT PRIMARY KEY) ENGINE=Aria; INSERT INTO aria VALUES (1), (2);
CREATE TABLE memory (a INT) ENGINE=MEMORY;
CREATE TABLE versioned (a INT PRIMARY KEY, b INT) WITH SYSTEM VERSIONING;
INSERT INTO versioned VALUES (1, 1), (2, 2); UPDATE versioned SET b = 5 WHERE a = 1;
DELETE FROM versioned WHERE a = 2;
CREATE SEQUENCE numbers; SELECT NEXTVAL(numbers);
CREATE TABLE parts (a INT, b INT) PARTITION BY HASH (a) PARTITIONS 4;
INSERT INTO parts VALUES (1, 1), (2, 2);
CREATE TABLE nothing (a INT);
CREATE VIEW seen AS SELECT * FROM keyless;
CREATE USER proof_user@'%' IDENTIFIED BY 'x'; GRANT SELECT ON proof.* TO proof_user@'%';
"""


TABLES = """SELECT COUNT(*) FROM information_schema.tables WHERE table_type <> 'VIEW'
  AND engine <> 'MEMORY'
  AND table_schema NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')"""

# Once more by replication, other rows.
REPLICATED = """
USE proof; INSERT INTO keyless SELECT a + 1, b FROM keyless; SELECT NEXTVAL(numbers);
UPDATE versioned SET b = 6; UPDATE types SET d = 0.1, tx = 'ß' WHERE id = 2;
INSERT INTO plain VALUES (3, NULL); DELETE FROM pairs WHERE n = 4;
CREATE USER late@'%' IDENTIFIED BY 'y' WITH MAX_USER_CONNECTIONS 5; GRANT ALL ON *.* TO late@'%';
GRANT ALL ON proof.* TO late@'%' WITH GRANT OPTION; GRANT ALL ON proof.pairs TO late@'%';
CREATE ROLE readers; GRANT SELECT (a), INSERT ON proof.keyless TO readers;
GRANT readers TO late@'%';
SET DEFAULT ROLE readers FOR late@'%'; ALTER USER late@'%' ACCOUNT LOCK; CREATE USER open@'%';
"""
