"""What README and docs tell people to run, in the life of one lab, and what the pages show of it.

tests/pages/manifest.py lists it all. With DOC_SAMPLES=write in the environment samples are written.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from lab.lab import Lab
from testbed import places, source
from testbed.backups import drop_odd_names
from testbed.site import Site, mark, marks, until
from tests.lab.machine_support import leftovers
from tests.pages.blocks import ROOT
from tests.pages.manifest import that_run
from tests.pages.samples import (
    excerpt_holds,
    message_holds,
    output_holds,
    values_hold,
    writing,
)
from tests.workflows.doc_runner import (
    Doc,
    as_root,
    as_user,
    at_prompt,
    granted,
    log_lines,
    served,
    terminal,
)
from tests.workflows.support import RESYNC, refused, restart_source

PASSWORD = "a long password"
STAGING, VDB = "sales_staging", "sales_dev"
NAMES = """10.77.0.11 source.example.com db.example.com db1.example.com
10.77.0.13 target.example.com new.example.com
"""
# So much that the copy takes seconds on most machines, and tells how far it is.
BULK = """USE shop; CREATE TABLE shop.visit (id INT PRIMARY KEY, page VARCHAR(200) NOT NULL)
 SELECT seq AS id, REPEAT('x', 200) AS page FROM seq_1_to_200000"""
COUNT = "SELECT COUNT(*) FROM shop.customer"
LAB = "docs/maintainers/lab.md"
SESSION = (
    "./dev build",
    "./dev lab up",
    "./dev lab seed --rows 2000",
    "./dev lab discover",
    "./dev lab link sales",
    "./dev lab provision dev1 --from sales",
    "./dev lab sql dev1 ...",
)


@pytest.fixture(scope="module")
def doc(tmp_path_factory: pytest.TempPathFactory) -> Doc:
    return Doc(tmp_path_factory.mktemp("pages") / "lab")


@pytest.fixture(scope="module")
def site(doc: Doc) -> Iterator[Site]:
    """The lab that docs/maintainers/lab.md makes by hand, and takes down."""
    try:
        for command in SESSION:
            doc.shown(LAB, command)
        with Lab.open(doc.folder) as lab:
            made = Site(lab)
            made.source.server.query("SET GLOBAL event_scheduler = OFF")
            yield made
    finally:
        terminal(doc.text(LAB, "./dev lab down"))
    assert leftovers(doc.folder) == []


def login(user: str, password: str = PASSWORD) -> dict[str, str]:
    return {"type": "NamedPasswordCredential", "username": user, "password": password}


# -- the lab ----------------------------------------------------------------------------------


def test_the_lab_for_machines_and_from_python(site: Site, doc: Doc) -> None:
    key = "./dev lab provision dev2 ..."
    doc.shown(LAB, key)
    told = terminal(doc.text(LAB, "./dev lab snapshots sales ...") + " -M")
    assert json.loads(told) == site.latest("sales").metadata
    for name in ("dev1", "dev2"):
        site.lab.delete(name)
    code = doc.text(LAB, "from lab.lab import Lab")
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "COMPLETED" in done.stdout, done.stderr
    assert site.lab.container("dev1").parameters["port"] == 3320
    site.lab.delete("dev1")
    site.lab.delete("sales")


def test_the_lab_serves_its_interface(site: Site, doc: Doc) -> None:
    page, key = "docs/maintainers/engine-api.md", "LAB_PASSWORD=... ./dev lab serve ..."
    file = site.lab.root / "api.json"
    with served(doc.text(page, key), "Where and how to log in") as said:
        until(file.exists, "the server tells how to log in")
        told = json.loads(file.read_text())
        assert told["password"] == "..."
        assert requests.get(told["url"], timeout=30).ok
        excerpt_holds(page, doc.unit(page, key).output, [doc.back(line) for line in said])


def test_several_installations_have_names(site: Site, doc: Doc) -> None:
    page = "docs/guides/versions.md"
    sample = doc.unit(page, "MariaDB 10.5.23 (/opt/mariadb-10.5)").lines()
    target, path = site.host("target"), "/opt/mariadb-10.5/bin"
    as_root(target, f"mkdir -p {path}; cat >{path}/mariadbd; chmod 755 {path}/mariadbd", OLDER)
    site.lab.refresh_environment("target")
    found = [row.name for row in site.lab.repositories("target") if row.present]
    output_holds(page, sample, found)
    as_root(target, "rm -r /opt/mariadb-10.5")
    site.lab.refresh_environment("target")


OLDER = b"#!/bin/bash\necho 'mariadbd  Ver 10.5.23-MariaDB for Linux on x86_64'\n"


# -- hosts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "key", "options"),
    [
        ("docs/prerequisites.md", "binlog_format = ROW", ("server-id 17", "binlog-format ROW")),
        (
            "docs/guides/tls.md",
            "ssl_ca   = /etc/mysql/tls/ca.pem",
            ("ssl-ca /etc/mysql/tls/ca.pem",),
        ),
    ],
    ids=["prerequisites", "tls"],
)
def test_option_files_are_taken_by_a_server(
    site: Site, doc: Doc, page: str, key: str, options: tuple[str, ...]
) -> None:
    """It reads them as they stand, and has the values."""
    text = doc.text(page, key).encode()
    command = "cat >page.cnf; mariadbd --defaults-file=page.cnf --user=mysql --verbose --help"
    said = [
        " ".join(line.split()) for line in as_root(site.host("source"), command, text).splitlines()
    ]
    assert not [line for line in said if "[ERROR]" in line or "unknown variable" in line]
    assert set(options) <= set(said)


def test_sudo_rules_are_those_of_the_lab(site: Site, doc: Doc) -> None:
    text = doc.text("docs/prerequisites.md", "Defaults:delphix_os !requiretty")
    host = site.host("target")
    assert "parsed OK" in as_root(host, "visudo -c -f -", text.encode() + b"\n")
    assert host.read_file("/etc/sudoers").decode().strip() == text


def test_the_package_has_this_name(site: Site, doc: Doc) -> None:
    command = doc.text("docs/prerequisites.md", "apt-get install mariadb-server")
    said = as_root(site.host("source"), command)
    assert "mariadb-server is already" in said or "Inst mariadb-server " in said


# -- accounts, and what is told when they lack something ------------------------------------------


@pytest.fixture(scope="module")
def linked(site: Site, doc: Doc) -> Site:
    """A dSource by the accounts of the pages; on the way all that can be missing is told."""
    for host in site.lab.hosts.values():
        as_root(host, "cat >>/etc/hosts", NAMES.encode())
    server = site.source.server
    server.query(f"CREATE USER admin@'%' IDENTIFIED BY '{PASSWORD}'; GRANT ALL ON *.* TO admin@'%'")
    server.query(f"CREATE USER 'delphix_repl'@'10.77.0.%' IDENTIFIED BY '{PASSWORD}'")
    server.query(BULK)
    cloud_accounts(site, doc)
    given = {"sourceCredentials": login("delphix_src"), "replicationCredentials": None}
    told_of_missing(site, doc)
    server.query("DROP USER 'delphix_src'@'10.77.0.%'")
    granted(server, doc.text("docs/prerequisites.md", "-- always"))
    server.query("REVOKE TRIGGER, EVENT ON *.* FROM 'delphix_src'@'10.77.0.%'")
    site.change(STAGING, **given)
    preflight(site, doc)
    server.query("GRANT TRIGGER, EVENT ON *.* TO 'delphix_src'@'10.77.0.%'")
    before = len(log_lines(site))
    site.lab.sync(STAGING)
    page = "docs/guides/linking.md"
    sample = doc.unit(page, "job_status: INFO phase: copying tables").lines()
    said = [doc.back(line) for line in log_lines(site)[before:]]
    progress = "copying tables: "
    if not writing() and not any(line.startswith(progress) for line in said):
        # The copy was over at the first look. Its words are those of tests/unit/test_progress.py.
        sample = [line for line in sample if not line.startswith(progress)]
    excerpt_holds(page, sample, said)
    return site


def cloud_accounts(site: Site, doc: Doc) -> None:
    page, server = "docs/guides/cloud-sources.md", site.source.server
    server.query(f"CREATE USER 'delphix_src'@'10.77.0.%' IDENTIFIED BY '{PASSWORD}'")
    granted(server, doc.text(page, "GRANT SELECT ON `mysql`.*"))
    server.query("DROP USER 'delphix_src'@'10.77.0.%'")
    granted(server, doc.text(page, "CREATE USER"))


def told_of_missing(site: Site, doc: Doc) -> None:
    """First an account of a cloud service, then one that may only read."""
    given = {
        "sourceCredentials": login("delphix_src"),
        "replicationCredentials": login("delphix_repl"),
        "stagingPort": 3311,
    }
    page = "docs/guides/cloud-sources.md"
    error = refused("MDB-043", lambda: site.link(STAGING, **given))
    message_holds(page, doc.unit(page, "MDB-043").lines(), doc.back(error.message))
    rights = "SHOW VIEW, TRIGGER, EVENT, EXECUTE, BINLOG MONITOR"
    site.source.server.query(f"REVOKE {rights} ON *.* FROM 'delphix_src'@'10.77.0.%'")
    page = "docs/guides/linking.md"
    error = refused("MDB-043", lambda: site.lab.sync(STAGING, RESYNC))
    message_holds(page, doc.unit(page, "MDB-043").lines(), doc.back(error.message))


def preflight(site: Site, doc: Doc) -> None:
    """No binary log, a lack of privileges and no room: all at once."""
    page = "docs/reference/preflight.md"
    restart_source(site, "--skip-log-bin")
    with full_disk(site):
        error = refused("MDB-042", lambda: site.lab.sync(STAGING, RESYNC))
    restart_source(site)
    said = doc.back(f"{error.message}\n\n{error.output}")
    message_holds(page, doc.unit(page, "MDB-042").lines(), said)


@contextmanager
def full_disk(site: Site) -> Iterator[None]:
    """All but some 40 MB of the storage is taken; what was deleted before comes back late."""
    staging, pool = site.host("staging"), site.lab.engine.machine.pool
    before = pool.free_bytes()

    def taken() -> bool:
        left = pool.free_bytes() - 40_000_000
        if left > 20_000_000:
            as_root(staging, f"fallocate -l {left} $(mktemp -p /var/tmp ballast.XXXXXX)")
        as_root(staging, f"sync -f {site.mount(STAGING)}")
        return pool.free_bytes() < 60_000_000

    try:
        until(taken, "the storage is full")
        yield
    finally:
        as_root(staging, f"rm /var/tmp/ballast.*; sync -f {site.mount(STAGING)}")
        until(lambda: pool.free_bytes() > before - 40_000_000, "the space is free again")


def test_what_an_account_may_is_asked(linked: Site, doc: Doc) -> None:
    host = linked.host("staging")
    key = "mariadb -h source.example.com ..."
    said = at_prompt(host, doc.text("docs/prerequisites.md", key), PASSWORD)
    assert "GRANT SELECT, RELOAD," in said and "@@log_bin\t@@server_id\n1\t1" in said
    key = "mariadb -h db.example.com ..."
    said = at_prompt(host, doc.text("docs/guides/cloud-sources.md", key), PASSWORD)
    assert "GRANT ALL PRIVILEGES" in said and "1\tMIXED\t1\t" in said


def test_reading_is_timed(linked: Site, doc: Doc) -> None:
    key = "time mariadb-dump ..."
    said = at_prompt(linked.host("staging"), doc.text("docs/guides/sizing.md", key), PASSWORD)
    assert "real\t0m" in said and "rror" not in said


# -- the dSource ------------------------------------------------------------------------------


def test_staging_is_looked_at(linked: Site, doc: Doc) -> None:
    key = "mariadb --no-defaults ..."
    assert "Slave_IO_Running: Yes" in client(linked, doc, "staging", "docs/guides/linking.md", key)


def client(site: Site, doc: Doc, host: str, page: str, key: str) -> str:
    """Statements typed at a client, and what it shows on a terminal."""
    statements = "\n".join(doc.unit(page, key).statements)
    assert statements
    command = f"{doc.text(page, key)} --table <<'SQL'\n{statements}\nSQL"
    return as_user(site.host(host), command)


def test_facts_of_snapshots(linked: Site, doc: Doc) -> None:
    page = "docs/reference/snapshot-metadata.md"
    unit = doc.unit(page, '"consistency": "Consistent",')
    values_hold(unit, json.loads(unit.text), linked.latest(STAGING).metadata)
    linked.lab.sync(STAGING, {"verify": True})
    unit = doc.unit("docs/guides/snapshots.md", '"verified": {"gtidPosition"')
    values_hold(unit, json.loads(f"{{{unit.text}}}"), linked.latest(STAGING).metadata)


def test_settings_against_lag(linked: Site, doc: Doc) -> None:
    key = '[{"propertyName": "innodb_buffer_pool_size"'
    settings = json.loads(doc.text("docs/guides/sizing.md", key))
    linked.change(STAGING, configSettings=settings)
    linked.lab.disable(STAGING)
    linked.lab.enable(STAGING)
    in_force(linked, STAGING, settings)


def in_force(site: Site, name: str, settings: list[dict[str, str]]) -> None:
    """The server of a dSource or VDB has these values."""
    given = {row["propertyName"]: row["value"] for row in settings if "value" in row}
    assert len(given) == 2
    for setting, value in given.items():
        number = int(value.removesuffix("G")) << (30 if value.endswith("G") else 0)
        assert site.sql(name).value(f"SELECT @@{setting}") == str(number)


# -- the VDB -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def vdb(linked: Site, doc: Doc) -> Site:
    """A VDB with a host's option file and settings as the pages have them."""
    page, target = "docs/guides/server-settings.md", linked.host("target")
    starter = doc.text(page, "[mysqld]").encode() + b"\n"
    target.write_file(doc.text(page, "<toolkit directory>/mariadb.cnf"), starter)
    settings = doc.text(page, '{"propertyName": "skip_name_resolve"}')
    linked.provision(
        VDB, STAGING, port=3320, vdbCredentials=login("dev"), **json.loads(f"{{{settings}}}")
    )
    return linked


