"""The source: a MariaDB on a host of the lab, with the data set and the accounts Delphix needs."""

import time
from dataclasses import dataclass

from lab.errors import LabError
from lab.hosts.host import Host
from lab.lab import Lab
from lab.system.process import wait_until
from testbed import dataset
from testbed.client import ClientError, Server, literal
from testbed.parameters import READER, READER_GRANTS, REPLICATOR, REPLICATOR_GRANTS, Account
from testbed.places import SOURCE_SOCKET, host_place

PORT = 3306
START_SECONDS = 60
DATABASE = "demo_story"
DATA = "/srv/mariadb"
PID_FILE = "/run/mysqld/mysqld.pid"
CONFIG = "/etc/mysql/demo-source.cnf"
_LOG = f"{DATA}/error.log"

# Not Debian's data directory: behind a host's root stands the machine's own, data and all.
_OPTIONS = f"""[mysqld]
user = mysql
datadir = {DATA}
socket = {SOURCE_SOCKET}
pid_file = {PID_FILE}
log_error = {_LOG}
port = {PORT}
bind_address = 0.0.0.0
server_id = 1
log_bin = {DATA}/binlog
event_scheduler = ON
"""
_START = f"""set -euo pipefail
install -d -o mysql -g mysql /run/mysqld
if [[ ! -e {DATA}/complete ]]; then
    rm -rf {DATA}
    install -d -o mysql -g mysql -m 750 {DATA}
    mariadb-install-db --no-defaults --user=mysql --datadir={DATA} --skip-test-db \\
        --auth-root-authentication-method=socket >/dev/null
    touch {DATA}/complete
fi
# A background job is no group leader, so setsid does not fork: the pid stays the server's.
setsid mariadbd --defaults-file={CONFIG} </dev/null >/dev/null 2>&1 &
echo "$!"
"""
_STORY = f"""
CREATE DATABASE IF NOT EXISTS {DATABASE};
CREATE TABLE IF NOT EXISTS {DATABASE}.seeded (data_rows INT NOT NULL);
CREATE TABLE IF NOT EXISTS {DATABASE}.milestone (
    name VARCHAR(40) NOT NULL PRIMARY KEY, at DATETIME(6) NOT NULL
);
"""


@dataclass(frozen=True)
class Seeded:
    """The source as it is now; `seconds` of loading, 0 when the data set was there already."""

    server: Server
    rows: int
    seconds: float


def seed(lab: Lab, host_name: str, rows: int) -> Seeded:
    """Start the source and load the data set with about `rows` rows, unless it is there.

    Raises LabError and ClientError.
    """
    place = host_place(lab, host_name)
    start(place.host, place.server)
    _create_account(place.server, READER, READER_GRANTS)
    _create_account(place.server, REPLICATOR, REPLICATOR_GRANTS)
    place.server.query(_STORY)
    known = place.server.query(f"SELECT data_rows FROM {DATABASE}.seeded")
    if known:
        return Seeded(place.server, int(known[0][0]), 0.0)
    loaded = dataset.load(place.server, rows)
    place.server.query(f"INSERT INTO {DATABASE}.seeded VALUES ({loaded.rows})")
    return Seeded(place.server, loaded.rows, loaded.seconds)


def start(host: Host, server: Server) -> None:
    """Start the source's server unless it answers. Raises LabError with its log's end."""
    if answers(server):
        return
    host.run_as_root(["install", "-d", "/etc/mysql"])
    host.write_file(CONFIG, _OPTIONS.encode())
    script = ["bash", "-c", _START]
    pid = host.run_as_root(script, timeout=START_SECONDS).text.strip()
    deadline = time.monotonic() + START_SECONDS
    while not answers(server):
        alive = host.run_as_root(["kill", "-0", pid], check=False)
        if alive.exit_code != 0 or time.monotonic() > deadline:
            log = host.run_as_root(["tail", "-n", "20", _LOG], check=False).text
            raise LabError(f"The MariaDB on {host.name} does not answer", output=log)
        time.sleep(0.05)


def stop(host: Host) -> None:
    """Shut the source's server down and see it gone; it may be down already. Raises LabError."""
    pid = host.run_as_root(["cat", PID_FILE], check=False).text.strip()
    if not pid or host.run_as_root(["kill", pid], check=False).exit_code != 0:
        return
    alive = ["kill", "-0", pid]
    if not wait_until(lambda: host.run_as_root(alive, check=False).exit_code != 0, START_SECONDS):
        raise LabError(f"The MariaDB on {host.name} does not end")


def answers(server: Server) -> bool:
    """Whether somebody who may log in gets an answer now."""
    try:
        return server.value("SELECT 1") == "1"
    except ClientError:
        return False


def milestone(server: Server, name: str) -> None:
    """Leave a mark that tells copies of different moments apart. Raises ClientError."""
    server.query(f"INSERT INTO {DATABASE}.milestone VALUES ({literal(name)}, NOW(6))")


def milestones(server: Server) -> list[str]:
    """The marks, oldest first. Raises ClientError."""
    return [row[0] for row in server.query(f"SELECT name FROM {DATABASE}.milestone ORDER BY at")]


def _create_account(server: Server, account: Account, grants: str) -> None:
    name = f"'{account.user}'@'%'"
    # IDENTIFIED BY wants a plain literal; this one holds whatever the sql_mode.
    password = account.password.replace("'", "''")
    server.query(
        "SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES';"
        f"CREATE USER IF NOT EXISTS {name} IDENTIFIED BY '{password}';"
        f" GRANT {grants} ON *.* TO {name}"
    )
