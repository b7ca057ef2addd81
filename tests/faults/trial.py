"""One cell, from a lab in order to a lab in order."""

import os
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from lab.errors import LabError
from lab.lab import JobFailed
from tests.faults.bench import Bench
from tests.faults.matrix import Cell, Success
from tests.faults.meet import point_of, strike_of
from tests.faults.operation import Operation
from tests.faults.operations import KINDS
from tests.faults.points import NotInjected, Point
from tests.faults.strikes import KillEngine, Strike
from tests.faults.work import Work
from tests.workflows.support import SECRETS

LIMIT_SECONDS = float(os.environ.get("FAULTS_LIMIT", "150"))
AFTER_SECONDS = 120
_GRACE_SECONDS = 20


@dataclass
class Result:
    """What came of a cell."""

    cell: str
    outcome: str = ""
    seconds: float = 0.0
    whole: float = 0.0
    message: str = ""
    problems: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether all was as it must be."""
        return not self.problems


def run_cell(bench: Bench, cell: Cell) -> Result:
    """Let the fault meet the operation."""
    result, started = Result(str(cell)), time.monotonic()
    try:
        operation = _prepared(bench, cell)
        work = _met(cell, operation, result)
        if work is not None:
            _judge(cell, operation, work, result)
            _afterwards(cell, operation, work, result)
    except (AssertionError, LabError, Exception) as error:
        result.outcome = result.outcome or "no result"
        result.problems.append(_story(error))
    bench.spoilt = bench.spoilt or not result.good
    result.whole = time.monotonic() - started
    return result


def _story(error: BaseException) -> str:
    where = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {where.name}:{where.lineno}: {error}"


def _prepared(bench: Bench, cell: Cell) -> Operation:
    """The operation on a lab in order; on a new one when it cannot be put in order."""
    if not bench.spoilt:
        operation = KINDS[cell.operation](bench)
        preparing = Work(operation.prepare)
        if preparing.ends(AFTER_SECONDS) and preparing.error is None:
            return operation
    bench.build()
    operation = KINDS[cell.operation](bench)
    operation.prepare()
    return operation


# -- the meeting ---------------------------------------------------------------------------------


def _met(cell: Cell, operation: Operation, result: Result) -> Work | None:
    """Run the operation into the fault; None when it never ended."""
    point = point_of(cell, operation)
    strike = strike_of(cell, operation, point)
    point.arm()
    work = Work(operation.call)
    try:
        point.reach(work)
        strike.strike()
        point.go_on()
        if work.ends(LIMIT_SECONDS):
            return work
        result.outcome, result.seconds = "hang", LIMIT_SECONDS
        result.problems.append(f"no end in {LIMIT_SECONDS:.0f} s")
        return None
    except NotInjected:
        result.outcome = "not injected"
        raise
    finally:
        _released(operation.bench, point, strike)
        _ended(operation.bench, work, point, strike)


def _released(bench: Bench, point: Point, strike: Strike) -> None:
    """Take away the fault and what held the operation, whatever happened."""
    bench.steps.clear()
    for release in (strike.lift, point.go_on, strike.lift):
        with suppress(LabError, OSError):
            release()


def _ended(bench: Bench, work: Work, point: Point, strike: Strike) -> None:
    """See an operation that hangs to its end; the lab is made anew afterwards."""
    if work.ends(_GRACE_SECONDS):
        return
    bench.spoilt = True
    with suppress(LabError, OSError, NotInjected):
        KillEngine(bench, point, strike.name).strike()
    for host in ("staging", "target", "source"):
        bench.lab.hosts[host].restart()
    work.ends(_GRACE_SECONDS)


# -- the judgement -------------------------------------------------------------------------------


def _judge(cell: Cell, operation: Operation, work: Work, result: Result) -> None:
    """Code, words and secrets of the outcome."""
    result.seconds, expected = work.seconds, cell.expected
    if work.error is None:
        result.outcome = "ok"
        if expected.success is Success.NEVER:
            result.problems.append("it succeeded")
        return
    result.message = str(work.error)
    code = result.message.split(" ", 1)[0]
    result.outcome = code if code.startswith("MDB-") else "engine"
    if not isinstance(work.error, JobFailed):
        result.problems.append(f"not a failed job: {_story(work.error)}")
        return
    if expected.success is Success.MUST:
        result.problems.append("it failed")
    elif expected.codes and code not in expected.codes:
        result.problems.append(f"{code} is none of {', '.join(expected.codes)}")
    words = [word.format(mount=operation.mount) for word in expected.words]
    result.problems += [
        f"the message lacks {word!r}" for word in words if word not in result.message
    ]
    error = work.error.job.error
    text = f"{error.message}\n{error.action}\n{error.output}" if error else ""
    result.message = text
    result.problems += [
        f"it tells the password of {who}" for who, part in SECRETS.items() if part in text
    ]


def _afterwards(cell: Cell, operation: Operation, work: Work, result: Result) -> None:
    """Nothing is left, the repeat succeeds, the data is equal, and again nothing is left."""
    bench = operation.bench
    if not cell.fault.leaves:
        result.problems += [f"left after it: {stray}" for stray in bench.settled()]
    steps: list[tuple[str, Callable[[], object]]] = [("check", lambda: _checked(operation))]
    if work.error is not None:
        steps.insert(0, ("repeat", operation.repeat))
    for name, step in steps:
        after = Work(step)
        if not after.ends(AFTER_SECONDS):
            result.problems.append(f"{name}: no end in {AFTER_SECONDS} s")
            bench.spoilt = True
            return
        if after.error is not None:
            result.problems.append(f"{name}: {_story(after.error)}")
            return
    left = [*bench.settled(), *bench.stray_datasets()]
    result.problems += [f"left at the end: {stray}" for stray in left]
    operation.clean()


def _checked(operation: Operation) -> None:
    found = operation.problems()
    assert not found, "; ".join(found)