def test_the_option_file_of_a_vdb(vdb: Site, doc: Doc) -> None:
    page = "docs/guides/server-settings.md"
    text = vdb.host("target").read_file(f"{vdb.mount(VDB)}/my.cnf").decode()
    output_holds(page, doc.unit(page, "# Of the plugin").lines(), doc.back(text).splitlines())
    in_force(vdb, VDB, vdb.lab.container(VDB).parameters["configSettings"])


def test_a_vdb_is_entered(vdb: Site, doc: Doc) -> None:
    page = "docs/guides/provisioning.md"
    command = doc.text(page, "mariadb -h target.example.com ...")
    said = at_prompt(
        vdb.host("source"), f"{command} -e 'SELECT USER(), COUNT(*) FROM shop.customer'", PASSWORD
    )
    assert "dev@10.77.0.11\t101" in said
    key = "mariadb --no-defaults ..."
    said = client(vdb, doc, "target", page, key)
    output_holds(page, doc.unit(page, key).output, said.splitlines())


def test_a_hook_masks(vdb: Site, doc: Doc) -> None:
    key = "mariadb --no-defaults"
    target = vdb.host("target")
    target.write_file("/home/delphix/mask.sql", b"UPDATE shop.customer SET name = 'nobody';\n")
    as_user(target, doc.text("docs/guides/run.md", key))
    assert vdb.sql(VDB).query("SELECT DISTINCT name FROM shop.customer") == [("nobody",)]


