"""A backup is data: whatever it holds, no file outside of the dataset is read, made or run."""

import struct
import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.hosts.host import Host
from testbed.backups import FOLDER, PHYSICAL, PREPARE, USER_BACKUP, make_backup
from testbed.site import Site
from tests.workflows.support import RESYNC, files, only_servers, refused

NAME = "restored"
GIVEN = {**USER_BACKUP, "logSync": False, "stagingPort": 3411}
HOME = "/home/delphix"
FAR = "/srv/far"
SECRET = "the-private-key-of-the-user"
# A library that tells when it is loaded, where a server of the environment user could write.
LIBRARY = r"""
#include <fcntl.h>
#include <unistd.h>
__attribute__((constructor)) static void loaded(void)
{ int f = open("/home/delphix/RAN", O_CREAT | O_WRONLY, 0644); if (f >= 0) close(f); }
"""


@pytest.fixture(scope="module", autouse=True)
def prepared(site: Site) -> Iterator[None]:
    """Files of the environment user that somebody would like to have, and tables far away."""
    staging = site.host("staging")
    staging.run_as_root(["install", "-d", "-o", "delphix", "-m", "700", f"{HOME}/.ssh", FAR])
    staging.write_file(f"{HOME}/.ssh/id_rsa", SECRET.encode(), 0o600, "delphix:delphix")
    site.source.server.query(
        "SET GLOBAL event_scheduler = OFF; CREATE DATABASE plain;"
        " CREATE TABLE plain.t (n INT); INSERT INTO plain.t VALUES (1)"
    )
    for (name,) in site.source.server.query("SHOW DATABASES"):
        if name.startswith("odd"):
            site.source.server.query(f"DROP DATABASE `{name.replace('`', '``')}`")
    yield


@pytest.fixture(autouse=True)
def outside_is_untouched(site: Site) -> Iterator[None]:
    """Before and after each test the host's own files are the same."""
    staging = site.host("staging")
    before = _outside(staging)
    yield
    assert _outside(staging) == before
    assert staging.run_as_root(["ls", f"{HOME}/RAN"], check=False).exit_code != 0


def _outside(host: Host) -> str:
    return "".join(files(host, folder) for folder in (HOME, FAR, "/srv/keep", "/etc/mysql"))


def link(site: Site, **given: object) -> None:
    """Link, or resync, from the backup as it lies there."""
    if any(container.name == NAME for container in site.lab.containers()):
        site.change(NAME, **(GIVEN | given))
        site.lab.sync(NAME, RESYNC)
    else:
        site.link(NAME, **(GIVEN | given))


def dump_with(site: Site, *statements: str) -> None:
    """A whole dump with these lines put in before its end."""
    make_backup(site, "mkdir -p /srv/keep; mariadb-dump --databases plain > it")
    text = site.host("staging").read_file(f"{FOLDER}/it")
    head, mark, tail = text.rpartition(b"-- Dump completed")
    lines = "\n".join(statements).encode() + b"\n"
    site.host("staging").write_file(f"{FOLDER}/it", head + lines + mark + tail, 0o600, "delphix")


@pytest.fixture(autouse=True, scope="module")
def keep(site: Site) -> None:
    site.host("staging").run_as_root(["mkdir", "-p", "/srv/keep"])


# The server's number of the refusal: not allowed, an option forbids it, no SQL, no such library.
REFUSED_STATEMENTS = {
    f"LOAD DATA LOCAL INFILE '{HOME}/.ssh/id_rsa' INTO TABLE plain.stolen": "4166",
    f"LOAD DATA INFILE '{HOME}/.ssh/id_rsa' INTO TABLE plain.stolen": "1290",
    f"LOAD XML LOCAL INFILE '{HOME}/.ssh/id_rsa' INTO TABLE plain.stolen": "4166",
    f"SELECT 'ssh-rsa x' INTO OUTFILE '{HOME}/.ssh/authorized_keys'": "1290",
    f"SELECT 'x' INTO DUMPFILE '{HOME}/.profile.new'": "1290",
    f"\\! touch {HOME}/RAN": "Unknown command",
    f"system touch {HOME}/RAN": "1064",
    f"source {HOME}/.ssh/id_rsa": "1064",
    f"tee {HOME}/RAN": "1064",
    "CREATE FUNCTION f RETURNS STRING SONAME '../../home/delphix/x.so'": "1124",
}


@pytest.mark.parametrize("statement", REFUSED_STATEMENTS)
def test_a_dump_reaches_no_file_of_the_host(site: Site, statement: str) -> None:
    dump_with(site, "CREATE TABLE plain.stolen (line TEXT);", statement + ";")
    refused("MDB-051", lambda: link(site), REFUSED_STATEMENTS[statement])
    only_servers(site.host("staging"))


def test_what_a_dump_reads_from_a_file_is_nothing(site: Site) -> None:
    statement = (
        f"INSERT INTO plain.stolen SELECT IFNULL(LOAD_FILE('{HOME}/.ssh/id_rsa'), 'nothing');"
    )
    dump_with(site, "CREATE TABLE plain.stolen (line TEXT);", statement)
    link(site)
    assert site.sql(NAME).query("SELECT line FROM plain.stolen") == [("nothing",)]
    asked = "SELECT @@secure_file_priv, @@local_infile"
    assert site.sql(NAME).query(asked) == [(f"{site.mount(NAME)}/run/files/", "0")]


def plant_library(site: Site, folder: Path) -> None:
    """/srv/lib/evil.so on staging, as somebody could have left it there."""
    build = ["gcc", "-shared", "-fPIC", "-x", "c", "-", "-o", str(folder / "evil.so")]
    subprocess.run(build, input=LIBRARY.encode(), check=True)
    code = (folder / "evil.so").read_bytes()
    site.host("staging").run_as_root(["mkdir", "-p", "/srv/lib"])
    site.host("staging").write_file("/srv/lib/evil.so", code, 0o755)


