"""The reader of dump text, by a table; once with each awk that this machine has."""

# ruff: noqa: E501  # statements stand as dumps have them

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

LIBRARY = Path(__file__).resolve().parents[2] / "src" / "resources" / "lib" / "dump"
PARTS = (
    "stand_in_mark",
    "definers",
    "lexer",
    "rows",
    "statements",
    "objects",
    "texts",
    "remarks",
    "read",
)
AWKS = [name for name in ("mawk", "gawk", "original-awk") if shutil.which(name)]
HEAD = "-- MariaDB dump 10.19  Distrib 10.11.6-MariaDB\n"
END = "-- Dump completed on 2026-01-01\n"
SANDBOX = "/*M!999999\\- enable the sandbox mode */ \n"
Facts = dict[str, list[list[str]]]


@pytest.fixture(params=AWKS)
def awk(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A PATH on which awk is just this one."""
    (tmp_path / "bin").mkdir()
    program = shutil.which(request.param)
    assert program
    (tmp_path / "bin" / "awk").symlink_to(program)
    return f"{tmp_path}/bin:/usr/bin:/bin"


def read(
    awk: str, text: str | bytes, before: str | None = None, database: str = ""
) -> tuple[Facts, bytes]:
    """The facts, and what is passed on."""
    folder = Path(awk.split(":")[0]).parent
    facts, given = folder / "facts", folder / "before"
    given.write_text(before or "")
    sources = "".join(f". {LIBRARY}/{name}.sh; " for name in PARTS)
    done = subprocess.run(
        ["bash", "-euc", sources + 'read_dump "$@"', "bash", str(facts)]
        + ([str(given)] if before is not None else []),
        input=text.encode() if isinstance(text, str) else text,
        capture_output=True,
        env={"PATH": awk, "LC_ALL": "C", "DATABASE": database},
        check=False,
    )
    assert done.stderr == b"" and done.returncode == 0, done.stderr.decode()
    found: Facts = {}
    for line in facts.read_bytes().decode().split("\n")[:-1]:
        name, *values = line.split("\t")
        found.setdefault(name, []).append(values)
    return found, done.stdout


def objects(facts: Facts) -> set[str]:
    return {" ".join(part for part in row[:4] if part) for row in facts.get("object", [])}


def counted(facts: Facts) -> dict[str, str]:
    return {".".join(part for part in row[:2] if part): row[2] for row in facts.get("rows", [])}


def problem(facts: Facts) -> str:
    return facts["problem"][0][0] if "problem" in facts else ""


T = "CREATE TABLE t (a INT);\n"

ROWS = {
    "no rows": ("", "0"),
    "one row": ("INSERT INTO t VALUES (1);", "1"),
    "a row a line": ("INSERT INTO t VALUES\n(1,'a'),\n(2,'b'),\n(3,NULL);", "3"),
    "all in a line": ("INSERT INTO `t` VALUES (1,'a'),(2,'b'),(-3,'c');", "3"),
    "numbers in a line": ("INSERT INTO t VALUES (1,2),(3,4),(5,6);", "3"),
    "with columns": ("INSERT INTO t (`a`, `values`) VALUES\n(1, 2),\n(3, 4);", "2"),
    "two statements": ("INSERT INTO t VALUES (1);\nINSERT INTO t VALUES (2),(3);", "3"),
    "without INTO": ("INSERT t VALUES (1);", None),
    "brackets in strings": ("INSERT INTO t VALUES\n(1,'),('),\n(2,');'),\n(3,'(');", "3"),
    "brackets in a long line": ("INSERT INTO t VALUES (1,'),('),(2,');'),(3,'(((');", "3"),
    "escapes": (r"INSERT INTO t VALUES (1,'a\'b'),(2,'\\'),(3,'\\\'),(');", "3"),
    "doubled quotes": ("INSERT INTO t VALUES (1,'it''s'),(2,''''),(3,'');", "3"),
    "comment signs in strings": ("INSERT INTO t VALUES\n(1,'-- x'),\n(2,'#'),\n(3,'/* ');", "3"),
    "other quotes in strings": (
        "INSERT INTO t VALUES\n(1,'`'),\n(2,'\"'),\n(3,'{\"a\": 1}');",
        "3",
    ),
    "raw line ends": ("INSERT INTO t VALUES\n(1,'a\nb'),\n(2,'\n),(\n'),\n(3,'x;\n');", "3"),
    "a raw line that looks like an end": ("INSERT INTO t VALUES (1,'\n);\n(2'),(2,'');", "2"),
    "binary": ("INSERT INTO t VALUES (1,_binary 'x\x01'),(2,0xFF),(3,b'101');", "3"),
    "a function": ("INSERT INTO t VALUES (1,ST_GeomFromText('POINT(1 1)')),(2,NULL);", None),
    "a function in a row": ("INSERT INTO t VALUES\n(f(1),(2)),\n(3,4);", None),
    "double quoted": ('INSERT INTO t VALUES (1,"a"),(2,"),(");', None),
    "REPLACE": ("REPLACE INTO t VALUES (1);", None),
    "IGNORE": ("INSERT IGNORE INTO t VALUES (1);", None),
    "a comment between": ("INSERT INTO t VALUES (1), -- ),(\n(2);", None),
    "a select": ("INSERT INTO t SELECT 1;", None),
}


@pytest.mark.parametrize("name", ROWS)
def test_rows_are_counted_or_unknown(awk: str, name: str) -> None:
    text, count = ROWS[name]
    for line_end in ("\n", "\r\n"):
        facts, _ = read(
            awk, (T + text + "\nCREATE TABLE u (a INT);\n").replace("\n", line_end), None, "d"
        )
        assert counted(facts).get("d.t") == count
        assert problem(facts) == "" and objects(facts) == {"table d t", "table d u"}


def test_a_change_in_another_way_leaves_no_count(awk: str) -> None:
    facts, _ = read(awk, T + "INSERT INTO t VALUES (1);\nDELETE FROM t;\n")
    assert "rows" not in facts and facts["doubt"] == [["yes"]]


OBJECTS = {
    "quoted": ("CREATE TABLE `a``b` (`x` int) ENGINE=Aria;", "table d a`b ARIA"),
    "qualified": ("CREATE TABLE `s`.`t` (x int) ENGINE = MyISAM;", "table s t MYISAM"),
    "unquoted": ("create table if not exists s.t(x int);", "table s t"),
    "engine of a partition": (
        "CREATE TABLE t (x int) ENGINE=InnoDB\n/*!50100 PARTITION BY HASH (x)\n(PARTITION p ENGINE = Aria) */;",
        "table d t INNODB",
    ),
    "engine in a comment of a column": (
        "CREATE TABLE t (x int COMMENT ') ENGINE=CSV') ENGINE=Aria;",
        "table d t ARIA",
    ),
    "view": (
        "/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`a`@`b` SQL SECURITY DEFINER */\n/*!50001 VIEW `v` AS select 1 */;",
        "view d v",
    ),
    "view for a table": (
        "CREATE TABLE v (a int) ENGINE=MyISAM;\nDROP TABLE IF EXISTS `v`;\nCREATE VIEW v AS SELECT 1;",
        "view d v",
    ),
    "trigger": (
        "DELIMITER ;;\n/*!50003 CREATE*/ /*!50017 DEFINER=`r`@`%`*/ /*!50003 TRIGGER `g` BEFORE INSERT ON t FOR EACH ROW BEGIN SET @a=';;x'; END */;;\nDELIMITER ;",
        "trigger d g t",
    ),
    "procedure": (
        "DELIMITER $$\nCREATE DEFINER=root@localhost PROCEDURE p()\nBEGIN\nSELECT 1;\nEND$$\nDELIMITER ;",
        "procedure d p",
    ),
    "function": (
        "delimiter //\nCREATE OR REPLACE FUNCTION f() RETURNS INT RETURN 1 //\nDELIMITER ;",
        "function d f",
    ),
    "event": ("CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SET @a = 1;", "event d e"),
    "sequence": ("CREATE SEQUENCE `q` start with 1 ENGINE=InnoDB;", "sequence d q INNODB"),
    "dropped": ("CREATE TABLE x (a int);\nDROP TABLE `x`;\nCREATE TABLE y (a int);", "table d y"),
    "temporary": ("CREATE TEMPORARY TABLE x (a int);\nCREATE TABLE y (a int);", "table d y"),
    "in a comment": (
        "-- CREATE TABLE x (a int);\n# CREATE TABLE x\n/* CREATE TABLE x (a int); */\nCREATE TABLE y (a int);",
        "table d y",
    ),
    "in a string": (
        "INSERT INTO mysql.x VALUES ('\nCREATE TABLE x (a int);\n');\nCREATE TABLE y (a int);",
        "table d y",
    ),
    "of MySQL only": ("/*!80016 CREATE TABLE x (a int) */;\nCREATE TABLE y (a int);", "table d y"),
    "no backslash escapes": (
        "SET sql_mode='NO_BACKSLASH_ESCAPES';\nDELIMITER ;;\nCREATE PROCEDURE p() SELECT '\\' ;;\nDELIMITER ;",
        "procedure d p",
    ),
}


@pytest.mark.parametrize("name", OBJECTS)
def test_objects_are_found_where_they_are(awk: str, name: str) -> None:
    text, wanted = OBJECTS[name]
    facts, _ = read(awk, text + "\n", None, "d")
    assert objects(facts) == {wanted} and problem(facts) == ""


PROBLEMS = {
    "cut in a string": ("INSERT INTO t VALUES ('a\nb", "inside of a text that begins at line 1"),
    "cut in a statement": (
        "CREATE TABLE t (a INT);\nINSERT INTO t VALUES\n(1),",
        "inside of a statement that begins at line 2",
    ),
    "cut behind a row": ("INSERT INTO t VALUES (1)", "inside of a statement"),
    "cut in a comment": ("/* abc\n", "inside of a comment"),
    "cut between statements": (HEAD + T, "does not end with what dumps of its kind end with"),
    "cut without comments": (
        "/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;\n" + T,
        "does not end with",
    ),
    "the first of two is cut": (
        HEAD + "USE a;\n" + T + HEAD + "USE b;\n" + T + END,
        "that begins at line 1 is cut off: another one begins at line 4",
    ),
    "the last of two is cut": (
        HEAD + "USE a;\n" + T + END + HEAD + "USE b;\n" + T,
        "that begins at line 5 is cut off",
    ),
    "the second has no USE": (HEAD + T + END + HEAD + T + END, "that begins at line 4 has no USE"),
    "a table twice": (
        "USE a;\n" + T + "INSERT INTO t VALUES (1);\nDROP TABLE IF EXISTS t;\n" + T,
        "a.t is defined a second time at line 5, after its rows from line 2 on",
    ),
    "a table without its definition": (
        "USE a;\n--\n-- Table structure for table `t`\n--\n",
        "names the table t at line 3 and does not define it",
    ),
    "joined and complete": (HEAD + "USE a;\n" + T + END + HEAD + "USE b;\n" + T + END, ""),
    "a text in a body": (
        "DELIMITER ;;\nCREATE PROCEDURE p() BEGIN\n-- MariaDB dump 10.19  Distrib\nSELECT 1;\nEND;;\nDELIMITER ;\n",
        "",
    ),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_what_cannot_be_loaded_is_told_with_its_place(awk: str, name: str) -> None:
    text, wanted = PROBLEMS[name]
    assert wanted in (told := problem(read(awk, text)[0])) and bool(told) == bool(wanted)


BODY = "DELIMITER ;;\nCREATE PROCEDURE p() BEGIN\n{}\nEND ;;\nDELIMITER ;\n"
POSITION = "CHANGE MASTER TO MASTER_LOG_FILE='bin.000002', MASTER_LOG_POS=42;\n"


@pytest.mark.parametrize("sign", ["-- ", ""])
def test_a_position_is_read_in_the_head(awk: str, sign: str) -> None:
    gtid = "SET GLOBAL gtid_slave_pos='0-1-7';\n"
    facts, passed = read(awk, HEAD + sign + POSITION + sign + gtid + T + END, "")
    assert facts["position"] == [["own", "bin.000002", "42", "2"]]
    assert facts["gtid"] == [["own", "0-1-7", "3"]]
    assert (b"CHANGE MASTER" in passed) == (b"gtid_slave_pos" in passed) == (sign != "")


def test_a_position_of_the_master(awk: str) -> None:
    remark = "-- Position to start replication or point-in-time recovery from (the master of this slave)\n"
    facts, _ = read(awk, HEAD + remark + "-- " + POSITION + T + END)
    assert facts["position"] == [["master", "bin.000002", "42", "3"]]


def test_a_gtid_that_is_told_at_the_end(awk: str) -> None:
    """As mariadb-dump does since 10.11.17 or so, for the tables of `mysql` would replace it."""
    text = "-- The deferred gtid setting for slave corresponding to the {} CHANGE-MASTER follows\n"
    own, master = (text.format(name) for name in ("master-data", "dump-slave"))
    gtid = "-- SET GLOBAL gtid_slave_pos='0-1-{}';\n"
    body = BODY.format(own + gtid.format(3))
    facts, _ = read(awk, HEAD + T + body + own + gtid.format(7) + master + gtid.format(8) + END)
    assert [row[:2] for row in facts["gtid"]] == [["own", "0-1-7"], ["master", "0-1-8"]]


def test_accounts_that_exist_are_replaced(awk: str) -> None:
    text = "SELECT 1; {0} USER `a`@`b` IDENTIFIED BY 'CREATE USER x;';\nCREATE ROLE IF NOT EXISTS r;\n/*M!100005 {0} ROLE q */;\n"
    passed = read(awk, text.format("CREATE"), "")[1]
    assert passed.startswith(text.format("CREATE OR REPLACE").encode())


def test_users_if_they_do_not_exist_are_replaced_too(awk: str) -> None:
    text = "CREATE USER IF NOT EXISTS `a`@`b` IDENTIFIED BY 'CREATE USER IF NOT EXISTS';\n"
    passed = read(awk, text, "")[1].decode()
    assert passed.startswith(
        "CREATE OR REPLACE USER `a`@`b` IDENTIFIED BY 'CREATE USER IF NOT EXISTS';\n"
    )


FUNCTION = (
    "DELIMITER ;;\nCREATE DEFINER=`{}`@`%` FUNCTION f() RETURNS INT RETURN 1 ;;\nDELIMITER ;\n"
)
VIEW = "/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50001 VIEW v AS SELECT f() AS f */;\n"


def test_definers_are_stood_in_for_before_the_first_view(awk: str) -> None:
    """Once each, not for procedures, and not where a name could end its quotes."""
    functions = "".join(FUNCTION.format(name) for name in ("ow ner", "it's", "b\\", "ow ner"))
    procedure = "CREATE DEFINER=`p`@`%` PROCEDURE q() SELECT 1;\n"
    passed = read(awk, "USE a;\n" + functions + procedure + VIEW + VIEW, "MINE;\n")[1].decode()
    order = "INSERT IGNORE INTO mysql.global_priv"
    before, _, after = passed.partition(f"{order} (Host, User, Priv) VALUES ('%', 'ow ner', ")
    assert "MINE;" in before and passed.count(order) == 1
    assert after.partition("\nFLUSH PRIVILEGES;\n")[2].startswith(
        "SET sql_mode = @delphix_sql_mode;\n" + VIEW + VIEW
    )
    assert order not in read(awk, "USE a;\n" + functions, "MINE;\n")[1].decode()


@pytest.mark.parametrize(
    "text", ["SET GLOBAL gtid_slave_pos = '0-1-9';", "-- " + POSITION, POSITION]
)
def test_no_position_is_read_from_a_routine_or_a_row(awk: str, text: str) -> None:
    rows = "INSERT INTO t VALUES ('\n" + text.replace("'", "''") + "\n');\n"
    facts, _ = read(awk, HEAD + BODY.format(text) + T + rows + "-- " + POSITION + END)
    assert "position" not in facts and "gtid" not in facts


REPLICATION = {
    "STOP SLAVE": "STOP SLAVE;",
    "START SLAVE": "START SLAVE;",
    "of a connection": "CHANGE MASTER 'x' TO MASTER_HOST='h', MASTER_PASSWORD='p';",
    "over lines": "CHANGE MASTER TO\n MASTER_HOST='h',\n MASTER_PORT=3306;",
    "in a versioned comment": "/*!50000 START SLAVE */;",
    "RESET SLAVE ALL": "RESET SLAVE ALL;",
    "START ALL SLAVES": "start all slaves;",
    "GTID_PURGED": "SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ 'a';",
}


@pytest.mark.parametrize("name", REPLICATION)
def test_statements_about_replication_are_not_passed_on(awk: str, name: str) -> None:
    facts, passed = read(
        awk, T + "SELECT 1; " + REPLICATION[name] + " SELECT 2;\n" + T.replace("t", "u"), ""
    )
    text = re.sub(r"\s+", " ", passed.decode())
    assert not re.search("SLAVE|MASTER|GTID|MASTER_PORT", text, re.IGNORECASE)
    assert "SELECT 1;" in text and "SELECT 2;" in text and "replication" in facts


def test_text_that_is_passed_on_is_the_text(awk: str) -> None:
    """Nothing is changed in what is not named above, whatever bytes it has."""
    odd = bytes(byte for byte in range(1, 256) if chr(byte) not in "'\\\n\r")
    text = (
        (HEAD + T).encode()
        + b"INSERT INTO t VALUES ('"
        + odd
        + b"'),\n('\r\n\n\r'),('\\\n');\n"
        + BODY.format("-- ' `\r").encode()
    )
    text += END.encode()
    assert read(awk, text, "")[1].startswith(text)


def test_sandbox_mark_line_ends_and_byte_order_mark_go(awk: str) -> None:
    text = (SANDBOX + HEAD + T + "INSERT INTO t VALUES ('a\nb'),\n('c');\n" + END).replace(
        "\n", "\r\n"
    )
    kept = HEAD + T + "INSERT INTO t VALUES ('a\r\nb'),\n('c');\n" + END
    assert read(awk, "\ufeff" + text, "")[1].decode().startswith(kept)


def test_statements_before_the_first_view_after_the_accounts(awk: str) -> None:
    view = "/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`a`@`b` */\n/*!50001 VIEW v AS SELECT 1 */;\n"
    body = BODY.format("-- Final view structure for view `v`\nCREATE VIEW w AS SELECT 1;")
    text = (
        "USE a;\n"
        + view
        + "USE mysql;\nINSERT INTO global_priv VALUES (1);\nUSE a;\n"
        # What stands in for a view needs no account, and a routine that follows keeps its grants.
        + "/*!50001 CREATE VIEW `x` AS SELECT\n NULL AS `id` */;\n"
        + body
        + view
        + view
    )
    passed = read(awk, text, "MINE;\n")[1].decode()
    assert body in passed and passed.count("MINE;") == 2
    before, _, after = passed.partition(
        "SET @delphix_sql_mode = @@sql_mode, sql_mode = '';\nMINE;\n"
    )
    assert before.endswith(body) and after.startswith(
        "SET sql_mode = @delphix_sql_mode;\n" + view + view
    )


HEADS = {
    "mariadb-dump": (
        HEAD + "-- Host: h    Database: shop\n-- Server version\t10.11.6-MariaDB-log\n",
        "shop",
        "10.11.6-MariaDB-log",
    ),
    "phpMyAdmin": (
        "-- phpMyAdmin SQL Dump\n-- Server version: 10.11.6-MariaDB\n--\n-- Database: `a``b`\n",
        "a`b",
        "10.11.6-MariaDB",
    ),
    "HeidiSQL": (
        "-- Host:     127.0.0.1\n-- Server version:               10.11.6-MariaDB - mariadb.org\n",
        "",
        "10.11.6-MariaDB - mariadb.org",
    ),
    "Adminer": ("-- Adminer 4.8.1 MySQL 10.11.6-MariaDB-1 dump\n", "", "10.11.6-MariaDB-1"),
}


@pytest.mark.parametrize("name", HEADS)
def test_what_the_head_says(awk: str, name: str) -> None:
    text, database, version = HEADS[name]
    facts, _ = read(awk, text + T + "-- Server version: 5.7.1\n" + END)
    assert facts.get("named", [[""]]) == [[database]] and facts["version"] == [[version]]
    assert facts["needs"] == [["yes"]]


@pytest.mark.parametrize(("variable", "saves"), [("SQL_MODE", True), ("NOTE_VERBOSITY", False)])
def test_a_head_is_one_that_saves_the_sql_mode(awk: str, variable: str, saves: bool) -> None:
    """mariadb-dump 11.8 saves one variable with --compact, too."""
    head = f"/*M!100616 SET @OLD_{variable}=@@{variable}, {variable}=0 */;\n"
    facts, _ = read(awk, head + T + f"/*M!100616 SET {variable}=@OLD_{variable} */;\n")
    assert ("saves" in facts) is saves and problem(facts) == ""


def test_use_may_come_without_a_delimiter(awk: str) -> None:
    facts, passed = read(awk, "use shop\n" + T, "")
    assert objects(facts) == {"table shop t"} and passed.startswith(b"use shop;\n")


def test_where_statements_go(awk: str) -> None:
    assert objects(read(awk, T, None, os.fsdecode("töp".encode()))[0]) == {"table töp t"}


TEXTS = {
    "a table": (
        "CREATE TABLE `t` (\n  `a` int(11)\n);\n",
        "table  t CREATE TABLE `t` (\\n  `a` int(11)\\n)",
    ),
    "behind another": (
        "SET @a = 1; CREATE TABLE t (a INT); SELECT 1;\n",
        "table  t CREATE TABLE t (a INT)",
    ),
    "Windows": (
        "CREATE TABLE t (\r\n  a INT COMMENT 'x\r\ny'\r\n);\r\n",
        "table  t CREATE TABLE t (\\n  a INT COMMENT 'x\r\\ny'\\n)",
    ),
    "keys off and on": (
        "CREATE TABLE t (a INT);\n/*!40000 ALTER TABLE `t` DISABLE KEYS */;\n",
        "table  t CREATE TABLE t (a INT)",
    ),
    "changed later": ("CREATE TABLE t (a INT);\nALTER TABLE `t` ADD PRIMARY KEY (a);\n", None),
    "with an index later": ("CREATE TABLE t (a INT);\nCREATE UNIQUE INDEX i ON t (a);\n", None),
    "dropped": ("CREATE TABLE t (a INT);\nDROP TABLE t;\n", None),
    "a stand-in of a view": (
        "CREATE TABLE v (a INT);\nDROP TABLE v;\nCREATE VIEW v AS SELECT 1 AS a;\n",
        None,
    ),
    "a trigger": (
        "DELIMITER ;;\n/*!50003 CREATE*/ /*!50003 TRIGGER g BEFORE INSERT ON t FOR EACH ROW BEGIN\n-- x\nEND */;;\nDELIMITER ;\n",
        "trigger  g /*!50003 CREATE*/ /*!50003 TRIGGER g BEFORE INSERT ON t FOR EACH ROW BEGIN\\n-- x\\nEND */",
    ),
    "too long to keep": (
        "CREATE TABLE t (\n"
        + "  `a` int COMMENT 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',\n" * 2000
        + " b int);\n",
        None,
    ),
}


@pytest.mark.parametrize("case", TEXTS)
def test_the_words_of_definitions(awk: str, case: str) -> None:
    text, expected = TEXTS[case]
    facts, _ = read(awk, text)
    told = [" ".join(row) for row in facts.get("definition", [])]
    assert told == ([expected] if expected else [])
