"""The cells as parameters of tests."""

import pytest

from tests.faults.matrix import cells


def params(*operations: str) -> list[object]:
    """The cells of these operations, each with its marks and a readable name."""
    return [
        pytest.param(
            cell,
            id=str(cell),
            marks=[pytest.mark.fault, *([pytest.mark.quick] if cell.quick else [])],
        )
        for cell in cells(operations)
    ]
