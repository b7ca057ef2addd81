"""Making, repairing and removing: whatever happened in between, `up` repairs, `down` removes."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from lab.errors import LabError
from lab.hosts.host import HostSpec
from lab.machine import Machine
from lab.system.process import run, wait_until
from tests.lab.machine_support import PYTHON, leftovers, root_network, running_machine

pytestmark = pytest.mark.root

ALL = ("source", "staging", "target")
DATASET = "appdata_container-1/appdata_timeflow-1"


@pytest.fixture
def lab_root(tmp_path: Path) -> Iterator[Path]:
    root = tmp_path / "lab"
    yield root
    Machine(root).down()
    assert leftovers(root) == []


@pytest.fixture
def machine(lab_root: Path) -> Machine:
    machine = Machine(lab_root)
    machine.up([HostSpec(name) for name in ALL[:2]], pool_gib=2)
    return machine


def init_pid(machine: Machine, name: str) -> int:
    return int((machine.root / "hosts" / name / "init").read_text().split()[0])


def works(machine: Machine) -> bool:
    """Every host runs commands, has its datasets and reaches the first one."""
    first = next(iter(machine.hosts.values()))
    ping = f"import socket; socket.create_connection(('{first.address}', 7002), 5)"
    server = (
        "import socket; s = socket.create_server(('', 7002)); print(1, flush=True)\n"
        "while 1: s.accept()"
    )
    with first.popen_as_root([PYTHON, "-c", server], stdout=subprocess.PIPE) as listener:
        assert listener.stdout is not None
        listener.stdout.readline()
        codes = [
            host.run_as_user(f'sudo -n ps >/dev/null && {PYTHON} -c "{ping}"').exit_code
            for host in machine.hosts.values()
        ]
        listener.kill()
    return not any(codes)


def test_up_is_quick_and_touches_no_interface_of_the_machine(lab_root: Path) -> None:
    before = root_network()
    machine = Machine(lab_root)
    assert machine.hosts == {}
    began = time.monotonic()
    machine.up([HostSpec(name) for name in ALL], pool_gib=2)
    assert time.monotonic() - began < 3
    assert works(machine)
    assert root_network() == before
    assert lab_root.stat().st_mode & 0o777 == 0o700
    machine.down()
    machine.down()
    assert leftovers(lab_root) == []
    assert root_network() == before


def test_up_again_changes_nothing(machine: Machine) -> None:
    pids = [init_pid(machine, name) for name in machine.hosts]
    machine.hosts["source"].run_as_user("touch kept")
    machine.up([HostSpec("source")])
    assert [init_pid(machine, name) for name in machine.hosts] == pids
    assert machine.hosts["source"].run_as_user("ls").text == "kept\n"


def test_a_host_is_added_and_known_to_the_others(machine: Machine) -> None:
    machine.up([HostSpec("late")])
    assert list(machine.hosts) == ["source", "staging", "late"]
    looked_up = machine.hosts["source"].run_as_user("getent hosts late")
    assert looked_up.text.split() == [machine.hosts["late"].address, "late"]


def test_another_process_finds_the_same_hosts(machine: Machine) -> None:
    again = Machine(machine.root)
    assert again.hosts["staging"].binary_path == machine.hosts["staging"].binary_path
    assert again.hosts["staging"].run_as_user("hostname").text == "staging\n"


def test_two_labs_side_by_side(machine: Machine, tmp_path: Path) -> None:
    with running_machine(tmp_path / "other", ["source", "staging"]) as other:
        assert other.hosts["source"].address == machine.hosts["source"].address
        assert works(other) and works(machine)
    assert works(machine)


def kill_init(machine: Machine) -> None:
    os.kill(init_pid(machine, "staging"), signal.SIGKILL)


def kill_parent_of_init(machine: Machine) -> None:
    status = Path(f"/proc/{init_pid(machine, 'staging')}/status").read_text()
    parent = next(line for line in status.splitlines() if line.startswith("PPid:")).split()[1]
    os.kill(int(parent), signal.SIGKILL)


def unmount_pool(machine: Machine) -> None:
    run(["umount", "--lazy", str(machine.root / "pool")])


def unmount_switch(machine: Machine) -> None:
    run(["umount", "--lazy", str(machine.root / "switch")])


def detach_loop(machine: Machine) -> None:
    run(["losetup", "--detach", machine.pool.dataset_volume(DATASET).device])


def forget_everything(machine: Machine) -> None:
    for file in [machine.root / "machine.json", *machine.root.glob("hosts/*/init")]:
        file.unlink()


def reboot(machine: Machine) -> None:
    """As far as the lab can see: no process, no mount, files of the last moment."""
    records = {file: file.read_text() for file in machine.root.glob("hosts/*/init")}
    for host in machine.hosts.values():
        host._power.off()
    for name in ("pool", "switch"):
        run(["umount", str(machine.root / name)])
    for file, text in records.items():
        file.write_text(text)


def lose_network_ends(machine: Machine) -> None:
    machine.hosts["staging"].run_as_root(["ip", "link", "delete", "eth0"])
    machine.hosts["source"].run_as_root(["ip", "address", "flush", "dev", "eth0"])


DISASTERS = [
    kill_init,
    kill_parent_of_init,
    unmount_pool,
    unmount_switch,
    detach_loop,
    reboot,
    lose_network_ends,
]


@pytest.fixture
def in_use(machine: Machine) -> Machine:
    """A machine with a mounted dataset that a daemon writes to."""
    host = machine.hosts["staging"]
    machine.pool.create_dataset(DATASET, host.uid, host.gid)
    host.mount(machine.pool.dataset_volume(DATASET), "/mnt/one")
    host.run_as_user("echo x >/mnt/one/kept; sync; (sleep 600 >/mnt/one/log 2>&1 &)")
    return machine


@pytest.mark.parametrize("disaster", DISASTERS)
def test_up_repairs(in_use: Machine, disaster: Callable[[Machine], None]) -> None:
    disaster(in_use)
    again = Machine(in_use.root)
    again.up([])
    assert works(again)
    host = again.hosts["staging"]
    if not host.mounts():
        host.mount(again.pool.dataset_volume(DATASET), "/mnt/one")
    assert host.run_as_user("cat /mnt/one/kept").text == "x\n"


@pytest.mark.parametrize("disaster", [*DISASTERS, forget_everything])
def test_down_removes_whatever_is_left(
    in_use: Machine, disaster: Callable[[Machine], None]
) -> None:
    disaster(in_use)
    Machine(in_use.root).down()
    assert leftovers(in_use.root) == []


@pytest.mark.parametrize("seconds", [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4])
def test_up_may_be_killed_at_any_moment(lab_root: Path, seconds: float) -> None:
    program = (
        "import sys; from pathlib import Path; from lab.machine import Machine;"
        "from lab.hosts.host import HostSpec;"
        "Machine(Path(sys.argv[1])).up([HostSpec('a'), HostSpec('b')], pool_gib=2)"
    )
    tree = Path(__file__).resolve().parents[2]
    with subprocess.Popen([sys.executable, "-c", program, str(lab_root)], cwd=tree) as process:
        time.sleep(seconds)
        process.kill()
    assert process.returncode in (-9, 0), "it ended by itself"
    if seconds < 0.2:
        Machine(lab_root).down()
        assert leftovers(lab_root) == []
    machine = Machine(lab_root)
    machine.up([HostSpec("a"), HostSpec("b")], pool_gib=2)
    assert works(machine)


def test_what_a_killed_up_had_started_does_not_write_into_the_next_pool(lab_root: Path) -> None:
    """Its mkfs may live on, and writes the superblock at 64 KiB."""
    lab_root.mkdir(mode=0o700)
    done = threading.Event()

    def write_on(file: BinaryIO) -> None:
        while not done.is_set():
            os.pwrite(file.fileno(), b"x" * 4096, 65536)

    with (lab_root / "pool.new").open("wb") as file:
        orphan = threading.Thread(target=write_on, args=(file,))
        orphan.start()
        machine = Machine(lab_root)
        try:
            machine.up([HostSpec("a"), HostSpec("b")], pool_gib=2)
        finally:
            done.set()
            orphan.join()
    assert works(machine)
    assert not list(lab_root.glob("pool.new*"))


def test_down_of_a_pool_that_somebody_uses(in_use: Machine) -> None:
    with (in_use.root / "pool" / "datasets" / DATASET / "kept").open() as file:
        with pytest.raises(LabError, match=f"{in_use.root}/pool cannot be") as told:
            in_use.down()
        assert f"process {os.getpid()} (" in told.value.action
        assert file.read() == "x\n"
    in_use.down()
    assert leftovers(in_use.root) == []


def test_down_though_others_have_a_copy_of_the_mounts(machine: Machine) -> None:
    other = ["unshare", "--mount", "sh", "-c", "echo ready; exec sleep 60"]
    with subprocess.Popen(other, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        began = time.monotonic()
        machine.down()
        assert time.monotonic() - began < 5
        assert leftovers(machine.root) == []
        process.kill()


def test_a_boot_that_fails_is_told(lab_root: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    (empty / "bin").mkdir(parents=True)
    (empty / "bin/bash").touch()
    with pytest.raises(LabError, match="'other' did not boot") as caught:
        Machine(lab_root).up([HostSpec("other", empty)], pool_gib=2)
    assert "/proc" in caught.value.output


def test_hosts_that_cannot_be(machine: Machine, tmp_path: Path) -> None:
    with pytest.raises(LabError, match="no bin/bash"):
        machine.up([HostSpec("other", tmp_path)])
    with pytest.raises(LabError, match="is not a host name"):
        machine.up([HostSpec("a/b")])
    with pytest.raises(LabError, match="another root directory"):
        machine.up([HostSpec("source", Path("/"))])
    assert list(machine.hosts) == ["source", "staging"]


def test_the_init_record_is_not_trusted_by_number(machine: Machine) -> None:
    record = machine.root / "hosts" / "source" / "init"
    pid, started = record.read_text().split()
    assert machine.hosts["source"].is_up()
    record.write_text(f"{os.getpid()} {started}\n")
    assert not machine.hosts["source"].is_up()
    record.write_text(f"{pid} {started}\n")
    assert wait_until(machine.hosts["source"].is_up, 1)
