"""The real plugin object in front of fake hosts."""

from __future__ import annotations

import logging
import sys
import types
from collections.abc import Iterator

import pytest

from tests.operations.caller import Engine
from tests.operations.fake_libs import FakeHost
from tests.operations.healthy import all_well


@pytest.fixture(scope="session")
def runner() -> types.ModuleType:
    """The entry module. What it does to the process's logging is taken back until a test runs."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    import plugin_runner

    plugin_runner.handlers_of_test = [h for h in root.handlers if h not in handlers]
    plugin_runner.level_of_test = root.level
    root.handlers[:] = handlers
    root.setLevel(level)
    return plugin_runner


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> FakeHost:
    """Hosts on which all is well; time passes only when somebody waits."""
    fake = all_well(FakeHost())
    package = types.ModuleType("dlpx.virtualization._engine")
    package.libs = fake
    monkeypatch.setitem(sys.modules, package.__name__, package)
    monkeypatch.setitem(sys.modules, f"{package.__name__}.libs", fake)
    monkeypatch.setattr("server.jobs.time", fake.clock)
    monkeypatch.setattr("server.sender.time", fake.clock)
    monkeypatch.setattr("server.replication.time", fake.clock)
    return fake


@pytest.fixture
def engine(runner: types.ModuleType, host: FakeHost) -> Iterator[Engine]:
    """The plugin as an engine calls it, its log handler in place."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    root.handlers += runner.handlers_of_test
    root.setLevel(runner.level_of_test)
    yield Engine(runner.plugin, host)
    root.handlers[:] = handlers
    root.setLevel(level)
