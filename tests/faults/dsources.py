"""The operations on dSources."""

from testbed.backups import FOLDER, USER_BACKUP
from testbed.site import mark
from tests.faults.bench import DSOURCE, Bench
from tests.faults.operation import Disabling, Making, Operation
from tests.workflows.support import RESYNC

LINKED, LINKED_PORT = "fresh", 3405


class OnDsource(Operation):
    """An operation on the dSource that all cells of a file share."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench, DSOURCE, "staging")

    def prepare(self) -> None:
        self.bench.dsource_ready()
        self.mark = f"cell {self.bench.count()}"
        mark(self.bench.site.source.server, self.mark)

    def problems(self) -> list[str]:
        lab = self.bench.lab
        if lab.status(self.name) != "ACTIVE":
            return ["the dSource is inactive"]
        lab.worker(self.name)
        lab.sync(self.name)
        return self.bench.equal_to_source(self.name)

    def up(self) -> None:
        """What people are told to do when the staging server is down."""
        if self.bench.lab.status(self.name) != "ACTIVE":
            self.bench.lab.enable(self.name)


class Sync(OnDsource):
    """A policy's sync."""

    def call(self) -> object:
        return self.bench.lab.sync(self.name)

    def repeat(self) -> object:
        self.up()
        return self.call()


class Resync(OnDsource):
    """A full copy anew."""

    def call(self) -> object:
        return self.bench.lab.sync(self.name, RESYNC)


class EnableDsource(OnDsource):
    """The staging server of a disabled dSource comes back."""

    def prepare(self) -> None:
        super().prepare()
        self.bench.lab.disable(self.name)

    def call(self) -> object:
        return self.bench.lab.enable(self.name)


class DisableDsource(Disabling, OnDsource):
    """A staging server goes."""


class Link(Making, OnDsource):
    """A dSource of its own, copied from the source."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench)
        self.name = LINKED

    def prepare(self) -> None:
        self.bench.remove(self.name)
        self.bench.dsource_ready()

    def parameters(self) -> dict[str, object]:
        """Beyond those of every dSource."""
        return {}

    def call(self) -> object:
        return self.bench.site.link(self.name, stagingPort=LINKED_PORT, **self.parameters())

    def repeat(self) -> object:
        """When the first sync fails, the dSource stays: a resync is what people do next."""
        if self.name in self.bench.names():
            return self.bench.lab.sync(self.name, RESYNC)
        return self.call()

    def second(self) -> object:
        """Another dSource at the same mount path."""
        given = {"stagingPort": LINKED_PORT, "mountPath": self.mount}
        try:
            return self.bench.site.link("second", **given)
        finally:
            self.bench.lab.delete("second", force=True)


class Dump(Link):
    """A dSource of its own, from a dump."""

    def parameters(self) -> dict[str, object]:
        return {**USER_BACKUP, "backupPath": f"{FOLDER}/dump.sql"}


class Files(Link):
    """A dSource of its own, from a directory of mariadb-backup."""

    def parameters(self) -> dict[str, object]:
        return {**USER_BACKUP, "backupPath": f"{FOLDER}/files"}
