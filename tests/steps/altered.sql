-- Three lines a case: what both servers have, what is altered on the second, how that is told (or that
-- it is not).
CREATE DATABASE d CHARACTER SET latin1;
ALTER DATABASE d CHARACTER SET utf8mb4;
-- database d
CREATE DATABASE dc;
ALTER DATABASE dc COMMENT 'x';
-- database dc
CREATE DATABASE gone;
DROP DATABASE gone;
-- database gone
CREATE TABLE d.engine (a INT) ENGINE = MyISAM;
ALTER TABLE d.engine ENGINE = Aria;
-- table d engine
CREATE TABLE d.format (a INT);
ALTER TABLE d.format ROW_FORMAT = COMPACT;
-- table d format
CREATE TABLE d.options (a INT);
ALTER TABLE d.options STATS_PERSISTENT = 1;
-- table d options
CREATE TABLE d.comment (a INT);
ALTER TABLE d.comment COMMENT 'x';
-- table d comment
CREATE TABLE d.collation (a INT);
ALTER TABLE d.collation COLLATE latin1_bin;
-- not told
CREATE TABLE d.name (a INT);
ALTER TABLE d.name CHANGE a b INT;
-- table d name
CREATE TABLE d.position (a INT, b INT);
ALTER TABLE d.position MODIFY b INT FIRST;
-- table d position
CREATE TABLE d.type (a INT);
ALTER TABLE d.type MODIFY a BIGINT;
-- table d type
CREATE TABLE d.width (a VARCHAR(9));
ALTER TABLE d.width MODIFY a VARCHAR(10);
-- table d width
CREATE TABLE d.sign (a INT);
ALTER TABLE d.sign MODIFY a INT UNSIGNED;
-- table d sign
CREATE TABLE d.nulls (a INT);
ALTER TABLE d.nulls MODIFY a INT NOT NULL;
-- table d nulls
CREATE TABLE d.preset (a INT DEFAULT 1);
ALTER TABLE d.preset ALTER a SET DEFAULT 2;
-- table d preset
CREATE TABLE d.expr (a INT, b INT DEFAULT (a + 1));
ALTER TABLE d.expr MODIFY b INT DEFAULT (a + 2);
-- table d expr
CREATE TABLE d.stamp (a DATETIME);
ALTER TABLE d.stamp MODIFY a DATETIME ON UPDATE NOW();
-- table d stamp
CREATE TABLE d.col (a CHAR(5));
ALTER TABLE d.col MODIFY a CHAR(5) COLLATE latin1_bin;
-- column d col.a
CREATE TABLE d.cs (a CHAR(5));
ALTER TABLE d.cs MODIFY a CHAR(5) CHARACTER SET ascii;
-- column d cs.a
CREATE TABLE d.gen (a INT, b INT AS (a + 1));
ALTER TABLE d.gen MODIFY b INT AS (a + 2);
-- table d gen
CREATE TABLE d.stored (a INT, b INT AS (a) STORED);
ALTER TABLE d.stored DROP b, ADD b INT AS (a);
-- table d stored
CREATE TABLE d.hidden (a INT, b INT);
ALTER TABLE d.hidden MODIFY b INT INVISIBLE;
-- table d hidden
CREATE TABLE d.note (a INT);
ALTER TABLE d.note MODIFY a INT COMMENT 'x';
-- table d note
CREATE TABLE d.auto (a INT KEY);
ALTER TABLE d.auto MODIFY a INT AUTO_INCREMENT;
-- table d auto
CREATE TABLE d.`key` (a INT);
ALTER TABLE d.`key` ADD KEY (a);
-- table d key
CREATE TABLE d.uniq (a INT, KEY k (a));
ALTER TABLE d.uniq DROP KEY k, ADD UNIQUE k (a);
-- table d uniq
CREATE TABLE d.prefix (a CHAR(9), KEY k (a));
ALTER TABLE d.prefix DROP KEY k, ADD KEY k (a(3));
-- table d prefix
CREATE TABLE d.pk (a INT NOT NULL);
ALTER TABLE d.pk ADD PRIMARY KEY (a);
-- table d pk
CREATE TABLE d.p (a INT KEY); CREATE TABLE d.fk (a INT, CONSTRAINT f FOREIGN KEY (a) REFERENCES d.p (a));
ALTER TABLE d.fk DROP FOREIGN KEY f, ADD CONSTRAINT g FOREIGN KEY (a) REFERENCES d.p (a) ON DELETE CASCADE;
-- table d fk
CREATE TABLE d.chk (a INT CHECK (a > 1));
ALTER TABLE d.chk MODIFY a INT CHECK (a > 2);
-- table d chk
CREATE TABLE d.con (a INT);
ALTER TABLE d.con ADD CONSTRAINT c CHECK (a > 2);
-- table d con
CREATE TABLE d.part (a INT) PARTITION BY HASH (a) PARTITIONS 2;
ALTER TABLE d.part ADD PARTITION PARTITIONS 1;
-- table d part
CREATE TABLE d.unpart (a INT) PARTITION BY HASH (a);
ALTER TABLE d.unpart REMOVE PARTITIONING;
-- table d unpart
CREATE TABLE d.vers (a INT) WITH SYSTEM VERSIONING;
ALTER TABLE d.vers DROP SYSTEM VERSIONING;
-- table d vers
CREATE TABLE d.m (a INT) ENGINE = MyISAM; CREATE TABLE d.merged (a INT) ENGINE = MERGE UNION = (d.m);
ALTER TABLE d.merged UNION = ();
-- table d merged
CREATE SEQUENCE d.seq;
ALTER SEQUENCE d.seq CACHE 5;
-- sequence d seq
CREATE SEQUENCE d.value NOCACHE;
DO NEXTVAL(d.value);
-- value of sequence d value
CREATE VIEW d.v AS SELECT 1 AS a;
CREATE OR REPLACE VIEW d.v AS SELECT 2 AS a;
-- view d v
CREATE VIEW d.vs AS SELECT 1 AS a;
CREATE OR REPLACE SQL SECURITY INVOKER VIEW d.vs AS SELECT 1 AS a;
-- view d vs
CREATE VIEW d.vd AS SELECT 1 AS a;
CREATE OR REPLACE DEFINER = x@y VIEW d.vd AS SELECT 1 AS a;
-- view d vd
CREATE PROCEDURE d.body() SELECT 1;
CREATE OR REPLACE PROCEDURE d.body() SELECT 2;
-- procedure d body
CREATE PROCEDURE d.para(a INT) SELECT 1;
CREATE OR REPLACE PROCEDURE d.para(a INT UNSIGNED) SELECT 1;
-- procedure d para
CREATE PROCEDURE d.mode() SELECT 1;
SET sql_mode = 'ANSI_QUOTES'; CREATE OR REPLACE PROCEDURE d.mode() SELECT 1; SET sql_mode = '';
-- procedure d mode
CREATE PROCEDURE d.who() SELECT 1;
CREATE OR REPLACE DEFINER = x@y PROCEDURE d.who() SELECT 1;
-- procedure d who
CREATE PROCEDURE d.sec() SELECT 1;
ALTER PROCEDURE d.sec SQL SECURITY INVOKER;
-- procedure d sec
CREATE PROCEDURE d.client() SELECT 1;
SET NAMES latin1; CREATE OR REPLACE PROCEDURE d.client() SELECT 1; SET NAMES utf8mb4;
-- procedure d client
CREATE FUNCTION d.ret() RETURNS INT RETURN 1;
CREATE OR REPLACE FUNCTION d.ret() RETURNS BIGINT RETURN 1;
-- function d ret
CREATE FUNCTION d.det() RETURNS INT RETURN 1;
CREATE OR REPLACE FUNCTION d.det() RETURNS INT DETERMINISTIC RETURN 1;
-- function d det
CREATE TRIGGER d.t BEFORE INSERT ON d.pk FOR EACH ROW SET @a = 1;
CREATE OR REPLACE TRIGGER d.t BEFORE INSERT ON d.pk FOR EACH ROW SET @a = 2;
-- trigger d t
CREATE TRIGGER d.t1 AFTER INSERT ON d.pk FOR EACH ROW SET @a = 1; CREATE TRIGGER d.t2 AFTER INSERT ON d.pk FOR EACH ROW SET @a = 2;
DROP TRIGGER d.t2; CREATE TRIGGER d.t2 AFTER INSERT ON d.pk FOR EACH ROW PRECEDES t1 SET @a = 2;
-- trigger d t1
CREATE EVENT d.e ON SCHEDULE AT '2035-01-01' DO SELECT 1;
ALTER EVENT d.e ON SCHEDULE AT '2036-01-01';
-- event d e
CREATE EVENT d.on_ ON SCHEDULE AT '2035-01-01' DO SELECT 1;
ALTER EVENT d.on_ DISABLE;
-- event d on_
CREATE USER a@b IDENTIFIED BY 'x';
ALTER USER a@b IDENTIFIED BY 'y';
-- account  a@b is another
CREATE USER lock_@b ACCOUNT LOCK;
ALTER USER lock_@b ACCOUNT UNLOCK;
-- locked account  lock_@b missing
CREATE USER less@b; GRANT SELECT ON d.* TO less@b;
REVOKE SELECT ON d.* FROM less@b;
-- grant db d b less missing
CREATE USER more@b;
GRANT SELECT ON d.pk TO more@b;
-- grant tables_priv d b pk more only
CREATE USER gl@b;
GRANT PROCESS ON *.* TO gl@b;
-- account  gl@b is another
CREATE USER routine@b; GRANT EXECUTE ON PROCEDURE d.sec TO routine@b;
REVOKE EXECUTE ON PROCEDURE d.sec FROM routine@b;
-- grant procs_priv d b sec PROCEDURE routine missing
CREATE ROLE r; CREATE USER member@b; GRANT r TO member@b;
REVOKE r FROM member@b;
-- grant roles_mapping b r member missing
CREATE ROLE def; CREATE USER deft@b; GRANT def TO deft@b; SET DEFAULT ROLE def FOR deft@b;
SET DEFAULT ROLE NONE FOR deft@b;
-- account  deft@b is another
CREATE USER px@b; GRANT PROXY ON a@b TO px@b;
REVOKE PROXY ON a@b FROM px@b;
-- grant proxies_priv b b a px missing
