"""Small transactions that several clients write on a server at once, as fast as it takes them."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import IO, cast

from lab.errors import LabError
from testbed.client import Server
from testbed.places import Place

CLIENTS = 8
_END_SECONDS = 60
_TABLES = """CREATE DATABASE IF NOT EXISTS bench_load;
USE bench_load;
CREATE TABLE IF NOT EXISTS bench_load.account (
    id INT PRIMARY KEY, balance BIGINT NOT NULL, words CHAR(100) NOT NULL);
CREATE TABLE IF NOT EXISTS bench_load.entry (
    id BIGINT AUTO_INCREMENT PRIMARY KEY, account INT NOT NULL, words CHAR(100) NOT NULL,
    KEY (account));
INSERT IGNORE INTO bench_load.account SELECT seq, 0, MD5(seq) FROM seq_0_to_99999;
CREATE TABLE IF NOT EXISTS bench_load.control (halt INT NOT NULL);
INSERT INTO bench_load.control SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM bench_load.control);
"""
# A loop of the server's own would outlive a client that is killed: it asks each time.
_LOOP = """DELIMITER //
BEGIN NOT ATOMIC
    DECLARE number INT DEFAULT 0;
    WHILE (SELECT halt FROM bench_load.control) = 0 DO
        SET number = number + 1;
        START TRANSACTION;
        UPDATE bench_load.account SET balance = balance + 1 WHERE id = number * 7919 % 100000;
        INSERT INTO bench_load.entry (account, words) VALUES (number % 100000, MD5(number));
        COMMIT;
    END WHILE;
END//
"""


def prepare(server: Server) -> None:
    """Make the tables that are written to. Raises ClientError."""
    server.query(_TABLES)


def transaction(number: int) -> str:
    """One transaction of two rows; neighbours meet on no row."""
    account = number * 7919 % 100_000
    return (
        "START TRANSACTION;"
        f" UPDATE bench_load.account SET balance = balance + 1 WHERE id = {account};"
        f" INSERT INTO bench_load.entry (account, words) VALUES ({account}, MD5({number}));"
        " COMMIT;\n"
    )


def write(place: Place, transactions: int) -> float:
    """Write so many transactions by CLIENTS clients; seconds until all are committed.

    Raises LabError.
    """
    scripts = [
        "".join(transaction(number) for number in range(client, transactions, CLIENTS)).encode()
        for client in range(CLIENTS)
    ]
    before = _entries(place.server)
    with ExitStack() as closing:
        clients = [closing.enter_context(_client(place)) for _ in scripts]
        started = time.monotonic()
        _feed(clients, scripts)
        spent = time.monotonic() - started
    written = _entries(place.server) - before
    if written != transactions:
        raise LabError(f"{written} of {transactions} transactions were written")
    return spent


@contextmanager
def steady(place: Place) -> Iterator[None]:
    """One client writes as fast as the server takes it, from now on until the end."""
    place.server.query("UPDATE bench_load.control SET halt = 0")
    with _client(place) as client:
        pipe = cast("IO[bytes]", client.stdin)
        pipe.write(_LOOP.encode())
        pipe.flush()
        before = _entries(place.server)
        try:
            yield
        finally:
            place.server.query("UPDATE bench_load.control SET halt = 1")
        client.communicate(timeout=_END_SECONDS)
        if _entries(place.server) == before:
            raise LabError("The steady writer has not written")


def _entries(server: Server) -> int:
    return int(server.value("SELECT COUNT(*) FROM bench_load.entry"))


@contextmanager
def _client(place: Place) -> Iterator[subprocess.Popen[bytes]]:
    argv, options = place.server.command()
    client = place.popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    pipe = cast("IO[bytes]", client.stdin)
    try:
        pipe.write(options + b"SELECT 'ready';\n")
        pipe.flush()
        answer = cast("IO[bytes]", client.stdout).readline()
        if answer != b"ready\n":
            raise LabError("A writing client could not log in", output=answer.decode())
        yield client
    finally:
        client.kill()
        client.communicate()


def _feed(clients: list[subprocess.Popen[bytes]], scripts: list[bytes]) -> None:
    def feed(number: int) -> None:
        words, _ = clients[number].communicate(scripts[number])
        if clients[number].returncode != 0:
            raise LabError("A writing client failed", output=words.decode(errors="replace"))

    with ThreadPoolExecutor(len(clients)) as threads:
        list(threads.map(feed, range(len(clients))))
