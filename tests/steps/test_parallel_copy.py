"""A copy by several sessions: each row once, all of one moment, and whatever comes in between."""

from collections.abc import Callable, Iterator

import pytest

from domain.options.my_cnf import Role
from tests.steps.copying import GRANTS, PASSWORD, begin_copy, copy, ended, said, source_inputs
from tests.steps.support import Bench, Dataset, Outcome, process_files, wait_for


@pytest.fixture(scope="module")
def source(bench: Bench) -> Iterator[Dataset]:
    dataset = bench.dataset("source", 3461, binary_log=True).create()
    dataset.sql(GRANTS)
    yield dataset
    bench.drop(dataset)


@pytest.fixture
def staging(fresh: Callable[..., Dataset]) -> Dataset:
    return fresh("staging", 3462, role=Role.LOADING).create()


@pytest.fixture
def shop(source: Dataset) -> Iterator[Dataset]:
    source.sql(GRANTS)
    source.sql(f"CREATE DATABASE shop; USE shop; {TABLES} ANALYZE TABLE {LARGE}")
    yield source
    source.sql("DROP DATABASE shop")


# The column of a trigger would tell if it worked on a copied row.
TABLES = """
CREATE TABLE parent (id INT PRIMARY KEY) ENGINE = InnoDB;
INSERT INTO parent SELECT seq FROM seq_1_to_500;
CREATE TABLE child (id INT PRIMARY KEY, parent INT NOT NULL,
    FOREIGN KEY (parent) REFERENCES parent (id)) ENGINE = InnoDB;
INSERT INTO child SELECT seq, 1 + seq % 500 FROM seq_1_to_2000;
CREATE TABLE gaps (id BIGINT PRIMARY KEY, pad CHAR(200) NOT NULL,
    twice BIGINT AS (id DIV 2) STORED, KEY (pad)) ENGINE = InnoDB;
INSERT INTO gaps (id, pad) SELECT CAST(seq AS SIGNED) * 3 - 9000, MD5(seq) FROM seq_1_to_6000;
INSERT INTO gaps (id, pad) SELECT 9000000000000000000 + seq, MD5(seq) FROM seq_1_to_3000;
CREATE TABLE wide (id BIGINT UNSIGNED, n INT, pad CHAR(200), seen INT DEFAULT 0,
    PRIMARY KEY (id, n)) ENGINE = InnoDB;
INSERT INTO wide SELECT 18446744073709551615 - seq, seq % 7, SHA1(seq), 0 FROM seq_0_to_4000;
CREATE TRIGGER marked BEFORE INSERT ON wide FOR EACH ROW SET NEW.seen = 1;
CREATE TRIGGER child_marked AFTER INSERT ON child FOR EACH ROW DELETE FROM parent WHERE id = NEW.id;
CREATE TABLE heap (a INT, pad CHAR(200)) ENGINE = InnoDB;
INSERT INTO heap SELECT seq % 9, MD5(seq % 9) FROM seq_1_to_4000;
CREATE TABLE named (name VARCHAR(80) PRIMARY KEY, pad CHAR(200)) ENGINE = InnoDB;
INSERT INTO named SELECT SHA1(seq), MD5(seq) FROM seq_1_to_3000;
CREATE TABLE versioned (id INT PRIMARY KEY, n INT) WITH SYSTEM VERSIONING ENGINE = InnoDB;
INSERT INTO versioned SELECT seq, seq FROM seq_1_to_3000;
CREATE TABLE nothing (id INT PRIMARY KEY) ENGINE = InnoDB;
CREATE TABLE plain (id INT PRIMARY KEY, pad CHAR(100)) ENGINE = MyISAM;
INSERT INTO plain SELECT seq, MD5(seq) FROM seq_1_to_3000;
CREATE VIEW seen_by_all AS SELECT COUNT(*) AS n FROM child;
CREATE TABLE `odd ``name``	x` (`odd ``key``` INT PRIMARY KEY, pad CHAR(200)) ENGINE = InnoDB;
INSERT INTO `odd ``name``	x` SELECT seq, MD5(seq) FROM seq_1_to_3000;
CREATE TABLE Same (id INT PRIMARY KEY, pad CHAR(200)) ENGINE = InnoDB;
INSERT INTO Same SELECT seq, MD5(seq) FROM seq_1_to_4000;
CREATE TABLE same (id INT PRIMARY KEY, pad CHAR(200)) ENGINE = InnoDB;
INSERT INTO same SELECT seq + 7, MD5(seq) FROM seq_1_to_4100;
"""
# Their sizes are known, and so is which of them are cut.
LARGE = "child, gaps, wide, heap, named, versioned, `odd ``name``\tx`, Same, same"
# For each table a question for the number of its rows and their sum.
QUESTIONS = """SET SESSION group_concat_max_len = 1000000;
SELECT CONCAT('SELECT ', QUOTE(table_name), ', COUNT(*), SUM(CRC32(CONCAT_WS(''|'', ',
        GROUP_CONCAT('IFNULL(`', REPLACE(column_name, '`', '``'), '`, ''NULL'')'
            ORDER BY ordinal_position),
        '))) FROM `', table_schema, '`.`', REPLACE(table_name, '`', '``'), '`;')
    FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
    WHERE table_schema = '{}' AND table_type <> 'VIEW' GROUP BY BINARY table_name, table_schema"""
