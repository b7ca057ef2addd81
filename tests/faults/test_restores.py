"""Faults in the middle of a restore of a user's backup."""

from collections.abc import Callable

import pytest

from tests.faults.cases import params
from tests.faults.matrix import Cell


@pytest.mark.parametrize("cell", params("dump", "files"))
def test_the_operation_withstands(meet: Callable[[Cell], None], cell: Cell) -> None:
    meet(cell)
