"""Backups that `mariadb-backup --compress` has made: files that the program qpress unpacks."""

import pytest

from lab.hosts.host import Host
from testbed.backups import (
    FOLDER,
    PACKED,
    USER_BACKUP,
    Kind,
    drop_odd_names,
    make_backup,
    qpress_on,
)
from testbed.site import Site, mark, marks
from tests.workflows.support import (
    RESYNC,
    files,
    only_servers,
    quiet_source,
    refused,
    same_as_source,
    server_pid,
)

GIVEN = {**USER_BACKUP, "stagingPort": 3411}
DIRECTORY = f"{PACKED} --target-dir=it"
STREAM = f"{PACKED} --stream=mbstream"


@pytest.fixture(autouse=True)
def without_odd_names(site: Site) -> None:
    drop_odd_names(site.source.server)


@pytest.fixture
def staging(site: Site) -> Host:
    return site.host("staging")


def test_without_qpress_nothing_is_touched(site: Site, staging: Host) -> None:
    """The server that was linked before runs on."""
    mark(site.source.server, "before qpress was taken away")
    make_backup(site, DIRECTORY)
    with qpress_on(staging):
        site.link("kept", **GIVEN)
    server = server_pid(site, "kept")
    for command in (DIRECTORY, f"{STREAM} > it", f"{STREAM} | gzip > it"):
        make_backup(site, command)
        refused("MDB-056", lambda: site.lab.sync("kept", RESYNC), "qpress is missing")
        assert server_pid(site, "kept") == server
    assert "before qpress was taken away" in marks(site.sql("kept"))
    site.lab.delete("kept")


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (Kind("directory", DIRECTORY), "/usr/bin/qpress"),
        (Kind("stream", f"{STREAM} > it"), "/usr/local/bin/qpress"),
    ],
    ids=str,
)
def test_a_packed_backup_is_restored_and_followed(
    site: Site, staging: Host, kind: Kind, path: str
) -> None:
    make_backup(site, kind.command)
    before = files(staging, FOLDER)
    mark(site.source.server, f"after {kind}")
    with qpress_on(staging, path):
        site.link("packed", **GIVEN)
    assert files(staging, FOLDER) == before
    assert staging.run_as_root(["find", site.mount("packed"), "-name", "*.qp"]).text == ""
    assert f"after {kind}" in marks(site.sql("packed"))
    with quiet_source(site):
        site.lab.sync("packed")
        same_as_source(site, "packed")
    site.lab.delete("packed")


@pytest.mark.parametrize(
    ("damage", "word"),
    [
        (
            "printf abc | dd of=it/ibdata1.qp bs=1 seek=1000 conv=notrunc",
            "ibdata1.qp: qpress: a checksum is wrong",
        ),
        ("truncate -s -20 it/ibdata1.qp", "1 of the "),
        ("truncate -s -9 it/*_info.qp", "qpress cannot unpack"),
        ("mkdir it/mysql/deep; mv it/ibdata1.qp it/mysql/deep", "left packed files: mysql/deep/"),
        ("mv it/ibdata1.qp 'it/x;touch ran;.qp'", "has not made"),
        (f"ln -s {FOLDER}/away it/ibdata1", "neither a file nor a directory"),
    ],
    ids=["changed", "cut", "info", "deep", "name", "link"],
)
def test_a_damaged_packed_backup_is_refused(
    site: Site, staging: Host, damage: str, word: str
) -> None:
    make_backup(site, f"{DIRECTORY}; {damage}")
    before = files(staging, FOLDER)
    with qpress_on(staging):
        refused("MDB-056", lambda: site.link("broken", **GIVEN), word)
    assert files(staging, FOLDER) == before
    only_servers(staging)
    site.lab.delete("broken", force=True)
