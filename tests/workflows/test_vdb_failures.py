"""A VDB that cannot be made or started: what is said, that nothing is left, and the cure."""

from collections.abc import Iterator
from typing import Any

import pytest

from lab.lab import JobFailed
from lab.model import ContainerState
from testbed import compare, places, proofs, source
from testbed.site import Site, mark, marks, until
from tests.workflows.support import (
    files,
    foreign_pid,
    kill,
    only_servers,
    refused,
    same,
    server_pid,
)

NAME, VDB = "sales", "one"
FOREIGN = "/srv/precious"
HOLDER = "SELECT id FROM information_schema.processlist WHERE info LIKE 'DO SLEEP(%'"


@pytest.fixture(scope="module")
def linked(site: Site) -> Site:
    """A dSource, a VDB that runs, one that is stopped, and a foreign server on the target host."""
    site.source.server.query("SET GLOBAL event_scheduler = OFF")
    site.link(NAME)
    site.provision(VDB, NAME, port=3320, serverId=4711)
    site.provision("stopped", NAME, port=3321, initial_snapshot=False)
    site.lab.stop("stopped")
    foreign = places.host_place(site.lab, "target")
    source.start(foreign.host, foreign.server)
    return site


@pytest.fixture
def foreign(linked: Site) -> Iterator[int]:
    """The foreign server's process; it must go on running."""
    place = places.host_place(linked.lab, "target")
    pid = foreign_pid(place.host)
    yield pid
    if "new" in [row.name for row in linked.lab.containers()]:
        linked.lab.delete("new")
    assert source.answers(place.server)
    assert foreign_pid(place.host) == pid


def _setting(name: str, value: str | None) -> list[dict[str, Any]]:
    return [{"propertyName": name, "value": value}]