def test_a_vdb_is_dumped(vdb: Site, doc: Doc) -> None:
    key = "mariadb-dump --no-defaults ..."
    target = vdb.host("target")
    as_user(target, doc.text("docs/guides/run.md", key))
    assert "Dump completed" in as_user(target, "zstd -dc shop.sql.zst | tail -n 1")


def test_a_vdb_moves_to_a_server_of_its_own(vdb: Site, doc: Doc) -> None:
    page, target = "docs/guides/migration.md", vdb.host("target")
    old = vdb.source.server
    old.query(doc.text(page, "SET GLOBAL read_only = ON;"))
    assert old.query("SELECT @@event_scheduler, @@read_only") == [("OFF", "1")]
    old.query("SET GLOBAL read_only = OFF")
    new = places.host_place(vdb.lab, "target").server
    source.start(target, new)
    for user in ("admin@'%'", "demo_owner@localhost"):
        new.query(f"CREATE USER {user} IDENTIFIED BY '{PASSWORD}'; GRANT ALL ON *.* TO {user}")
    key = "mariadb-dump --no-defaults ..."
    at_prompt(target, doc.text(page, key), PASSWORD)
    assert new.value(COUNT) == vdb.sql(VDB).value(COUNT)
    source.stop(target)


def test_a_port_that_is_taken_is_told(vdb: Site, doc: Doc) -> None:
    page = "docs/reference/error-codes.md"
    error = refused("MDB-034", lambda: vdb.provision("two", STAGING, port=3320))
    message_holds(page, doc.unit(page, "MDB-034").lines(), doc.back(error.message))


