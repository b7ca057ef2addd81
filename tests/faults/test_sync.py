"""Faults while a dSource is synced, disabled or enabled."""

from collections.abc import Callable

import pytest

from tests.faults.cases import params
from tests.faults.matrix import Cell


@pytest.mark.parametrize("cell", params("sync", "disable-dsource", "enable-dsource"))
def test_the_operation_withstands(meet: Callable[[Cell], None], cell: Cell) -> None:
    meet(cell)
