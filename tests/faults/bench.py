"""A lab with little data that is put in order between cells, and made anew when that fails."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from lab.errors import LabError
from lab.lab import Lab
from lab.model import Container, ContainerState
from lab.system.process import wait_until
from testbed import compare, kept, proofs, source
from testbed.backups import PHYSICAL, WITH_GTID, make_backup
from testbed.compare import Fingerprint
from testbed.site import Hooks, Site
from tests.faults.processes import of_user, server
from tests.faults.work import Steps
from tests.lab.machine_support import leftovers

DSOURCE, VDB = "sales", "one"
CATCH_UP_SECONDS = 20
GATE_TABLE = "zoo.gate"
"""The last one that a copy reads."""
ROWS = 300
_ATTEMPTS = 3

_DATA = f"""
CREATE DATABASE IF NOT EXISTS demo_story;
CREATE TABLE demo_story.seeded (data_rows INT NOT NULL);
INSERT INTO demo_story.seeded VALUES ({ROWS});
CREATE DATABASE shop;
USE shop;
CREATE TABLE shop.item (id INT PRIMARY KEY, name VARCHAR(60), price DECIMAL(9, 2), KEY (name));
INSERT INTO shop.item SELECT seq, SHA1(seq), seq / 7 FROM seq_1_to_{ROWS};
CREATE TABLE shop.sold (item INT, day DATE, FOREIGN KEY (item) REFERENCES shop.item (id));
INSERT INTO shop.sold SELECT seq, '2024-02-29' + INTERVAL seq DAY FROM seq_1_to_{ROWS};
CREATE TABLE shop.note (id INT PRIMARY KEY, words TEXT) ENGINE = Aria CHARSET = utf8mb4;
INSERT INTO shop.note SELECT seq, CONCAT('ünï ☃ ', seq) FROM seq_1_to_{ROWS};
CREATE VIEW shop.dear AS SELECT name FROM shop.item WHERE price > 20;
CREATE FUNCTION shop.twice(n INT) RETURNS INT DETERMINISTIC RETURN 2 * n;
CREATE TRIGGER shop.sells BEFORE INSERT ON shop.sold FOR EACH ROW SET NEW.day = NEW.day;
CREATE DATABASE zoo;
CREATE TABLE zoo.gate (id INT PRIMARY KEY, bulk LONGBLOB);
INSERT INTO zoo.gate SELECT seq, MD5(seq) FROM seq_1_to_{ROWS};
CREATE USER app@'%' IDENTIFIED BY 'fault-app';
GRANT SELECT, INSERT ON shop.* TO app@'%';
"""


@dataclass
class Bench:
    """A lab in which the dSource `sales` is linked and the VDB `one` was made of it.

    fresh: what the VDB held when it was new.
    spoilt: the lab has to be made anew before the next cell.
    """

    folder: Path
    artifact: Path
    steps: Steps
    site: Site = field(init=False)
    fresh: Fingerprint = field(init=False)
    spoilt: bool = True
    _built: int = 0
    _marks: int = 0
    _failed: int = 0

    def count(self) -> int:
        """A number that was never given before: marks have names of their own."""
        self._marks += 1
        return self._marks

    @property
    def lab(self) -> Lab:
        """The lab of today."""
        return self.site.lab

    def names(self) -> list[str]:
        """Of dSources and VDBs."""
        return [row.name for row in self.lab.containers()]

    # -- making and removing -------------------------------------------------------------------

    def build(self) -> None:
        """Make the lab anew; not for ever when that fails."""
        self.close()
        self._failed += 1
        assert self._failed <= _ATTEMPTS, "the lab could not be made"
        self._built += 1
        hooks = Hooks()
        self.site = Site(Lab.open(self.folder / f"lab{self._built}", progress=hooks.tell), hooks)
        self.lab.up(pool_gib=8)
        server = self.site.source.server
        kept.start_loaded(self.site.host("source"), server, "data of the bench", self._load)
        server.query("SET GLOBAL event_scheduler = OFF")
        self.lab.upload(self.artifact)
        for host in self.lab.hosts:
            self.lab.refresh_environment(host)
        self.site.link(DSOURCE, catchUpTimeout=CATCH_UP_SECONDS)
        self.new_vdb()
        self.fresh = self.site.fingerprint(VDB)
        make_backup(self.site, f"{WITH_GTID} > dump.sql; {PHYSICAL} --target-dir=files")
        self.spoilt, self._failed = False, 0

    def _load(self) -> None:
        self.site.source.server.query(_DATA)
        source.seed(self.lab, "source", ROWS)

    def close(self) -> None:
        """Remove the lab with all that runs in it."""
        if not self._built:
            return
        folder = self.folder / f"lab{self._built}"
        with suppress(LabError):
            for host in self.lab.hosts:
                for process in of_user(self.lab, host):
                    process.thaw()
        self.lab.down()
        assert leftovers(folder) == []

    # -- in order ------------------------------------------------------------------------------

    def new_vdb(self) -> None:
        """The VDB `one`, from the latest snapshot of the dSource, with one of its own."""
        self.site.provision(VDB, DSOURCE)

    def vdb_ready(self) -> None:
        """The VDB is there, enabled, and answers."""
        if VDB not in self.names():
            self.new_vdb()
        self._ready(VDB)
        if self.lab.status(VDB) != "ACTIVE":
            self.lab.start(VDB)

    def dsource_ready(self) -> None:
        """The dSource is enabled and replicates."""
        if not source.answers(self.site.source.server):
            source.start(self.site.host("source"), self.site.source.server)
        self._ready(DSOURCE)
        if self.lab.status(DSOURCE) != "ACTIVE":
            self.lab.enable(DSOURCE)

    def _ready(self, name: str) -> None:
        if self.lab.container(name).state is not ContainerState.ENABLED:
            self.lab.enable(name)

    def remove(self, name: str) -> None:
        """A dSource or VDB that a cell has made goes."""
        if name in self.names():
            self.lab.delete(name)

    # -- questions -----------------------------------------------------------------------------

    def dataset_folder(self, host: str, mount: str) -> Path:
        """Where the machine sees the dataset that is mounted there now."""
        (found,) = (one for one in self.lab.hosts[host].mounts() if one.mount_path == mount)
        return self.lab.root / "pool" / found.subvolume.lstrip("/")

    def equal_to_source(self, name: str) -> list[str]:
        """What a staging server holds and the source does not, or the other way round."""
        original = compare.snapshot(self.site.source.server, "source")
        return proofs.same_as_source(original, self.site.fingerprint(name))

    def strays(self) -> list[str]:
        """What is left on staging and target: processes and mounts that belong to nothing."""
        containers = self.lab.containers()
        found = [
            f"process on {host}: {' '.join(process.arguments)[:200]}"
            for host in ("staging", "target")
            for process in of_user(self.lab, host)
            if not self._wanted(host, containers, process.pid)
        ]
        return [*found, *self._stray_mounts(containers)]

    def stray_datasets(self) -> list[str]:
        """Datasets that are nobody's; a workflow that fails leaves some to the next one."""
        known = {container.dataset for container in self.lab.containers()}
        names = self.lab.engine.machine.pool.dataset_names()
        return [f"dataset {name}" for name in names if name not in known]

    def _wanted(self, host: str, containers: list[Container], pid: int) -> bool:
        return any(
            (running := server(self.lab, host, mount.path)) is not None and running.pid == pid
            for container in containers
            if container.state is not ContainerState.DISABLED
            for mount in container.mounts
        )

    def _stray_mounts(self, containers: list[Container]) -> list[str]:
        pool = self.lab.engine.machine.pool
        found: list[str] = []
        known = {
            (mount.path, pool.dataset_volume(container.dataset).subvolume)
            for container in containers
            for mount in container.mounts
            if pool.dataset_exists(container.dataset)
        }
        for host in ("staging", "target"):
            mounted = {(one.mount_path, one.subvolume) for one in self.lab.hosts[host].mounts()}
            found += [f"mount on {host}: {path}" for path, _ in mounted - known]
        return found

    def settled(self, *, seconds: float = 10) -> list[str]:
        """The strays that are still there after a moment."""
        wait_until(lambda: not self.strays(), seconds)
        return self.strays()


@contextmanager
def new_bench(folder: Path, artifact: Path, steps: Steps) -> Iterator[Bench]:
    """A bench that is gone afterwards."""
    bench = Bench(folder, artifact, steps)
    try:
        yield bench
    finally:
        bench.close()
