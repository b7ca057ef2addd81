-- InnoDB: foreign keys, generated columns, CHECK, JSON, DECIMAL, emoji, NULLs, triggers, routines.
CREATE DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
USE shop;

CREATE TABLE customer (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    email VARCHAR(120) NOT NULL,
    name VARCHAR(80) NOT NULL,
    domain VARCHAR(120) AS (SUBSTRING_INDEX(email, '@', -1)) VIRTUAL,
    name_length INT AS (CHAR_LENGTH(name)) PERSISTENT,
    born DATE NULL,
    profile JSON NULL,
    internal_note VARCHAR(40) INVISIBLE DEFAULT 'hidden',
    created DATETIME(6) NOT NULL,
    UNIQUE KEY email (email),
    KEY domain (domain)
) ENGINE=InnoDB COMMENT='AUTO_INCREMENT=7 is only a comment';

CREATE TABLE product (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    sku CHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
    title VARCHAR(100) NOT NULL,
    price DECIMAL(12,4) NOT NULL,
    weight DOUBLE NULL,
    size ENUM('small','medium','large','it''s huge') NULL,
    tags SET('new','sale','gift') NOT NULL DEFAULT '',
    CONSTRAINT price_is_positive CHECK (price > 0)
) ENGINE=InnoDB;

CREATE TABLE purchase (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    customer_id INT UNSIGNED NOT NULL,
    placed DATETIME(6) NOT NULL,
    changed TIMESTAMP(3) NULL,
    state VARCHAR(10) NOT NULL DEFAULT 'open',
    remark TEXT NULL,
    KEY placed (placed),
    CONSTRAINT purchase_customer FOREIGN KEY (customer_id) REFERENCES customer (id)
) ENGINE=InnoDB;

CREATE TABLE purchase_line (
    purchase_id BIGINT UNSIGNED NOT NULL,
    line SMALLINT UNSIGNED NOT NULL,
    product_id INT UNSIGNED NOT NULL,
    quantity INT NOT NULL CHECK (quantity BETWEEN 1 AND 1000),
    price DECIMAL(12,4) NOT NULL,
    total DECIMAL(22,4) AS (quantity * price) PERSISTENT,
    PRIMARY KEY (purchase_id, line),
    CONSTRAINT line_purchase FOREIGN KEY (purchase_id) REFERENCES purchase (id) ON DELETE CASCADE,
    CONSTRAINT line_product FOREIGN KEY (product_id) REFERENCES product (id) ON UPDATE CASCADE
) ENGINE=InnoDB ROW_FORMAT=COMPRESSED;

CREATE TABLE price_history (
    product_id INT UNSIGNED NOT NULL PRIMARY KEY,
    price DECIMAL(12,4) NOT NULL
) ENGINE=InnoDB WITH SYSTEM VERSIONING;

CREATE TABLE audit (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    what VARCHAR(200) NOT NULL
) ENGINE=InnoDB;

CREATE SEQUENCE invoice_number START WITH 1000 INCREMENT BY 1 CACHE 50;
CREATE SEQUENCE ticket_number START WITH 5 INCREMENT BY 5 MAXVALUE 1000000 NOCACHE CYCLE;

SET @customers = GREATEST(20, @rows DIV 20), @products = GREATEST(20, @rows DIV 50),
    @purchases = GREATEST(20, @rows DIV 5);

INSERT INTO customer (id, email, name, born, profile, created)
SELECT seq, CONCAT('c', seq, '@', ELT(1 + seq % 3, 'example.com', 'example.org', 'bücher.example')),
    CONCAT(ELT(1 + seq % 5, 'Ada', 'Zoë', '李雷', 'Ωmega', 'Smile 😀👩‍👩‍👧'), ' ', HEX(seq)),
    IF(seq % 7 = 0, NULL, DATE_ADD('1950-01-01', INTERVAL seq % 20000 DAY)),
    IF(seq % 4 = 0, NULL, JSON_OBJECT('level', seq % 9, 'tags', JSON_ARRAY('a"b', '😀', NULL))),
    DATE_ADD('2020-01-01 00:00:00.000001', INTERVAL seq * 1000003 MICROSECOND)
FROM seq_1_to_100000000 WHERE seq <= @customers;

INSERT INTO product
SELECT seq, CONCAT('SKU-', LPAD(seq, 8, '0')), CONCAT('Thing № ', seq), 0.0001 + seq % 9973,
    IF(seq % 5 = 0, NULL, seq / 7e0), 1 + seq % 4, seq % 8
