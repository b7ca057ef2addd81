"""Every way in on one version: linked, followed, provisioned, compared exactly at both ends.

While data comes in, the staging host can write nothing but the dataset; see `outside`.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lab.model import Job
from testbed import backups, compare, proofs
from testbed.backups import FOLDER, PHYSICAL, PREPARE, USER_BACKUP, WITH_GTID, make_backup
from testbed.compare import Fingerprint, Kind
from testbed.parameters import Account
from testbed.site import Site, mark, marks
from testbed.writer import ALL_TABLES, Table, Writer
from tests.versions.outside import ALLOWED_KIB, Outside, folder_of_its_own
from tests.versions.results import Result, recorded
from tests.versions.support import restart_source
from tests.workflows.support import RESYNC, files, quiet_source

NAME, VDB = "way", "way_vdb"
CHOSEN = ("shop", "select", "demo_story", "demo_writer")
LOADER = Account("loader", "l'o\"a\\d")
NO_SOURCE = {"logSync": False, "sourceCredentials": None, "replicationCredentials": None}
_PAUSE_SECONDS = 0.03  # enough writes for a wrong position to show, few enough to be soon applied
_TRANSACTIONAL = (Table.LEDGER,)
_OF_NO_DATABASE = (Kind.ACCOUNT, Kind.LOCK, Kind.GRANT)
_MANAGED = "managed copy"
_ACCOUNTS = "mariadb-dump --databases mysql --hex-blob --flush-privileges"
_KEEP_RIGHTS = "SET GLOBAL automatic_sp_privileges = OFF;"
_DATA = f"{backups.DUMP} --ignore-database=mysql"
_DUMPS = {
    "backup: dump": f"{WITH_GTID} > it",
    "backup: dump, gzip": f"{WITH_GTID} | gzip > it",
}
_FILES = {
    "backup: directory": f"{PHYSICAL} --target-dir=it",
    "backup: directory, prepared": f"{PHYSICAL} --target-dir=it; {PREPARE}",
    "backup: mbstream, gzip": f"{PHYSICAL} --stream=mbstream | gzip > it",
}


class Ways:
    """To be subclassed in a module that says which RELEASE."""

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def backup_folder(cls, site: Site) -> Iterator[None]:
        """Backups lie on a file system of their own, where the plugin could change them."""
        with folder_of_its_own(site.host("staging"), FOLDER):
            yield

    @pytest.fixture(autouse=True)
    def nothing_linked(self, site: Site) -> Iterator[None]:
        """Each way begins without a dSource."""
        yield
        for container in reversed(site.lab.containers()):
            site.lab.delete(container.name, force=True)

    def test_managed_copy(self, site: Site, series: str) -> None:
        with recorded(_MANAGED, series) as result:
            _followed(site, result, {}, ALL_TABLES)

    def test_managed_copy_of_selected_databases(self, site: Site, series: str) -> None:
        server = site.source.server
        with recorded(f"{_MANAGED}, selected databases", series) as result:
            server.query("SET GLOBAL binlog_format = 'ROW'")
            try:
                _followed(site, result, {"databases": list(CHOSEN)}, ALL_TABLES)
            finally:
                server.query("SET GLOBAL binlog_format = 'MIXED'")

    def test_managed_copy_without_logsync(self, site: Site, series: str) -> None:
        """From a source that has no binary log."""
        with recorded(f"{_MANAGED}, LogSync off", series) as result:
            restart_source(site.source, "skip_log_bin")
            try:
                _copied(site, result, {"logSync": False})
            finally:
                restart_source(site.source, "")

    @pytest.mark.parametrize("way", _DUMPS)
    def test_dump(self, site: Site, series: str, way: str) -> None:
        """A dump is exact for transactional tables only: that is its maker's business."""
        with recorded(way, series) as result:
            _followed(site, result, USER_BACKUP, _TRANSACTIONAL, _DUMPS[way])

    def test_backup_without_logsync(self, site: Site, series: str) -> None:
        """A resync takes the newer backup; no source is asked."""
        zstd = f"{backups.DUMP} | zstd -q > it"
        with recorded("backup: dump, zstd, LogSync off", series) as result:
            _copied(site, result, USER_BACKUP | NO_SOURCE, zstd)

    def test_manual_ingestion(self, site: Site, series: str) -> None:
        """Of dumps with the grant tables, loaded as the snapshot and the manual say."""
        given = {"ingestionMode": "Manual Ingestion", "stagingCredentials": LOADER.supplier}
        with recorded("Manual Ingestion: dump", series) as result, quiet_source(site):
            make_backup(site, f"{_ACCOUNTS} | gzip > accounts.gz; {_DATA} | gzip > data.gz")
            _linked(site, result, given)
            _load(site, "gunzip -c accounts.gz")
            site.lab.sync(NAME)
            assert site.latest(NAME).metadata["emptySeed"] is True
            _load(site, f"echo '{_KEEP_RIGHTS}'; gunzip -c data.gz")
            site.lab.sync(NAME)
            assert site.latest(NAME).metadata["emptySeed"] is False
            _same_at_both_ends(site)

    @pytest.mark.parametrize("way", _FILES)
    def test_files(self, site: Site, series: str, way: str) -> None:
        backups.drop_odd_names(site.source.server)
        with recorded(way, series) as result:
            _followed(site, result, USER_BACKUP, ALL_TABLES, _FILES[way])


