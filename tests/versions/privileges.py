"""The documented privileges on one version: enough (all tests link with nothing else), and each
one that is missing is named by the preflight."""

from collections.abc import Iterator

import pytest

from testbed.parameters import READER_GRANTS, REPLICATOR, REPLICATOR_GRANTS, Account
from testbed.site import Site
from tests.workflows.support import RESYNC, refused

NAME = "lean"
LEAN = Account("demo_lean", "demo-lean-(id)")
NEEDED = READER_GRANTS.split(", ")


def _grant(site: Site, account: Account, privileges: list[str]) -> None:
    user = f"'{account.user}'@'%'"
    grants = ", ".join(privileges) or "USAGE"
    site.source.server.query(
        f"REVOKE ALL PRIVILEGES, GRANT OPTION FROM {user}; GRANT {grants} ON *.* TO {user}"
    )


class Privileges:
    """To be subclassed in a module that says which RELEASE."""

    @pytest.fixture(scope="class")
    @classmethod
    def unlinked(cls, site: Site) -> Iterator[Site]:
        """A dSource whose first sync was refused, for its account may do nothing at all."""
        site.source.server.query(
            f"CREATE OR REPLACE USER '{LEAN.user}'@'%' IDENTIFIED BY '{LEAN.password}'"
        )

        def link() -> None:
            suppliers = {"sourceCredentials": LEAN, "replicationCredentials": REPLICATOR}
            site.link(NAME, **{key: account.supplier for key, account in suppliers.items()})

        # Without SELECT nothing can be seen that would make these needed.
        unseen = ("EXECUTE", "LOCK TABLES", "RELOAD")
        missing = ", ".join(name for name in NEEDED if name not in unseen)
        refused("MDB-043", link, f"GRANT {missing} ON *.*", LEAN.user)
        yield site
        _grant(site, REPLICATOR, [REPLICATOR_GRANTS])
        site.lab.delete(NAME)

    def test_each_missing_privilege_is_named(self, unlinked: Site) -> None:
        for missing in NEEDED:
            _grant(unlinked, LEAN, [name for name in NEEDED if name != missing])
            words = (f"GRANT {missing} ON *.*", LEAN.user)
            refused("MDB-043", lambda: unlinked.lab.sync(NAME, RESYNC), *words)

    def test_missing_replication_privilege_is_named(self, unlinked: Site) -> None:
        _grant(unlinked, LEAN, NEEDED)
        _grant(unlinked, REPLICATOR, [])
        words = f"GRANT {REPLICATOR_GRANTS} ON *.*"
        refused("MDB-043", lambda: unlinked.lab.sync(NAME, RESYNC), words)

    def test_the_documented_ones_are_enough(self, unlinked: Site) -> None:
        """As one account, which does both."""
        _grant(unlinked, LEAN, [*NEEDED, REPLICATOR_GRANTS])
        unlinked.change(NAME, replicationCredentials=None)
        unlinked.lab.sync(NAME, RESYNC)