FROM seq_1_to_100000000 WHERE seq <= @products;

INSERT INTO purchase (id, customer_id, placed, changed, state, remark)
SELECT seq, 1 + (seq * 7919) % @customers,
    DATE_ADD('2021-01-01', INTERVAL seq * 654321 MICROSECOND),
    IF(seq % 3 = 0, NULL, FROM_UNIXTIME(1600000000 + seq + seq % 1000 / 1000)),
    ELT(1 + seq % 3, 'open', 'paid', 'sent'),
    ELT(1 + seq % 6, NULL, '', 'NULL', 'line\nbreak\ttab \\ back', 'quote '' " `', MD5(seq))
FROM seq_1_to_100000000 WHERE seq <= @purchases;

INSERT INTO purchase_line (purchase_id, line, product_id, quantity, price)
SELECT p.seq, l.seq, 1 + (p.seq * 31 + l.seq) % @products, 1 + (p.seq + l.seq) % 12,
    1.25 + p.seq % 500
FROM seq_1_to_100000000 p JOIN seq_1_to_2 l WHERE p.seq <= @purchases;

INSERT INTO price_history SELECT id, price FROM product WHERE id <= 200;
UPDATE price_history SET price = price + 1 WHERE product_id <= 20;
DELETE FROM price_history WHERE product_id = 7;

DELIMITER //
CREATE DEFINER='demo_owner'@'localhost' FUNCTION price_with_tax(net DECIMAL(12,4))
    RETURNS DECIMAL(14,4) DETERMINISTIC NO SQL
    COMMENT 'it''s 21 %; "quoted"'
BEGIN
    -- a comment with a delimiter ; and a quote '
    RETURN net * 1.21;
END//
CREATE DEFINER='demo_owner'@'localhost' PROCEDURE ship(IN wanted BIGINT UNSIGNED)
    MODIFIES SQL DATA SQL SECURITY INVOKER
BEGIN
    DECLARE EXIT HANDLER FOR NOT FOUND SET @shipped = 0;
    UPDATE purchase SET state = 'sent' WHERE id = wanted;
    SET @shipped = ROW_COUNT();
END//
CREATE DEFINER='demo_left_long_ago'@'nowhere' PROCEDURE forgotten() SELECT 'my definer is gone'//
CREATE DEFINER='demo_owner'@'localhost' TRIGGER purchase_audit AFTER UPDATE ON purchase FOR EACH ROW
    INSERT INTO audit (what) VALUES (CONCAT('purchase ', NEW.id, ' ', OLD.state, ' → ', NEW.state))//
CREATE DEFINER='demo_owner'@'localhost' TRIGGER purchase_audit_more AFTER UPDATE ON purchase
    FOR EACH ROW FOLLOWS purchase_audit INSERT INTO audit (what) VALUES ('and once more')//
CREATE DEFINER='demo_owner'@'localhost' TRIGGER customer_lower BEFORE INSERT ON customer
    FOR EACH ROW SET NEW.email = LOWER(NEW.email)//
DELIMITER ;

SET @saved_mode = @@sql_mode, sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES';
CREATE FUNCTION "join both"(a TEXT, b TEXT) RETURNS TEXT DETERMINISTIC NO SQL RETURN a || '\' || b;
SET sql_mode = @saved_mode;

UPDATE purchase SET state = 'paid' WHERE id IN (3, 6, 9);
INSERT INTO customer (email, name, created) VALUES ('UPPER@EXAMPLE.COM', 'Trigger', '2024-02-29');
DO NEXT VALUE FOR invoice_number, NEXT VALUE FOR ticket_number;

-- The first view in the alphabet leans on the last one.
CREATE DEFINER='demo_owner'@'localhost' SQL SECURITY DEFINER VIEW zz_totals AS
    SELECT purchase_id, SUM(total) AS net, price_with_tax(SUM(total)) AS gross
    FROM purchase_line GROUP BY purchase_id;
CREATE DEFINER='demo_owner'@'localhost' SQL SECURITY INVOKER VIEW aa_best AS
    SELECT c.name, t.gross FROM zz_totals t JOIN purchase p ON p.id = t.purchase_id
    JOIN customer c ON c.id = p.customer_id WHERE t.gross > 100;
CREATE VIEW open_purchase AS SELECT * FROM purchase WHERE state = 'open' WITH CASCADED CHECK OPTION;
