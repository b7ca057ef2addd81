"""The sample plugin, built once, and a lab that runs it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.lab import Lab
from tests.lab.engine_support import SecondBuild, build_plugin, new_lab


@pytest.fixture(scope="session")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample plugin, build 1.0.0."""
    return build_plugin(tmp_path_factory.mktemp("plugin"))


@pytest.fixture(scope="session")
def second_artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample plugin, build 1.1.0, with migrations."""
    return build_plugin(tmp_path_factory.mktemp("plugin"), SecondBuild())


@pytest.fixture(scope="module")
def shared_lab(tmp_path_factory: pytest.TempPathFactory, artifact: Path) -> Iterator[Lab]:
    """A lab with the sample plugin and discovered notebooks, for the tests of one file."""
    with new_lab(tmp_path_factory.mktemp("engine") / "lab", artifact) as lab:
        yield lab


@pytest.fixture
def lab(shared_lab: Lab) -> Iterator[Lab]:
    """The shared lab, emptied of dSources and VDBs after the test."""
    yield shared_lab
    for container in reversed(shared_lab.containers()):
        shared_lab.delete(container.name, force=True)
