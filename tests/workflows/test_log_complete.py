"""Is it the server that was discovered, and does it log everything? Asked at each sync."""

from collections.abc import Iterator

import pytest

from testbed import source
from testbed.client import Server
from testbed.places import Place
from testbed.site import Site, until
from tests.workflows.support import RESYNC, refused, restart_source, same_as_source, stop_source

pytestmark = pytest.mark.difference

NAME = "sales"
UPSTREAM = "/srv/upstream"
REPLICATES = (
    "CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = 3399, MASTER_USER = 'r',"
    " MASTER_PASSWORD = 'r', MASTER_USE_GTID = slave_pos; START SLAVE"
)
INCOMPLETE, FOREIGN = "MDB-038", "MDB-037"


@pytest.fixture(scope="module")
def linked(site: Site) -> Site:
    server = site.source.server
    server.query("SET GLOBAL event_scheduler = OFF")
    server.query("CREATE DATABASE story; CREATE TABLE story.line (n INT PRIMARY KEY)")
    site.link(NAME)
    return site


def write(server: Server, row: int) -> None:
    server.query(f"INSERT INTO story.line VALUES ({row})")


def rows(server: Server) -> list[str | None]:
    return [row[0] for row in server.query("SELECT n FROM story.line ORDER BY n")]


def never(site: Site, code: str, *words: str) -> None:
    """Neither a sync nor a resync, and no snapshot comes of it."""
    before = site.lab.snapshots(NAME)
    refused(code, lambda: site.lab.sync(NAME), *words)
    refused(code, lambda: site.lab.sync(NAME, RESYNC), *words)
    assert site.lab.snapshots(NAME) == before


def cured(site: Site) -> None:
    site.lab.sync(NAME, RESYNC)
    write(
        site.source.server,
        1 + int(site.source.server.value("SELECT IFNULL(MAX(n), 0) FROM story.line")),
    )
    site.lab.sync(NAME)
    same_as_source(site, NAME)


@pytest.mark.parametrize("option", ["binlog-ignore-db=story", "binlog-do-db=shop"])
def test_databases_that_are_not_logged(linked: Site, option: str) -> None:
    restart_source(linked, f"--{option}")
    # A filter goes by the default database.
    linked.source.server.query(f"USE story; INSERT INTO line VALUES ({len(option)})")
    never(linked, INCOMPLETE, option.partition("=")[0].replace("-", "_"), option.partition("=")[2])
    restart_source(linked)
    cured(linked)
    assert str(len(option)) in rows(linked.sql(NAME))


@pytest.fixture
def upstream(linked: Site) -> Iterator[Server]:
    """A server on the source's host that the source replicates from, and does not log it."""
    host = linked.host("source")
    script = f"""rm -rf {UPSTREAM}; install -d -o mysql -g mysql {UPSTREAM}
mariadb-install-db --no-defaults --user=mysql --datadir={UPSTREAM} --skip-test-db >/dev/null
setsid mariadbd --no-defaults --user=mysql --datadir={UPSTREAM} --socket={UPSTREAM}/s --port=3399 \
    --server-id=9 --gtid-domain-id=9 --log-bin={UPSTREAM}/up --pid-file={UPSTREAM}/pid \
    </dev/null >/dev/null 2>&1 &"""
    host.run_as_root(["bash", "-ec", script])
    server = Place("upstream", host, "root", f"{UPSTREAM}/s").server
    until(lambda: source.answers(server), "the upstream answers")
    yield server
    host.run_as_root(
        [
            "bash",
            "-ec",
            f"kill $(cat {UPSTREAM}/pid); "
            f"while [[ -e {UPSTREAM}/pid ]]; do sleep 0.1; done; rm -rf {UPSTREAM}",
        ]
    )


def test_a_replica_that_does_not_log_what_it_replicates(linked: Site, upstream: Server) -> None:
    """Its upstream's changes would never come, for ever, in silence."""
    server = linked.source.server
    upstream.query(
        "CREATE USER r@'127.0.0.1' IDENTIFIED BY 'r';"
        " GRANT REPLICATION SLAVE ON *.* TO r@'127.0.0.1'; RESET MASTER"
    )
    server.query(REPLICATES)
    upstream.query("CREATE DATABASE above; CREATE TABLE above.line (n INT PRIMARY KEY)")
    upstream.query("INSERT INTO above.line VALUES (1)")
    until(lambda: server.query("SHOW DATABASES LIKE 'above'") != [], "it arrives on the source")
    never(linked, INCOMPLETE, "log_slave_updates = OFF")
    # No more a replica, and what it has not logged is missing all the same.
    server.query("STOP SLAVE; RESET SLAVE ALL; GRANT SLAVE MONITOR ON *.* TO demo_delphix_copy@'%'")
    refused(INCOMPLETE, lambda: linked.lab.sync(NAME), "9-9-")
    restart_source(linked, "--log-slave-updates")
    server.query(REPLICATES)
    refused(INCOMPLETE, lambda: linked.lab.sync(NAME), "9-9-")
    cured(linked)
    upstream.query("INSERT INTO above.line VALUES (2)")
    until(lambda: server.value("SELECT MAX(n) FROM above.line") == "2", "it arrives on the source")
    linked.lab.sync(NAME)
    same_as_source(linked, NAME)
    server.query(
        "STOP SLAVE; RESET SLAVE ALL; REVOKE SLAVE MONITOR ON *.* FROM demo_delphix_copy@'%'"
    )
    restart_source(linked)


def test_statements_are_told_at_each_sync(linked: Site) -> None:
    server = linked.source.server
    server.query("SET GLOBAL binlog_format = 'STATEMENT'")
    try:
        for _ in range(2):
            linked.lab.sync(NAME)
            (warning,) = linked.latest(NAME).metadata["warnings"]
            assert all(word in warning for word in ("STATEMENT", "UUID()", "@@hostname"))
    finally:
        server.query("SET GLOBAL binlog_format = 'ROW'")
    linked.lab.sync(NAME)
    assert not linked.latest(NAME).metadata.get("warnings")


def test_another_server_at_the_address_of_the_source(linked: Site) -> None:
    """What was discovered listens there no more (skip_networking, say), and another server does."""
    other = "/srv/other"
    host, place = linked.host("source"), linked.source
    stop_source(linked)
    script = f"""rm -rf {other}; cp -a {source.DATA} {other}
sed -i s:{source.DATA}:{other}: {other}/binlog.index
setsid mariadbd --defaults-file={source.CONFIG} --datadir={other} --log-bin={other}/binlog \
    </dev/null >/dev/null 2>&1 &"""
    host.run_as_root(["bash", "-ec", script])
    until(lambda: source.answers(place.server), "the other server answers")
    place.server.query("SET GLOBAL event_scheduler = OFF")
    never(linked, FOREIGN, other, source.DATA)
    # With an address of their own, people mean what answers there.
    old = linked.change(NAME, sourcePort=source.PORT)
    write(place.server, 77)
    linked.lab.sync(NAME)
    same_as_source(linked, NAME)
    (warning,) = linked.latest(NAME).metadata["warnings"]
    assert other in warning
    linked.lab.update_parameters(NAME, old)
    stop_source(linked)
    host.run_as_root(["rm", "-rf", other])
    restart_source(linked)
