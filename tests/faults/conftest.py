"""One bench for each test file; each cell's result is kept in build/faults."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.bench import Bench, new_bench
from tests.faults.matrix import Cell
from tests.faults.results import keep
from tests.faults.trial import run_cell
from tests.faults.work import watched_steps


def pytest_configure(config: pytest.Config) -> None:
    """The marks of the cells."""
    config.addinivalue_line("markers", "fault: a cell of the fault matrix, see tests/faults")
    config.addinivalue_line("markers", "quick: a cell that ./dev test runs")


@pytest.fixture(scope="module")
def bench(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Made by the first cell that needs it."""
    folder = tmp_path_factory.mktemp("bench")
    with (
        watched_steps() as steps,
        new_bench(folder, root / "build" / "artifact.json", steps) as made,
    ):
        yield made


@pytest.fixture
def meet(bench: Bench, root: Path) -> Callable[[Cell], None]:
    """Run a cell, keep its result, and fail when something was not as it must be."""

    def run(cell: Cell) -> None:
        result = run_cell(bench, cell)
        keep(root / "build" / "faults", cell, result)
        assert result.good, "\n".join([*result.problems, result.message])

    return run
