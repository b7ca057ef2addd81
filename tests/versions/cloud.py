"""The fewest privileges with which a managed cloud source of one version is linked and followed."""

from testbed import managed, proofs
from testbed.managed import LEAN_GRANTS, MASTER, OPERATOR_PASSWORD
from testbed.places import Place
from testbed.site import Site, mark, marks
from tests.workflows.support import RESYNC, quiet_source, refused

NAME = "cloud"
LEAN = [name.strip() for name in LEAN_GRANTS.split(",")]


class Cloud:
    """To be subclassed in a module that says which RELEASE, after all that needs plain tables."""

    def test_a_service_is_linked_and_followed_without_a_lock(self, site: Site) -> None:
        """No RELOAD, no LOCK TABLES; the service writes in `mysql` all the time."""
        source = site.source
        managed.make_managed(source.server)
        managed.make_transactional(source.server)
        managed.grant(source.server, MASTER, f"{LEAN_GRANTS} ON *.*")
        given = {"sourceCredentials": MASTER.supplier, "replicationCredentials": None}
        with managed.heartbeat(source):
            site.link(NAME, stagingPort=3480, **given)
            before = managed.beats(source.server)
            _change_accounts(source)
            site.lab.sync(NAME)
            assert marks(site.sql(NAME))[-1] == NAME
            assert managed.beats(source.server) > before
        with quiet_source(site):
            site.lab.sync(NAME)
            managed.same_as_managed(site, NAME)
        assert site.sql(NAME).query("SHOW TABLES FROM mysql LIKE 'rds%'") == []
        statements = managed.asked(source.server, MASTER)
        assert managed.harsh(statements) == []
        assert not [text for text in statements if text.startswith(("FLUSH", "LOCK"))]

    def test_the_operator_of_the_service_stays_outside(self, site: Site) -> None:
        """On a VDB that applications reach, too."""
        site.provision("of_cloud", NAME)
        host, port = site.host("target"), site.lab.container("of_cloud").parameters["port"]
        logins = [("rdsadmin", OPERATOR_PASSWORD), ("rdsadmin", None)]
        assert proofs.closed_doors(host, ("127.0.0.1", port), logins) == []
        site.lab.delete("of_cloud")

    def test_changes_of_accounts_pass_the_filter_of_selected_databases(self, site: Site) -> None:
        server, grants = site.source.server, "SHOW GRANTS FOR part@'%'"
        server.query("SET GLOBAL binlog_format = 'ROW'")
        site.change(NAME, databases=["shop"])
        site.lab.sync(NAME, RESYNC)
        server.query(managed.UNDER_WAY)
        site.lab.sync(NAME)
        assert site.sql(NAME).query(grants) == server.query(grants)
        site.change(NAME, databases=None)

    def test_none_of_them_can_be_left_out(self, site: Site) -> None:
        """Each one that is missing is named with the statement that gives it."""
        for missing in LEAN:
            rest = ", ".join(name for name in LEAN if name != missing)
            managed.grant(site.source.server, MASTER, f"{rest} ON *.*")
            words = f"GRANT {missing} ON *.* TO `{MASTER.user}`@`%`;"
            refused("MDB-043", lambda: site.lab.sync(NAME, RESYNC), words)
        site.lab.delete(NAME)


def _change_accounts(source: Place) -> None:
    mark(source.server, NAME)
    source.server.query(
        "CREATE USER under_way@'%' IDENTIFIED BY 'x'; GRANT SELECT ON shop.* TO under_way@'%';"
        "CREATE ROLE r_way; GRANT r_way TO under_way@'%'; SET DEFAULT ROLE r_way FOR under_way@'%';"
        "GRANT EXECUTE ON PROCEDURE mysql.rds_kill TO r_way;"
        "REVOKE EXECUTE ON PROCEDURE mysql.rds_kill FROM r_way"
    )
