"""Datasets, snapshots, clones, and hosts that mount them."""

from collections.abc import Iterator

import pytest

from lab.errors import LabError
from lab.hosts.host import Host, Mount
from lab.machine import Machine
from lab.system.storage import Pool
from tests.lab.machine_support import running_machine

pytestmark = pytest.mark.root

DATASET = "appdata_container-1/appdata_timeflow-1"
SNAPSHOT = "appdata_container-1/appdata_snapshot-1"
CLONE = "appdata_container-2/appdata_timeflow-2"
MIB = 1024**2


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with running_machine(tmp_path_factory.mktemp("pool") / "lab", ["staging"]) as ready:
        yield ready


@pytest.fixture
def host(machine: Machine) -> Host:
    return machine.hosts["staging"]


@pytest.fixture
def pool(machine: Machine) -> Iterator[Pool]:
    yield machine.pool
    for mount in machine.hosts["staging"].mounts():
        machine.hosts["staging"].unmount(mount.mount_path)
    for name in machine.pool.dataset_names():
        machine.pool.delete_dataset(name)
    for name in machine.pool.snapshot_names():
        machine.pool.delete_snapshot(name)


@pytest.fixture
def mounted(pool: Pool, host: Host) -> str:
    pool.create_dataset(DATASET, host.uid, host.gid)
    host.mount(pool.dataset_volume(DATASET), "/mnt/delphix/one")
    return "/mnt/delphix/one"


def test_a_mounted_dataset_belongs_to_the_user(pool: Pool, host: Host, mounted: str) -> None:
    result = host.run_as_user(f"echo x >{mounted}/file && stat -c '%U %a' {mounted}")
    assert (result.exit_code, result.text.split()[0]) == (0, "delphix")
    volume = pool.dataset_volume(DATASET)
    assert host.mounts() == [Mount(mounted, volume.subvolume)]
    host.unmount(mounted)
    host.unmount(mounted)
    assert host.mounts() == []
    assert host.run_as_user(f"ls -A {mounted}; stat -c %U {mounted}").text == "delphix\n"


def test_copy_on_write(pool: Pool, host: Host, mounted: str) -> None:
    host.run_as_user(f"head -c {64 * MIB} /dev/urandom >{mounted}/data")
    alone = pool.usage(DATASET)
    assert alone.referenced_bytes == alone.exclusive_bytes == 64 * MIB
    free = pool.free_bytes()
    pool.snapshot(DATASET, SNAPSHOT)
    pool.clone(SNAPSHOT, CLONE, host.uid, host.gid)
    clone = pool.usage(CLONE)
    assert (clone.referenced_bytes, clone.exclusive_bytes) == (64 * MIB, 0)
    assert free - pool.free_bytes() < MIB
    host.mount(pool.dataset_volume(CLONE), "/mnt/clone")
    overwrite = "dd if=/dev/urandom of=/mnt/clone/data bs=1M count=8 conv=notrunc"
    assert host.run_as_user(overwrite).exit_code == 0
    changed = pool.usage(CLONE)
    assert changed.referenced_bytes == 64 * MIB
    assert 8 * MIB <= changed.exclusive_bytes < 9 * MIB
    same = host.run_as_user(f"cmp -n {8 * MIB} {mounted}/data /mnt/clone/data")
    assert same.exit_code == 1


def test_a_snapshot_does_not_change(pool: Pool, host: Host, mounted: str) -> None:
    host.run_as_user(f"echo before >{mounted}/file")
    pool.snapshot(DATASET, SNAPSHOT)
    host.run_as_user(f"echo after >{mounted}/file")
    host.mount(pool.snapshot_volume(SNAPSHOT), "/mnt/snapshot")
    assert host.run_as_user("cat /mnt/snapshot/file").text == "before\n"
    refused = host.run_as_user("echo x >/mnt/snapshot/file")
    assert b"Read-only" in refused.stderr
    pool.clone(SNAPSHOT, CLONE, 4321, 4322)
    host.mount(pool.dataset_volume(CLONE), "/mnt/clone")
    owners = host.run_as_user("cat /mnt/clone/file; stat -c %u:%g /mnt/clone /mnt/clone/file")
    assert owners.text.split() == ["before", "4321:4322", "1701:1701"]


