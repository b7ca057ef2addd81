"""V2P: a snapshot becomes a server of its owner's, tied to nothing; refused, it changes nothing."""

import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from lab.hosts.host import ENVIRONMENT_USER
from lab.model import JobState
from testbed import proofs
from testbed.client import Server
from testbed.compare import Fingerprint, snapshot
from testbed.parameters import DEVELOPER
from testbed.places import Place, host_place
from testbed.site import Site, mark, marks, until
from tests.workflows.support import (
    SECRETS,
    holding,
    only_servers,
    processes,
    refused,
    same,
    server_pid,
)

NAME, VDB = "sales", "one"
COPIES = "/srv/copies"
PORT = 3406
# What the owner finds in the directory.
OWNED = ["README.txt", "data", "log", "mariadb.service", "my.cnf", "required.cnf", "run", "tmp"]


@pytest.fixture(scope="module")
def linked(site: Site) -> Site:
    """A dSource, and a VDB with a snapshot of a content of its own and other content after it."""
    site.source.server.query("SET GLOBAL event_scheduler = OFF")
    site.link(NAME)
    site.provision(VDB, NAME)
    mark(site.sql(VDB), "in the snapshot")
    site.sql(VDB).query("DROP TABLE shop.price_history; CREATE TABLE shop.own (n INT)")
    site.lab.snapshot(VDB)
    mark(site.sql(VDB), "after the snapshot")
    return site


@pytest.fixture
def target(linked: Site) -> Iterator[str]:
    """A directory for copies on the target host; what a test leaves there is gone afterwards."""
    host = linked.host("target")
    host.run_as_root(["install", "-d", "-o", ENVIRONMENT_USER, COPIES])
    yield COPIES
    for line in processes(host):
        if f"--defaults-file={COPIES}" in line:
            host.run_as_root(["kill", "-KILL", line.split()[0]])
    host.run_as_root(["bash", "-c", f"mountpoint -q {COPIES}/small && umount {COPIES}/small; :"])
    host.run_as_root(["rm", "-rf", COPIES])


def export(site: Site, name: str, directory: str, **given: Any) -> None:
    """The copy of a snapshot (the latest, or that of the keyword `snapshot`) on the target host."""
    which = given.pop("snapshot", None)
    wanted = {"port": PORT, "loginCredentials": DEVELOPER.supplier, **given}
    parameters = {key: value for key, value in wanted.items() if value is not None}
    job = site.lab.export(
        name, host="target", directory=directory, snapshot=which, parameters=parameters
    )
    assert job.state is JobState.COMPLETED


def copy_at(site: Site, directory: str) -> Server:
    """The server of a copy, as its owner."""
    host = site.host("target")
    place = Place(directory, host, ENVIRONMENT_USER, f"{directory}/run/mariadb.sock")
    return place.server


def by_owner(site: Site, command: str) -> str:
    """What a command says to the owner; it must succeed."""
    result = site.host("target").run_as_user(f"{command} </dev/null")
    assert result.exit_code == 0, result.text
    return result.text


def start(site: Site, directory: str) -> None:
    """As the guide says, from a session that ends then."""
    command = told(site, directory, "start").removesuffix("&")
    by_owner(site, f"setsid {command} >/dev/null 2>&1 </dev/null & true")


def told(site: Site, directory: str, what: str) -> str:
    """A command that the copy's own guide tells its owner."""
    text = site.host("target").read_file(f"{directory}/README.txt").decode()
    (command,) = re.findall(rf"^  {what} +(.+)$", text, re.M)
    return str(command)


def entries(site: Site, directory: str) -> list[str]:
    return sorted(site.host("target").run_as_root(["ls", "-A", directory]).text.split())