TRIGGERS = """SELECT trigger_name FROM information_schema.triggers
    WHERE trigger_schema = 'shop' ORDER BY 1"""


def checksums(dataset: Dataset, database: str = "shop") -> dict[str, str]:
    rows = dataset.sql(dataset.sql(QUESTIONS.format(database), "--raw")).splitlines()
    return {row.split("\t")[0]: row.partition("\t")[2] for row in rows}


def kinds(staging: Dataset) -> dict[str, set[str]]:
    """The pipes of each kind that the copy had."""
    rows = [line.split("\t") for line in staging.read("run/job/shares").splitlines()]
    return {kind: {row[0] for row in rows if row[1] == kind} for kind in ("own", "table", "piece")}


def there(dataset: Dataset, name: str) -> bool:
    """Whether the dataset has a file of that name."""
    path = f"{dataset.mount}/{name}"
    return dataset.host.run_as_root(["test", "-e", path], check=False).exit_code == 0


def good(outcome: Outcome) -> Outcome:
    assert outcome.failure == "", f"{outcome.seen}\n{outcome.story}"
    return outcome


def test_each_row_comes_once(shop: Dataset, staging: Dataset) -> None:
    outcome = good(copy(shop, staging))
    assert checksums(staging) == checksums(shop)
    assert staging.sql("SELECT SUM(seen), COUNT(*) FROM shop.wide").split() == ["0", "4001"]
    assert outcome.answer.text("gtid") == shop.sql("SELECT @@gtid_binlog_pos")
    assert staging.sql(TRIGGERS) == shop.sql(TRIGGERS)
    assert len(kinds(staging)["piece"]) >= 2
    assert "sessions will read the source" in outcome.story or kinds(staging)["own"]
    assert "commits of the source waited for" in outcome.story


@pytest.mark.parametrize("pipes", ["1", "2", "8"])
def test_as_many_sessions_as_are_wanted(shop: Dataset, staging: Dataset, pipes: str) -> None:
    begin_copy(shop, staging, PIPES=pipes)
    good(ended(staging))
    assert checksums(staging) == checksums(shop)
    count = sum(len(names) for names in kinds(staging).values())
    assert (count > 1) == (pipes != "1")
    assert count <= int(pipes) + 1


def test_large_databases_have_no_more_sessions(source: Dataset, staging: Dataset) -> None:
    """Each is somewhat more than one and a half of a share, and was rounded up to two."""
    names = [f"large{n}" for n in range(5)]
    for name in names:
        text = "(id INT PRIMARY KEY, pad CHAR(200))"
        rows = "SELECT seq, MD5(seq) FROM seq_1_to_2000"
        source.sql(
            f"CREATE DATABASE {name}; USE {name}; CREATE TABLE a {text}; INSERT INTO a {rows};"
            f" CREATE TABLE b {text}; INSERT INTO b {rows}; ANALYZE TABLE a, b"
        )
    try:
        good(copy(source, staging, PIPES="8"))
        assert len(kinds(staging)["table"]) == 8
        assert sum(len(pipes) for pipes in kinds(staging).values()) == 9
        for name in names:
            assert checksums(staging, name) == checksums(source, name)
    finally:
        source.sql("".join(f"DROP DATABASE {name};" for name in names))


