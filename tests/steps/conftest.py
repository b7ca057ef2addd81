"""A host to try steps on, one for each file of tests."""

from collections.abc import Callable, Iterator

import pytest

from tests.steps.support import Bench, Dataset, one_host


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with one_host(tmp_path_factory.mktemp("scripts")) as ready:
        yield ready


@pytest.fixture
def fresh(bench: Bench) -> Iterator[Callable[..., Dataset]]:
    """Makes empty datasets, by name and port, which are gone after the test."""
    made: list[Dataset] = []

    def make(name: str, port: int, **more: object) -> Dataset:
        made.append(bench.dataset(name, port, **more))
        return made[-1]

    yield make
    for dataset in reversed(made):
        bench.drop(dataset)


@pytest.fixture(scope="module")
def server(bench: Bench) -> Iterator[Dataset]:
    """A server that the tests of one file share; it runs when a test begins."""
    dataset = bench.dataset("shared", 3400).create()
    yield dataset
    bench.drop(dataset)
