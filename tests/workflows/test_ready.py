"""A VDB that is reported ready can be worked with; else the cause is told and nothing runs."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from testbed.parameters import Json
from testbed.site import Site
from tests.workflows.support import only_servers, refused

NAME = "sales"
PLUGINS = "/usr/lib/mysql/plugin"
LIBRARY = f"{PLUGINS}/auth_ed25519.so"
# The option file of a source with semi-synchronous replicas and a filtered binary log.
SOURCE_FILE = """[mysqld]
rpl_semi_sync_master_enabled = 1
rpl-semi-sync-master-timeout = 600000
binlog_do_db = metrics
binlog-ignore-db = shop
init_connect = SET @greeted = 1
"""


def setting(name: str, value: str) -> Json:
    return {"configSettings": [{"propertyName": name, "value": value}]}


@pytest.fixture(scope="module")
def linked(site: Site) -> Site:
    """A dSource with an account whose authentication is a library of its own."""
    source = site.source.server
    source.query("INSTALL SONAME 'auth_ed25519'")
    source.query("CREATE USER with_library IDENTIFIED VIA ed25519 USING PASSWORD('demo-w')")
    site.link(NAME)
    return site


@pytest.fixture
def alone(linked: Site) -> Iterator[Site]:
    yield linked
    for container in reversed(linked.lab.containers()):
        if container.name != NAME:
            linked.lab.delete(container.name, force=True)
    only_servers(linked.host("target"))


def test_a_library_that_the_target_lacks(alone: Site) -> None:
    """Accounts could not log in: provision said OK."""
    target = alone.host("target")
    target.run_as_root(["mv", LIBRARY, f"{LIBRARY}.away"])
    try:
        words = ("the library auth_ed25519 is demanded and not loaded", "auth_ed25519.so")
        refused("MDB-088", lambda: alone.provision("one", NAME), *words)
        only_servers(target)
    finally:
        target.run_as_root(["mv", f"{LIBRARY}.away", LIBRARY])
    alone.provision("two", NAME)
    query = "SELECT plugin_status FROM information_schema.plugins WHERE plugin_name = 'ed25519'"
    assert alone.sql("two").value(query) == "ACTIVE"


def test_the_option_file_of_a_semi_synchronous_source(alone: Site) -> None:
    """The first commit hung for ever, and the VDB's log left out what the source's did."""
    target = alone.host("target")
    target.write_file(f"{target.toolkit_path}/mariadb.cnf", SOURCE_FILE.encode())
    try:
        alone.provision("one", NAME, binaryLog=True)
    finally:
        target.run_as_root(["rm", f"{target.toolkit_path}/mariadb.cnf"])
    vdb = alone.sql("one")
    assert vdb.value("SELECT @@rpl_semi_sync_master_enabled") == "0"
    assert vdb.value("SELECT @@init_connect") == "SET @greeted = 1"
    vdb.query("UPDATE shop.product SET price = price + 1")
    before = vdb.value("SELECT @@gtid_binlog_pos")
    vdb.query("CREATE DATABASE other; CREATE TABLE other.t (n INT); INSERT INTO other.t VALUES (1)")
    after = vdb.value("SELECT @@gtid_binlog_pos")
    assert int(after.rpartition("-")[2]) - int(before.rpartition("-")[2]) == 3
    (status,) = vdb.query("SHOW MASTER STATUS")
    assert status[2:4] == ("", "")


@pytest.mark.parametrize("name", ["binlog_do_db", "binlog-ignore-db", "loose_binlog_do"])
def test_a_filter_of_the_binary_log_is_refused(alone: Site, name: str) -> None:
    words = (f"'{name}' belongs to the plugin",)
    refused("MDB-012", lambda: alone.provision("one", NAME, **setting(name, "shop")), *words)


def test_a_commit_that_waits_for_a_replica(alone: Site) -> None:
    given = {
        "configSettings": [
            {"propertyName": "rpl_semi_sync_master_enabled", "value": "1"},
            {"propertyName": "rpl_semi_sync_master_timeout", "value": "600000"},
        ]
    }
    words = ("no end in 30 s", "semi-sync ACK", "rpl_semi_sync_master_enabled")
    refused("MDB-088", lambda: alone.provision("one", NAME, binaryLog=True, **given), *words)
    only_servers(alone.host("target"))


def test_a_start_is_proven_too(alone: Site) -> None:
    """Settings of people take effect at a start."""
    alone.provision("one", NAME)
    alone.lab.stop("one")
    old = alone.change("one", **setting("init_connect", "SELECT nonsense"))
    refused("MDB-088", lambda: alone.lab.start("one"), "init_connect command failed")
    assert alone.lab.status("one") == "INACTIVE"
    only_servers(alone.host("target"))
    alone.lab.update_parameters("one", old)
    alone.lab.start("one")
    assert alone.lab.status("one") == "ACTIVE"


def test_an_empty_vdb_is_proven(alone: Site) -> None:
    given = {"mountPath": "/mnt/delphix/empty", "port": 3350}
    broken = {**given, **setting("init_connect", "SELECT nonsense")}
    repository = alone.lab.repositories("target")[0].name
    with_it: dict[str, Any] = {"host": "target", "repository": repository, "parameters": broken}
    make = partial(alone.lab.create_empty, "empty", **with_it)
    refused("MDB-088", make, "init_connect command failed")
    only_servers(alone.host("target"))
