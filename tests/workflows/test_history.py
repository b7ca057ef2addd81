"""Whether staging's history is a beginning of the source's: sequence numbers alone do not tell."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from testbed import source
from testbed.places import Place
from testbed.site import Site, until
from tests.workflows.support import RESYNC, refused, restart_source, same_as_source, stop_source

pytestmark = pytest.mark.difference

NAME = "sales"
DIVERGED = "MDB-063"


@pytest.fixture(scope="module")
def linked(site: Site) -> Site:
    server = site.source.server
    server.query("SET GLOBAL event_scheduler = OFF")
    server.query("CREATE DATABASE story; CREATE TABLE story.line (n INT PRIMARY KEY, t CHAR(9))")
    # Small sequence numbers, so that another history soon has as many.
    server.query("RESET MASTER")
    site.link(NAME)
    return site


@pytest.fixture(autouse=True)
def cured(linked: Site) -> Iterator[None]:
    """A resync cures whatever a test did to the source; then a sync works as ever."""
    yield
    restart_source(linked)
    linked.source.server.query("RESET MASTER; SET GLOBAL gtid_slave_pos = ''")
    linked.lab.sync(NAME, RESYNC)
    write(linked)
    linked.lab.sync(NAME)
    same_as_source(linked, NAME)


def write(site: Site, count: int = 1, text: str = "same size") -> None:
    """So many more rows of equal size, each a transaction of its own."""
    server = site.source.server
    first = int(server.value("SELECT IFNULL(MAX(n), 0) FROM story.line") or "0")
    server.query(
        "".join(
            f"INSERT INTO story.line VALUES ({first + n}, '{text}');" for n in range(1, count + 1)
        )
    )


def lines(site: Site) -> list[list[str | None]]:
    return site.sql(NAME).query("SELECT * FROM story.line ORDER BY n")


def followed(site: Site) -> None:
    """Staging has what the source has, by itself."""
    wanted = site.source.server.query("SELECT * FROM story.line ORDER BY n")
    until(lambda: lines(site) == wanted, "staging follows")


def diverged(site: Site, *words: str) -> None:
    """A sync is refused, and neither worker nor enable lets replication go on."""
    before = site.lab.snapshots(NAME)
    refused(DIVERGED, lambda: site.lab.sync(NAME), *words)
    assert site.lab.snapshots(NAME) == before


@contextmanager
def stopped(site: Site, *options: str) -> Iterator[Callable[[str], None]]:
    """The source's server is down; what runs shell text on its host is given."""
    stop_source(site)
    host = site.host("source")
    yield lambda text: print(host.run_as_root(["bash", "-ec", text]).text)
    restart_source(site, *options)


def copy(site: Site) -> None:
    with stopped(site) as run:
        run(f"rm -rf /srv/old; cp -a {source.DATA} /srv/old")


def restore(site: Site) -> None:
    with stopped(site) as run:
        run(f"rm -rf {source.DATA}; cp -a /srv/old {source.DATA}")


def test_reset_master_and_as_many_rows_of_equal_size(linked: Site) -> None:
    write(linked, 20)
    linked.lab.sync(NAME)
    linked.source.server.query("RESET MASTER")
    write(linked, 60)
    diverged(linked, "begun anew")


def test_a_source_restored_from_a_copy_that_is_older_than_the_last_sync(linked: Site) -> None:
    copy(linked)
    write(linked, 10)
    linked.lab.sync(NAME)
    restore(linked)
    write(linked, 30, "new story")
    diverged(linked)


def test_a_source_restored_from_a_copy_that_is_newer_than_the_last_sync(linked: Site) -> None:
    write(linked, 10)
    copy(linked)
    followed(linked)
    write(linked, 10)
    followed(linked)
    restore(linked)
    write(linked, 30)
    until(lambda: len(lines(linked)) > 10, "staging follows again", 60)
    diverged(linked)


