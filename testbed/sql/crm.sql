-- Full text, Aria (both kinds) and MyISAM, foreign keys and views across databases.
CREATE DATABASE crm CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
USE crm;

CREATE TABLE contact (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    customer_id INT UNSIGNED NULL,
    phone VARCHAR(30) NULL,
    kind ENUM('phone','mail') NOT NULL,
    CONSTRAINT contact_customer FOREIGN KEY (customer_id) REFERENCES shop.customer (id)
        ON DELETE SET NULL
) ENGINE=InnoDB;

CREATE TABLE note (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    body TEXT NOT NULL,
    FULLTEXT KEY body (body)
) ENGINE=InnoDB;

CREATE TABLE note_archive (
    id INT UNSIGNED NOT NULL PRIMARY KEY,
    body TEXT NOT NULL,
    FULLTEXT KEY body (body)
) ENGINE=MyISAM;

CREATE TABLE call_log (
    id INT UNSIGNED NOT NULL PRIMARY KEY,
    started DATETIME(6) NOT NULL,
    lasted TIME(3) NOT NULL,
    text VARCHAR(200) NULL,
    KEY started (started)
) ENGINE=Aria TRANSACTIONAL=1;

CREATE TABLE click_log (
    id INT UNSIGNED NOT NULL PRIMARY KEY,
    page VARCHAR(100) NOT NULL,
    KEY page (page)
) ENGINE=Aria TRANSACTIONAL=0 ROW_FORMAT=DYNAMIC;

INSERT INTO contact (id, customer_id, phone, kind)
SELECT seq, IF(seq % 11 = 0, NULL, 1 + seq % @customers), CONCAT('+49 ', seq * 7), 1 + seq % 2
FROM seq_1_to_100000000 WHERE seq <= @rows DIV 20;

INSERT INTO note
SELECT seq, CONCAT('The quick ', ELT(1 + seq % 4, 'brown', 'red', 'grün', '狐'), ' fox № ', seq,
    ' jumped over ', ELT(1 + seq % 3, 'lazy dogs', 'the moon 🌙', 'a fence'))
FROM seq_1_to_100000000 WHERE seq <= @rows DIV 100;
INSERT INTO note_archive SELECT id, body FROM note;

INSERT INTO call_log
SELECT seq, DATE_ADD('2022-03-04 05:06:07.000008', INTERVAL seq MINUTE), SEC_TO_TIME(seq % 3599 + 0.125),
    IF(seq % 10 = 0, NULL, MD5(seq))
FROM seq_1_to_100000000 WHERE seq <= @rows DIV 20;
INSERT INTO click_log
SELECT seq, CONCAT('/page/', seq % 1000, '?q=', CRC32(seq)) FROM seq_1_to_100000000 WHERE seq <= @rows DIV 20;

CREATE DEFINER='demo_owner'@'localhost' VIEW customer_contact AS
    SELECT c.id, c.name, k.phone FROM shop.customer c LEFT JOIN contact k ON k.customer_id = c.id;
CREATE DEFINER='demo_owner'@'localhost' VIEW best_customer AS
    SELECT b.name, b.gross, (SELECT COUNT(*) FROM customer_contact) AS contacts FROM shop.aa_best b;

DELIMITER //
CREATE DEFINER='demo_owner'@'localhost' PROCEDURE contacts_of(IN wanted INT UNSIGNED, OUT total INT)
    READS SQL DATA
BEGIN
    SELECT COUNT(*) INTO total FROM contact WHERE customer_id = wanted;
END//
DELIMITER ;
