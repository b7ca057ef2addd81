"""Faults while a VDB starts, stops, is enabled, disabled or deleted."""

from collections.abc import Callable

import pytest

from tests.faults.cases import params
from tests.faults.matrix import Cell


@pytest.mark.parametrize("cell", params("start", "stop", "enable", "disable", "delete"))
def test_the_operation_withstands(meet: Callable[[Cell], None], cell: Cell) -> None:
    meet(cell)
