"""A lab with the sample plugin's hosts that serves the engine's interface."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.lab import Lab
from tests.clients.support import Caller, Served, serving
from tests.lab.engine_support import (
    HOSTS,
    NOTEBOOK,
    SECRET,
    SecondBuild,
    build_plugin,
    link,
    provision,
)
from tests.lab.machine_support import leftovers

# The password of the VDB.
OWNERS = "the owner's own"


@pytest.fixture(scope="session")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample plugin, build 1.0.0."""
    return build_plugin(tmp_path_factory.mktemp("plugin"))


@pytest.fixture(scope="session")
def second_artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample plugin, build 1.1.0, with migrations."""
    return build_plugin(tmp_path_factory.mktemp("plugin"), SecondBuild())


@pytest.fixture(scope="module")
def empty_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab with notebooks on source and target, without a plugin."""
    root = tmp_path_factory.mktemp("engine") / "lab"
    lab = Lab.open(root)
    try:
        lab.up(HOSTS, pool_gib=2)
        for name in ("source", "target"):
            lab.hosts[name].run_as_root(["mkdir", "-p", NOTEBOOK])
            lab.hosts[name].write_file(f"{NOTEBOOK}/a.txt", b"first line\n")
        yield lab
    finally:
        lab.down()
    assert leftovers(root) == []


@pytest.fixture(scope="module")
def served(empty_lab: Lab, artifact: Path) -> Iterator[Served]:
    """The same with the plugin, and its server."""
    empty_lab.upload(artifact)
    for name in ("source", "target"):
        empty_lab.refresh_environment(name)
    with serving(empty_lab) as server:
        yield server


@pytest.fixture(scope="module")
def caller(served: Served) -> Caller:
    """Logged in to a server with the dSource ds, and the VDB vdb made from it."""
    credentials = {"type": "NamedPasswordCredential", "username": "reader", "password": SECRET}
    link(served.lab, credentials=credentials)
    provision(served.lab, password=OWNERS, title="of the owner")
    return served.caller()
