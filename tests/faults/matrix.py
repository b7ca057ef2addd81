"""The table: which fault meets which operation, where in the middle, and what people then read.

Everything in `tests/faults` is generated from here. A pair of fault and operation is a cell or
has a reason in `OUT`; `test_matrix.py` holds that.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

Names = tuple[str, ...]

COPIES: Names = ("link", "resync")
RESTORES: Names = ("dump", "files")
INGESTS: Names = (*COPIES, *RESTORES)
DSOURCE: Names = ("link", "sync", "resync", *RESTORES)
UPS: Names = ("provision", "start", "refresh", "rollback", "enable")
DOWNS: Names = ("stop", "disable", "delete")
VDB: Names = ("snapshot", *UPS, *DOWNS)
STAGING: Names = ("disable-dsource", "enable-dsource")
OPERATIONS: Names = (*DSOURCE, *STAGING, *VDB)


class Success(Enum):
    """Whether the operation may succeed in spite of the fault."""

    NEVER = "must fail"
    MAY = "may succeed"
    MUST = "must succeed"


@dataclass(frozen=True)
class Expected:
    """What may come of a cell. `words`: each must be in the message of a failure."""

    success: Success = Success.NEVER
    codes: Names = ()
    words: Names = ()


@dataclass(frozen=True)
class Fault:
    """One kind of fault.

    expected: by operation; the first entry that names it counts.
    leaves: what it breaks leaves something behind until the next operation clears it away.
    """

    name: str
    expected: tuple[tuple[Names, Expected], ...]
    leaves: bool = False

    @property
    def operations(self) -> Names:
        """The operations it meets."""
        return tuple(name for names, _ in self.expected for name in names)

    def of(self, operation: str) -> Expected:
        """What may come of it."""
        return next(found for names, found in self.expected if operation in names)


def _fails(*codes: str, words: Names = ()) -> Expected:
    return Expected(codes=tuple(f"MDB-{code}" for code in codes), words=words)


def _may(*codes: str, words: Names = ()) -> Expected:
    return Expected(Success.MAY, tuple(f"MDB-{code}" for code in codes), words)


_FINE = Expected(Success.MUST)
SOURCE_PLACE = "10.77.0.11"
_GONE = _fails("024", "025", "030", "054", "072")
# The engine's own words: the plugin is gone.
_ENGINE = Expected(words=("process of the plugin", "SIGKILL"))

FAULTS = (
    Fault(
        "kill-server",
        (
            (COPIES, _fails("051", "070", "072", "076")),
            (("dump",), _fails("051", "070", "072")),
            (("sync",), _fails("070", "072")),
            (("snapshot",), _fails("070", "072", "081")),
            (("files", "enable-dsource", *UPS), _fails("070", "071", "072")),
            ((*DOWNS, "disable-dsource"), _may("073")),
        ),
    ),
    Fault(
        "kill-source",
        (
            (COPIES, _fails("040", "050")),
            (("sync", *RESTORES), _fails("040", words=(SOURCE_PLACE,))),
        ),
    ),
    Fault("kill-job", ((INGESTS, _fails("054", words=("job",))),)),
    Fault("kill-dump", ((COPIES, _fails("050")),)),
    Fault("kill-load", (((*COPIES, "dump"), _fails("051")), (("files",), _fails("054")))),
    Fault("kill-step", ((OPERATIONS, _fails("025", words=("signal 9",))),), leaves=True),
    Fault(
        "freeze-server",
        (
            (COPIES, _fails("051", "055", "070", words=("frozen",))),
            ((*RESTORES, "sync", "snapshot", "enable-dsource", *UPS),
             _fails("070", words=("frozen",))),
            ((*DOWNS, "disable-dsource"), _may("070", "073", words=("frozen",))),
        ),
    ),
    Fault(
        "freeze-source",
        (
            (COPIES, _fails("040", "050", "055", words=(SOURCE_PLACE,))),
            (("sync", *RESTORES), _fails("040", "061", words=(SOURCE_PLACE,))),
        ),
    ),
    Fault(
        "cut-network",
        (
            (COPIES, _fails("040", "050", "055", words=(SOURCE_PLACE,))),
            (("sync", *RESTORES), _fails("040", "061", words=(SOURCE_PLACE,))),
        ),
    ),
    Fault(
        "disk-full",
        (
            ((*DOWNS, "disable-dsource", "snapshot"), _may("033", words=("{mount}",))),
            ((*DSOURCE, "enable-dsource", *UPS), _fails("033", words=("{mount}",))),
        ),
    ),
    Fault(
        "read-only",
        (
            ((*DOWNS, "disable-dsource"), _may("036", words=("{mount}",))),
            ((*DSOURCE, "enable-dsource", "snapshot", *UPS), _fails("036", words=("{mount}",))),
        ),
    ),
    Fault("reboot-staging", (((*DSOURCE, *STAGING), _GONE),)),
    Fault("reboot-target", ((VDB, _GONE),)),
    Fault(
        "reboot-source",
        (
            (COPIES, _fails("040", "050", "055")),
            (("sync", *RESTORES), _fails("040", "061", words=(SOURCE_PLACE,))),
        ),
    ),
    Fault("engine-killed", ((OPERATIONS, _ENGINE),), leaves=True),
    Fault("two-at-once", ((OPERATIONS, _FINE),)),
    Fault("worker", ((DSOURCE, _FINE),)),
    Fault("status", ((tuple(name for name in OPERATIONS if name != "provision"), _FINE),)),
    Fault("size", ((tuple(name for name in OPERATIONS if name != "provision"), _FINE),)),
)  # fmt: skip

_NO_SOURCE = "a VDB never speaks to the source; nor does staging while it is switched on or off"
_NO_JOB = "there is no background job"
_NO_DUMP = "nothing is dumped"
_NO_LOAD = "nothing is loaded"
_ELSEWHERE = "the host takes no part"
_NOT_POLLED = "the engine does not poll what it has not made yet"
OUT = {
    "kill-source": _NO_SOURCE,
    "freeze-source": _NO_SOURCE,
    "cut-network": _NO_SOURCE,
    "reboot-source": _NO_SOURCE,
    "kill-job": _NO_JOB,
    "kill-dump": _NO_DUMP,
    "kill-load": _NO_LOAD,
    "reboot-staging": _ELSEWHERE,
    "reboot-target": _ELSEWHERE,
    "worker": "only an enabled dSource has a worker",
    "status": _NOT_POLLED,
    "size": _NOT_POLLED,
}
"""Why a fault does not meet the operations that it leaves out."""

QUICK = frozenset(
    """
    kill-server/sync kill-step/sync freeze-server/sync disk-full/sync read-only/sync worker/sync
    kill-step/provision two-at-once/provision freeze-server/snapshot
    engine-killed/refresh disk-full/refresh kill-step/rollback reboot-target/rollback
    """.split()
)
"""What `./dev test` runs."""


@dataclass(frozen=True)
class Cell:
    """A fault in the middle of an operation."""

    fault: Fault
    operation: str

    @property
    def expected(self) -> Expected:
        """What may come of it."""
        return self.fault.of(self.operation)

    @property
    def quick(self) -> bool:
        """Whether `./dev test` runs it."""
        return str(self) in QUICK

    def __str__(self) -> str:
        return f"{self.fault.name}/{self.operation}"

    __repr__ = __str__


def cells(operations: Iterable[str] = OPERATIONS) -> list[Cell]:
    """The cells of these operations."""
    return [
        Cell(fault, operation)
        for operation in operations
        for fault in FAULTS
        if operation in fault.operations
    ]