def test_steps_of_a_refresh(vdb: Site, doc: Doc) -> None:
    page = "docs/guides/provisioning.md"
    said = terminal(f"./dev lab --root {doc.folder} refresh {VDB}")
    output_holds(page, doc.unit(page, "virtual.unconfigure").lines(), said.splitlines())
    assert vdb.sql(VDB).query("SELECT DISTINCT name FROM shop.customer") != [("nobody",)]


# -- backups, and loads by hand -------------------------------------------------------------------


def test_backups_are_made(linked: Site, doc: Doc) -> None:
    page, host = "docs/guides/user-backup.md", linked.host("source")
    drop_odd_names(linked.source.server)
    as_root(host, "mkdir /backup")
    key = "mydumper ..."
    as_root(host, doc.text(page, key))
    assert "Finished dump" in as_root(host, "cat /backup/full/metadata; rm -r /backup/full")
    key = "mariadb-backup --backup --target-dir ..."
    assert "completed OK!" in as_root(host, doc.text(page, key))
    assert "full-backuped" in as_root(host, "cat /backup/full/*_checkpoints")
    key = "mariadb-backup --backup --stream=mbstream ..."
    assert "completed OK!" in as_root(host, doc.text(page, key))
    listed = "mkdir /backup/un; zstd -dc /backup/full.mbs.zst | mbstream -x -C /backup/un"
    assert "full-backuped" in as_root(host, f"{listed}; cat /backup/un/*_checkpoints")


