-- What the writer writes into. Money moves between two tables: their sum never changes, and each
-- balance follows from the ledger. The logs hold every ledger number once, without a hole.
CREATE DATABASE IF NOT EXISTS demo_writer CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
USE demo_writer;
CREATE TABLE IF NOT EXISTS checking (id INT NOT NULL PRIMARY KEY, balance BIGINT NOT NULL) ENGINE=InnoDB;
CREATE TABLE IF NOT EXISTS savings (id INT NOT NULL PRIMARY KEY, balance BIGINT NOT NULL) ENGINE=InnoDB;
CREATE TABLE IF NOT EXISTS ledger (
    number BIGINT NOT NULL PRIMARY KEY,
    checking_id INT NOT NULL,
    savings_id INT NOT NULL,
    amount INT NOT NULL,
    written DATETIME(6) NOT NULL,
    KEY checking_id (checking_id),
    KEY savings_id (savings_id)
) ENGINE=InnoDB;
CREATE TABLE IF NOT EXISTS myisam_log (
    number BIGINT NOT NULL PRIMARY KEY,
    payload VARCHAR(255) NOT NULL,
    written DATETIME(6) NOT NULL,
    KEY payload (payload)
) ENGINE=MyISAM;
CREATE TABLE IF NOT EXISTS aria_log (
    number BIGINT NOT NULL PRIMARY KEY,
    payload VARCHAR(255) NOT NULL,
    written DATETIME(6) NOT NULL,
    KEY payload (payload)
) ENGINE=Aria TRANSACTIONAL=1;
CREATE TABLE IF NOT EXISTS aria_plain_log (
    number BIGINT NOT NULL PRIMARY KEY,
    payload VARCHAR(255) NOT NULL,
    written DATETIME(6) NOT NULL,
    KEY payload (payload)
) ENGINE=Aria TRANSACTIONAL=0;
INSERT IGNORE INTO checking SELECT seq, 1000000 FROM seq_0_to_15;
INSERT IGNORE INTO savings SELECT seq, 1000000 FROM seq_0_to_15;