def test_names_that_differ_in_accents_or_case(source: Dataset, staging: Dataset) -> None:
    """mariadb-dump leaves out both when it is to leave out one."""
    utf8 = "--default-character-set=utf8mb4"
    names = ("a", "á", "A", "b", "B", "another")
    source.sql(
        "CREATE DATABASE accents; USE accents;"
        + "".join(
            f"CREATE TABLE {name} (id INT PRIMARY KEY, pad CHAR(200)) ENGINE = InnoDB;"
            f" INSERT INTO {name} SELECT seq, MD5(seq) FROM seq_1_to_{1000 + 500 * number};"
            for number, name in enumerate(names)
        ),
        utf8,
    )
    try:
        good(copy(source, staging))
        for name in names:
            count = f"SELECT COUNT(*) FROM accents.{name}"
            assert staging.sql(count, utf8) == source.sql(count, utf8)
        assert kinds(staging)["table"] or kinds(staging)["piece"], "of another length"
    finally:
        source.sql("DROP DATABASE accents")


def test_small_data_have_one_session(shop: Dataset, staging: Dataset) -> None:
    begin_copy(shop, staging, PIECE_BYTES=str(2**26))
    good(ended(staging))
    assert checksums(staging) == checksums(shop)
    assert staging.read("run/job/shares") == ""


def test_several_databases_are_shared_out(source: Dataset, staging: Dataset) -> None:
    names = [f"d{n}" for n in range(9)]
    for name in names:
        source.sql(
            f"CREATE DATABASE {name}; USE {name};"
            " CREATE TABLE t (id INT PRIMARY KEY, pad CHAR(200));"
            " INSERT INTO t SELECT seq, MD5(seq) FROM seq_1_to_500; CREATE TABLE u LIKE t"
        )
    source.sql("CREATE DATABASE hollow CHARACTER SET latin2")
    try:
        good(copy(source, staging))
        for name in names:
            assert checksums(staging, name) == checksums(source, name)
        assert "latin2" in staging.sql("SHOW CREATE DATABASE hollow")
        assert len(kinds(staging)["own"]) == 4
    finally:
        source.sql("".join(f"DROP DATABASE {name};" for name in (*names, "hollow")))


# -- keys that come after the rows

# Tables of which it says whether their keys can wait, and what their column `a` may hold.
KEYED = [
    (True, 9, "plain (id INT PRIMARY KEY, a INT, b VARCHAR(90), pad CHAR(200), KEY (pad),"
     " KEY b (b(7), a), UNIQUE KEY u (id, a), KEY a (a) USING BTREE COMMENT 'é, it''s \\n one,')"),
    (True, 9, "counted (id INT AUTO_INCREMENT PRIMARY KEY COMMENT ' KEY `a` (`a`),', a INT,"
     " KEY (a))"),
    (True, 9, "computed (id INT PRIMARY KEY, a INT, v INT AS (a + 1) VIRTUAL, KEY (v), KEY (a))"),
    (True, 9, "cut (id INT PRIMARY KEY, a INT, KEY (a)) PARTITION BY RANGE (id)"
     " (PARTITION p VALUES LESS THAN (900), PARTITION q VALUES LESS THAN MAXVALUE)"),
    (True, 7, "checked (id INT, a INT CHECK (a < 9), KEY (a), KEY (id),"
     " CONSTRAINT c CHECK (id > 0))"),
    (True, 7, "up (id INT PRIMARY KEY, a INT, KEY a (a))"),
    (True, 9, "text (id INT PRIMARY KEY, a INT DEFAULT 5 COMMENT 'x\n  KEY `q` (`a`),\n',"
     " KEY (a))"),
    (True, 7, "quote (id INT PRIMARY KEY, a INT, b CHAR(9) DEFAULT '''' CHECK (b <> '\\\n,\n'),"
     " KEY (a))"),
    (False, 9, "named (id INT PRIMARY KEY, a INT, KEY `a,\n  KEY ``b` (a), KEY `c``,` (a))"),
    (False, 9000, "beside (id INT, a INT AUTO_INCREMENT, KEY (id), KEY (a))"),
    (False, 9000, "second (id INT, a INT AUTO_INCREMENT, PRIMARY KEY (id, a), KEY (a))"),
    (False, 7, "down (id INT PRIMARY KEY, a INT, KEY (a), FOREIGN KEY (a) REFERENCES up (a))"),
    (False, 9, "words (id INT PRIMARY KEY, a TEXT, b INT, FULLTEXT KEY (a), KEY (b))"),
    (False, 9, "`odd name` (id INT PRIMARY KEY, a INT, KEY (a))"),
    (False, 9, "versioned (id INT PRIMARY KEY, a INT, KEY (a)) WITH SYSTEM VERSIONING"),
    (False, 9, "keyless (id INT PRIMARY KEY, a INT)"),
]  # fmt: skip


