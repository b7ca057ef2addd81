"""Series that differ between source, staging and target, and several installations on one host.

Source 10.5, staging 10.11 with a copy of 10.5 beside it, target 11.8. Tests in order.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.hosts.host import Host
from testbed import compare, kept, parameters, proofs
from testbed.compare import Fingerprint
from testbed.places import Place, host_place
from testbed.releases import root_of
from testbed.site import Site, mark, marks
from tests.versions.support import ROWS, repository, site_of
from tests.workflows.support import refused, same_as_source

COPY = "/opt/mariadb-10.5"
# Of a release before the programs were renamed, or of one that took the new names away.
OLD_NAMES = ("sbin/mysqld", "bin/mysql", "bin/mysqldump", "bin/mysql_install_db")
BESIDE = ("bin/my_print_defaults", "bin/resolveip", "share/mysql", "lib/mysql/plugin")
LIBRARIES = "usr/lib/x86_64-linux-gnu"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("across") / "lab"
    releases = {"source": "bullseye", "staging": "bookworm", "target": "trixie"}
    with site_of(folder, releases) as made:
        _install_copy(made.host("staging"), root_of("bullseye"))
        made.lab.refresh_environment("staging")
        yield made


def _install_copy(host: Host, release: Path) -> None:
    """Unpack another release's MariaDB like a tarball, with the libraries that the host lacks."""
    host.run_as_root(["mkdir", "-p", COPY])
    _unpack(host, COPY, release / "usr", (*OLD_NAMES, *BESIDE))
    needed = host.run_as_root(["ldd", f"{COPY}/sbin/mysqld"]).text.splitlines()
    missing = [line.split()[0] for line in needed if line.endswith("not found")]
    _unpack(host, "/usr/local/lib", release / LIBRARIES, missing)
    host.run_as_root(["ldconfig"])


def _unpack(host: Host, folder: str, origin: Path, names: tuple[str, ...] | list[str]) -> None:
    packed = subprocess.run(
        ["tar", "--create", "--dereference", "--directory", origin, *names],
        stdout=subprocess.PIPE,
        check=True,
    )
    host.run_as_root(["tar", "--extract", "--directory", folder], input=packed.stdout)


def test_installations_on_one_host_have_names_of_their_own(site: Site) -> None:
    names = sorted(row.name for row in site.lab.repositories("staging"))
    old, new = repository(site, "staging", "10.5", COPY), repository(site, "staging", "10.11")
    assert names == sorted([old, new])


def test_older_source_newer_staging(site: Site) -> None:
    """10.5 to 10.11: a logical copy, then replication."""
    site.link("up")
    mark(site.source.server, "replicated up")
    site.lab.sync("up")
    assert site.latest("up").metadata["serverVersion"].startswith("10.11.")
    with _quiet(site.source):
        site.lab.sync("up")
        same_as_source(site, "up")
        name = repository(site, "staging", "10.11")
        site.provision("up_vdb", "up", host="staging", repository=name)
        same_as_source(site, "up_vdb")
    site.lab.delete("up_vdb")


def test_vdb_that_nobody_can_run_is_refused(site: Site) -> None:
    """An older series, and a newer one on a host where nothing can recover the files."""
    older = repository(site, "staging", "10.5", COPY)
    for host, name, words in (
        ("staging", older, "the repository runs the older 10.5."),
        ("target", None, "only a server of the snapshot's series can recover it"),
    ):

        def provision(host: str = host, name: str | None = name) -> None:
            site.provision("wrong", "up", host=host, repository=name)

        refused("MDB-022", provision, "written by 10.11.", words)
        assert not [row for row in site.lab.containers() if row.name == "wrong"]
    refused("MDB-022", lambda: _export(site, "up"), "written by 10.11.", "MariaDB 11.8.")
    there = site.host("target").run_as_root(["test", "-e", _PHYSICAL], check=False)
    assert there.exit_code == 1
    site.lab.delete("up")


def test_programs_under_old_names_only(site: Site) -> None:
    """Staging and VDB of 10.5 beside 10.11, on a release that has 10.11 itself."""
    site.link("old", stagingBaseDir=COPY)
    mark(site.source.server, "replicated to old names")
    with _quiet(site.source):
        site.lab.sync("old")
        same_as_source(site, "old")
        name = repository(site, "staging", "10.5", COPY)
        site.provision("old_vdb", "old", host="staging", repository=name)
        same_as_source(site, "old_vdb")
    site.lab.stop("old_vdb")
    site.lab.start("old_vdb")
    assert marks(site.sql("old_vdb"))[-1] == "replicated to old names"


