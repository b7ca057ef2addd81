"""Keeps writing on a server and knows, for each write, when its commit was acknowledged.

Each round has the next number n and writes it into the ledger (one InnoDB transaction over three
tables) and then into each log table (non-transactional ones too), in the order of `Table`. So at
any moment a later table is never ahead of an earlier one, nor more than one number behind: what a
copy of the server must show as well (`compare.consistent`).
"""

import subprocess
import threading
import time
from array import array
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import IO, Self

from testbed.client import Popen, Server, local_popen
from testbed.dataset import script

DATABASE = "demo_writer"
ACCOUNTS = 16
START_BALANCE = 1_000_000


class WriterError(Exception):
    """The writer could not start, or ended by itself; the text holds the client's last words."""


class Table(Enum):
    """The tables that carry a number, in the order of writing."""

    LEDGER = "ledger"
    MYISAM = "myisam_log"
    ARIA = "aria_log"
    ARIA_PLAIN = "aria_plain_log"


ALL_TABLES = tuple(Table)


@dataclass(frozen=True)
class Write:
    """An acknowledged write; times are seconds of time.monotonic()."""

    table: Table
    number: int
    sent: float
    acknowledged: float


class Writer:
    """One long client session that writes until it is told to stop; also a context manager."""

    def __init__(
        self,
        server: Server,
        popen: Popen = local_popen,
        *,
        tables: Sequence[Table] = ALL_TABLES,
        pause_seconds: float = 0.003,
    ) -> None:
        """Write through `server`'s login by a client that `popen` starts on the same host.

        `tables` must begin with the ledger: it is what the others are measured by.
        """
        if not tables or list(tables) != [table for table in Table if table in tables]:
            raise ValueError("tables must be in the order of Table, each once")
        if tables[0] is not Table.LEDGER:
            raise ValueError("tables must begin with Table.LEDGER")
        self._server, self._popen = server, popen
        self._tables, self._pause = tuple(tables), pause_seconds
        self._log = _Log()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._failure: str | None = None

    def start(self) -> None:
        """Make the tables where they are missing, and go on from the last number.

        Returns when the first round is acknowledged. Raises ClientError or WriterError.
        """
        if self._thread is not None:
            raise WriterError("a writer starts once; make another one")
        self._server.query(script("writer"))
        number = prepare(self._server, self._tables) + 1
        argv, options = self._server.command()
        self._process = self._popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        started = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(self._process, options, number, started), daemon=True
        )
        self._thread.start()
        if not started.wait(30):
            self.stop()
            raise WriterError(f"{self._server.name}: no answer to the first write within 30 s")
        if self._failure:
            raise WriterError(self._failure)

    def stop(self, timeout: float = 30.0) -> None:
        """Finish the round, end the client. Raises WriterError if it had ended by itself before,

        or if the last write is not answered within `timeout` seconds (the client is killed then).
        """
        if self._thread is None or self._process is None:
            return
        self._stop.set()
        self._thread.join(timeout)
        if self._thread.is_alive():
            self._process.kill()
            self._thread.join()
            raise WriterError(f"{self._server.name}: the last write got no answer in {timeout} s")
        if self._failure:
            raise WriterError(self._failure)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def failure(self) -> str | None:
        """Why the writer ended by itself; None while all is well."""
        return self._failure

    @property
    def acknowledged(self) -> Mapping[Table, int]:
        """The last number per table whose commit the server has acknowledged (0 for none yet)."""
        return self._log.last(self._tables)

    def writes(self) -> list[Write]:
        """Every acknowledged write so far, oldest first."""
        return self._log.writes()

    def worst_stall_ms(self, since: float, until: float) -> float:
        """The longest a write took that was under way between two times of time.monotonic().

        A write that still waits for its answer counts with its age.
        """
        return self._log.worst_stall(since, until) * 1000

    def _run(
        self,
        process: "subprocess.Popen[bytes]",
        options: bytes,
        number: int,
        started: threading.Event,
    ) -> None:
        assert process.stdin is not None and process.stdout is not None
        try:
            with process.stdout as answers, process.stdin as pipe:
                pipe.write(options + f"USE {DATABASE};\n".encode())
                while not self._stop.is_set():
                    for table in self._tables:
                        self._write(pipe, answers, (table, number))
                    started.set()
                    number += 1
                    self._stop.wait(self._pause)
        except (OSError, WriterError) as error:
            self._failure = f"{self._server.name}: the writer ended: {error}"
        finally:
            process.wait()
            started.set()

    def _write(self, pipe: IO[bytes], answers: IO[bytes], write: tuple[Table, int]) -> None:
        table, number = write
        self._log.begin()
        # A client that is gone has left its last words to be read.
        with suppress(BrokenPipeError):
            pipe.write(statement(table, number).encode())
            pipe.flush()
        answer = answers.readline()
        if answer.decode(errors="replace").split() != [table.value, str(number)]:
            # An error: the client ends by itself once its input does.
            with suppress(BrokenPipeError):
                pipe.close()
            story = (answer + answers.read()).decode(errors="replace").strip()
            raise WriterError(f"{table.value} {number}: {story or 'the client is gone'}")
        self._log.end(table, number)


