"""A host whose storage client keeps what programs write: a snapshot holds what was flushed."""

import shlex
from collections.abc import Iterator

import pytest

from lab.errors import LabError
from lab.hosts.client import Client
from lab.hosts.host import Host, HostSpec, Mount
from lab.machine import Machine
from lab.system.storage import Pool
from tests.lab.machine_support import PYTHON, leftovers

pytestmark = pytest.mark.root

DATASET = "appdata_container-1/appdata_timeflow-1"
PATH = "/mnt/delphix/one"
SPECS = [HostSpec("cached", client=Client.WRITE_BACK), HostSpec("direct")]
# Each close flushes, as over NFS: one process keeps the file open, and nobody reads it.
WRITER = """
import pathlib, sys, time
file = open(sys.argv[1], "a")
print(sys.argv[2], file=file, flush=True)
pathlib.Path(sys.argv[3]).touch()
time.sleep(60)
"""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    folder = tmp_path_factory.mktemp("client") / "lab"
    ready = Machine(folder)
    try:
        ready.up(SPECS, pool_gib=2)
        ready.pool.create_dataset(DATASET, 1701, 1701)
        yield ready
    finally:
        ready.down()
    assert leftovers(folder) == []


@pytest.fixture
def pool(machine: Machine) -> Iterator[Pool]:
    yield machine.pool
    end_writers(machine.hosts["cached"])
    for host in machine.hosts.values():
        for mount in host.mounts():
            host.unmount(mount.mount_path)


def write(host: Host, text: str) -> str:
    """A program of the user writes and goes on; returns what it wrote."""
    words = shlex.join([PYTHON, "-c", WRITER, f"{PATH}/file", text, f"/tmp/{text}"])
    host.run_as_user(f"{words} >/dev/null 2>&1 </dev/null &")
    host.run_as_user(f"until [[ -e /tmp/{text} ]]; do sleep 0.01; done", timeout=10)
    return f"{text}\n"


def end_writers(host: Host) -> None:
    host.run_as_root(["pkill", "-u", host.environment_user, "-f", "/file|sleep"], check=False)


def stored(machine: Machine, snapshot: str) -> str:
    """What a snapshot holds of the file, as another host sees it."""
    host = machine.hosts["direct"]
    machine.pool.snapshot(DATASET, snapshot)
    host.mount(machine.pool.snapshot_volume(snapshot), f"/mnt/{snapshot}")
    return host.run_as_root(["cat", f"/mnt/{snapshot}/file"], check=False).text


def test_what_was_not_flushed_is_in_no_snapshot(machine: Machine, pool: Pool) -> None:
    host = machine.hosts["cached"]
    volume = pool.dataset_volume(DATASET)
    host.mount(volume, PATH)
    assert host.mounts() == [Mount(PATH, volume.subvolume)]
    lines = write(host, "line")
    assert host.run_as_user(f"stat -c %U {PATH}/file").text == "delphix\n"
    assert stored(machine, "before") == ""
    assert host.run_as_user(f"sync -f {PATH}").exit_code == 0
    assert stored(machine, "after") == lines


def test_an_unmount_flushes_and_leaves_nothing(machine: Machine, pool: Pool) -> None:
    host = machine.hosts["cached"]
    host.mount(pool.dataset_volume(DATASET), PATH)
    host.run_as_user(f"echo more >{PATH}/file")
    host.unmount(PATH)
    host.unmount(PATH)
    assert host.mounts() == []
    assert host.run_as_root(["pgrep", "-f", "/mergerfs"], check=False).exit_code == 1
    assert stored(machine, "unmounted") == "more\n"


def test_what_keeps_it_busy_is_named(machine: Machine, pool: Pool) -> None:
    host = machine.hosts["cached"]
    host.mount(pool.dataset_volume(DATASET), PATH)
    host.run_as_user(f"cd {PATH}; sleep 60 >/dev/null 2>&1 3>&- &")
    with pytest.raises(LabError, match="sleep"):
        host.unmount(PATH)
    end_writers(host)
    host.unmount(PATH)


def test_a_power_cut_loses_what_was_not_flushed(machine: Machine, pool: Pool) -> None:
    host = machine.hosts["cached"]
    host.mount(pool.dataset_volume(DATASET), PATH)
    host.run_as_user(f"rm -f {PATH}/file; sync -f {PATH}")
    kept = write(host, "flushed")
    host.run_as_user(f"sync -f {PATH}")
    write(host, "lost")
    host.restart()
    assert host.mounts() == []
    host.mount(pool.dataset_volume(DATASET), PATH)
    assert host.run_as_user(f"cat {PATH}/file").text == kept


def test_a_host_keeps_its_client(machine: Machine) -> None:
    assert Machine(machine.root).hosts["cached"].spec == SPECS[0]
    with pytest.raises(LabError, match="client"):
        machine.up([HostSpec("cached")])
