"""A source made like those of managed cloud services, and what it was asked."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Event, Thread

from testbed import compare, proofs
from testbed.client import Server, identifier
from testbed.compare import Fact, Fingerprint, Kind
from testbed.parameters import Account
from testbed.places import Place
from testbed.site import Site

# What Amazon RDS for MariaDB grants its master user.
RDS_GRANTS = (
    "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER,"
    " SHOW DATABASES, CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, REPLICATION CLIENT,"
    " CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, CREATE USER, EVENT, TRIGGER,"
    " REPLICATION SLAVE"
)
# What is enough where no table needs a lock.
LEAN_GRANTS = "SELECT, SHOW VIEW, TRIGGER, EVENT, EXECUTE, BINLOG MONITOR, REPLICATION SLAVE"
MASTER = Account("demo_master", "demo-master-(id)")
OPERATOR = "rdsadmin@localhost"
OPERATOR_PASSWORD = "only they know"

_SERVICE = f"""
SET SESSION sql_log_bin = 0;
CREATE USER rdsadmin@localhost IDENTIFIED BY '{OPERATOR_PASSWORD}';
GRANT ALL PRIVILEGES ON *.* TO rdsadmin@localhost WITH GRANT OPTION;
CREATE TABLE mysql.rds_heartbeat2 (id INT PRIMARY KEY, value BIGINT) ENGINE = InnoDB;
CREATE TABLE mysql.rds_global_status_history (at DATETIME(6) NOT NULL) ENGINE = InnoDB;
CREATE TABLE mysql.`odd, o'neil's "x" \\\\y` (n INT) ENGINE = MyISAM;
CREATE PROCEDURE mysql.rds_kill (IN id BIGINT) SELECT id;
CREATE DEFINER = rdsadmin@localhost EVENT mysql.ev_rds_gsh_collector ON SCHEDULE EVERY 1 SECOND
    DO INSERT INTO mysql.rds_global_status_history VALUES (NOW(6));
SET GLOBAL log_output = 'TABLE', GLOBAL general_log = 1;
"""
# Accounts that change while replication has to leave out a new table of the service.
UNDER_WAY = """
SET SESSION sql_log_bin = 0; CREATE TABLE mysql.wholly_new (n INT); SET SESSION sql_log_bin = 1;
INSERT INTO mysql.wholly_new VALUES (1);
CREATE USER part@'%' IDENTIFIED BY 'x';
GRANT SELECT ON shop.customer TO part@'%';
ALTER USER part@'%' ACCOUNT LOCK;
CREATE ROLE r_part;
GRANT r_part TO part@'%';
SET SESSION sql_log_bin = 0; DROP TABLE mysql.wholly_new;
"""
# As RDS writes it, in either form of the binary log.
_BEAT = "".join(
    f"SET SESSION binlog_format = '{form}'; INSERT INTO mysql.rds_heartbeat2 VALUES (1, 1)"
    " ON DUPLICATE KEY UPDATE value = value + 1; "
    for form in ("ROW", "STATEMENT")
)
# What a session of the plugin may say on a source; each wants no more than a granted privilege.
_GENTLE = re.compile(
    r"SELECT\b|SHOW\b|USE\b|START TRANSACTION\b|COMMIT\b|ROLLBACK\b|SAVEPOINT\b|RELEASE SAVEPOINT\b"
    r"|UNLOCK TABLES\b|LOCK TABLES `|FLUSH TABLES `|XA RECOVER\b|SET\b",
    re.IGNORECASE,
)
_HARSH = re.compile(
    r"\bSET\b.*(?<!@)\b(GLOBAL|PASSWORD|ROLE)\b|\bFLUSH\b(?! TABLES `)", re.IGNORECASE
)


def make_managed(server: Server) -> None:
    """Give the server what a service has there, out of the binary log as services do."""
    server.query(_SERVICE)


def grant(server: Server, account: Account, *grants: str) -> None:
    """Make the account anew with `PRIVILEGES ON PLACE` and no more."""
    name = f"'{account.user}'@'%'"
    server.query(
        f"CREATE OR REPLACE USER {name} IDENTIFIED BY '{account.password}';"
        + "".join(f"GRANT {text} TO {name};" for text in grants)
    )


def heartbeat(place: Place) -> AbstractContextManager[None]:
    """The service writes its own table every moment."""
    return repeated(place, _BEAT)


@contextmanager
def repeated(place: Place, statements: str) -> Iterator[None]:
    """Somebody runs these statements on the server over and over."""
    argv, options = place.server.command()
    process = place.popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    stop, stdin = Event(), process.stdin
    assert stdin is not None and process.stderr is not None

    def write() -> None:
        stdin.write(options)
        while not stop.wait(0.02):
            stdin.write(f"{statements}\n".encode())
            stdin.flush()

    thread = Thread(target=write)
    with process, process.stderr:
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
            stdin.close()
            error = process.stderr.read()
    assert process.returncode == 0, error


def beats(server: Server) -> int:
    """How often the heart has beaten."""
    return int(server.value("SELECT IFNULL(MAX(value), 0) FROM mysql.rds_heartbeat2"))


def asked(server: Server, account: Account) -> list[str]:
    """Every statement of the account since the general log was emptied, without comments."""
    rows = server.query(
        "SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log"
        f" WHERE command_type = 'Query' AND user_host LIKE '{account.user}[%' ORDER BY event_time"
    )
    return [" ".join(re.sub(r"/\*M?!?\d*|\*/", " ", row[0]).split()) for row in rows]


def harsh(statements: list[str]) -> list[str]:
    """Those that lock everything, want SUPER, or are not known to want less."""
    return [text for text in statements if _HARSH.search(text) or not _GENTLE.match(text)]


def same_as_managed(site: Site, name: str) -> None:
    """As `same_as_source`, but for the account of the service's operator: there, but locked."""
    copy = site.fingerprint(name)
    lock = Fact(Kind.LOCK, OPERATOR)
    original = compare.snapshot(site.source.server, "source")
    assert original.facts[lock] != copy.facts[lock]
    facts = {**copy.facts, lock: original.facts[lock]}
    problems = proofs.same_as_source(original, Fingerprint(copy.name, facts))
    assert not problems, "\n".join(problems)


def make_transactional(server: Server) -> None:
    """Turn every table that needs a read lock into InnoDB, without a FLOAT."""
    server.query("ALTER TABLE metrics.reading_by_hash MODIFY value DOUBLE NOT NULL")
    rows = server.query(
        "SELECT table_schema, table_name FROM information_schema.tables"
        " WHERE table_schema NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')"
        " AND engine IN ('MyISAM', 'Aria')"
    )
    for names in rows:
        server.query(f"ALTER TABLE {identifier(*names)} ENGINE = InnoDB, ROW_FORMAT = DYNAMIC")
