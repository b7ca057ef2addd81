"""The table is whole: nothing is forgotten, nothing is there twice."""

import re
from pathlib import Path
from typing import cast

from tests.faults.bench import Bench
from tests.faults.matrix import FAULTS, OPERATIONS, OUT, QUICK, cells
from tests.faults.meet import point_of, strike_of
from tests.faults.operations import KINDS
from tests.faults.points import InStep


def test_there_are_enough_cells() -> None:
    assert len(cells()) >= 150
    assert len({str(cell) for cell in cells()}) == len(cells())


def test_every_pair_is_a_cell_or_has_a_reason() -> None:
    assert set(KINDS) == set(OPERATIONS)
    for fault in FAULTS:
        assert set(fault.operations) <= set(OPERATIONS), fault.name
        assert len(set(fault.operations)) == len(fault.operations), fault.name
        left_out = set(OPERATIONS) - set(fault.operations)
        assert bool(left_out) == (fault.name in OUT), f"{fault.name} leaves out {left_out}"


def test_the_quick_ones_are_cells() -> None:
    known = {str(cell) for cell in cells()}
    assert known >= QUICK, f"no cells: {QUICK - known}"


def test_every_cell_has_a_point_and_a_strike() -> None:
    """A step can only be killed where it is stood still in; no lab is needed to see that."""
    bench = cast(Bench, None)
    for cell in cells():
        operation = KINDS[cell.operation](bench)
        point = point_of(cell, operation)
        strike = strike_of(cell, operation, point)
        assert (strike.host, strike.mount) == (operation.host, operation.mount)
        assert isinstance(point, InStep) or cell.fault.name != "kill-step", str(cell)


def test_every_operation_has_a_file() -> None:
    """What `params("...")` names in the files beside this one is all there is."""
    texts = [path.read_text() for path in Path(__file__).parent.glob("test_*.py")]
    named = [
        name
        for text in texts
        for call in re.findall(r"cell\", params\(([^)]*)\)", text)
        for name in re.findall(r'"([a-z-]+)"', call)
    ]
    assert sorted(named) == sorted(OPERATIONS)