def test_a_backup_is_linked_and_followed(linked: Site, doc: Doc) -> None:
    page, server = "docs/guides/user-backup.md", linked.source.server
    source_host, staging = linked.host("source"), linked.host("staging")
    path = "/backup/full.sql.zst"
    as_root(source_host, "mkdir -p /backup")
    as_root(source_host, doc.text(page, "mariadb-dump --all-databases ..."))
    as_root(staging, "mkdir /backup")
    staging.write_file(path, source_host.read_file(path))
    mark(server, "after the backup")
    given = json.loads(
        doc.text(page, '"backupPath": "/backup/full.sql.zst",').replace("…", PASSWORD)
    )
    for container in reversed(linked.lab.containers()):
        linked.lab.delete(container.name)
    linked.link("sales", replicationCredentials=None, **given)
    linked.lab.sync("sales")
    assert marks(linked.sql("sales")) == marks(server)
    assert linked.sql("sales").value(COUNT) == server.value(COUNT)


def test_manual_ingestion(site: Site, doc: Doc) -> None:
    page = "docs/guides/manual-ingestion.md"
    origin, staging = site.host("source"), site.host("staging")
    site.link(
        "manual",
        ingestionMode="Manual Ingestion",
        stagingPort=3330,
        stagingCredentials=login("loader"),
    )
    sample = doc.unit(page, "on 10.77.0.12, as OS user").lines()
    message_holds(page, sample, str(site.latest("manual").metadata["loadWith"]))
    as_root(origin, "mariadb-dump --databases metrics | gzip > sales.sql.gz")
    carry(site, "sales.sql.gz")
    key = "zcat sales.sql.gz ..."
    as_user(staging, doc.text(page, key))
    assert ("metrics",) in site.sql("manual").query("SHOW DATABASES")
    as_root(
        origin,
        doc.text(page, "mariadb-dump --databases mysql ..."),
    )
    as_root(origin, doc.text(page, "| gzip > data.sql.gz"))
    carry(site, "accounts.sql", "data.sql.gz")
    as_user(
        staging,
        f"mariadb --binary-mode --socket={site.mount('manual')}/run/mariadb.sock <accounts.sql",
    )
    site.lab.sync("manual")
    as_user(
        staging,
        doc.text(page, "(echo ..."),
    )
    site.lab.sync("manual")
    server = site.source.server
    for asked in (COUNT, "SELECT COUNT(*) FROM mysql.proc WHERE db = 'shop'"):
        assert site.sql("manual").value(asked) == server.value(asked)