REFUSALS = {
    "port of a foreign server": ("MDB-034", {"port": 3306}, ("3306", "mysql")),
    "port of a VDB that runs": ("MDB-034", {"port": 3320}, ("3320", "delphix")),
    "port of a stopped VDB": ("MDB-034", {"port": 3321}, ("3321", "/mnt/delphix/stopped")),
    "server id of another VDB": ("MDB-035", {"serverId": 4711}, ("4711", "/mnt/delphix/one")),
    "mount of another VDB": ("MDB-032", {"mountPath": "/mnt/delphix/one"}, ("another dataset",)),
    "mount inside another VDB": (
        "MDB-032",
        {"mountPath": "/mnt/delphix/one/data"},
        ("/mnt/delphix/one",),
    ),
    "mount with foreign files": ("MDB-032", {"mountPath": FOREIGN}, ("not empty",)),
    "mount in the system": ("MDB-011", {"mountPath": "/etc/vdb"}, ("operating system",)),
    "setting of the plugin": ("MDB-012", {"configSettings": _setting("port", "1")}, ("port",)),
    "unknown setting": (
        "MDB-071",
        {"configSettings": _setting("no_such_thing", "1")},
        ("no_such_thing",),
    ),
    "address that does not exist": (
        "MDB-071",
        {"bindAddress": "nowhere.invalid"},
        ("IP socket",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSALS)
def test_a_provision_that_cannot_work_leaves_nothing(linked: Site, foreign: int, case: str) -> None:
    """All that was there is as it was, and the same VDB can be made after the cure."""
    code, given, words = REFUSALS[case]
    target, pool = linked.host("target"), linked.lab.engine.machine.pool
    target.run_as_root(["bash", "-c", f"mkdir -p {FOREIGN} && echo dear > {FOREIGN}/file"])
    before = (files(target, FOREIGN), target.mounts(), pool.dataset_names(),
              server_pid(linked, VDB), linked.lab.containers())  # fmt: skip
    refused(code, lambda: linked.provision("new", NAME, **given), *words)
    after = (files(target, FOREIGN), target.mounts(), pool.dataset_names(),
             server_pid(linked, VDB), linked.lab.containers())  # fmt: skip
    assert after == before
    only_servers(target, linked.mount(VDB))


def test_provision_works_after_all_that(linked: Site, foreign: int) -> None:
    linked.provision("new", NAME)
    assert proofs.writable("new", linked.sql("new")) == []


def test_start_when_the_port_was_taken_meanwhile(linked: Site, foreign: int) -> None:
    """The other server runs on; the VDB starts when the port is free again."""
    target = linked.host("target")
    code = "import socket,time; s=socket.create_server(('0.0.0.0', 3321)); time.sleep(1000)"
    other = target.popen_as_root(["python3", "-c", code])
    try:
        listening = ["ss", "-Hltn", "sport = :3321"]
        until(lambda: bool(target.run_as_root(listening).text), "the port is taken")
        refused("MDB-034", lambda: linked.lab.start("stopped"), "3321", "root")
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()
    linked.lab.start("stopped")
    linked.lab.stop("stopped")


def test_a_killed_vdb_starts(linked: Site) -> None:
    mark(linked.sql(VDB), "kept")
    kill(linked.host("target"), server_pid(linked, VDB))
    assert linked.lab.status(VDB) == "INACTIVE"
    linked.lab.start(VDB)
    assert marks(linked.sql(VDB))[-1] == "kept"


def test_a_dataset_that_is_not_mounted(linked: Site) -> None:
    """Somebody unmounts it behind the engine's back: nothing is written below the mount point."""
    target, mount = linked.host("target"), linked.mount("stopped")
    target.unmount(mount)
    refused("MDB-030", lambda: linked.lab.snapshot("stopped"), mount)
    assert target.run_as_root(["ls", "-A", mount]).text == ""
    linked.lab.start("stopped")
    linked.lab.snapshot("stopped")
    linked.lab.stop("stopped")


def test_a_refresh_that_fails_can_be_taken_back(linked: Site) -> None:
    """The VDB is disabled on its old content; enable and a second refresh work after the cure."""
    mark(linked.sql(VDB), "old content")
    before = linked.fingerprint(VDB)
    old = linked.change(VDB, configSettings=_setting("no_such_thing", "1"))
    refused("MDB-071", lambda: linked.lab.refresh(VDB), "no_such_thing")
    assert linked.lab.container(VDB).state is ContainerState.DISABLED
    only_servers(linked.host("target"))
    linked.lab.update_parameters(VDB, old)
    linked.lab.enable(VDB)
    same(before, linked.fingerprint(VDB))
    linked.lab.refresh(VDB)
    assert "old content" not in marks(linked.sql(VDB))


def test_an_installation_that_vanished(linked: Site) -> None:
    target, program = linked.host("target"), "/usr/sbin/mariadbd"
    linked.lab.stop(VDB)
    target.run_as_root(["mv", program, f"{program}.away"])
    try:
        refused("MDB-020", lambda: linked.lab.start(VDB), program)
    finally:
        target.run_as_root(["mv", f"{program}.away", program])
    linked.lab.start(VDB)


class EngineDied(Exception):
    """Stands for an engine that never comes back to finish a snapshot."""


def _die() -> None:
    raise EngineDied


def test_a_snapshot_that_nobody_finished_is_released_by_the_next(linked: Site) -> None:
    """Writers wait while it is held, and none of their writes is lost."""
    server = linked.sql(VDB)
    with linked.writer(VDB) as writer:
        linked.hooks.once("storage snapshot", _die)
        with pytest.raises(EngineDied):
            linked.lab.snapshot(VDB)
        waiting = (
            "SELECT id FROM information_schema.processlist WHERE state LIKE 'Waiting for backup%'"
        )
        until(lambda: bool(server.query(waiting)), "the writer waits")
        before = writer.acknowledged
        linked.lab.snapshot(VDB)
        until(lambda: writer.acknowledged != before, "the writer goes on")
    assert server.query(HOLDER) == []
    assert compare.consistent(server).problems == ()


def test_the_holder_of_the_lock_is_killed(linked: Site) -> None:
    server, snapshots = linked.sql(VDB), linked.lab.snapshots(VDB)

    def kill_holder() -> None:
        ((number,),) = server.query(HOLDER)
        server.query(f"KILL CONNECTION {number}")
        until(lambda: not server.query(HOLDER), "the session ends")

    linked.hooks.once("storage snapshot", kill_holder)
    refused("MDB-081", lambda: linked.lab.snapshot(VDB))
    assert linked.lab.snapshots(VDB) == snapshots
    linked.lab.snapshot(VDB)


def test_the_server_dies_while_the_lock_is_held(linked: Site) -> None:
    target, pid = linked.host("target"), server_pid(linked, VDB)
    snapshots = linked.lab.snapshots(VDB)
    linked.hooks.once("storage snapshot", lambda: kill(target, pid))
    with pytest.raises(JobFailed) as caught:
        linked.lab.snapshot(VDB)
    assert str(caught.value).startswith(("MDB-081", "MDB-072")), caught.value
    assert linked.lab.snapshots(VDB) == snapshots
    linked.lab.start(VDB)
    linked.lab.snapshot(VDB)


def test_delete_after_a_reboot(linked: Site) -> None:
    target = linked.host("target")
    target.restart()
    for name in ("stopped", VDB):
        linked.lab.delete(name)
    only_servers(target)
    assert target.mounts() == []
