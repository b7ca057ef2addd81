"""The bench's source: a MariaDB with tables as sysbench makes them, loaded without a flush."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from bench.scale import Shape
from lab.errors import LabError
from lab.hosts.host import Host
from lab.system.process import wait_until
from testbed import source
from testbed.client import Server
from testbed.parameters import READER, READER_GRANTS, REPLICATOR, REPLICATOR_GRANTS, Account
from testbed.places import SOURCE_SOCKET

_LOGS = "/srv/bench-log"
_START_SECONDS = 120
_LOADERS = 2
_CHUNK = 100_000
# Above that many rows a key is cheaper made at the end.
_LARGE = 10_000

_OPTIONS = f"""[mysqld]
user = mysql
datadir = {source.DATA}
socket = {SOURCE_SOCKET}
pid_file = {source.PID_FILE}
log_error = {_LOGS}/error.log
port = {source.PORT}
bind_address = 0.0.0.0
server_id = 1
log_bin = {_LOGS}/binlog
innodb_buffer_pool_size = 1G
"""
_START = f"""set -euo pipefail
install -d -o mysql -g mysql /run/mysqld {_LOGS}
if [[ ! -e {source.DATA} ]]; then
    install -d -o mysql -g mysql -m 750 {source.DATA}
    mariadb-install-db --no-defaults --user=mysql --datadir={source.DATA} --skip-test-db \\
        --auth-root-authentication-method=socket >/dev/null
fi
setsid mariadbd --defaults-file={source.CONFIG} "$@" </dev/null >/dev/null 2>&1 &
"""
_LOADING = (
    "--skip-log-bin",
    "--innodb-flush-log-at-trx-commit=0",
    "--skip-innodb-doublewrite",
    "--innodb-flush-method=nosync",
    "--sync-frm=0",
    "--innodb-buffer-pool-size=2G",
    "--innodb-log-file-size=1G",
    "--performance-schema=0",
)


def table_names(shape: Shape) -> list[str]:
    """The tables, such as "bench1.sbtest1"."""
    each = shape.tables // shape.databases
    return [
        f"bench{database}.sbtest{table}"
        for database in range(1, shape.databases + 1)
        for table in range(1, each + 1)
    ]


def database_names(shape: Shape) -> list[str]:
    """The databases."""
    return [f"bench{database}" for database in range(1, shape.databases + 1)]


def seed(host: Host, server: Server, shape: Shape) -> None:
    """Start the source, load its tables, start it anew as a source is. Raises LabError."""
    start(host, server, _LOADING)
    for account, grants in ((READER, READER_GRANTS), (REPLICATOR, REPLICATOR_GRANTS)):
        _create_account(server, account, grants)
    server.query("".join(f"CREATE DATABASE {name};\n" for name in database_names(shape)))
    names = table_names(shape)
    shares = [names[number::_LOADERS] for number in range(_LOADERS)]
    with ThreadPoolExecutor(_LOADERS) as loaders:
        list(loaders.map(lambda share: server.query("".join(_script(share, shape.rows))), shares))
    source.stop(host)
    host.run_as_root(["sync", "-f", source.DATA], timeout=600)
    start(host, server)


def start(host: Host, server: Server, options: Sequence[str] = ()) -> None:
    """Start it with further options and wait until it answers. Raises LabError."""
    host.run_as_root(["install", "-d", "/etc/mysql"])
    host.write_file(source.CONFIG, _OPTIONS.encode())
    host.run_as_root(["bash", "-c", _START, "bash", *options], timeout=_START_SECONDS)
    if not wait_until(lambda: source.answers(server), _START_SECONDS):
        log = host.run_as_root(["tail", "-n", "20", f"{_LOGS}/error.log"], check=False).text
        raise LabError("The bench's source does not answer", output=log)


def _script(names: Sequence[str], rows: int) -> Iterator[str]:
    # Sequences are tables of the chosen database.
    yield "USE bench1;\n"
    for name in names:
        key = "" if rows > _LARGE else ", KEY k (k)"
        yield (
            f"CREATE TABLE {name} (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, k INT NOT NULL,"
            f" c CHAR(120) NOT NULL, pad CHAR(60) NOT NULL{key}) ENGINE = InnoDB;\n"
        )
        for first in range(1, rows + 1, _CHUNK):
            last = min(first + _CHUNK - 1, rows)
            yield (
                f"INSERT INTO {name} SELECT seq, CRC32(seq) % {rows},"
                " LEFT(CONCAT_WS('-', MD5(seq), MD5(-seq), MD5(seq * 7), MD5(seq * 11)), 119),"
                " LEFT(CONCAT_WS('-', MD5(seq * 3), MD5(seq * 5)), 59)"
                f" FROM seq_{first}_to_{last};\n"
            )
        if not key:
            yield f"ALTER TABLE {name} ADD KEY k (k);\n"


def _create_account(server: Server, account: Account, grants: str) -> None:
    # IDENTIFIED BY wants a plain literal; this one holds whatever the sql_mode.
    password = account.password.replace("'", "''")
    server.query(
        "SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES';"
        f"CREATE USER '{account.user}'@'%' IDENTIFIED BY '{password}';"
        f"GRANT {grants} ON *.* TO '{account.user}'@'%'"
    )
