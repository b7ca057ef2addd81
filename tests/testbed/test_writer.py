"""The writer on a real server, and the check of what it wrote."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from testbed.client import ClientError
from testbed.compare import consistent
from testbed.writer import ALL_TABLES, DATABASE, Table, Writer, WriterError
from tests.testbed.local_server import LocalServer, popen, running_server


@pytest.fixture
def written(source: LocalServer) -> Iterator[LocalServer]:
    """A server with at least thirty complete rounds, that nobody writes to."""
    with Writer(source.sql, popen, pause_seconds=0) as writer:
        _await_number(writer, 30)
    yield source
    source.sql.query(f"DROP DATABASE {DATABASE}")


def _await_number(writer: Writer, number: int) -> None:
    deadline = time.monotonic() + 30
    while min(writer.acknowledged.values()) < number:
        assert writer.failure is None
        assert time.monotonic() < deadline, writer.acknowledged
        time.sleep(0.01)


def test_what_is_acknowledged_is_there(source: LocalServer, written: LocalServer) -> None:
    with Writer(source.sql, popen) as writer:
        before = writer.acknowledged
        _await_number(writer, max(before.values()) + 20)
        seen = consistent_numbers(source)
        assert all(seen[table] >= before[table] for table in ALL_TABLES)
    after = writer.acknowledged
    assert len(set(after.values())) == 1
    result = consistent(source.sql)
    assert result.problems == ()
    assert result.last == after
    assert result.missing(after) == []
    later = {table: number + 1 for table, number in after.items()}
    assert len(result.missing(later)) == len(ALL_TABLES)


def consistent_numbers(server: LocalServer) -> dict[Table, int]:
    return {
        table: int(server.sql.value(f"SELECT MAX(number) FROM {DATABASE}.{table.value}"))
        for table in ALL_TABLES
    }


def test_every_write_has_its_number_and_time(source: LocalServer) -> None:
    with Writer(source.sql, popen, tables=[Table.LEDGER]) as writer:
        first = writer.acknowledged[Table.LEDGER]
        _await_number(writer, first + 10)
    writes = writer.writes()
    numbers = [write.number for write in writes]
    assert numbers == list(range(numbers[0], writer.acknowledged[Table.LEDGER] + 1))
    assert all(write.table is Table.LEDGER for write in writes)
    assert all(write.sent < write.acknowledged for write in writes)
    assert writer.acknowledged.keys() == {Table.LEDGER}
    assert consistent(source.sql, [Table.LEDGER]).problems == ()
    source.sql.query(f"DROP DATABASE {DATABASE}")


def test_a_stall_is_measured_while_it_lasts_and_afterwards(written: LocalServer) -> None:
    with Writer(written.sql, popen) as writer:
        calm = time.monotonic()
        _await_number(writer, max(writer.acknowledged.values()) + 20)
        locked = time.monotonic()
        with _lock(written) as holder:
            assert holder.stdout is not None and holder.stdout.readline() == b"locked\n"
            time.sleep(0.4)
            assert writer.worst_stall_ms(locked, time.monotonic()) >= 350
        holder.wait()
        released = time.monotonic()
        _await_number(writer, max(writer.acknowledged.values()) + 20)
        end = time.monotonic()
    assert 350 <= writer.worst_stall_ms(locked, released) < 10_000
    assert writer.worst_stall_ms(calm, end) >= 350
    assert writer.worst_stall_ms(calm, locked - 0.01) < 350
    assert writer.worst_stall_ms(end + 10, end + 20) == 0


def _lock(server: LocalServer) -> "subprocess.Popen[bytes]":
    """A session that locks all tables until its stdin is closed."""
    argv, options = server.sql.command()
    holder = popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert holder.stdin is not None
    holder.stdin.write(options + b"FLUSH TABLES WITH READ LOCK; SELECT 'locked';\n")
    holder.stdin.flush()
    return holder


def test_a_writer_goes_on_where_a_killed_one_stopped(written: LocalServer) -> None:
    last = consistent_numbers(written)[Table.LEDGER]
    written.sql.query(
        f"DELETE FROM {DATABASE}.aria_log WHERE number = {last};"
        f"DELETE FROM {DATABASE}.aria_plain_log WHERE number = {last}"
    )
    with Writer(written.sql, popen) as writer:
        pass
    assert writer.writes()[0].number == last + 1
    assert consistent(written.sql).problems == ()


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("UPDATE savings SET balance = balance + 1 WHERE id = 3", "the money of all accounts is"),
        (
            "UPDATE savings SET balance = balance + 1 WHERE id = 3;"
            "UPDATE checking SET balance = balance - 1 WHERE id = 3",
            "savings: 1 balances do not follow from the ledger",
        ),
        ("DELETE FROM ledger WHERE number = 9", "ledger: "),
        ("DELETE FROM myisam_log WHERE number = 9", "myisam_log: "),
        ("DELETE FROM aria_plain_log WHERE number = 1", "aria_plain_log: "),
        ("DELETE FROM aria_log WHERE number > 5", "aria_log ends at 5, but the ledger at"),
        (
            "DELETE FROM myisam_log ORDER BY number DESC LIMIT 1",
            "ahead of myisam_log at",
        ),
        ("UPDATE aria_log SET payload = 'torn' WHERE number = 7", "aria_log: 1 rows with another"),
        ("TRUNCATE myisam_log", "myisam_log ends at 0"),
    ],
)
def test_a_broken_copy_is_told(written: LocalServer, sql: str, problem: str) -> None:
    written.sql.query(f"USE {DATABASE}; {sql}")
    problems = consistent(written.sql).problems
    assert any(problem in text for text in problems), problems


def test_a_crashed_table_is_told(written: LocalServer) -> None:
    datadir = Path(written.sql.value("SELECT @@datadir"))
    written.sql.query("FLUSH TABLES")
    data = datadir / DATABASE / "myisam_log.MYD"
    data.write_bytes(data.read_bytes()[:-40])
    problems = consistent(written.sql).problems
    for backup in data.parent.glob("*.BAK"):  # of the repair; DROP DATABASE would stumble over it
        backup.unlink()
    assert any(".myisam_log: CHECK TABLE says" in text for text in problems), problems


def test_a_writer_whose_server_goes_away_says_so(folder: Path) -> None:
    with running_server(folder / "leaving") as server:
        writer = Writer(server.sql, popen)
        writer.start()
    with pytest.raises(WriterError, match=r"the writer ended: [\s\S]*ERROR 20(06|13)"):
        writer.stop()
    assert writer.failure is not None
    with pytest.raises(ClientError):
        Writer(server.sql, popen).start()


def test_misuse_is_refused(source: LocalServer) -> None:
    with pytest.raises(ValueError, match="begin with"):
        Writer(source.sql, popen, tables=[Table.ARIA])
    with pytest.raises(ValueError, match="order"):
        Writer(source.sql, popen, tables=[Table.ARIA, Table.LEDGER])
    with Writer(source.sql, popen) as writer, pytest.raises(WriterError, match="starts once"):
        writer.start()
    source.sql.query(f"DROP DATABASE {DATABASE}")