def statement(table: Table, number: int) -> str:
    """The SQL that writes `number` into `table` and then says so, on one line."""
    if table is Table.LEDGER:
        giver, taker, amount = number % ACCOUNTS, number * 7 % ACCOUNTS, number % 97 - 48
        work = (
            "START TRANSACTION;"
            f" UPDATE checking SET balance = balance - {amount} WHERE id = {giver};"
            f" UPDATE savings SET balance = balance + {amount} WHERE id = {taker};"
            f" INSERT INTO ledger VALUES ({number}, {giver}, {taker}, {amount}, NOW(6));"
            " COMMIT;"
        )
    else:
        work = f"INSERT INTO {table.value} VALUES ({number}, {payload(str(number))}, NOW(6));"
    return f"{work} SELECT '{table.value}', {number};\n"


def payload(number: str) -> str:
    """The SQL expression of a log row's payload: it follows from the number alone."""
    return f"REPEAT(CHAR(97 + {number} % 26 USING utf8mb4), {number} % 200)"


def prepare(server: Server, tables: Sequence[Table] = ALL_TABLES) -> int:
    """Write what a writer that was killed in the middle of a round still owed to the logs.

    Returns the last number of the ledger (0 when empty). Raises ClientError.
    """
    last = int(server.value(f"SELECT IFNULL(MAX(number), 0) FROM {DATABASE}.ledger"))
    for table in tables[1:]:
        server.query(
            f"USE {DATABASE}; INSERT INTO {table.value} SELECT seq, {payload('seq')}, NOW(6)"
            f" FROM seq_1_to_1000000000 WHERE seq <= {last} AND seq >"
            f" (SELECT IFNULL(MAX(number), 0) FROM {table.value})"
        )
    return last


class _Log:
    """Acknowledged writes in compact arrays: a writer may run for hours."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tables, self._numbers = array("b"), array("q")
        self._sent, self._acknowledged = array("d"), array("d")
        self._last: dict[Table, int] = {}
        self._waiting_since: float | None = None

    def begin(self) -> None:
        with self._lock:
            self._waiting_since = time.monotonic()

    def end(self, table: Table, number: int) -> None:
        now = time.monotonic()
        with self._lock:
            assert self._waiting_since is not None
            self._tables.append(ALL_TABLES.index(table))
            self._numbers.append(number)
            self._sent.append(self._waiting_since)
            self._acknowledged.append(now)
            self._last[table] = number
            self._waiting_since = None

    def last(self, tables: Sequence[Table]) -> dict[Table, int]:
        with self._lock:
            return {table: self._last.get(table, 0) for table in tables}

    def writes(self) -> list[Write]:
        with self._lock:
            columns = zip(self._tables, self._numbers, self._sent, self._acknowledged, strict=True)
            return [Write(ALL_TABLES[at], number, *times) for at, number, *times in columns]

    def worst_stall(self, since: float, until: float) -> float:
        with self._lock:
            waits = [
                acknowledged - sent
                for sent, acknowledged in zip(self._sent, self._acknowledged, strict=True)
                if acknowledged >= since and sent <= until
            ]
            if self._waiting_since is not None and self._waiting_since <= until:
                waits.append(time.monotonic() - self._waiting_since)
        return max(waits, default=0.0)
