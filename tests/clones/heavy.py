"""A server under heavy mixed load, and what must be true of a copy of it at any moment."""

import subprocess
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

from testbed.client import Server
from testbed.places import Place

TABLES = """
CREATE OR REPLACE DATABASE heavy; USE heavy;
CREATE TABLE going (id INT PRIMARY KEY) ENGINE = InnoDB; INSERT INTO going VALUES (1);
CREATE TABLE a (id INT PRIMARY KEY, n INT NOT NULL, pad CHAR(200), KEY (n)) ENGINE = InnoDB;
INSERT INTO a SELECT seq, 0, REPEAT(MD5(seq), 6) FROM seq_1_to_20000;
CREATE TABLE b LIKE a; INSERT INTO b SELECT * FROM a;
CREATE TABLE slow (us BIGINT NOT NULL, at DATETIME(6) NOT NULL, KEY (at)) ENGINE = InnoDB;
CREATE TABLE m (id INT PRIMARY KEY AUTO_INCREMENT, n INT, pad CHAR(100), KEY (n)) ENGINE = MyISAM;
CREATE TABLE r (id INT PRIMARY KEY AUTO_INCREMENT, n INT, pad CHAR(100), KEY (n)) ENGINE = Aria;
CREATE TABLE p LIKE r; ALTER TABLE p TRANSACTIONAL = 0;
"""
# Rows move between two tables, and the sum of both stays; what takes long is noted.
_MOVE = """
    START TRANSACTION;
    UPDATE a SET n = n + 7, pad = REPEAT(MD5(i), 6) WHERE id BETWEEN i AND i + 9;
    UPDATE b SET n = n - 7, pad = REPEAT(MD5(i), 6) WHERE id BETWEEN i AND i + 9;
    COMMIT;
    SET us = TIMESTAMPDIFF(MICROSECOND, began, SYSDATE(6));
    IF us > 5000 THEN INSERT INTO slow VALUES (us, began); END IF;"""
# A table that is looked through in each clone is not to grow for ever.
_PLAIN = """
    INSERT INTO {0} (n, pad) VALUES (i % 1000, MD5(i)), (i % 77, MD5(i)), (i % 7, MD5(i));
    UPDATE {0} SET n = n + 1 WHERE id = i % 5000;
    DELETE FROM {0} WHERE id = i % 3000;
    SET newest = LAST_INSERT_ID();
    DELETE FROM {0} WHERE id BETWEEN newest - 60010 AND newest - 60000;"""
_DEFINE = """
    CREATE OR REPLACE TABLE d (id INT PRIMARY KEY, n INT) ENGINE = InnoDB;
    INSERT INTO d SELECT seq, seq FROM seq_1_to_200;
    ALTER TABLE d ADD COLUMN c INT DEFAULT 5, ADD KEY (n);
    CREATE OR REPLACE TABLE e (id INT PRIMARY KEY, n INT) ENGINE = Aria;
    INSERT INTO e SELECT seq, seq FROM seq_1_to_200;
    ALTER TABLE e ADD COLUMN c INT DEFAULT 5;
    DROP TABLE IF EXISTS f; RENAME TABLE d TO f; ALTER TABLE f MODIFY n BIGINT;
    TRUNCATE TABLE e; DROP TABLE e;"""
Sessions = list["subprocess.Popen[bytes]"]
LOADS = {
    "move": _MOVE,
    "move too": _MOVE,
    "MyISAM": _PLAIN.format("m"),
    "Aria": _PLAIN.format("r"),
    "plain Aria": _PLAIN.format("p"),
    "definitions": _DEFINE,
}


@contextmanager
def load(place: Place, names: Iterable[str] = LOADS) -> Iterator[Sessions]:
    """These loads at a time, until the end; all must be at work then."""
    place.server.query(TABLES)
    with ExitStack() as stack:
        sessions = [
            stack.enter_context(_session(place, body, number))
            for number, body in enumerate(LOADS[name] for name in names)
        ]
        try:
            yield sessions
            assert ended(sessions) == []
        finally:
            place.server.query("DELETE FROM heavy.going")
            for session in sessions:
                session.wait(120)
            endings = ended(sessions)
    assert [told for told in endings if told[0]] == []


def ended(sessions: Sessions) -> list[tuple[int, str]]:
    """Of those that are at work no more: the exit status and what was said."""
    return [
        (session.returncode, session.stderr.read().decode() if session.stderr else "")
        for session in sessions
        if session.poll() is not None
    ]


def _session(place: Place, body: str, number: int) -> "subprocess.Popen[bytes]":
    argv, options = place.server.command()
    session = place.popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert session.stdin is not None
    session.stdin.write(
        options
        + f"""USE heavy;
SET SESSION lock_wait_timeout = 300, SESSION innodb_lock_wait_timeout = 300;
DELIMITER //
BEGIN NOT ATOMIC
    DECLARE i INT DEFAULT {number};
    DECLARE us, newest BIGINT;
    DECLARE began DATETIME(6);
    WHILE EXISTS (SELECT 1 FROM going) DO
        SET i = (i + 7919 * 10) % 19990 + {number % 2};
        SET began = SYSDATE(6);
        {body}
    END WHILE;
END //
""".encode()
    )
    session.stdin.close()
    return session


def longest_write_ms(server: Server, since: float, until: float) -> float:
    """The longest InnoDB transaction that began between two times of time.time()."""
    worst = server.value(
        "SELECT IFNULL(MAX(us), 0) FROM heavy.slow"
        f" WHERE at BETWEEN FROM_UNIXTIME({since:.6f}) - INTERVAL 1 SECOND"
        f" AND FROM_UNIXTIME({until:.6f})"
    )
    return int(worst) / 1000


def problems(server: Server) -> list[str]:
    """What is not right on a copy."""
    tables = [row[0] for row in server.query("SHOW TABLES IN heavy")]
    wanted = ", ".join(f"heavy.`{name}`" for name in tables)
    found = [
        f"{name}: {kind}: {text}"
        for name, _, kind, text in server.query(f"CHECK TABLE {wanted} EXTENDED")
        if (kind, text) != ("status", "OK")
    ]
    moved = server.value("SELECT (SELECT SUM(n) FROM heavy.a) + (SELECT SUM(n) FROM heavy.b)")
    found += [] if moved == "0" else [f"the sum of rows that only moved is {moved}"]
    wrong = server.value(
        "SELECT COUNT(*) FROM heavy.a JOIN heavy.b USING (id)"
        " WHERE a.n + b.n <> 0 OR a.pad <> b.pad"
    )
    return found + ([] if wrong == "0" else [f"{wrong} rows moved by half"])