@pytest.fixture
def keyed(source: Dataset) -> Iterator[Dataset]:
    source.sql("CREATE DATABASE keyed")
    yield source
    source.sql("DROP DATABASE keyed")


def test_keys_are_made_when_the_rows_are_there(keyed: Dataset, staging: Dataset) -> None:
    """And are as they were, in their order; those that something needs are there before."""
    names = [text.partition(" (")[0] for _, _, text in KEYED]
    for name, (_, most, text) in zip(names, KEYED, strict=True):
        rows = f"SELECT seq, 1 + seq % {most} FROM seq_1_to_3000"
        keyed.sql(f"USE keyed; CREATE TABLE {text}; INSERT INTO {name} (id, a) {rows}")
    good(copy(keyed, staging))
    assert checksums(staging, "keyed") == checksums(keyed, "keyed")
    held = staging.host.run_as_root(["bash", "-c", f"cat {staging.mount}/run/job/*.keys"]).text
    later = [f"`{name}` ADD KEY" in held for name in names]
    assert later == [waits for waits, _, _ in KEYED]
    for name in names:
        asked = f"SHOW CREATE TABLE keyed.{name}"
        assert staging.sql(asked) == keyed.sql(asked)
        assert "\tOK" in staging.sql(f"CHECK TABLE keyed.{name} EXTENDED")


def test_keys_that_cannot_be_made_end_the_copy(keyed: Dataset, staging: Dataset) -> None:
    """There is no place to sort."""
    for name in ("a", "b", "c"):
        rows = "SELECT seq, MD5(seq) FROM seq_1_to_60000"
        text = f"CREATE TABLE {name} (id INT PRIMARY KEY, pad CHAR(200), KEY (pad))"
        keyed.sql(f"USE keyed; {text}; INSERT INTO {name} {rows}")
    place = "/var/tmp/sorting"
    staging.host.run_as_root(["install", "-d", "-o", "1701", place])
    staging.sql(f"SET GLOBAL innodb_tmpdir = '{place}'")
    staging.host.run_as_root(["rmdir", place])
    outcome = copy(keyed, staging)
    assert outcome.failure == "LOAD_FAILED", f"{outcome.seen}\n{outcome.story}"
    assert place in outcome.seen or "temporary file" in outcome.seen, outcome.seen


# -- one moment

# A sum that every transaction leaves as it is, over tables that different sessions read.
MOVING = """
CREATE DATABASE bank; USE bank;
CREATE TABLE a (id INT PRIMARY KEY, n INT NOT NULL, pad CHAR(200)) ENGINE = InnoDB;
INSERT INTO a SELECT seq, 0, MD5(seq) FROM seq_1_to_4000;
CREATE TABLE b LIKE a; INSERT INTO b SELECT * FROM a;
CREATE TABLE c LIKE a; INSERT INTO c SELECT * FROM a;
"""
MOVE = """USE bank; SET SESSION innodb_lock_wait_timeout = 50;
DELIMITER //
BEGIN NOT ATOMIC
    DECLARE i INT DEFAULT 1;
    WHILE EXISTS (SELECT 1 FROM a WHERE id = 1) DO
        SET i = 2 + (i * 7919) % 3998;
        START TRANSACTION;
        UPDATE a SET n = n + 3 WHERE id = i;
        UPDATE b SET n = n - 1 WHERE id = 4000 - i;
        UPDATE c SET n = n - 2 WHERE id = i;
        COMMIT;
    END WHILE;
END //"""
SUMS = """SELECT (SELECT SUM(n) FROM bank.a) + (SELECT SUM(n) FROM bank.b)
    + (SELECT SUM(n) FROM bank.c)"""


@pytest.mark.parametrize("align", ["lock", "compare"])
@pytest.mark.parametrize("log_sync", ["yes", "no"])
def test_all_sessions_see_one_moment(
    source: Dataset, staging: Dataset, align: str, log_sync: str
) -> None:
    """Of a source that never stops to write; without a lock one session copies in the end."""
    source.sql(MOVING)
    movers = [said(source, MOVE) for _ in range(2)]
    try:
        moved = "SELECT COUNT(*) FROM bank.a WHERE n <> 0"
        wait_for("rows move", lambda: int(source.sql(moved)) > 50)
        begin_copy(source, staging, ALIGN=align, LOG_SYNC=log_sync)
        outcome = good(ended(staging))
        assert staging.sql(SUMS) == "0"
        assert int(staging.sql(moved)) > 50
        assert align == "compare" or kinds(staging)["piece"] or kinds(staging)["table"]
        assert (align == "lock") == ("commits of the source waited" in outcome.story)
    finally:
        source.sql("DELETE FROM bank.a WHERE id = 1")
        for mover in movers:
            mover.wait()
        source.sql("DROP DATABASE bank")


