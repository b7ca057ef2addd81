"""A managed cloud source: no SUPER, no global lock, few grants, a service that writes too."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from lab.model import Job
from testbed import proofs
from testbed.managed import (
    LEAN_GRANTS,
    MASTER,
    OPERATOR_PASSWORD,
    RDS_GRANTS,
    UNDER_WAY,
    asked,
    beats,
    grant,
    harsh,
    heartbeat,
    make_managed,
    make_transactional,
    repeated,
    same_as_managed,
)
from testbed.site import Site, mark, marks
from tests.workflows.copying import in_background
from tests.workflows.support import RESYNC, quiet_source, refused, session

NAME = "cloud"
ONLY_MASTER = {"sourceCredentials": MASTER.supplier, "replicationCredentials": None}


@pytest.fixture(scope="module")
def managed(site: Site) -> Iterator[Site]:
    """The source as a service would have it; its heart beats until the end."""
    make_managed(site.source.server)
    with heartbeat(site.source):
        yield site


@pytest.fixture(autouse=True)
def nothing_harsh(managed: Site) -> Iterator[None]:
    """Whatever a test had the plugin do, the source's general log holds nothing that harms."""
    managed.source.server.query("TRUNCATE mysql.general_log")
    yield
    assert harsh(asked(managed.source.server, MASTER)) == []


def plugin_log(site: Site) -> str:
    """Everything the plugin has logged, each line once."""
    paths = sorted((site.lab.root / "log").rglob("info.log"))
    return "\n".join(path.read_text() for path in paths)


def link(site: Site) -> Job:
    """Copy the source as the master user; the dSource may be there already."""
    if any(container.name == NAME for container in site.lab.containers()):
        return site.lab.sync(NAME, RESYNC)
    return site.link(NAME, **ONLY_MASTER)


def follows(site: Site, text: str) -> None:
    """A sync brings what was written, past the heartbeats, and both ends are equal."""
    server = site.source.server
    before = beats(server)
    mark(server, text)
    server.query(
        f"CREATE USER `{text}`@'%' IDENTIFIED BY 'x'; GRANT SELECT ON shop.* TO `{text}`@'%'"
    )
    site.lab.sync(NAME)
    assert marks(site.sql(NAME))[-1] == text
    assert beats(server) > before
    with quiet_source(site):
        site.lab.sync(NAME)
        same_as_managed(site, NAME)


def test_the_grants_of_a_master_user_are_enough(managed: Site) -> None:
    server = managed.source.server
    grant(server, MASTER, f"{RDS_GRANTS} ON *.*")
    link(managed)
    assert any(text.startswith("FLUSH TABLES `mysql`") for text in asked(server, MASTER))
    assert "rds_heartbeat2" in plugin_log(managed)
    follows(managed, "as master")


def test_the_operators_do_not_get_in(managed: Site) -> None:
    """Nor does anything of theirs that comes later break replication."""
    server = managed.source.server
    server.query("GRANT EXECUTE ON PROCEDURE mysql.rds_kill TO `as master`@'%'")
    server.query("SET SESSION sql_log_bin = 0; CREATE TABLE mysql.rds_later (n INT)")
    server.query("INSERT INTO mysql.rds_later VALUES (1)")
    managed.lab.sync(NAME)
    managed.provision("vdb", NAME)
    assert "replicate_" not in str(managed.latest(NAME).metadata)
    host, port = managed.host("target"), managed.lab.container("vdb").parameters["port"]
    logins = [("rdsadmin", OPERATOR_PASSWORD), ("rdsadmin", None)]
    assert proofs.closed_doors(host, ("127.0.0.1", port), logins) == []
    managed.lab.delete("vdb")
    server.query(
        "SET SESSION sql_log_bin = 0; DROP TABLE mysql.rds_later;"
        " REVOKE EXECUTE ON PROCEDURE mysql.rds_kill FROM `as master`@'%'"
    )


def test_without_reload_what_needs_it_is_named(managed: Site) -> None:
    grant(managed.source.server, MASTER, f"{LEAN_GRANTS} ON *.*")
    words = ("GRANT LOCK TABLES, RELOAD ON *.* TO `demo_master`@`%`", "crm: ", "Aria")
    refused("MDB-043", lambda: link(managed), *words)