def untied(site: Site, directory: str) -> None:
    """Nothing is left of replication, of the dataset or of the plugin."""
    server, host = copy_at(site, directory), site.host("target")
    assert server.query("SHOW ALL SLAVES STATUS") == []
    assert server.query("SELECT @@gtid_slave_pos, @@init_file, @@read_only") == [("", "NULL", "0")]
    assert server.query("SELECT COUNT(*) FROM mysql.gtid_slave_pos") == [("0",)]
    assert server.query("SELECT COUNT(*) FROM mysql.servers") == [("0",)]
    assert server.query("SELECT user FROM mysql.global_priv WHERE user LIKE '#%'") == []
    assert entries(site, directory) == OWNED
    # Every server makes an empty multi-master.info.
    full = ["find", directory, "!", "-empty", "-printf", "%f\n"]
    names = host.run_as_root(full).text.splitlines()
    assert not [
        name for name in names if re.search(r"master.*\.info|relay|delphix|init\.sql", name)
    ]
    foreign = ["find", directory, "!", "-user", ENVIRONMENT_USER, "-print"]
    assert host.run_as_root(foreign).text == ""
    config = host.read_file(f"{directory}/my.cnf").decode()
    paths = re.findall(r"/\S+", config)
    assert paths
    assert all(path.startswith(f"{directory}/") for path in paths)
    assert "init_file" not in config
    told = {name: holding(host, directory, part) for name, part in SECRETS.items()}
    assert not any(told.values()), told
    assert DEVELOPER.password not in config


def undisturbed(site: Site) -> tuple[Any, ...]:
    """What no copy may change."""
    host = site.host("target")
    staging = site.sql(NAME).query("SHOW SLAVE STATUS")
    return (
        server_pid(site, NAME),
        server_pid(site, VDB),
        len(staging),
        host.mounts(),
        site.lab.engine.machine.pool.dataset_names(),
        [container.parameters for container in site.lab.containers()],
    )


def contents(server: Server) -> Fingerprint:
    return snapshot(server, "copy")


def test_a_snapshot_of_a_dsource_becomes_a_server_of_its_own(linked: Site, target: str) -> None:
    before, staging = undisturbed(linked), linked.fingerprint(NAME)
    source = snapshot(linked.source.server, "source")
    export(linked, NAME, f"{target}/ds", serverId=4242)
    copy = copy_at(linked, f"{target}/ds")
    assert proofs.same_as_source(source, contents(copy)) == []
    assert proofs.writable("copy", copy) == []
    untied(linked, f"{target}/ds")
    assert copy.query("SELECT @@port, @@server_id, @@log_bin") == [(str(PORT), "4242", "0")]
    host, address = linked.host("source"), (linked.host("target").address, PORT)
    assert proofs.closed_doors(host, address, proofs.OPEN) == []
    people = [(DEVELOPER.user, DEVELOPER.password), proofs.APPLICATION]
    assert proofs.open_doors(host, address, people) == []
    # Nothing of it shows elsewhere: neither side of the source's replication, no dataset, no mount.
    assert undisturbed(linked) == before
    same(staging, linked.fingerprint(NAME))
    only_servers(linked.host("target"), linked.mount(VDB), f"{target}/ds")


def test_a_snapshot_of_a_vdb_is_exact(linked: Site, target: str) -> None:
    """Of that snapshot, not of what came after it; with a binary log and events of its own."""
    first = linked.lab.snapshots(VDB)[0]
    export(
        linked, VDB, f"{target}/vdb", binaryLog=True, eventScheduler=True, bindAddress="127.0.0.1"
    )
    copy = copy_at(linked, f"{target}/vdb")
    assert marks(copy)[-1] == "in the snapshot"
    assert proofs.has_table("copy", copy, ("shop", "own"), wanted=True) == []
    assert proofs.has_table("copy", copy, ("shop", "price_history"), wanted=False) == []
    untied(linked, f"{target}/vdb")
    assert copy.query("SELECT @@log_bin, @@event_scheduler, @@bind_address") == [
        ("1", "ON", "127.0.0.1")
    ]
    export(linked, VDB, f"{target}/old", port=PORT + 1, snapshot=first.reference)
    old = copy_at(linked, f"{target}/old")
    assert "in the snapshot" not in marks(old)
    assert proofs.has_table("old", old, ("shop", "price_history"), wanted=True) == []


