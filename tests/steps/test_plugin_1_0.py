"""Datasets of plugin 1.0.0: what counts as one, and what is taken over."""

import json
from collections.abc import Callable

import pytest

from tests.steps.support import Bench, Dataset, wait_for

MOUNT, PORT = "/mnt/old", 3440
CONFIG = f"""[mysqld]
server-id=102 ##dlpx##               = 102
datadir={MOUNT}/data ##dlpx##=x
tmpdir\t= "{MOUNT}/tmp"
socket = {MOUNT}/mysql.sock
port={PORT}
read-only=1
symbolic-links=0
loose-skip-networking
log_bin={MOUNT}/log/mysql-bin
replicate-do-db=shop
sort_buffer_size = 3M # ours
init-connect = "SET @a = 'b\\\\\\\\c\\"'"
file_key_management_filekey = s3cret
loose-file_key_management_filekey = s3cret
skip-name-resolve
[mysqld_safe]
port=1
"""


def sh(dataset: Dataset, script: str) -> str:
    return dataset.host.run_as_root(["bash", "-c", f"cd {dataset.mount} && {script}"]).text


@pytest.fixture
def old(fresh: Callable[..., Dataset]) -> Dataset:
    """A dataset that lies there as 1.0.0 left it, its server killed."""
    dataset = fresh("old", PORT).create()
    dataset.good("server_stop")
    sh(dataset, "rm -rf delphix.json required.cnf run")
    text = "\n".join(line for line in CONFIG.splitlines() if not line.startswith("file_key"))
    dataset.write("my.cnf", text + "\n")
    return dataset


def test_what_is_taken_over(old: Dataset) -> None:
    """Without a DAEMON, as for staging: its program is found by the my.cnf, or at all."""
    before = sh(old, "find data log -type f -exec sha256sum {} + | sort")
    old.good("start_facts", DAEMON="", BASE_DIR="", GUID='g"1')
    assert sh(old, "find data log -type f -exec sha256sum {} + | sort") == before
    marker = json.loads(old.read("delphix.json"))
    kept = {row["propertyName"]: row["value"] for row in marker.pop("requiredSettings")}
    assert (marker["guid"], marker["role"], marker["port"], marker["serverId"]) == (
        'g"1', "staging", PORT, 102
    )  # fmt: skip
    assert marker["daemonPath"] == "/usr/sbin/mariadbd"
    assert kept == {
        "sort_buffer_size": "3M",
        "init_connect": "SET @a = 'b\\\\c\"'",
        "skip_name_resolve": "1",
    }
    required = old.read("required.cnf")
    assert 'replicate_do_db = "shop"' in required
    assert "networking" not in required
    assert old.read("legacy.binlog") == f"{MOUNT}/log/mysql-bin\n"
    old.good("server_start", MARKER="")
    asked = "SELECT @@sort_buffer_size, @@init_connect, @@skip_name_resolve, @@log_bin"
    assert old.sql(asked, "--raw") == "3145728\tSET @a = 'b\\\\c\"'\t1\t0"
    assert "legacy.binlog" not in old.names()


def test_a_step_that_only_looks_takes_nothing_over(old: Dataset) -> None:
    everything = "find . -exec stat -c '%n %s %Y %i' {} + | sort"
    before = sh(old, everything)
    assert old.good("size").number("sizeInBytes") > 1_000_000
    assert old.good("host_facts").text("running") == "no"
    assert old.good("server_status").text("running") == "no"
    assert old.good("mount_check", GUID="g").text("mounted") == "yes"
    for step in ("job_status", "replica_status", "release", "server_start"):
        outcome = old.run(step, MARKER="")
        assert outcome.failure == "SERVER_OLD_LAYOUT", step
        assert "has not been taken over yet" in outcome.seen
    assert sh(old, everything) == before


def test_the_port_of_its_own_server_is_not_taken(old: Dataset) -> None:
    """A resync may be the first that the new plugin does: the old server still runs."""
    start = (
        f"setsid /usr/sbin/mariadbd --defaults-file={MOUNT}/my.cnf --skip-log-bin"
        " --skip-networking=0 --loose-skip-networking=0 </dev/null >/dev/null 2>&1 &"
    )
    old.host.run_as_user(start)
    wait_for("it listens", lambda: old.run("host_facts").answer.maybe("running") == "yes")
    try:
        taken = old.good("host_facts")
        assert taken.text("running") == "yes"
        assert taken.maybe("portTaken") == ""
        other = old.good("host_facts", PORT=str(PORT + 50))
        assert other.maybe("portTaken") == ""
    finally:
        old.good("server_stop")


FOREIGN = {
    "another place": "sed -i s,/mnt/old/data,/srv/data, my.cnf",
    "no data there": "mv data/ibdata1 data/other",
    "a link as my.cnf": "mv my.cnf m && ln -s m my.cnf",
    "a link as data": "mv data d && ln -s d data",
    "another socket": "sed -i s,mysql.sock,sock, my.cnf",
    "another plugin's marker": """echo '{"plugin": "x"}' >delphix.json""",
    "no server group": "sed -i 's/^.mysqld.$/[client]/' my.cnf",
}


@pytest.mark.parametrize("change", FOREIGN.values(), ids=FOREIGN.keys())
def test_what_is_no_dataset_of_it(old: Dataset, change: str) -> None:
    sh(old, change)
    before = old.names()
    for step in ("size", "server_start", "vdb_configure", "host_facts", "dataset_create"):
        assert old.run(step, INITIALISE="yes").failure == "MOUNT_NOT_OURS", step
    assert old.run("mount_check", GUID="g").failure == "MOUNT_IN_USE"
    assert old.names() == before


def test_a_copy_must_be_of_the_own_series(bench: Bench, old: Dataset) -> None:
    sh(old, "echo \"Version: '10.4.13-MariaDB-log'  socket: 'x'  port: 1\" >mysqld_error.log")
    copy = bench.clone(old, "oldcopy", PORT + 1)
    try:
        assert copy.run("size").failure == "MOUNT_NOT_OURS", "a copy only as a copy"
        outcome = copy.run("vdb_configure")
        assert outcome.failure == "VERSION_MISMATCH"
        assert "written by 10.4.13-MariaDB-log, the repository runs 10.11" in outcome.seen
        assert "delphix.json" not in copy.names()
        sh(copy, "echo \"Version: '10.11.1-MariaDB'  socket: 'x'  port: 1\" >>mysqld_error.log")
        copy.good("vdb_configure")
        assert copy.sql("SELECT @@sort_buffer_size, @@read_only") == "3145728\t0"
    finally:
        bench.drop(copy)


def test_its_files_are_for_the_series_that_its_log_tells(old: Dataset) -> None:
    """Its servers were killed: a series that came with the host's upgrade would have to guess."""
    sh(
        old,
        "rm -f written.by; echo \"Version: '10.4.13-MariaDB-log'  socket: 'x'\" >mysqld_error.log",
    )
    old.good("start_facts")
    outcome = old.run("server_start", MARKER="")
    assert outcome.failure == "VERSION_MISMATCH"
    assert "written by 10.4.13-MariaDB-log and not shut down in good order" in outcome.seen
    sh(old, "echo '10.11.1-MariaDB open' >written.by")
    old.good("server_start", MARKER="")
