"""What all tests share: where the tree is, what needs root, where the tools keep their files."""

import os
from pathlib import Path

import pytest
from hypothesis import configuration, settings

ROOT = Path(__file__).resolve().parent.parent
ROOT_ONLY = ("steps", "lab", "workflows", "testbed", "versions", "faults", "bench")

configuration.set_hypothesis_home_dir(ROOT / "build" / "hypothesis")
settings.register_profile("project", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("project")


def pytest_report_header() -> list[str]:
    """Say why imports of `generated` fail on a checkout that was never built."""
    generated = ROOT / "build" / "generated"
    return [] if generated.is_dir() else ["build/generated is missing: run ./dev build"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that work on the machine itself; skip them when root is not ours."""
    for item in items:
        folder = item.path.relative_to(ROOT / "tests").parts[0]
        if folder in ROOT_ONLY:
            item.add_marker(pytest.mark.root)
        if os.geteuid() != 0 and item.get_closest_marker("root"):
            item.add_marker(pytest.mark.skip(reason="needs root: use ./dev test"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the checkout."""
    return ROOT