def _followed(
    site: Site, result: Result, given: dict[str, Any], tables: tuple[Table, ...], backup: str = ""
) -> None:
    """Backup and link while the source is written to, so that a wrong position shows."""
    server, popen = site.source.server, site.source.popen
    with Writer(server, popen, tables=tables, pause_seconds=_PAUSE_SECONDS) as writer:
        if backup:
            make_backup(site, backup)
        _linked(site, result, given)
        assert writer.failure is None
    mark(server, result.way)
    with quiet_source(site):
        site.lab.sync(NAME)
        assert marks(site.sql(NAME))[-1] == result.way
        _same_at_both_ends(site, given.get("databases", ()))


def _copied(site: Site, result: Result, given: dict[str, Any], backup: str = "") -> None:
    """A sync brings nothing new, a resync does."""

    def renew(text: str) -> None:
        mark(site.source.server, f"{text} {result.way}")
        if backup:
            make_backup(site, backup)

    with quiet_source(site):
        renew("first")
        _linked(site, result, given)
        renew("second")
        site.lab.sync(NAME)
        assert marks(site.sql(NAME))[-1] == f"first {result.way}"
        _only_on_the_dataset(site, lambda: site.lab.sync(NAME, RESYNC))
        assert site.sql(NAME).query("SHOW SLAVE STATUS") == []
        _same_at_both_ends(site)


def _linked(site: Site, result: Result, given: dict[str, Any]) -> None:
    """Link; the backup, if there is one, stays as it is."""
    staging = site.host("staging")
    before = files(staging, FOLDER)
    job, outside_kib = _only_on_the_dataset(site, lambda: site.link(NAME, **given))
    result.seconds = f"{sum(step.seconds for step in job.steps):.1f}"
    result.outside_kib = str(outside_kib)
    assert files(staging, FOLDER) == before


def _only_on_the_dataset(site: Site, call: Callable[[], Job]) -> tuple[Job, int]:
    """Run a job while, from the copy on, the staging host can write nothing else to speak of."""
    outside = Outside(site.host("staging"))
    site.hooks.once("linked.pre_snapshot", outside.close)
    try:
        job = call()
    finally:
        outside.open()
    assert outside.written_kib <= ALLOWED_KIB
    return job, outside.written_kib


def _load(site: Site, unpack: str) -> None:
    """With the client as told in parentheses, as the environment user."""
    load_with = site.latest(NAME).metadata["loadWith"]
    client = load_with.partition("(")[2].partition(")")[0]
    assert client.startswith("mariadb "), load_with
    command = f"set -o pipefail; cd {FOLDER}; ({unpack}) | {client}"
    done = site.host("staging").run_as_user(command)
    assert done.exit_code == 0, done.stderr


def _same_at_both_ends(site: Site, databases: tuple[str, ...] = ()) -> None:
    """Staging and a VDB hold what the source holds, or what of it was chosen."""
    original = compare.snapshot(site.source.server, "source")
    if databases:
        original = _only(original, databases)
    _same(original, site, NAME)
    site.provision(VDB, NAME)
    _same(original, site, VDB)
    assert proofs.writable(VDB, site.sql(VDB)) == []


def _same(original: Fingerprint, site: Site, name: str) -> None:
    problems = proofs.same_as_source(original, site.fingerprint(name))
    assert not problems, "\n".join(problems)


def _only(original: Fingerprint, databases: tuple[str, ...]) -> Fingerprint:
    facts = {
        fact: text
        for fact, text in original.facts.items()
        if fact.kind in _OF_NO_DATABASE or fact.owner in databases
    }
    return Fingerprint(original.name, facts)
