"""A lab with a source of a certain shape, and what measures ask of it."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import raw, source
from bench.raw import Raw
from bench.scale import Shape
from lab.errors import LabError
from lab.hosts.host import Host
from lab.lab import Lab
from lab.model import Job, Snapshot
from testbed.client import Server
from testbed.parameters import READER, Json
from testbed.site import Site

DSOURCE, VDB = "sales", "one"
_GB = 1_000_000_000
# Source, staging, a raw copy, a dump, and what is overwritten while snapshots hold it.
_COPIES = 5
_BESIDE = 8
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Stage:
    """A lab, discovered, whose source has the data of `shape`; nothing is linked at first."""

    site: Site
    shape: Shape

    # -- what there is -------------------------------------------------------------------------

    @property
    def lab(self) -> Lab:
        """The lab."""
        return self.site.lab

    @property
    def source(self) -> Host:
        """The host that is linked."""
        return self.site.host("source")

    @property
    def staging(self) -> Host:
        """The host of the staging server."""
        return self.site.host("staging")

    @property
    def target(self) -> Host:
        """The host of VDBs."""
        return self.site.host("target")

    @property
    def databases(self) -> str:
        """Names of the databases, one a line."""
        return "\n".join(source.database_names(self.shape))

    @property
    def tables(self) -> str:
        """Names of the tables, one a line."""
        return "\n".join(source.table_names(self.shape))

    @property
    def login(self) -> str:
        """An option file for the source, as the account that reads."""
        run = self.staging.run_as_root
        address = (self.source.address, 3306)
        server = Server(run, user=READER.user, password=READER.password, address=address)
        return server.command()[1].decode()

    def offers(self, definition: str, name: str) -> Json | None:
        """A property of a definition of the artifact's schema; None when it has none."""
        artifact = self.lab.engine.artifact(self.lab.plugins()[0].reference)
        found: Json | None = getattr(artifact, definition).schema["properties"].get(name)
        return found

    # -- what is made --------------------------------------------------------------------------

    def names(self) -> list[str]:
        """Of dSources and VDBs."""
        return [row.name for row in self.lab.containers()]

    def link(self, **given: Any) -> Job:
        """Link the dSource."""
        return self.site.link(DSOURCE, **given)

    def unlinked(self) -> None:
        """Nothing is linked, and storage is at rest."""
        for container in reversed(self.lab.containers()):
            self.lab.delete(container.name)
        self.settle()

    def linked(self) -> Snapshot:
        """The dSource is there; its latest snapshot."""
        if DSOURCE not in self.names():
            self.link()
        return self.site.latest(DSOURCE)

    def provision(self, name: str = VDB) -> Job:
        """A VDB of the dSource's latest snapshot, without a first snapshot of its own."""
        return self.site.provision(name, DSOURCE, initial_snapshot=False)

    def provisioned(self) -> None:
        """The VDB is there and runs."""
        self.linked()
        if VDB not in self.names():
            self.provision()
        elif self.lab.status(VDB) != "ACTIVE":
            self.lab.start(VDB)

    # -- raw tools -----------------------------------------------------------------------------

    def raw(self, host: Host, snapshot: Snapshot | None = None) -> AbstractContextManager[Raw]:
        """A dataset for servers started by hand, empty or a clone."""
        return raw.dataset(self.lab, host, self.login, snapshot.storage_name if snapshot else None)

    def settle(self) -> None:
        """Storage is at rest: what one measure wrote and deleted is not on the next one's bill."""
        raw.settle(self.lab)

    def prove(self, name: str) -> None:
        """A copy holds what its source holds, by numbers that no empty or broken one has.

        Raises LabError.
        """
        names = source.table_names(self.shape)
        asked = "; ".join(
            [
                "SELECT COUNT(*) FROM information_schema.TABLES"
                " WHERE TABLE_SCHEMA RLIKE '^bench[0-9]'",
                *(f"SELECT COUNT(*), SUM(id + k) FROM {one}" for one in (names[0], names[-1])),
            ]
        )
        wanted = self.site.source.server.query(asked)
        found = self.site.sql(name).query(asked)
        if found != wanted:
            raise LabError(f"{name} holds {found}, the source {wanted}")


@contextmanager
def opened(
    folder: Path, artifact: Path, shape: Shape, tell: Callable[[str], None]
) -> Iterator[Stage]:
    """Make a lab in `folder` with such a source; it is gone afterwards. Raises LabError."""
    require_room(folder.parent, shape)
    lab = Lab.open(folder)
    try:
        tell(f"a lab, and a source of {shape}")
        lab.up(pool_gib=20 + _COPIES * shape.bytes // _GB)
        site = Site(lab)
        source.seed(site.host("source"), site.source.server, shape)
        lab.upload(artifact)
        for host in lab.hosts:
            lab.refresh_environment(host)
        yield Stage(site, shape)
    finally:
        with _uninterrupted():
            lab.down()


def require_room(folder: Path, shape: Shape) -> None:
    """Raise LabError when the disk may not hold a lab with such a source."""
    need = _COPIES * shape.bytes + _BESIDE * _GB
    free = shutil.disk_usage(folder).free
    if free < need:
        raise LabError(
            f"{folder} has {free / _GB:.0f} GB free; with {shape} the bench may need"
            f" {need / _GB:.0f} GB",
            "Free some, or choose another place: --place DIR.",
        )


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """What is left behind half-way is worse than a bench that cannot be interrupted twice."""
    before = [signal.signal(number, signal.SIG_IGN) for number in _SIGNALS]
    try:
        yield
    finally:
        for number, handler in zip(_SIGNALS, before, strict=True):
            signal.signal(number, handler)
