"""Which point and which strike a cell has."""

from collections.abc import Callable

from tests.faults import matrix, points, strikes
from tests.faults.matrix import Cell
from tests.faults.operation import Operation
from tests.faults.points import (
    BeforeStep,
    CatchingUp,
    Copying,
    InStep,
    LockHeld,
    Point,
    Stopped,
)
from tests.faults.strikes import Strike

BULK = "REPLACE INTO zoo.gate SELECT -seq, REPEAT(MD5(seq), 32768) FROM zoo.seq_1_to_8"
"""Eight rows of 1 MiB."""
# The remote step that brings the server up or takes it down, and so is the operation's middle.
MAIN_STEP = {
    **dict.fromkeys(("provision", "refresh", "rollback", "enable"), "vdb_configure"),
    **dict.fromkeys(("start", "enable-dsource"), "server_start"),
    **dict.fromkeys((*matrix.DOWNS, "disable-dsource"), "server_stop"),
}
# Before which step nothing can be written any longer.
DISK_STEP = {**MAIN_STEP, "snapshot": "quiesce", "sync": "source_position"}
SOURCE_FAULTS = ("kill-source", "freeze-source", "cut-network", "reboot-source")
SERVER_FAULTS = ("kill-server", "freeze-server")
DISK_FAULTS = ("disk-full", "read-only")
# Where small files may still be written when the disk is full, so that the server meets it.
_SLACK = ("start", "enable-dsource", "sync", "stop")
# What a copy need not keep goes, which makes room: too little.
_OVER = ("provision", "refresh", "rollback")
SLACK = dict.fromkeys(_SLACK, strikes.SLACK_BYTES) | dict.fromkeys(_OVER, strikes.OVER_BYTES)
# The step that is killed, and how it is known to be in its middle.
KILLED = {
    "link": ("dataset_create", points.bootstrap_runs),
    "resync": ("server_start", points.server_runs),
    "dump": ("dataset_create", points.bootstrap_runs),
    "files": ("server_start", points.server_runs),
    "snapshot": ("quiesce", points.lock_session_runs),
}


def point_of(cell: Cell, operation: Operation) -> Point:
    """Where the operation stands still for the fault."""
    place = operation.bench, operation.host, operation.mount
    fault, name = cell.fault.name, cell.operation
    # While no remote step runs, the engine's process is not missed.
    killed = fault == "kill-step" or (fault, name) == ("engine-killed", "snapshot")
    if killed and name in KILLED:
        return InStep(*place, *KILLED[name])
    if fault in DISK_FAULTS and name in DISK_STEP:
        return BeforeStep(*place, DISK_STEP[name])
    if name in MAIN_STEP:
        down = name in matrix.DOWNS or name == "disable-dsource"
        waiting = down and fault not in SERVER_FAULTS
        sign = points.shell_waits if waiting else points.server_runs
        return InStep(*place, MAIN_STEP[name], sign)
    if name == "files" and fault in SERVER_FAULTS:
        return InStep(*place, "server_start", points.server_runs)
    if name == "sync" and fault in SOURCE_FAULTS:
        return BeforeStep(*place, "source_position")
    return _default(name, operation)


def _default(name: str, operation: Operation) -> Point:
    place = operation.bench, operation.host, operation.mount
    if name in matrix.COPIES:
        return Copying(*place)
    if name == "dump":
        return Stopped(*place, strikes.LOAD_WORDS)
    if name == "files":
        return Stopped(*place, (strikes.PREPARE_WORD,))
    if name == "sync":
        return CatchingUp(*place, "catch_up", points.wait_is_asked)
    return LockHeld(*place)


def strike_of(cell: Cell, operation: Operation, point: Point) -> Strike:
    """The fault, aimed at the operation."""
    bench, name = operation.bench, operation.name
    aim = bench, point, name
    if cell.fault.name == "kill-load":
        words = (strikes.PREPARE_WORD,) if cell.operation == "files" else strikes.LOAD_WORDS
        return strikes.KillProgram(*aim, words)
    if cell.fault.name == "two-at-once":
        return strikes.Another(*aim, operation.second, operation.another)
    if cell.fault.name == "disk-full" and cell.operation == "sync":
        return FullUnderLoad(*aim, left=strikes.SLACK_BYTES)
    left = SLACK.get(cell.operation, strikes.TIGHT_BYTES)
    plain: dict[str, Callable[[], Strike]] = {
        "kill-server": lambda: strikes.KillServer(*aim),
        "kill-source": lambda: strikes.KillSource(*aim),
        "kill-job": lambda: strikes.KillJob(*aim),
        "kill-dump": lambda: strikes.KillProgram(*aim, (strikes.DUMP_WORD,)),
        "kill-step": lambda: strikes.KillStep(*aim),
        "freeze-server": lambda: strikes.Freeze(*aim),
        "freeze-source": lambda: strikes.FreezeSource(*aim),
        "cut-network": lambda: strikes.CutNetwork(*aim),
        "disk-full": lambda: strikes.DiskFull(*aim, left=left),
        "read-only": lambda: strikes.ReadOnly(*aim),
        "reboot-staging": lambda: strikes.Reboot(*aim, "staging"),
        "reboot-target": lambda: strikes.Reboot(*aim, "target"),
        "reboot-source": lambda: strikes.Reboot(*aim, "source"),
        "engine-killed": lambda: strikes.KillEngine(*aim),
        "worker": lambda: strikes.Poll(*aim, lambda: bench.lab.worker(name)),
        "status": lambda: strikes.Poll(*aim, lambda: bench.lab.status(name)),
        "size": lambda: strikes.Poll(*aim, lambda: bench.lab.source_size(name)),
    }
    return plain[cell.fault.name]()


class FullUnderLoad(strikes.DiskFull):
    """The source writes more than the full dataset can take."""

    def strike(self) -> None:
        super().strike()
        self.bench.site.source.server.query(BULK)