def test_ordinary_life(linked: Site) -> None:
    """Restarts, new files, purged files, several domains, a staging that rests: all goes on."""
    server = linked.source.server
    for _ in range(2):
        write(linked, 3)
        restart_source(linked)
        write(linked, 3)
        followed(linked)
        server.query("FLUSH BINARY LOGS")
        linked.lab.sync(NAME)
        same_as_source(linked, NAME)
    server.query("SET gtid_domain_id = 7; INSERT INTO story.line VALUES (1000, 'domain')")
    linked.lab.sync(NAME)
    same_as_source(linked, NAME)
    linked.lab.disable(NAME)
    restart_source(linked)
    write(linked)
    linked.lab.enable(NAME)
    linked.lab.sync(NAME)
    same_as_source(linked, NAME)
    server.query("FLUSH BINARY LOGS; FLUSH BINARY LOGS")
    newest = server.query("SHOW BINARY LOGS")[-1][0]
    followed(linked)
    server.query(f"PURGE BINARY LOGS TO '{newest}'")
    write(linked)
    linked.lab.sync(NAME)
    same_as_source(linked, NAME)


# -- another server behind the address of the source ---------------------------------------------

STANDBY = "/srv/standby"


def standby(site: Site, lost: int) -> None:
    """The source's replica takes its place, without the last so many transactions of it."""
    host, server = site.host("source"), site.source.server
    socket = f"{STANDBY}/s"
    position = server_position(site)
    with stopped(site) as run:
        run(f"rm -rf {STANDBY}; cp -a {source.DATA} {STANDBY}; rm -f {STANDBY}/binlog.*")
    options = f"--datadir={STANDBY} --log-bin={STANDBY}/binlog --server-id=2 --log-slave-updates"
    options += " --event-scheduler=OFF"
    host.run_as_root(
        [
            *("bash", "-ec"),
            f"setsid mariadbd --defaults-file={source.CONFIG} {options} --socket={socket} "
            f"--port=3388 --pid-file={STANDBY}/pid </dev/null >/dev/null 2>&1 &",
        ]
    )
    second = Place("standby", host, "root", socket).server
    until(lambda: source.answers(second), "the standby answers")
    second.query("SET GLOBAL event_scheduler = OFF")
    server.query(
        "CREATE OR REPLACE USER r@'127.0.0.1' IDENTIFIED BY 'r';"
        " GRANT REPLICATION SLAVE ON *.* TO r@'127.0.0.1'"
    )
    second.query(
        f"SET GLOBAL gtid_slave_pos = '{position}'; CHANGE MASTER TO MASTER_HOST = '127.0.0.1',"
        f" MASTER_PORT = {source.PORT}, MASTER_USER = 'r', MASTER_PASSWORD = 'r',"
        " MASTER_USE_GTID = slave_pos; START SLAVE"
    )
    write(site, 3, "to both")
    until(
        lambda: second.value("SELECT @@gtid_slave_pos") == server_position(site),
        "the standby follows",
    )
    second.query("STOP SLAVE; RESET SLAVE ALL")
    if lost:
        write(site, lost, "is lost")
    followed(site)
    host.run_as_root(
        [
            "bash",
            "-ec",
            f"kill $(cat {STANDBY}/pid); while [[ -e {STANDBY}/pid ]]; do sleep 0.1; done",
        ]
    )
    stop_source(site)
    host.run_as_root(
        [
            *("bash", "-ec"),
            f"rm -rf {source.DATA}; mv {STANDBY} {source.DATA};"
            f" sed -i s:{STANDBY}:{source.DATA}: {source.DATA}/binlog.index",
        ]
    )
    # Else its events write between a sync and the comparison.
    restart_source(site, "--server-id=2", "--event-scheduler=OFF")


def server_position(site: Site) -> str:
    return site.source.server.value("SELECT @@gtid_binlog_pos")


def test_a_failover_without_loss(linked: Site) -> None:
    standby(linked, lost=0)
    write(linked, 5, "new one")
    linked.lab.sync(NAME)
    same_as_source(linked, NAME)
    write(linked, 5, "new one")
    linked.lab.sync(NAME)
    same_as_source(linked, NAME)


def test_a_failover_that_lost_a_transaction_before_staging_connects_again(linked: Site) -> None:
    standby(linked, lost=1)
    write(linked, 5, "new one")
    diverged(linked)


def test_a_failover_that_lost_a_transaction_after_staging_connected_again(linked: Site) -> None:
    standby(linked, lost=1)
    write(linked, 5, "new one")
    text = "SHOW SLAVE STATUS"
    until(
        lambda: any(
            "1236" in str(column) for row in linked.sql(NAME).query(text) for column in row
        ),
        "staging was refused",
    )
    diverged(linked)
    assert lines(linked)[-1][1] == "is lost"
