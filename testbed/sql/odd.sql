-- Names that break careless quoting: spaces, dashes, quotes, backticks, shell words, reserved words.
CREATE DATABASE `odd-db ``x`` ünï ☃` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
USE `odd-db ``x`` ünï ☃`;
CREATE TABLE `a table-with ``ticks``` (
    `the key` INT NOT NULL PRIMARY KEY,
    `co``lumn "q" 'a' ☃` VARCHAR(50) NULL
) ENGINE=InnoDB COMMENT='a ''comment'' with "quotes" \\ and ☃';
CREATE TABLE `$(touch x);'"*.%` (`percent %s` INT NOT NULL PRIMARY KEY) ENGINE=Aria TRANSACTIONAL=1;
CREATE TABLE `dotted.name` (`a.b` INT NOT NULL PRIMARY KEY) ENGINE=MyISAM;
CREATE VIEW `view - of ``it``` AS SELECT `co``lumn "q" 'a' ☃` AS `a s` FROM `a table-with ``ticks```;
CREATE TRIGGER `trigger 'x' ``y``` BEFORE INSERT ON `a table-with ``ticks```
    FOR EACH ROW SET NEW.`co``lumn "q" 'a' ☃` = CONCAT(NEW.`co``lumn "q" 'a' ☃`, ' 🎉');
INSERT INTO `a table-with ``ticks``` SELECT seq, CONCAT('value ', seq) FROM seq_1_to_100;
INSERT INTO `$(touch x);'"*.%` SELECT seq FROM seq_1_to_50;
INSERT INTO `dotted.name` SELECT seq FROM seq_1_to_50;

CREATE DATABASE `select` CHARACTER SET latin1 COLLATE latin1_german1_ci;
USE `select`;
CREATE TABLE `order` (`key` INT NOT NULL PRIMARY KEY, `from` VARCHAR(20) NULL, `group` INT NULL) ENGINE=InnoDB;
CREATE TABLE `table` (`where` INT NOT NULL PRIMARY KEY, CONSTRAINT `check` FOREIGN KEY (`where`)
    REFERENCES `order` (`key`)) ENGINE=InnoDB;
INSERT INTO `order` SELECT seq, CONCAT('Grüße ', seq), seq % 3 FROM seq_1_to_100;
INSERT INTO `table` SELECT seq FROM seq_1_to_50;
CREATE PROCEDURE `call`() SELECT `from` FROM `order`;

CREATE DATABASE `empty` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