@pytest.mark.parametrize("form", ["directory", "stream"])
def test_no_library_of_a_backup_is_loaded(site: Site, tmp_path: Path, form: str) -> None:
    """The lines are dropped, and the backup is restored by what is left."""
    plant_library(site, tmp_path)
    evil = r"printf 'plugin_load=evil.so\nplugin_dir=/srv/lib\nplugin_maturity=unknown\n'"
    make = f"{PHYSICAL} --target-dir=all 2>/dev/null; {evil} >> all/backup-my.cnf;"
    if form == "directory":
        make_backup(site, f"{make} mv all it")
    else:
        make_backup(site, f"{make} (cd all; mbstream -c $(find . -type f -printf '%P ')) > it")
    link(site)
    assert site.sql(NAME).query("SELECT COUNT(*) > 0 FROM shop.product") == [("1",)]
    site.host("staging").run_as_root(["rm", "-r", "/srv/lib"])


LINKS = {
    "a link to a file": f"ln -s {HOME}/.ssh/id_rsa it/shop/stolen.frm",
    "a link to a directory": f"ln -s {HOME} it/stolen",
    "a data file that is a link": f"rm it/ibdata1; ln -s {HOME}/.ssh/id_rsa it/ibdata1",
    "a pipe": "mkfifo it/shop/pipe.ibd",
    "DATA DIRECTORY": f"printf {FAR}/shop/x.ibd > it/shop/x.isl",
}


@pytest.mark.parametrize("kind", LINKS)
def test_links_and_pipes_in_a_backup_are_refused(site: Site, kind: str) -> None:
    make_backup(site, f"{PHYSICAL} --target-dir=it; {LINKS[kind]}")
    refused("MDB-056", lambda: link(site))


def chunk(name: bytes, content: bytes) -> bytes:
    """A file in a stream of mariadb-backup."""
    head = b"XBSTCK01\0%c" + struct.pack("<I", len(name)) + name
    length = struct.pack("<QQI", len(content), 0, zlib.crc32(content))
    return head % b"P" + length + content + head % b"E"


NAMES = (
    b"../escaped",
    b"/home/delphix/escaped",
    b"shop/../../../escaped",
    b"a\nb",
    b"./x",
    b"a//b",
)


@pytest.mark.parametrize("name", NAMES)
def test_names_in_a_stream_that_lead_out_are_refused(site: Site, name: bytes) -> None:
    """mbstream of 10.5 follows them; later ones pass them over in silence."""
    make_backup(site, f"{PHYSICAL} --stream=mbstream > it")
    whole = site.host("staging").read_file(f"{FOLDER}/it")
    text = chunk(name, b"x") + whole
    site.host("staging").write_file(f"{FOLDER}/it", text, 0o600, "delphix:delphix")
    refused("MDB-056", lambda: link(site), "no plain path")
    lost = ["find", "/home", "/srv", "/mnt", "-name", "escaped"]
    assert site.host("staging").run_as_root(lost).text == ""


VALUES = {
    "a path above": "innodb_data_file_path=../../etc/mysql/x:10M;ibdata1:12M:autoextend",
    "an absolute path": f"innodb_data_file_path={HOME}/x:10M",
    "no number": "innodb_page_size=16384;drop",
}


@pytest.mark.parametrize("kind", VALUES)
def test_values_of_a_backup_that_are_not_plain_are_refused(site: Site, kind: str) -> None:
    append = f"{PHYSICAL} --target-dir=it; printf '%s\\n' '{VALUES[kind]}' >> it/backup-my.cnf"
    make_backup(site, append)
    refused("MDB-056", lambda: link(site), "backup-my.cnf", "no plain value")


def test_a_table_with_data_directory_stays_where_it_is(site: Site) -> None:
    """InnoDB would move the file of the same name that lies on the staging host."""
    source = site.host("source")
    source.run_as_root(["install", "-d", "-o", "mysql", FAR])
    site.source.server.query(f"CREATE TABLE shop.far (n INT PRIMARY KEY) DATA DIRECTORY = '{FAR}'")
    try:
        make_backup(site, f"{PHYSICAL} --target-dir=it; cp -r {FAR} far")
        refused("MDB-056", lambda: link(site), "far.isl")
        # Also without the file that tells: the redo log names the place.
        make_backup(site, f"{PHYSICAL} --target-dir=it; rm it/shop/far.isl")
        refused("MDB-056", lambda: link(site), FAR)
    finally:
        site.source.server.query("DROP TABLE shop.far")


def test_a_backup_inside_of_the_dataset_is_not_deleted(site: Site) -> None:
    make_backup(site, f"{PHYSICAL} --target-dir=it; {PREPARE}")
    link(site)
    mount = site.mount(NAME)
    staging = site.host("staging")
    staging.run_as_root(["cp", "-a", f"{FOLDER}/it", f"{mount}/mine"])
    refused("MDB-010", lambda: link(site, backupPath=f"{mount}/mine"), "inside the dataset")
    staging.run_as_root(["ln", "-sfn", f"{mount}/mine", "/srv/keep/link"])
    refused("MDB-056", lambda: link(site, backupPath="/srv/keep/link"), "in the dataset")
    staging.run_as_root(["rm", "/srv/keep/link"])
    assert staging.run_as_root(["ls", f"{mount}/mine/ibdata1"]).exit_code == 0


@pytest.mark.parametrize("kind", ["mkfifo it", "ln -s /dev/zero it"])
def test_a_path_that_never_ends_is_refused_at_once(site: Site, kind: str) -> None:
    make_backup(site, kind)
    refused("MDB-056", lambda: link(site), "no file and no directory")