def test_locks_that_do_not_reach_the_tables_of_accounts(managed: Site) -> None:
    """The grant on `mysql` decides there alone; the data's tables are locked all the same."""
    server = managed.source.server
    lean = LEAN_GRANTS.replace("SELECT, ", "SELECT, RELOAD, ")
    grant(server, MASTER, f"{lean} ON *.*", "LOCK TABLES ON `%`.*", "SELECT ON mysql.*")
    link(managed)
    assert "accounts and routines of the source are not locked" in plugin_log(managed)
    locks = [text for text in asked(server, MASTER) if text.startswith("FLUSH")]
    assert ["`mysql`" in text for text in locks] == [False]
    follows(managed, "locked apart")


def test_selected_databases_with_grants_on_them(managed: Site) -> None:
    server = managed.source.server
    everywhere, there = (
        "BINLOG MONITOR, REPLICATION SLAVE ON *.*",
        "SHOW VIEW, TRIGGER, EVENT, EXECUTE",
    )
    grant(server, MASTER, everywhere, f"SELECT, {there} ON shop.*")
    server.query("SET GLOBAL binlog_format = 'ROW'")
    given = {"databases": ["shop", "select"], "stagingPort": 3461, **ONLY_MASTER}
    words = ("GRANT SELECT ON `mysql`.* TO", "ON `select`.* TO `demo_master`@`%`;")
    refused("MDB-043", lambda: managed.link("part", **given), *words)
    grant(
        server,
        MASTER,
        everywhere,
        *(f"SELECT, {there} ON `{name}`.*" for name in ("shop", "select")),
        "SELECT ON mysql.*",
    )
    managed.lab.sync("part", RESYNC)
    assert not any(text.startswith("FLUSH") for text in asked(server, MASTER))
    server.query(UNDER_WAY)
    managed.lab.sync("part")
    grants = "SHOW GRANTS FOR part@'%'"
    assert managed.sql("part").query(grants) == server.query(grants)
    managed.lab.delete("part")
    server.query("DROP USER part@'%'; DROP ROLE r_part; SET GLOBAL binlog_format = 'MIXED'")


@pytest.fixture
def transactional(managed: Site) -> Site:
    """No table needs a lock, and the master user may not lock any."""
    make_transactional(managed.source.server)
    grant(managed.source.server, MASTER, f"{LEAN_GRANTS} ON *.*")
    return managed


def test_without_reload_nothing_is_locked(transactional: Site) -> None:
    link(transactional)
    statements = asked(transactional.source.server, MASTER)
    assert not [text for text in statements if "LOCK" in text.split(" FROM ")[0].upper().split()]
    follows(transactional, "unlocked")


WAITS = (
    "SELECT COUNT(*) FROM information_schema.processlist"
    " WHERE state LIKE 'Waiting for table%' AND info LIKE '%FROM `time_zone_transition_type`%'"
)


def test_accounts_that_change_meanwhile_are_copied_again(transactional: Site) -> None:
    """One change in the first copy, which stands still for it; in the second one none."""
    server = transactional.source.server
    before = plugin_log(transactional).count("copying again")
    with ExitStack() as lock, in_background(lambda: link(transactional)) as work:
        lock.enter_context(
            session(transactional.source, "LOCK TABLES mysql.time_zone_transition_type WRITE")
        )
        work.until(lambda: server.value(WAITS) != "0", "the accounts are being copied")
        server.query("CREATE USER meanwhile@'%' IDENTIFIED BY 'x'")
        lock.close()
        work.result()
    assert plugin_log(transactional).count("copying again") == before + 1
    follows(transactional, "after a change")


def test_accounts_that_go_on_changing_fail_the_copy(transactional: Site) -> None:
    change = (
        "EXECUTE IMMEDIATE CONCAT('ALTER USER meanwhile@\\'%\\' IDENTIFIED BY \\'', UUID(), '\\'');"
    )
    with repeated(transactional.source, change):
        refused("MDB-057", lambda: link(transactional), "accounts")
    link(transactional)
    follows(transactional, "at rest")
