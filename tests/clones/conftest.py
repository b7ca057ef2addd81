"""One lab of the series that DEV_TEST_RELEASE names, with a dSource; `./dev clones` sets it."""

from tests.workflows.conftest import site

__all__ = ["site"]
