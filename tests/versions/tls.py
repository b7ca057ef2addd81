"""TLS to the source on one version, mode by mode, for dump and replication; tests in order."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from lab.hosts.host import Host
from testbed.parameters import READER, REPLICATOR
from testbed.site import Site, mark, marks, until
from tests.versions.certificates import Authority, Pair, authority
from tests.versions.support import restart_source
from tests.workflows.support import RESYNC, refused

NAME = "secure"
_SERVER, _CLIENT = "/etc/mysql/tls", "/etc/delphix-tls"
_NO_TLS = "ssl = 0"
_TLS = f"ssl_ca = {_SERVER}/ca.pem\nssl_cert = {_SERVER}/cert.pem\nssl_key = {_SERVER}/key.pem"
_SSL_ERROR = "2026"
VERIFYING = ("Verify CA", "Verify Identity")


@dataclass(frozen=True)
class Secured:
    """The lab, a CA that staging trusts and one that it does not."""

    site: Site
    trusted: Authority
    other: Authority

    def serve(self, pair: Pair) -> None:
        """Have the running source use this certificate."""
        _put(self.site.host("source"), _SERVER, pair, "mysql")
        self.site.source.server.query("FLUSH SSL")

    def trust(self, ca: Authority) -> None:
        """Have staging trust this CA and no other."""
        path = f"{_CLIENT}/ca.pem"
        self.site.host("staging").write_file(path, ca.pair.certificate)

    def demand(self, what: str) -> None:
        """Have the source refuse both accounts without this: NONE, SSL or X509."""
        for account in (READER, REPLICATOR):
            self.site.source.server.query(f"ALTER USER '{account.user}'@'%' REQUIRE {what}")

    def resync(self, mode: str, **given: str | None) -> None:
        """Copy and replicate anew in this mode, and see a later row arrive by replication."""
        self.site.change(NAME, tlsMode=mode, **({"tlsCaPath": f"{_CLIENT}/ca.pem"} | given))
        self.site.lab.sync(NAME, RESYNC)
        mark(self.site.source.server, mode)
        self.site.lab.sync(NAME)
        assert marks(self.site.sql(NAME))[-1] == mode

    def refused_resync(self, code: str, mode: str, *words: str) -> None:
        """The same fails with this code."""
        self.site.change(NAME, tlsMode=mode, tlsCaPath=f"{_CLIENT}/ca.pem")
        refused(code, lambda: self.site.lab.sync(NAME, RESYNC), *words)

    def replication_refuses(self) -> None:
        """The staging server itself does not go on with the source's certificate of now."""
        server = self.site.sql(NAME)
        server.query("STOP SLAVE; START SLAVE")
        columns = "Slave_IO_Running: Yes"

        def failed() -> bool:
            status = self._replica_status()
            assert columns not in status, status
            return f"Last_IO_Errno: {_SSL_ERROR}" in status

        until(failed, "replication finds fault with the certificate")

    def _replica_status(self) -> str:
        place = self.site.place(NAME)
        argv = ["runuser", "-u", place.os_user, "--", "mariadb", f"--socket={place.socket}"]
        return place.host.run_as_root([*argv, "-e", "SHOW SLAVE STATUS\\G"]).text


def _put(host: Host, folder: str, pair: Pair, owner: str) -> None:
    host.write_file(f"{folder}/cert.pem", pair.certificate)
    host.write_file(f"{folder}/key.pem", pair.key, 0o600, f"{owner}:{owner}")


class Tls:
    """To be subclassed in a module that says which RELEASE."""

    @pytest.fixture(scope="class")
    @classmethod
    def secured(cls, site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
        """A dSource linked without TLS from a source that has none."""
        folder = tmp_path_factory.mktemp("tls")
        made = Secured(
            site, authority(folder / "a", "trusted CA"), authority(folder / "b", "other CA")
        )
        source, staging = site.host("source"), site.host("staging")
        source.run_as_root(["mkdir", "-p", _SERVER])
        staging.run_as_root(["mkdir", "-p", _CLIENT])
        source.write_file(f"{_SERVER}/ca.pem", made.trusted.pair.certificate)
        _put(source, _SERVER, made.trusted.issue("source"), "mysql")
        _put(staging, _CLIENT, made.trusted.issue("staging"), staging.environment_user)
        made.trust(made.trusted)
        restart_source(site.source, _NO_TLS)
        site.link(NAME, sourceHost="source")
        yield made
        made.demand("NONE")
        site.lab.delete(NAME)

    def test_disabled_works_with_a_source_without_tls(self, secured: Secured) -> None:
        """Clients of 11.4 and later would ask for TLS and verify it by themselves."""
        secured.resync("Disabled")

    def test_every_other_mode_refuses_a_source_without_tls(self, secured: Secured) -> None:
        """Clients that do not verify would go on in clear by themselves."""
        for mode in ("Required", *VERIFYING):
            secured.refused_resync("MDB-045", mode)

    def test_required(self, secured: Secured) -> None:
        """Whoever the source is: its certificate comes from a CA that staging does not know."""
        restart_source(secured.site.source, _TLS)
        secured.serve(secured.other.issue("source"))
        secured.demand("SSL")
        secured.refused_resync("MDB-045", "Disabled")
        secured.resync("Required", tlsCaPath=None)

    def test_verifying_modes_refuse_another_ca_and_another_name(self, secured: Secured) -> None:
        for pair in (secured.other.issue("source"), secured.trusted.issue("elsewhere")):
            secured.serve(pair)
            for mode in VERIFYING:
                secured.refused_resync("MDB-045", mode)

    def test_verify_ca(self, secured: Secured) -> None:
        secured.serve(secured.trusted.issue("source"))
        secured.resync("Verify CA")

    def test_replication_verifies_too(self, secured: Secured) -> None:
        """And goes on by itself, without a resync, when the certificate is right again."""
        for pair in (secured.trusted.issue("elsewhere"), secured.other.issue("source")):
            secured.serve(pair)
            secured.replication_refuses()
            refused("MDB-045", lambda: secured.site.lab.sync(NAME))
        secured.serve(secured.trusted.issue("source"))
        mark(secured.site.source.server, "healed")
        secured.site.lab.sync(NAME)
        assert marks(secured.site.sql(NAME))[-1] == "healed"

    def test_verify_identity_with_a_client_certificate(self, secured: Secured) -> None:
        secured.demand("X509")
        secured.refused_resync("MDB-041", "Verify Identity")
        pair = {"tlsCertPath": f"{_CLIENT}/cert.pem", "tlsKeyPath": f"{_CLIENT}/key.pem"}
        secured.resync("Verify Identity", **pair)

    def test_files_that_cannot_be_read_are_named(self, secured: Secured) -> None:
        secured.site.change(NAME, tlsCaPath="/root/none.pem")
        refused("MDB-045", lambda: secured.site.lab.sync(NAME), "/root/none.pem")
