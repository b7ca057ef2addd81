-- Partitions, MyISAM, BLOB and BINARY with every byte, number extremes, events.
CREATE DATABASE metrics CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
USE metrics;

CREATE TABLE sample (
    id BIGINT NOT NULL,
    taken DATE NOT NULL,
    value DECIMAL(30,10) NULL,
    PRIMARY KEY (id, taken)
) ENGINE=InnoDB PARTITION BY RANGE COLUMNS (taken) (
    PARTITION p2023 VALUES LESS THAN ('2024-01-01'),
    PARTITION p2024 VALUES LESS THAN ('2025-01-01'),
    PARTITION later VALUES LESS THAN (MAXVALUE));

CREATE TABLE reading (
    id INT NOT NULL PRIMARY KEY,
    sensor SMALLINT UNSIGNED NOT NULL,
    value DOUBLE NOT NULL,
    KEY sensor (sensor)
) ENGINE=MyISAM;

CREATE TABLE reading_by_hash (
    id INT NOT NULL PRIMARY KEY,
    value FLOAT NOT NULL
) ENGINE=InnoDB PARTITION BY HASH (id) PARTITIONS 4;

CREATE TABLE no_key (
    word VARCHAR(20) NULL,
    number INT NULL
) ENGINE=InnoDB;

CREATE TABLE every_byte (
    id SMALLINT UNSIGNED NOT NULL PRIMARY KEY,
    fixed BINARY(4) NOT NULL,
    short VARBINARY(300) NULL,
    big LONGBLOB NULL
) ENGINE=InnoDB;

CREATE TABLE extremes (
    id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    big BIGINT UNSIGNED NULL,
    small BIGINT NULL,
    exact DECIMAL(65,30) NULL,
    inexact DOUBLE NULL,
    bits BIT(17) NULL,
    a_year YEAR NULL,
    a_date DATE NULL,
    a_time TIME(6) NULL,
    a_moment DATETIME(6) NULL,
    address INET6 NULL,
    place POINT NULL,
    padded CHAR(10) NULL
) ENGINE=InnoDB;

CREATE TABLE tick (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    at DATETIME(6) NOT NULL
) ENGINE=InnoDB;

INSERT INTO sample
SELECT seq, DATE_ADD('2023-06-01', INTERVAL seq % 1000 DAY), IF(seq % 13 = 0, NULL, seq / 3)
FROM seq_1_to_100000000 WHERE seq <= @rows DIV 10;
INSERT INTO reading
SELECT seq, seq % 500, SQRT(seq) FROM seq_1_to_100000000 WHERE seq <= @rows DIV 10;
-- A FLOAT's text is exact only up to six digits, and a dump holds text: these values are exact.
INSERT INTO reading_by_hash
SELECT seq, seq % 1000 / 4 FROM seq_1_to_100000000 WHERE seq <= @rows DIV 100;
INSERT INTO no_key SELECT ELT(1 + seq % 3, 'twice', NULL, 'NULL'), seq % 10 FROM seq_1_to_200;

SET @every_byte = (SELECT UNHEX(GROUP_CONCAT(LPAD(HEX(seq), 2, '0') ORDER BY seq SEPARATOR ''))
    FROM seq_0_to_255);
INSERT INTO every_byte
SELECT seq, UNHEX(CONCAT(LPAD(HEX(seq), 2, '0'), 'FF00', LPAD(HEX(255 - seq), 2, '0'))),
    CONCAT(@every_byte, UNHEX(LPAD(HEX(seq), 2, '0'))), IF(seq % 50 = 0, REPEAT(@every_byte, 40), NULL)
FROM seq_0_to_255;
UPDATE every_byte SET big = REPEAT(@every_byte, 12288) WHERE id = 255;

SET @saved_mode = @@sql_mode, sql_mode = 'NO_AUTO_VALUE_ON_ZERO';
INSERT INTO extremes VALUES
    (0, 0, 0, 0, 0, b'0', 1901, '0000-00-00', '00:00:00', '0000-00-00', '::', POINT(0, 0), ''),
    (1, 18446744073709551615, -9223372036854775808, '99999999999999999999999999999999999.123456789012345678901234567891',
     1.7976931348623157e308, b'11111111111111111', 2155, '9999-12-31', '838:59:59.999999',
     '9999-12-31 23:59:59.999999', '2001:db8::ff00:42:8329', POINT(-1.5, 1e-9), ' lead'),
    (2, 1, 9223372036854775807, -1e-30, -2.2250738585072014e-308, b'10', 0, '1000-01-01',
     '-838:59:59.999999', '1970-01-01 00:00:00.000001', '::ffff:192.0.2.128', POINT(1, 2), 'tab\tin'),
    (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
SET sql_mode = @saved_mode;

-- Runs only where the event scheduler does; a copy whose `tick` grows has run it.
CREATE DEFINER='demo_owner'@'localhost' EVENT tick_every_second ON SCHEDULE EVERY 1 SECOND
    STARTS '2020-01-01 00:00:00' DO INSERT INTO metrics.tick (at) VALUES (NOW(6));
CREATE DEFINER='demo_owner'@'localhost' EVENT `nightly clean-up` ON SCHEDULE EVERY 1 DAY
    STARTS '2020-01-01 03:00:00' ON COMPLETION PRESERVE DISABLE COMMENT 'it''s off'
    DO DELETE FROM metrics.tick WHERE at < NOW() - INTERVAL 30 DAY;