def test_its_owner_runs_it_by_hand(linked: Site, target: str) -> None:
    """Left stopped as asked; started, entered and stopped by the commands of its own guide."""
    place = f"{target}/mine"
    export(linked, VDB, place, startServer=False)
    host = linked.host("target")
    only_servers(host, linked.mount(VDB))
    assert entries(linked, place) == OWNED
    for turn in range(2):
        start(linked, place)
        copy = copy_at(linked, place)
        until(lambda copy=copy: _answers(copy), "the owner's server answers")
        enter = told(linked, place, "get in")
        assert by_owner(linked, f"{enter} -Ne 'SELECT @@port'") == f"{PORT}\n"
        untied(linked, place)
        mark(copy, f"of the owner, {turn}")
        by_owner(linked, told(linked, place, "stop"))
        only_servers(host, linked.mount(VDB))
    unit = host.read_file(f"{place}/mariadb.service").decode()
    (command,) = re.findall(r"^ExecStart=(.+)$", unit, re.M)
    assert command == told(linked, place, "start").removesuffix(" &")
    assert f"User={ENVIRONMENT_USER}\n" in unit


def _answers(server: Server) -> bool:
    try:
        return server.value("SELECT 1") == "1"
    except Exception:  # it does not yet
        return False


def test_it_is_found_as_anybodys_server(linked: Site, target: str) -> None:
    """So it may be linked; Delphix does not take it for one of its own."""
    export(linked, VDB, f"{target}/found")
    linked.lab.refresh_environment("target")
    ports = [row.parameters["port"] for row in linked.lab.source_configs("target") if row.present]
    assert PORT in ports


def _setting(name: str, value: str | None) -> list[dict[str, Any]]:
    return [{"propertyName": name, "value": value}]


# Path below COPIES, what is there before, and what is given; code and words of the refusal.
REFUSALS: dict[str, tuple[str, str, dict[str, Any], str, tuple[str, ...]]] = {
    "not empty": ("full", "mkdir full; echo dear >full/file", {}, "MDB-027", ("not empty", "file")),
    "a file": ("file", "echo dear >file", {}, "MDB-027", ("regular file",)),
    "a link": ("link", "mkdir real; ln -s real link", {}, "MDB-027", ("symbolic link",)),
    "below a link": (
        "link/new",
        "mkdir real; ln -s real link",
        {},
        "MDB-027",
        (f"symbolic link to {COPIES}/real/new",),
    ),
    "of root": ("root", "mkdir root", {}, "MDB-027", ("belongs to root",)),
    "everybody's": ("all", "install -d -m 777 all", {}, "MDB-027", ("written by everybody",)),
    "in a dataset": ("/mnt/delphix/one/new", "", {}, "MDB-027", ("/mnt/delphix/one",)),
    "around a dataset": ("/mnt/delphix", "", {}, "MDB-027", ("/mnt/delphix/one",)),
    "in data": ("db/x", "mkdir db; echo >db/ibdata1", {}, "MDB-027", ("data directory",)),
    "of the system": ("/etc/copy", "", {}, "MDB-011", ("target directory", "operating system")),
    "too long": ("x" * 80, "", {}, "MDB-011", ("80",)),
    "port of a VDB": ("new", "", {"port": 3320}, "MDB-034", ("3320",)),
    "server id of a VDB": ("new", "", {"serverId": 0}, "MDB-035", ("/mnt/delphix/one",)),
    "no room": (
        "small/new",
        "mkdir small; mount -t tmpfs -o size=40m none small",
        {},
        "MDB-033",
        ("bytes are free",),
    ),
    "setting": ("new", "", {"configSettings": _setting("port", "1")}, "MDB-012", ("port",)),
    "installation": ("new", "", {"baseDir": "/opt/none"}, "MDB-020", ("baseDir", "/opt/none")),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSALS)
def test_what_cannot_be_is_refused_before_anything_is_changed(
    linked: Site, target: str, case: str
) -> None:
    path, script, given, code, words = REFUSALS[case]
    host = linked.host("target")
    host.run_as_root(["bash", "-c", f"cd {target}\n{script}"])
    if given.get("serverId") == 0:
        given = {"serverId": int(linked.sql(VDB).value("SELECT @@server_id"))}
    directory = path if path.startswith("/") else f"{target}/{path}"
    before = (_tree(linked, target), _tree(linked, "/mnt/delphix", 2), undisturbed(linked))
    refused(code, lambda: export(linked, NAME, directory, **given), *words)
    after = (_tree(linked, target), _tree(linked, "/mnt/delphix", 2), undisturbed(linked))
    assert after == before
    only_servers(host, linked.mount(VDB))