def carry(site: Site, *files: str) -> None:
    """From root's home on the source to the environment user's on the staging host."""
    for name in files:
        content = site.host("source").read_file(f"/root/{name}")
        site.host("staging").write_file(f"/home/delphix/{name}", content)


# -- without a lab of its own ---------------------------------------------------------------------


def test_the_demo(doc: Doc, tmp_path: Path) -> None:
    """All that the pages say of it, at once: with few rows, its page, and left up."""
    asked = [
        ("README.md", "./dev demo"),
        ("README.md", "./dev demo --serve"),
        (LAB, "./dev demo"),
        (LAB, "./dev demo --keep"),
        (LAB, "./dev demo --rows 2000"),
    ]
    options = " ".join(
        command_of(doc.text(page, key)).removeprefix("./dev demo") for page, key in asked
    )
    if writing():
        options = options.replace("--rows 2000", "")
    folder = tmp_path / "demo"
    try:
        with served(f"./dev demo {options} --lab {folder}", "Ctrl-C ends it") as said:
            told = folder / "api.json"
            until(told.exists, "the demo tells how to log in")
            assert requests.get(json.loads(told.read_text())["url"], timeout=30).ok
        sample = doc.unit("README.md", "operation seconds remote calls").lines()
        excerpt_holds("README.md", sample, said)
        assert "Everything is still up:" in said
        assert "dev1" in terminal(f"./dev lab --root {folder} status")
    finally:
        terminal(f"./dev lab --root {folder} down")
    assert leftovers(folder) == []


def command_of(text: str) -> str:
    return text.partition(" #")[0].strip()


def test_the_artifact_is_built(doc: Doc, tmp_path: Path) -> None:
    """In a checkout where nothing is built yet."""
    page = "docs/install.md"
    for name in ("dev", "plugin_config.yml", "schema.json", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path)
    skip = shutil.ignore_patterns("__pycache__", "generated")
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=skip)
    venv = tmp_path / ".venv"
    venv.mkdir()
    for path in (ROOT / ".venv").iterdir():
        if path.name != "made-from":
            (venv / path.name).symlink_to(path)
    stamp = (ROOT / ".venv/made-from").read_text().split()[0]
    (venv / "made-from").write_text(f"{stamp} {tmp_path}\n")
    said = terminal(doc.text(page, "./dev build"), tmp_path)
    assert (tmp_path / "build/artifact.json").stat().st_size > 1_000_000
    output_holds(page, doc.unit(page, "./dev build").output, said.splitlines())


def test_all_of_it_has_run(doc: Doc) -> None:
    """The last test: what the manifest says runs here has run, but for what ends the lab."""
    left = that_run().keys() - doc.taken - {(LAB, "./dev lab down")}
    assert not left, f"not run: {sorted(left)}"
