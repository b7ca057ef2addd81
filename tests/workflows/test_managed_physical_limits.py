"""What a managed physical copy cannot take: keys, a full disk, a log that wraps."""

import signal
from collections.abc import Iterator

import pytest

from lab.hosts.host import Host
from lab.system.process import run
from testbed.site import Site, mark, marks, until
from tests.workflows.managed_physical import PHYSICAL, TOOL, allow, backups, held, left_on
from tests.workflows.support import RESYNC, refused, restart_source

NAME = "sales"
KEY_FILE = "/etc/mysql/keys.txt"
KEYS = f"1;{'a7' * 32}\n"
PLUGIN = ("file_key_management", KEY_FILE)
OPTIONS = ("--plugin-load-add=file_key_management", f"--file-key-management-filename={KEY_FILE}")


@pytest.fixture(scope="module")
def linked(site: Site) -> Site:
    site.source.server.query("SET GLOBAL event_scheduler = OFF")
    allow(site)
    site.link(NAME, **PHYSICAL)
    return site


@pytest.fixture(autouse=True)
def nothing_stays(linked: Site) -> Iterator[None]:
    """On either host, and the next resync brings all."""
    yield
    for name in ("source", "staging"):
        host = linked.host(name)
        until(lambda host=host: left_on(host) == [], f"nothing is left on {name}: {left_on(host)}")
    name = f"after {len(marks(linked.source.server))} marks"
    mark(linked.source.server, name)
    linked.lab.sync(NAME, RESYNC)
    assert marks(linked.sql(NAME))[-1] == name


def _keys(host: Host, owner: str) -> None:
    host.run_as_root(["mkdir", "-p", "/etc/mysql"])
    host.write_file(KEY_FILE, KEYS.encode(), 0o400, f"{owner}:{owner}")


def test_an_encrypted_source(linked: Site) -> None:
    """Refused before anything is touched; with the same keys on staging it is copied."""
    _keys(linked.source.host, "mysql")
    restart_source(linked, *OPTIONS, "--innodb-encrypt-tables=ON")
    try:
        server = linked.source.server
        server.query("CREATE DATABASE odd_keys; CREATE TABLE odd_keys.t (a INT) ENCRYPTED=YES")
        server.query("INSERT INTO odd_keys.t VALUES (42)")
        words = "innodb_encrypt_tables = ON"
        refused("MDB-058", lambda: linked.lab.sync(NAME, RESYNC), words)
        assert linked.lab.status(NAME) == "ACTIVE"
        _keys(linked.host("staging"), linked.host("staging").environment_user)
        given = [
            {"propertyName": "plugin_load_add", "value": PLUGIN[0]},
            {"propertyName": "file_key_management_filename", "value": PLUGIN[1]},
        ]
        old = linked.change(NAME, configSettings=given)
        linked.lab.sync(NAME, RESYNC)
        assert linked.sql(NAME).value("SELECT a FROM odd_keys.t") == "42"
        linked.lab.update_parameters(NAME, old)
    finally:
        linked.source.server.query("DROP DATABASE IF EXISTS odd_keys")
        restart_source(linked)


def test_a_full_disk(linked: Site) -> None:
    """The quota of the dataset is reached while the last files come."""
    with held(linked, NAME) as work:
        (there,) = (
            one
            for one in linked.lab.hosts["staging"].mounts()
            if one.mount_path == linked.mount(NAME)
        )
        folder = linked.lab.root / "pool" / there.subvolume.lstrip("/")
        run(["btrfs", "quota", "enable", str(folder)])
        try:
            run(["btrfs", "quota", "rescan", "-w", str(folder)])
            run(["btrfs", "filesystem", "sync", str(folder)])
            table = run(["btrfs", "qgroup", "show", "-f", "--raw", str(folder)]).text
            used = int(table.splitlines()[-1].split()[1])
            run(["btrfs", "qgroup", "limit", str(used + 65536), str(folder)])
            work.go_on()
            refused("MDB-033", work.result)
        finally:
            run(["btrfs", "quota", "disable", str(linked.lab.root / "pool")], check=False)


def test_a_redo_log_that_wraps(linked: Site) -> None:
    """mariadb-backup stands still while the source writes more than its redo log holds."""
    source = linked.host("source")
    restart_source(linked, "--innodb-log-file-size=5M")
    server = linked.source.server
    try:
        server.query("CREATE DATABASE busy; CREATE TABLE busy.t (a INT PRIMARY KEY, b LONGTEXT)")
        with held(linked, NAME) as work:
            for pid in backups(source):
                source.run_as_root(["kill", f"-{signal.SIGSTOP.value}", str(pid)])
            for number in range(60):
                server.query(f"INSERT INTO busy.t VALUES ({number}, REPEAT(UUID(), 20000))")
            work.go_on()
            # sudo has stopped itself with what it runs.
            source.run_as_root(["pkill", "-CONT", "-f", f"{TOOL} "])
            refused("MDB-068", work.result)
        server.query("DROP DATABASE busy")
    finally:
        restart_source(linked)
