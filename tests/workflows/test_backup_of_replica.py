"""A backup taken on a replica of the source, followed from that source."""

# ruff: noqa: E501  # commands stand in one line

from collections.abc import Iterator

import pytest

from testbed import source
from testbed.backups import PHYSICAL, USER_BACKUP, drop_odd_names, make_backup
from testbed.client import Server
from testbed.places import Place
from testbed.site import Site, until
from tests.workflows.support import RESYNC, refused, restart_source, same_as_source, stop_source

pytestmark = pytest.mark.difference

NAME = "sales"
REPLICA = "/srv/replica"
SOCKET = f"{REPLICA}/s"


@pytest.fixture(scope="module")
def replica(site: Site) -> Iterator[Server]:
    """A replica with a binary log of its own, on which coordinates are others than on the source."""
    host, server = site.host("source"), site.source.server
    drop_odd_names(server)
    server.query(
        "SET GLOBAL event_scheduler = OFF; CREATE USER r@'127.0.0.1' IDENTIFIED BY 'r';"
        " GRANT REPLICATION SLAVE ON *.* TO r@'127.0.0.1'"
    )
    position = server.value("SELECT @@gtid_binlog_pos")
    stop_source(site)
    host.run_as_root(["bash", "-ec", f"cp -a {source.DATA} {REPLICA}; rm -f {REPLICA}/binlog.*"])
    restart_source(site)
    server.query("SET GLOBAL event_scheduler = OFF")
    options = f"--datadir={REPLICA} --log-bin={REPLICA}/own --server-id=2 --log-slave-updates"
    start = (
        f"setsid mariadbd --defaults-file={source.CONFIG} {options} --event-scheduler=OFF"
        f" --socket={SOCKET} --port=3388 --pid-file={REPLICA}/pid </dev/null >/dev/null 2>&1 &"
    )
    host.run_as_root(["bash", "-ec", start])
    second = Place("replica", host, "root", SOCKET).server
    until(lambda: source.answers(second), "the replica answers")
    second.query(
        f"SET GLOBAL gtid_slave_pos = '{position}'; CHANGE MASTER TO MASTER_HOST = '127.0.0.1',"
        f" MASTER_PORT = {source.PORT}, MASTER_USER = 'r', MASTER_PASSWORD = 'r',"
        " MASTER_USE_GTID = slave_pos; START SLAVE"
    )
    yield second
    end = f"kill $(cat {REPLICA}/pid); while [[ -e {REPLICA}/pid ]]; do sleep 0.1; done"
    host.run_as_root(["bash", "-ec", f"{end}; rm -rf {REPLICA}"])


DUMP = f"mariadb-dump --socket={SOCKET} --all-databases --single-transaction --routines --events --hex-blob"
WAYS = {
    "dump, GTID of its source": f"{DUMP} --dump-slave=2 --gtid > it",
    "dump, coordinates of its source": f"{DUMP} --dump-slave=1 --apply-slave-statements > it",
    "dump, both": f"{DUMP} --dump-slave=2 --master-data=2 > it",
    "files": f"{PHYSICAL} --socket={SOCKET} --slave-info --target-dir=it",
}


@pytest.mark.parametrize("way", WAYS)
def test_it_is_followed_from_the_source(site: Site, replica: Server, way: str) -> None:
    server = site.source.server
    server.query(
        "CREATE OR REPLACE TABLE shop.keyless (n INT); INSERT INTO shop.keyless VALUES (1)"
    )
    wanted = server.value("SELECT @@gtid_binlog_pos")
    until(lambda: replica.value("SELECT @@gtid_slave_pos") == wanted, "the replica follows")
    make_backup(site, WAYS[way])
    server.query("INSERT INTO shop.keyless VALUES (2); INSERT INTO shop.keyless VALUES (3)")
    if any(container.name == NAME for container in site.lab.containers()):
        site.lab.sync(NAME, RESYNC)
    else:
        site.link(NAME, **USER_BACKUP)
    server.query("INSERT INTO shop.keyless VALUES (4)")
    site.lab.sync(NAME)
    assert site.sql(NAME).query("SELECT n FROM shop.keyless ORDER BY n") == [
        (str(n),) for n in (1, 2, 3, 4)
    ]
    same_as_source(site, NAME)


def test_a_replica_that_is_the_source_itself(site: Site, replica: Server) -> None:
    """Its backup tells the position of its own source, too, and that one would be wrong."""
    ways = [WAYS["files"], f"{DUMP} --dump-slave=2 --master-data=2 --gtid > it"]
    for way in ways:
        replica.query("CREATE OR REPLACE TABLE shop.own (n INT); INSERT INTO shop.own VALUES (1)")
        make_backup(site, way)
        replica.query("INSERT INTO shop.own VALUES (2)")
        if way is ways[0]:
            site.link("second", **USER_BACKUP, stagingPort=3414, sourcePort=3388)
        elif replica.value("SELECT VERSION()").startswith("10.5."):
            # That mariadb-dump does not tell both.
            refused("MDB-052", lambda: site.lab.sync("second", RESYNC), "no longer has")
            break
        else:
            site.lab.sync("second", RESYNC)
        assert site.sql("second").query("SELECT n FROM shop.own ORDER BY n") == [("1",), ("2",)]
    replica.query("DROP TABLE shop.own")