@pytest.mark.parametrize(("host", "series"), [("staging", "10.11"), ("target", "11.8")])
def test_vdb_of_a_newer_series(site: Site, host: str, series: str) -> None:
    """10.5 beside the newer one recovers the snapshot of a running server, then it is upgraded."""
    if host == "target":
        _install_copy(site.host(host), root_of("bullseye"))
        site.lab.refresh_environment(host)
    name = f"newer_{host}"
    with _quiet(site.source):
        original = compare.snapshot(site.source.server, "source")
        site.lab.sync("old")
        site.provision(name, "old", host=host, repository=repository(site, host, series))
        assert _differences(original, site, name) == []
    mark(site.sql(name), "of the newer series")
    site.lab.snapshot(name)
    snapshot = site.latest(name)
    assert snapshot.metadata["serverVersion"].startswith(f"{series}.")
    mark(site.sql(name), "lost")
    site.lab.rollback(name, snapshot.name)
    assert marks(site.sql(name))[-1] == "of the newer series"
    site.lab.disable(name)
    site.lab.enable(name)
    assert marks(site.sql(name))[-1] == "of the newer series"
    with _quiet(site.source):
        site.lab.refresh(name)
        assert _differences(original, site, name) == []
    if host == "target":
        _physical(site, "old", baseDir="/usr")
    site.lab.delete(name)


def test_vdb_of_a_newer_series_of_a_stopped_vdb(site: Site) -> None:
    """Shut down in good order: the newer server alone will do."""
    site.lab.stop("old_vdb")
    site.lab.snapshot("old_vdb")
    target = site.host("target")
    target.run_as_root(["rm", "-r", COPY])
    site.lab.refresh_environment("target")
    _physical(site, "old_vdb")
    site.provision("newer", "old_vdb", repository=repository(site, "target", "11.8"))
    assert marks(site.sql("newer"))[-1] == "replicated to old names"
    site.lab.delete("newer")
    site.lab.delete("old_vdb")
    site.lab.delete("old")


_PHYSICAL = "/srv/physical"


def _export(site: Site, name: str, **more: str) -> None:
    given = {"port": 3406, **more}
    site.lab.export(name, host="target", directory=_PHYSICAL, parameters=given)


def _physical(site: Site, name: str, **more: str) -> None:
    """A physical copy on 11.8 of a snapshot of 10.5; gone again."""
    _export(site, name, **more)
    host = site.host("target")
    user = host.environment_user
    server = Place("copy", host, user, f"{_PHYSICAL}/run/mariadb.sock").server
    assert server.value("SELECT @@version").startswith("11.8.")
    assert marks(server)[-1] == "replicated to old names"
    assert server.query("SHOW ALL REPLICAS STATUS") == []
    stop = f"/usr/bin/mariadb-admin --defaults-file={_PHYSICAL}/my.cnf shutdown"
    assert host.run_as_user(stop).exit_code == 0
    host.run_as_root(["rm", "-r", _PHYSICAL])


@pytest.fixture(scope="module")
def middle(site: Site) -> Place:
    """A second source: Debian's own 10.11 on the staging host."""
    kept.seed(site.lab, "staging", ROWS)
    site.lab.refresh_environment("staging")
    return host_place(site.lab, "staging")


def test_source_newer_than_staging_is_refused(site: Site, middle: Place) -> None:
    refused(
        "MDB-022",
        lambda: _link_middle(site, "down", "source"),
        "the source runs 10.11.",
        "newer than 10.5.",
    )
    site.lab.delete("down")


def test_from_10_11_to_11_8(site: Site, middle: Place) -> None:
    _link_middle(site, "newest", "target")
    mark(middle.server, "replicated to 11.8")
    middle.server.query(_VERSIONED)
    with _quiet(middle):
        site.lab.sync("newest")
        original = compare.snapshot(middle.server, "middle")
        assert _differences(original, site, "newest") == []
        site.provision("newest_vdb", "newest")
        assert _differences(original, site, "newest_vdb") == []
    assert marks(site.sql("newest_vdb"))[-1] == "replicated to 11.8"


# Present rows of versioned tables end in 2038 before 11.5 and in 2106 since.
_VERSIONED = """
UPDATE shop.price_history SET price = price + 1 WHERE product_id BETWEEN 1 AND 5;
DELETE FROM shop.price_history WHERE product_id = 9;
INSERT INTO shop.price_history VALUES (100000, 1.5);
"""


def _differences(original: Fingerprint, site: Site, name: str) -> list[str]:
    """Without the one that is none: where 11.8 writes the word INVISIBLE."""
    texts = site.fingerprint(name).facts
    moved = {
        fact: re.sub(r"( DEFAULT '\w+')( INVISIBLE)", r"\2\1", text) for fact, text in texts.items()
    }
    return proofs.same_as_source(original, Fingerprint(name, moved))


def _link_middle(site: Site, name: str, staging: str) -> None:
    (config,) = (row for row in site.lab.source_configs("staging") if row.present)
    given = parameters.link_parameters(name, {})
    site.lab.link(name, source_config=config, staging_host=staging, parameters=given)


class _quiet:
    """Nothing writes on a source by itself: its events rest."""

    def __init__(self, place: Place) -> None:
        self._server = place.server

    def __enter__(self) -> None:
        self._server.query("SET GLOBAL event_scheduler = OFF")

    def __exit__(self, *_: object) -> None:
        self._server.query("SET GLOBAL event_scheduler = ON")
