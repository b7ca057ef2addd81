"""Errors name their cause, on real servers: a start, a login, the lock of a snapshot."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from domain.options.settings import Setting
from domain.source.facts import ASKED
from tests.steps.support import Bench, Dataset, Outcome, wait_for

NOISE = (
    Setting("plugin_load_add", "no_such_library"),
    Setting("slow_query_log", "1"),
    Setting("slow_query_log_file", "/nonexistent/slow.log"),
)
STARTS = [
    (
        (Setting("ssl_cert", "/no.pem"), Setting("ssl_key", "/no.key")),
        "Unable to get certificate from '/no.pem'",
    ),
    ((Setting("tmpdir", "/nonexistent"),), "Can't create/write to file '/nonexistent/"),
    ((Setting("innodb_page_size", "8192"),), "uses page size 16384"),
    ((Setting("no_such_setting", "1"),), "unknown variable 'no_such_setting=1'"),
    ((Setting("default_storage_engine", "ROCKSDB"),), "ROCKSDB"),
]


@pytest.fixture(autouse=True)
def running(server: Dataset) -> None:
    server.good("server_start")


@pytest.mark.parametrize("settings, cause", STARTS, ids=[case[0][0].name for case in STARTS])
def test_a_start_tells_what_it_ended_of(
    server: Dataset, settings: tuple[Setting, ...], cause: str
) -> None:
    """Complaints that a server passes over come before; consequences come after."""
    server.good("server_stop")
    text = server.variables["CONFIG"] + "".join(
        f"{item.name} = {item.value}\n" for item in (*NOISE, *settings)
    )
    outcome = server.run("server_start", CONFIG=text)
    assert outcome.failure == "SERVER_DIED"
    assert cause in outcome.seen


# What the source says to a login

CERTIFICATE = (
    "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    " -keyout /etc/source.key -out /etc/source.pem 2>/dev/null && chmod 644 /etc/source.*"
)
ACCOUNTS = (
    "CREATE USER plain@'%' IDENTIFIED BY 'p'; GRANT ALL ON *.* TO plain@'%';"
    "CREATE USER tls@'%' IDENTIFIED BY 'p' REQUIRE SSL; GRANT ALL ON *.* TO tls@'%';"
    "CREATE USER cert@'%' IDENTIFIED BY 'p' REQUIRE X509;"
    "CREATE USER locked@'%' IDENTIFIED BY 'p' ACCOUNT LOCK;"
    "CREATE USER expired@'%' IDENTIFIED BY 'p' PASSWORD EXPIRE;"
    "CREATE USER socket@'%' IDENTIFIED VIA unix_socket;"
    "CREATE USER few@'%' IDENTIFIED BY 'p' WITH MAX_CONNECTIONS_PER_HOUR 1;"
)


@pytest.fixture(scope="module")
def source(bench: Bench) -> Iterator[Dataset]:
    bench.host.run_as_root(["sh", "-c", CERTIFICATE])
    made = bench.dataset(
        "source",
        3461,
        settings=(Setting("ssl_cert", "/etc/source.pem"), Setting("ssl_key", "/etc/source.key")),
    ).create()
    made.sql(ACCOUNTS)
    yield made
    bench.drop(made)


def asked(source: Dataset, user: str, password: str = "p", mode: str = "DISABLED") -> Outcome:
    given = {
        "SOURCE_HOST": "127.0.0.1",
        "SOURCE_PORT": str(source.port),
        "SOURCE_USER": user,
        "SOURCE_PASSWORD": password,
        "TLS_MODE": mode,
        "VARIABLE_NAMES": ",".join(ASKED),
        "FOLLOW": "no",
    }
    return source.run("source_facts", **given)


@pytest.mark.parametrize(
    "user, password, mode, code, words",
    [
        ("plain", "p", "DISABLED", "", ()),
        ("plain", "wrong", "DISABLED", "SOURCE_LOGIN_REFUSED", ("1045", "by TLS, too")),
        ("tls", "p", "DISABLED", "SOURCE_TLS", ("REQUIRE SSL", "set tlsMode Required")),
        ("tls", "p", "REQUIRED", "", ()),
        ("cert", "p", "REQUIRED", "SOURCE_LOGIN_REFUSED", ("REQUIRE X509", "tlsCertPath")),
        ("locked", "p", "DISABLED", "SOURCE_LOGIN_REFUSED", ("4151", "ACCOUNT UNLOCK")),
        ("expired", "p", "DISABLED", "SOURCE_LOGIN_REFUSED", ("1820", "expired")),
        ("socket", "p", "DISABLED", "SOURCE_LOGIN_REFUSED", ("1698", "unix_socket")),
        ("few", "p", "DISABLED", "SOURCE_UNREACHABLE", ("1226", "limits")),
    ],
)
def test_a_login_that_is_refused(
    source: Dataset, user: str, password: str, mode: str, code: str, words: tuple[str, ...]
) -> None:
    outcome = asked(source, user, password, mode)
    assert outcome.failure == code, outcome
    for word in words:
        assert word in outcome.seen
    assert "'p'" not in outcome.seen + outcome.story


def test_a_source_that_takes_nobody_without_tls(source: Dataset) -> None:
    """It answers as to a wrong password, up to 11.3."""
    source.sql("SET GLOBAL require_secure_transport = 1")
    try:
        outcome = asked(source, "plain")
    finally:
        source.sql("SET GLOBAL require_secure_transport = 0")
    assert outcome.failure == "SOURCE_TLS"
    assert "require_secure_transport is ON there; set tlsMode Required" in outcome.seen


# Who holds off the lock


@contextmanager
def session(server: Dataset, statements: str, shown: str) -> Iterator[str]:
    """A session that has begun these statements, and stays; its connection id."""
    argv = ["setpriv", "--reuid=1701", "--regid=1701", "--clear-groups"]
    client = ["mariadb", "--no-defaults", f"--socket={server.layout.socket}", "-n", "-N"]
    pipe, none = subprocess.PIPE, subprocess.DEVNULL
    with server.host.popen_as_root([*argv, *client], stdin=pipe, stdout=none) as process:
        assert process.stdin is not None
        assert none is not None
        text = f"CREATE OR REPLACE TABLE work.who AS SELECT CONNECTION_ID() AS id; {statements};\n"
        process.stdin.write(text.encode())
        process.stdin.flush()
        question = f"SELECT id FROM information_schema.processlist WHERE {shown}"
        wait_for(statements, lambda: server.sql(question) != "")
        wait_for("who it is", lambda: server.sql("SELECT id FROM work.who") != "")
        yield server.sql("SELECT id FROM work.who")
        process.stdin.close()
        process.kill()


@pytest.mark.parametrize(
    "statements, shown, stage, words",
    [
        (
            "CREATE TABLE work.made AS SELECT SLEEP(8) FROM work.big",
            "info LIKE 'CREATE TABLE work.made%'",
            "START",
            "CREATE TABLE work.made",
        ),
        (
            "INSERT INTO work.plain SELECT SLEEP(8) FROM work.plain WHERE 'secret' <> ''",
            "info LIKE 'INSERT%'",
            "BLOCK_DDL",
            "INSERT)",
        ),
        ("LOCK TABLES work.plain WRITE", "command = 'Sleep' AND time >= 1", "START", "idle for"),
        ("BACKUP STAGE START", "command = 'Sleep' AND time >= 1", "START", "idle for"),
    ],
    ids=["create", "insert", "lock-tables", "backup"],
)
def test_the_error_names_who_holds_off_the_lock(
    server: Dataset, statements: str, shown: str, stage: str, words: str
) -> None:
    server.sql(
        "CREATE DATABASE IF NOT EXISTS work; DROP TABLE IF EXISTS work.made;"
        "CREATE OR REPLACE TABLE work.big (n INT) ENGINE = Aria; INSERT INTO work.big VALUES (1);"
        "CREATE OR REPLACE TABLE work.plain (n INT) ENGINE = MyISAM;"
        "INSERT INTO work.plain VALUES (1); CREATE OR REPLACE TABLE work.who (id INT)"
    )
    with session(server, statements, shown) as number:
        outcome = server.run("quiesce", LOCK_SECONDS="1")
        server.sql(f"KILL {number}")
    assert outcome.failure == "QUIESCE_FAILED"
    assert f"BACKUP STAGE {stage}: ERROR 1205" in outcome.seen
    assert f"{number} (delphix@localhost" in outcome.seen
    assert words in outcome.seen
    assert "secret" not in outcome.seen


# A source that hangs up on a slow staging server

LOST = "mariadb-dump: Error 2013: Lost connection to server during query when dumping table `t`"


@pytest.mark.parametrize(("still", "told"), [(7, True), (1, False)])
def test_a_dump_that_the_source_has_cut_names_its_limit(
    source: Dataset, still: int, told: bool
) -> None:
    source.sql("SET GLOBAL net_write_timeout = 5")
    work = '"$MOUNT/run/job'
    body = (
        f'use_installation; mkdir -p {work}"; echo "3 0 0" >{work}/tables.status"\n'
        f'echo "$LOST" >{work}/tables.dump"; : >{work}/tables.load"\n'
        f"STILL={still}; require_copied tables"
    )
    given = {
        "SOURCE_HOST": "127.0.0.1",
        "SOURCE_PORT": str(source.port),
        "SOURCE_USER": "plain",
        "SOURCE_PASSWORD": "p",
        "LOST": LOST,
    }
    outcome = source.library(body, **given)
    assert outcome.failure == "DUMP_FAILED"
    assert LOST in outcome.seen
    words = "staging took nothing for 7 s, and the source hangs up before: net_write_timeout is 5 s"
    assert (words in outcome.seen) is told
    assert ("SET GLOBAL net_write_timeout = 600;" in outcome.seen) is told
