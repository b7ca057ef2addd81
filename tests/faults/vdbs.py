"""The operations on VDBs."""

from testbed import compare
from testbed.compare import Fingerprint
from testbed.site import mark, marks
from tests.faults.bench import DSOURCE, VDB, Bench
from tests.faults.operation import Disabling, Making, Operation

NEW = "new"


class OnVdb(Operation):
    """An operation on the VDB that all cells of a file share; its contents stay."""

    def prepare(self) -> None:
        self.bench.vdb_ready()
        self.mark = f"cell {self.bench.count()}"
        server = self.bench.site.sql(VDB)
        mark(server, self.mark)
        self.before = self.bench.site.fingerprint(VDB)

    def contents(self) -> Fingerprint:
        """What the VDB must hold in the end."""
        assert self.before is not None
        return self.before

    def problems(self) -> list[str]:
        lab = self.bench.lab
        if lab.status(self.name) != "ACTIVE":
            return ["the VDB is inactive"]
        found = compare.diff(self.contents(), self.bench.site.fingerprint(self.name))
        server = self.bench.site.sql(self.name)
        last = f"writable {self.bench.count()}"
        mark(server, last)
        return found if marks(server)[-1] == last else [*found, "a row that was written is gone"]


class Snapshot(OnVdb):
    """A snapshot of a running VDB."""

    def call(self) -> object:
        return self.bench.lab.snapshot(self.name)

    def repeat(self) -> object:
        self.bench.vdb_ready()
        return self.call()


class Start(OnVdb):
    """A stopped VDB starts."""

    def prepare(self) -> None:
        super().prepare()
        self.bench.lab.stop(self.name)

    def call(self) -> object:
        return self.bench.lab.start(self.name)


class Stop(OnVdb):
    """A VDB stops."""

    def call(self) -> object:
        return self.bench.lab.stop(self.name)

    def problems(self) -> list[str]:
        if self.bench.lab.status(self.name) != "INACTIVE":
            return ["the VDB is active"]
        self.bench.lab.start(self.name)
        return super().problems()


class Enable(OnVdb):
    """A disabled VDB comes back."""

    def prepare(self) -> None:
        super().prepare()
        self.bench.lab.disable(self.name)

    def call(self) -> object:
        return self.bench.lab.enable(self.name)


class Disable(Disabling, OnVdb):
    """A VDB goes."""


class Refresh(OnVdb):
    """A VDB takes the contents of the dSource's snapshot."""

    def call(self) -> object:
        return self.bench.lab.refresh(self.name)

    def contents(self) -> Fingerprint:
        return self.bench.fresh


class Rollback(OnVdb):
    """A VDB takes the contents of its own first snapshot."""

    def call(self) -> object:
        return self.bench.lab.rollback(self.name, self.bench.lab.snapshots(self.name)[0].reference)

    def repeat(self) -> object:
        """It was left disabled on what it held: enabled first, it must hold that again."""
        self.bench.lab.enable(self.name)
        found = marks(self.bench.site.sql(self.name))
        assert self.mark in found or found == [], f"after the failed rollback: {found}"
        return self.call()

    def contents(self) -> Fingerprint:
        return self.bench.fresh


class Delete(OnVdb):
    """A VDB goes for good."""

    def call(self) -> object:
        return self.bench.lab.delete(self.name)

    def repeat(self) -> object:
        return self.call() if self.name in self.bench.names() else None

    def contents(self) -> Fingerprint:
        return self.bench.fresh

    def problems(self) -> list[str]:
        if self.name in self.bench.names():
            return ["the VDB is still there"]
        self.bench.new_vdb()
        return super().problems()


class Provision(Making, OnVdb):
    """A VDB of its own."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench, NEW)

    def prepare(self) -> None:
        self.bench.remove(self.name)

    def call(self) -> object:
        return self.bench.site.provision(self.name, DSOURCE, initial_snapshot=False)

    def repeat(self) -> object:
        """What the engine could not remove is deleted, as it says."""
        self.bench.remove(self.name)
        return self.call()

    def contents(self) -> Fingerprint:
        return Fingerprint(self.name, self.bench.fresh.facts)

    def second(self) -> object:
        """Another VDB at the same mount path."""
        return self.bench.site.provision("second", DSOURCE, mountPath=self.mount)
