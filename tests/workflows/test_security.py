"""No secret is seen, no door is open, and a VDB never talks to the source."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import pytest

from lab.system.process import ProcessIdentity, processes
from testbed import dataset, proofs
from testbed.parameters import DEVELOPER
from testbed.site import Site
from testbed.watch import Watch
from tests.workflows.support import SECRETS, holding

NAME = "sales"
VDB = "one"


class Sampler:
    """Reads arguments and environment of every process on the lab's hosts, over and over."""

    def __init__(self, site: Site) -> None:
        inits = (Path(f"/proc/{_init(site, name)}/ns/pid") for name in site.lab.hosts)
        self._spaces = {str(path.readlink()) for path in inits}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.told: set[str] = set()
        self.seen = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            for pid in processes():
                try:
                    self._look(Path(f"/proc/{pid}"))
                except OSError:  # it has ended
                    continue

    def _look(self, process: Path) -> None:
        if str((process / "ns/pid").readlink()) not in self._spaces:
            return
        self.seen += 1
        arguments = (process / "cmdline").read_bytes()
        self._find("arguments", arguments, arguments)
        # The shell of a step is given its secrets by environment (design, habit 11); it is one
        # that no file is run by, and what it starts must not have them.
        environment = (process / "environ").read_bytes()
        # In the middle of an exec a process has no arguments yet, and then its new ones.
        settled = arguments and arguments == (process / "cmdline").read_bytes()
        if settled and not arguments.startswith(b"/bin/bash\0/dev/fd/"):
            self._find("environment", environment, arguments)

    def _find(self, where: str, text: bytes, arguments: bytes) -> None:
        for name, part in SECRETS.items():
            if part.encode() in text:
                program = arguments.split(b"\0")[0].decode(errors="replace")
                self.told.add(f"the {name}'s password in the {where} of {program}")


def _init(site: Site, host: str) -> int:
    identity = site.lab.root / "hosts" / host / "init"
    pid, started = identity.read_text().split()
    assert ProcessIdentity(int(pid), int(started)).is_alive()
    return int(pid)


@pytest.fixture(scope="module")
def sampled(site: Site) -> Site:
    """Linked, synced and provisioned, with an eye on all processes."""
    with Sampler(site) as sampler:
        site.link(NAME)
        site.lab.sync(NAME)
        site.provision(VDB, NAME)
        site.lab.snapshot(VDB)
    assert sampler.told == set()
    assert sampler.seen > 1000
    return site


def test_no_secret_in_files_of_the_datasets(sampled: Site) -> None:
    """But for the one place where replication itself keeps its password."""
    for name in (NAME, VDB):
        place = sampled.place(name)
        for secret, part in SECRETS.items():
            allowed = ["data/master.info"] if (name, secret) == (NAME, "replicator") else []
            assert holding(place.host, place.mount_path, part) == allowed, (name, secret)


def test_no_secret_on_the_hosts_themselves(sampled: Site) -> None:
    for name in ("staging", "target"):
        host = sampled.host(name)
        for folder in ("/tmp", "/var/tmp", "/dev/shm", "/run", host.home, "/opt/delphix"):
            for part in SECRETS.values():
                assert holding(host, folder, part) == [], (name, folder)


def test_no_secret_in_logs_and_state_of_the_engine(sampled: Site) -> None:
    state = json.loads((sampled.lab.root / "state.json").read_text())
    for container in state["APPDATA_CONTAINER"].values():
        container["parameters"] = {}
    texts = {"state": json.dumps(state, ensure_ascii=False)}
    logs = [path for path in (sampled.lab.root / "log").rglob("*") if path.is_file()]
    assert any(path.stat().st_size > 1000 for path in logs)
    texts |= {str(path): path.read_text() for path in logs}
    for where, text in texts.items():
        told = [name for name, part in SECRETS.items() if part in text]
        assert not told, f"{where} tells the password of {told}"


def test_staging_listens_on_loopback_only(sampled: Site) -> None:
    port = sampled.lab.container(NAME).parameters["stagingPort"]
    staging = sampled.host("staging")
    sockets = staging.run_as_root(["ss", "-Hltn", f"sport = :{port}"]).text.split()
    assert sockets[3] == f"127.0.0.1:{port}"
    assert sockets.count("LISTEN") == 1
    assert proofs.unreachable(sampled.host("target"), (staging.address, port)) == []