def test_who_may_not_lock_compares(shop: Dataset, staging: Dataset) -> None:
    shop.sql("ALTER TABLE shop.plain ENGINE = InnoDB")
    shop.sql("SET SESSION sql_log_bin = 0; REVOKE RELOAD ON *.* FROM reader@'%'")
    begin_copy(shop, staging, LOCK="none")
    outcome = good(ended(staging))
    assert "commits of the source cannot be held up: ERROR 1227" in outcome.story
    assert kinds(staging)["piece"]
    assert checksums(staging) == checksums(shop)


def test_one_session_copies_where_more_are_refused(shop: Dataset, staging: Dataset) -> None:
    shop.sql("SET SESSION sql_log_bin = 0; ALTER USER reader@'%' WITH MAX_USER_CONNECTIONS 4")
    outcome = good(copy(shop, staging))
    shop.sql(GRANTS)
    assert "one alone copies" in outcome.story
    assert "1226" in outcome.story
    assert checksums(staging) == checksums(shop)


# -- what changes between the plan and the moment


def planned(source: Dataset, staging: Dataset, change: str) -> Outcome:
    staging.good("copy_plan", **source_inputs(source))
    source.sql(change)
    staging.good("ingest_start", **source_inputs(source))
    return ended(staging)


def test_a_table_that_came_after_the_plan_is_copied(shop: Dataset, staging: Dataset) -> None:
    good(planned(shop, staging, "CREATE TABLE shop.late (n INT PRIMARY KEY) SELECT 5 AS n"))
    assert checksums(staging) == checksums(shop)


@pytest.mark.parametrize(
    "change",
    [
        "DROP TABLE shop.gaps",
        "RENAME TABLE shop.gaps TO shop.moved",
        "ALTER TABLE shop.gaps DROP COLUMN twice, CHANGE id other BIGINT",
    ],
)
def test_a_table_of_the_plan_that_has_gone_ends_the_copy(
    shop: Dataset, staging: Dataset, change: str
) -> None:
    assert planned(shop, staging, change).failure == "SOURCE_CHANGED"


def test_a_key_that_became_text_loses_no_row(shop: Dataset, staging: Dataset) -> None:
    change = (
        "ALTER TABLE shop.gaps DROP COLUMN twice, DROP PRIMARY KEY, MODIFY id VARCHAR(40) NULL;"
    )
    change += "UPDATE shop.gaps SET id = IF(pad < 'b', NULL, IF(pad < 'c', pad, id))"
    good(planned(shop, staging, change))
    assert checksums(staging) == checksums(shop)


@pytest.mark.parametrize("which", ["part1", "piece1.2"])
def test_a_session_that_is_killed_ends_the_copy(
    bench: Bench, source: Dataset, staging: Dataset, which: str
) -> None:
    source.sql("CREATE DATABASE big")
    for name, rows in (("few", 300), ("more", 200), ("last", 150)):
        source.sql(
            f"USE big; CREATE TABLE {name} (id INT PRIMARY KEY, s LONGTEXT);"
            f" INSERT INTO {name} SELECT seq, REPEAT('x', 200000) FROM seq_1_to_{rows};"
            f" ANALYZE TABLE {name}"
        )
    try:
        begin_copy(source, staging)
        wait_for("the gate is open", lambda: there(staging, "run/job/go"))
        bench.host.run_as_root(["kill", "-KILL", staging.read(f"run/job/{which}.pid").strip()])
        outcome = ended(staging)
        assert outcome.failure in ("DUMP_FAILED", "LOAD_FAILED"), outcome.story
        wait_for("no dump is left", lambda: b"mariadb-dump" not in _commands(bench))
    finally:
        source.sql("DROP DATABASE big")


def _commands(bench: Bench) -> bytes:
    return b" ".join(process_files(bench.host, "cmdline").values())


def test_the_password_of_many_sessions_is_nowhere_to_be_seen(
    bench: Bench, shop: Dataset, staging: Dataset
) -> None:
    begin_copy(shop, staging)
    seen: list[str] = []
    while staging.run("job_status").answer.maybe("state") == "running":
        for name in ("cmdline", "environ"):
            for pid, raw in process_files(bench.host, name).items():
                if PASSWORD.encode() in raw:
                    seen.append(f"{name} of {pid}: {raw!r}")
    assert seen == []
