"""What cannot work is refused before anything is touched, and works after the cure."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import pytest

from lab.errors import LabError
from testbed import places, source
from testbed.parameters import READER, REPLICATOR, Json
from testbed.site import Site, until
from tests.workflows.support import (
    RESYNC,
    files,
    foreign_pid,
    kill,
    only_servers,
    refused,
    restart_source,
    same_as_source,
    server_pid,
)

NAME = "sales"
OLDER = """#!/bin/bash
if [[ " $* " == *" --version "* ]]; then
    echo "mariadbd  Ver 10.4.1-MariaDB for Linux on x86_64"
else
    exec /usr/sbin/mariadbd "$@"
fi
"""


@dataclass(frozen=True)
class Case:
    """Something that is wrong: parameters, or trouble made for the time of the attempt."""

    name: str
    code: str
    words: tuple[str, ...]
    given: Json = field(default_factory=dict)
    trouble: Callable[[Site], AbstractContextManager[None]] = nullcontext


def _login(user: str, password: str = "demo-wrong") -> Json:
    return {"type": "NamedPasswordCredential", "username": user, "password": password}


@contextmanager
def _foreign_server(site: Site) -> Iterator[None]:
    """A MariaDB that is not ours runs on the staging host; it must go on running."""
    place = places.host_place(site.lab, "staging")
    source.start(place.host, place.server)
    pid = foreign_pid(place.host)
    try:
        yield
        assert source.answers(place.server)
        assert foreign_pid(place.host) == pid
    finally:
        kill(place.host, pid)


@contextmanager
def _stopped_dataset(site: Site) -> Iterator[None]:
    """A VDB with this port lives on the staging host; now it is stopped."""
    site.provision("neighbour", NAME, host="staging", port=3390, initial_snapshot=False)
    site.lab.stop("neighbour")
    try:
        yield
        site.lab.start("neighbour")
    finally:
        site.lab.delete("neighbour")


def _without(privilege: str, user: str) -> Callable[[Site], AbstractContextManager[None]]:
    @contextmanager
    def revoked(site: Site) -> Iterator[None]:
        server = site.source.server
        server.query(f"REVOKE {privilege} ON *.* FROM '{user}'@'%'")
        try:
            yield
        finally:
            server.query(f"GRANT {privilege} ON *.* TO '{user}'@'%'")

    return revoked


@contextmanager
def _full_disk(site: Site) -> Iterator[None]:
    """All but 150 MB of the storage is taken."""
    staging = site.host("staging")
    free = site.lab.engine.machine.pool.free_bytes()
    staging.run_as_root(["fallocate", "-l", str(free - 150_000_000), "/var/tmp/ballast"])
    try:
        yield
    finally:
        staging.run_as_root(["rm", "/var/tmp/ballast"])
        staging.run_as_root(["sync", "-f", site.mount(NAME)])
        pool = site.lab.engine.machine.pool
        until(lambda: pool.free_bytes() > free - 150_000_000, "the space is free again")


@contextmanager
def _older_installation(site: Site) -> Iterator[None]:
    """An installation on the staging host that says it is 10.4."""
    staging = site.host("staging")
    staging.run_as_root(["mkdir", "-p", "/opt/older/sbin"])
    staging.write_file("/opt/older/sbin/mariadbd", OLDER.encode(), 0o755)
    yield
    staging.run_as_root(["rm", "-r", "/opt/older"])


@contextmanager
def _no_binary_log(site: Site) -> Iterator[None]:
    restart_source(site, "--skip-log-bin")
    try:
        yield
    finally:
        restart_source(site)


SETTING = [{"propertyName": "datadir", "value": "/tmp"}]
CASES = (
    Case("wrong password", "MDB-041", (READER.user, "10.77.0.11:3306", "1045"),
         {"sourceCredentials": _login(READER.user)}),
    Case("unknown account", "MDB-041", ("nobody_at_all", "1045"),
         {"sourceCredentials": _login("nobody_at_all")}),
    Case("wrong replication password", "MDB-041", (REPLICATOR.user, "1045"),
         {"replicationCredentials": _login(REPLICATOR.user)}),
    Case("host that is not there", "MDB-040", ("10.77.0.250",), {"sourceHost": "10.77.0.250"}),
    Case("unknown host name", "MDB-040", ("nowhere.invalid",), {"sourceHost": "nowhere.invalid"}),
    Case("wrong port", "MDB-040", ("10.77.0.11:3999", "2002", "(resync: ask the source)"),
         {"sourcePort": 3999}),
    Case("server id of the source", "MDB-035", ("server id 1",), {"stagingServerId": 1}),
    Case("port of a foreign server", "MDB-034", ("3306", "mysql"), {"stagingPort": 3306},
         _foreign_server),
    Case("port of a stopped dataset", "MDB-034", ("3390", "/mnt/delphix/neighbour"),
         {"stagingPort": 3390}, _stopped_dataset),
    Case("missing privilege", "MDB-043", ("GRANT SHOW VIEW ON *.*", READER.user), {},
         _without("SHOW VIEW", READER.user)),
    Case("missing replication privilege", "MDB-043", ("GRANT REPLICATION SLAVE ON *.*",), {},
         _without("REPLICATION SLAVE", REPLICATOR.user)),
    Case("several at once", "MDB-035", ("server id 1", "MDB-043", "GRANT TRIGGER ON *.*"),
         {"stagingServerId": 1}, _without("TRIGGER", READER.user)),
    Case("not enough space", "MDB-033", ("free are",), {}, _full_disk),
    Case("older staging", "MDB-022", ("newer than 10.4.1",), {"stagingBaseDir": "/opt/older"},
         _older_installation),
    Case("no installation there", "MDB-020", ("/opt/nothing",),
         {"stagingBaseDir": "/opt/nothing"}),
    Case("setting of the plugin", "MDB-012", ("datadir",), {"configSettings": SETTING}),
    Case("no binary log", "MDB-042", ("log_bin",), {}, _no_binary_log),
)  # fmt: skip


def test_a_first_link_that_is_refused_leaves_nothing(site: Site) -> None:
    """The dSource is there, its dataset is empty; after the cure the same sync links it."""
    site.source.server.query("SET GLOBAL event_scheduler = OFF")
    wrong = _login(READER.user)
    refused("MDB-041", lambda: site.link(NAME, sourceCredentials=wrong), READER.user)
    mount = site.mount(NAME)
    for given, code in (({"sourcePort": 3999}, "MDB-040"), ({"stagingServerId": 1}, "MDB-035")):
        site.change(NAME, sourceCredentials=READER.supplier, sourcePort=None)
        old = site.change(NAME, **given)
        refused(code, lambda: site.lab.sync(NAME, RESYNC))
        site.lab.update_parameters(NAME, old)
        only_servers(site.host("staging"))
        assert site.host("staging").run_as_root(["ls", "-A", mount]).text == ""
        assert site.lab.snapshots(NAME) == []
    # No resync is asked for: a dataset that was never filled wants a copy in any case.
    site.lab.sync(NAME)
    same_as_source(site, NAME)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_refused_before_anything_is_touched(site: Site, case: Case) -> None:
    """The old staging server runs on, and the next sync finds all as it was."""
    before = _state(site)
    with case.trouble(site):
        old = site.change(NAME, **case.given)
        try:
            refused(case.code, lambda: site.lab.sync(NAME, RESYNC), *case.words)
        finally:
            site.lab.update_parameters(NAME, old)
        assert _state(site) == before
    site.source.server.query(f"INSERT INTO demo_story.milestone VALUES ('{case.name}', NOW(6))")
    site.lab.sync(NAME)
    assert source.milestones(site.sql(NAME))[-1] == case.name
    assert _state(site)["pid"] == before["pid"]


def _state(site: Site) -> dict[str, Any]:
    staging, mount = site.host("staging"), site.mount(NAME)
    texts = ["delphix.json", "my.cnf", "required.cnf", "data/ibdata1"]
    return {
        "pid": server_pid(site, NAME),
        "mounts": [mounted for mounted in staging.mounts() if mounted.mount_path == mount],
        "inodes": staging.run_as_root(["stat", "-c", "%n %i %w", *(f"{mount}/{x}" for x in texts)])
        .text,
        "snapshots": [row.reference for row in site.lab.snapshots(NAME)],
    }  # fmt: skip


def test_resync_after_all_that(site: Site) -> None:
    site.lab.sync(NAME, RESYNC)
    same_as_source(site, NAME)


# -- mount paths -------------------------------------------------------------------------------

OTHER = "other"
FOREIGN = "/srv/precious"


@pytest.fixture
def precious(site: Site) -> Iterator[str]:
    """A directory of somebody else on the staging host, and what it holds."""
    staging = site.host("staging")
    make = (
        f"mkdir -p {FOREIGN} && echo dear > {FOREIGN}/file && ln -s {FOREIGN} /srv/link"
        f" && echo text > /srv/file && chown -R delphix: {FOREIGN}"
    )
    staging.run_as_root(["bash", "-c", make])
    yield files(staging, FOREIGN)
    if OTHER in [row.name for row in site.lab.containers()]:
        site.lab.delete(OTHER)
    staging.run_as_root(["rm", "-r", FOREIGN, "/srv/link", "/srv/file"])


@pytest.mark.parametrize(
    ("path", "code", "words"),
    [
        (FOREIGN, "MDB-032", ("not empty",)),
        ("/srv/link", "MDB-032", ("symbolic link",)),
        ("/srv/link/below", "MDB-032", ("symbolic link",)),
        ("/srv/file", "MDB-032", ("regular file",)),
        ("/mnt/delphix/sales", "MDB-032", ("another dataset",)),
        ("/mnt/delphix/sales/data", "MDB-032", ("/mnt/delphix/sales",)),
        ("/mnt/delphix/sales/inside", "MDB-032", ("/mnt/delphix/sales",)),
        ("/etc/delphix", "MDB-011", ("operating system",)),
        ("/usr/local/x", "MDB-011", ("operating system",)),
        ("/mnt", "MDB-011", ("operating system",)),
        ("/mnt/../etc", "MDB-011", ("goes up",)),
    ],
)
def test_a_mount_path_that_cannot_be_used(
    site: Site, precious: str, path: str, code: str, words: tuple[str, ...]
) -> None:
    """Neither the foreign files nor the dSource that is there are changed."""
    staging, before, mounts = site.host("staging"), _state(site), site.host("staging").mounts()
    refused(code, lambda: site.link(OTHER, mountPath=path, stagingPort=3311), *words)
    assert staging.mounts() == mounts
    assert files(staging, FOREIGN) == precious
    assert _state(site) == before
    only_servers(staging, site.mount(NAME))


@pytest.mark.parametrize("path", ["mnt/relative", "/" + "x" * 80, "/mnt/a b", "/mnt/$(x)", "/"])
def test_a_mount_path_that_the_schema_refuses(site: Site, path: str) -> None:
    with pytest.raises(LabError, match="mountPath"):
        site.link(OTHER, mountPath=path, stagingPort=3311)
    assert [row.name for row in site.lab.containers()] == [NAME]


def test_a_mount_path_is_corrected(site: Site) -> None:
    """Two dSources of one source live side by side, the longest path included."""
    refused("MDB-011", lambda: site.link(OTHER, mountPath="/boot/x", stagingPort=3311))
    longest = "/mnt/" + "x" * 75
    site.change(OTHER, mountPath=longest)
    site.lab.sync(OTHER, RESYNC)
    same_as_source(site, OTHER)
    only_servers(site.host("staging"), site.mount(NAME), longest)
    site.lab.delete(OTHER)
    site.lab.sync(NAME)