def test_names(pool: Pool) -> None:
    pool.create_dataset(DATASET, 0, 0)
    pool.create_dataset("appdata_container-1/appdata_timeflow-2", 0, 0)
    pool.snapshot(DATASET, SNAPSHOT)
    assert pool.dataset_names() == [DATASET, "appdata_container-1/appdata_timeflow-2"]
    assert pool.snapshot_names() == [SNAPSHOT]
    assert pool.dataset_exists(DATASET) and pool.snapshot_exists(SNAPSHOT)
    assert not pool.dataset_exists(CLONE) and not pool.dataset_exists("appdata_container-1")
    pool.delete_dataset(DATASET)
    pool.delete_dataset(DATASET)
    pool.delete_snapshot(SNAPSHOT)
    assert pool.dataset_names() == ["appdata_container-1/appdata_timeflow-2"]
    pool.create_dataset(DATASET, 0, 0)
    for name in ("", "/etc", "../x", "a/../../b"):
        with pytest.raises(LabError, match="not a name"):
            pool.create_dataset(name, 0, 0)


def test_errors_of_the_pool(pool: Pool) -> None:
    pool.create_dataset(DATASET, 0, 0)
    with pytest.raises(LabError, match="is already in datasets"):
        pool.create_dataset(DATASET, 0, 0)
    with pytest.raises(LabError, match="There is no 'nothing' in snapshots"):
        pool.clone("nothing", CLONE, 0, 0)
    with pytest.raises(LabError, match="There is no 'nothing' in datasets"):
        pool.dataset_volume("nothing")


def test_a_mount_point_is_used_once(pool: Pool, host: Host, mounted: str) -> None:
    pool.create_dataset(CLONE, 0, 0)
    with pytest.raises(LabError, match="is a mount point already"):
        host.mount(pool.dataset_volume(CLONE), mounted)
    with pytest.raises(LabError, match="not absolute"):
        host.mount(pool.dataset_volume(CLONE), "relative")


def test_a_busy_mount_names_its_users(host: Host, mounted: str) -> None:
    start = f"cd {mounted}; exec -a server sleep 60 </dev/null >{mounted}/log 2>&1 & echo $!"
    pid = int(host.run_as_user(start).text)
    with pytest.raises(LabError, match="cannot be unmounted") as caught:
        host.unmount(mounted)
    assert f"(sleep) uses {mounted}" in caught.value.action
    assert "target is busy" in caught.value.output
    host.run_as_root(["kill", str(pid)])


def test_a_mount_point_with_a_blank_in_its_name(pool: Pool, host: Host) -> None:
    pool.create_dataset(DATASET, host.uid, host.gid)
    host.mount(pool.dataset_volume(DATASET), "/mnt/a b")
    assert [mount.mount_path for mount in host.mounts()] == ["/mnt/a b"]


def test_mounts_are_gone_after_a_restart(pool: Pool, host: Host, mounted: str) -> None:
    host.run_as_user(f"echo x >{mounted}/file; sync")
    host.restart()
    assert host.mounts() == []
    host.mount(pool.dataset_volume(DATASET), mounted)
    assert host.run_as_user(f"cat {mounted}/file").text == "x\n"


def test_the_pool_can_be_filled_and_grown(pool: Pool, host: Host, mounted: str) -> None:
    full = host.run_as_user(f"head -c 3G /dev/zero >{mounted}/big")
    assert b"No space left" in full.stderr
    pool.resize(4)
    assert pool.free_bytes() > 1.5 * 1024**3
    assert host.run_as_user(f"echo x >{mounted}/more").exit_code == 0