def _tree(site: Site, directory: str, depth: int = 9) -> str:
    form = "%p %y %u %m %s %l\n"
    find = ["find", directory, "-maxdepth", str(depth), "-printf", form]
    listing = site.host("target").run_as_root(find).text.splitlines()
    # What runs there writes.
    return "\n".join(sorted(line for line in listing if "/log" not in line and "/data" not in line))


@pytest.mark.parametrize("there", [True, False])
def test_a_copy_that_fails_leaves_the_directory_as_it_was(
    linked: Site, target: str, there: bool
) -> None:
    """And it works after the cure, in the same directory."""
    place, host = f"{target}/new", linked.host("target")
    if there:
        host.run_as_root(["install", "-d", "-o", ENVIRONMENT_USER, place])
    wrong = _setting("no_such_thing", "1")
    refused("MDB-071", lambda: export(linked, VDB, place, configSettings=wrong), "no_such_thing")
    assert (entries(linked, target), entries(linked, place) if there else []) == (
        ["new"] if there else [],
        [],
    )
    only_servers(host, linked.mount(VDB))
    export(linked, VDB, place)
    untied(linked, place)


def test_a_port_that_was_taken_while_the_files_were_copied(linked: Site, target: str) -> None:
    host = host_place(linked.lab, "target").host
    # Every Debian has this much of perl.
    code = (
        "socket(S, PF_INET, SOCK_STREAM, 6) or die;"
        "setsockopt(S, SOL_SOCKET, SO_REUSEADDR, 1);"
        f"bind(S, sockaddr_in({PORT}, INADDR_ANY)) or die; listen(S, 1) or die;"
        "$| = 1; print 1; sleep 1000"
    )
    argv = ["perl", "-MSocket", "-e", code]
    started: list[Any] = []

    def take_the_port() -> None:
        started.append(host.popen_as_root(argv, stdout=subprocess.PIPE))
        assert started[0].stdout.read(1) == b"1"

    linked.hooks.once(f"copy files to target:{target}/late", take_the_port)
    try:
        refused("MDB-034", lambda: export(linked, VDB, f"{target}/late"), str(PORT))
    finally:
        for process in started:
            process.kill()
            process.communicate()
    assert started
    assert entries(linked, target) == []


# Kills a step, and what works for it, once the server of a copy is there.
KILL = """
until pgrep -f -- "--defaults-file=$1/my.cnf"; do sleep 0.05; done
for path in /proc/[0-9]*; do
    if grep -qzx "DELPHIX_STEP=$2" "$path/environ"; then kill -KILL "${path#/proc/}"; fi
done
"""


@pytest.mark.parametrize("step", ["vdb_configure", "physical_finish"])
def test_a_step_that_is_killed_leaves_nothing(linked: Site, target: str, step: str) -> None:
    """It could not tidy up by itself: neither its server nor the copy stays."""
    place, host = f"{target}/killed", linked.host("target")
    wait = f"until grep -qzx DELPHIX_STEP={step} /proc/[0-9]*/environ; do sleep 0.05; done"
    killers: list[Any] = []

    def send() -> None:
        argv = ["bash", "-c", f"{wait} 2>/dev/null\n{KILL}", "kill", place, step]
        killers.append(host.popen_as_root(argv))

    linked.hooks.once(f"copy files to target:{place}", send)
    try:
        refused("MDB-025", lambda: export(linked, VDB, place), "signal 9")
    finally:
        for killer in killers:
            killer.kill()
            killer.wait()
    only_servers(host, linked.mount(VDB))
    assert entries(linked, target) == []


def test_it_outlives_what_it_was_made_of(linked: Site, target: str) -> None:
    """The VDB, the dSource and the plugin go; then the host restarts: the copy is its owner's."""
    place = f"{target}/kept"
    export(linked, VDB, place)
    before = contents(copy_at(linked, place))
    for name in (VDB, NAME):
        linked.lab.delete(name)
    same(before, contents(copy_at(linked, place)))
    host = linked.host("target")
    only_servers(host, place)
    by_owner(linked, told(linked, place, "stop"))
    only_servers(host)
    start(linked, place)
    copy = copy_at(linked, place)
    until(lambda: _answers(copy), "the copy answers")
    same(before, contents(copy))
    assert proofs.writable("copy", copy) == []
