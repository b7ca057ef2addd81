"""Two servers, which the tests of one worker share."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.testbed.local_server import LocalServer, running_server


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A short path (a socket's has 107 bytes at most) that an ordinary user may enter."""
    path = Path(tempfile.mkdtemp(prefix="demo."))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def source(folder: Path) -> Iterator[LocalServer]:
    """A server to read from."""
    with running_server(folder / "source") as server:
        yield server


@pytest.fixture(scope="session")
def target(folder: Path) -> Iterator[LocalServer]:
    """A server to copy into."""
    with running_server(folder / "target") as server:
        yield server
