"""Faults while a VDB is made, refreshed, rolled back or snapshotted."""

from collections.abc import Callable

import pytest

from tests.faults.cases import params
from tests.faults.matrix import Cell


@pytest.mark.parametrize("cell", params("provision", "snapshot", "refresh", "rollback"))
def test_the_operation_withstands(meet: Callable[[Cell], None], cell: Cell) -> None:
    meet(cell)