@pytest.mark.parametrize("name", [NAME, VDB])
def test_no_door_is_open(sampled: Site, name: str) -> None:
    place, given = sampled.place(name), sampled.lab.container(name).parameters
    address = ("127.0.0.1", given.get("stagingPort") or given["port"])
    closed = [(user, None) for user in ("demo_nopassword", "somebody", "root", place.os_user)]
    assert proofs.closed_doors(place.host, address, closed) == []
    server = place.server
    assert server.query("SELECT User, Host FROM mysql.global_priv WHERE User = ''") == []
    assert server.query("SHOW DATABASES LIKE 'test'") == []
    assert proofs.open_doors(place.host, address, [dataset.LOGIN]) == []


def test_the_login_that_was_wanted_is_made(sampled: Site) -> None:
    target, port = sampled.host("target"), sampled.lab.container(VDB).parameters["port"]
    login = (DEVELOPER.user, DEVELOPER.password)
    assert proofs.open_doors(sampled.host("staging"), (target.address, port), [login]) == []


def test_events_rest_on_staging_and_vdb(sampled: Site) -> None:
    copies = [sampled.place(NAME), sampled.place(VDB)]
    # On staging the rows of the source's event arrive by replication: its status tells.
    assert proofs.events_rest(sampled.source.server, copies[1:]) == []
    for place in copies:
        assert place.server.value("SELECT @@global.event_scheduler") == "OFF"


def test_a_vdb_never_talks_to_the_source(sampled: Site) -> None:
    """Every packet from the target is seen where it would enter the source's host."""
    lab, source, target = sampled.lab, sampled.host("source"), sampled.host("target")
    steps: tuple[Callable[[], object], ...] = (
        lambda: sampled.provision("watched", NAME),
        lambda: lab.stop("watched"),
        lambda: lab.start("watched"),
        lambda: lab.disable("watched"),
        lambda: lab.enable("watched"),
        lambda: lab.snapshot("watched"),
        lambda: lab.refresh("watched"),
        lambda: lab.rollback("watched", sampled.latest("watched").reference),
        lambda: sampled.provision("child", "watched"),
        lambda: lab.delete("child"),
        lambda: lab.delete("watched"),
    )
    with Watch(source, target) as watch:
        for step in steps:
            step()
        assert watch.contacts() == []


def test_the_watch_sees_staging(sampled: Site) -> None:
    """The counter-proof: the same watch does see the traffic of a replica."""
    with Watch(sampled.host("source"), sampled.host("staging")) as watch:
        sampled.lab.sync(NAME)
        assert any("port 3306" in contact for contact in watch.contacts())


def test_a_password_changed_on_the_source_is_taken_over(sampled: Site) -> None:
    """Rotation: the engine's parameters change, the next sync works, the old one is gone."""
    users = ("demo_delphix_copy", "demo_delphix_replica")
    server = sampled.source.server
    rotated = "demo-rotated (id) #;=%s HOME&|*"
    old = server.query(
        f"SELECT User, JSON_VALUE(Priv, '$.authentication_string') FROM"
        f" mysql.global_priv WHERE User IN {users}"
    )
    for user in users:
        server.query(f"ALTER USER '{user}'@'%' IDENTIFIED BY '{rotated}'")
    for (connection,) in server.query(
        "SELECT id FROM information_schema.processlist WHERE user LIKE 'demo_delphix%'"
    ):
        server.query(f"KILL {connection}")
    suppliers = [
        {"type": "NamedPasswordCredential", "username": user, "password": rotated} for user in users
    ]
    given = sampled.change(
        NAME, sourceCredentials=suppliers[0], replicationCredentials=suppliers[1]
    )
    try:
        sampled.lab.sync(NAME)
    finally:
        for user, digest in old:
            server.query(f"ALTER USER '{user}'@'%' IDENTIFIED BY PASSWORD '{digest}'")
        sampled.lab.update_parameters(NAME, given)
    sampled.lab.sync(NAME)


@pytest.fixture(autouse=True, scope="module")
def nothing_is_told_at_the_end(site: Site) -> Iterator[None]:
    """After all tests of this module the logs still hold no secret."""
    yield
    for path in (site.lab.root / "log").rglob("*.log"):
        assert not [part for part in SECRETS.values() if part in path.read_text()], path
