"""Files that another series wrote: upgraded when they were closed in good order, else refused."""

from collections.abc import Callable

import pytest

from domain.options.my_cnf import Role
from domain.options.settings import Setting
from tests.steps.support import Dataset, wait_for

OLD = "10.5.23-MariaDB-0+deb11u1"


def note(dataset: Dataset) -> list[str]:
    """Version and state that the dataset tells of its files."""
    return dataset.read("written.by").split()


@pytest.fixture
def server(fresh: Callable[..., Dataset]) -> Dataset:
    """A VDB that runs, with a table, an event and a view."""
    dataset = fresh("series", 3480, role=Role.VDB).create()
    dataset.sql(
        "CREATE DATABASE shop; CREATE TABLE shop.t (n INT PRIMARY KEY);"
        "INSERT INTO shop.t VALUES (7); CREATE VIEW shop.v AS SELECT n FROM shop.t;"
    )
    return dataset


def test_the_files_tell_whether_they_were_closed(server: Dataset) -> None:
    version = server.sql("SELECT VERSION()")
    assert note(server) == [version, "open"]
    server.good("server_stop")
    assert note(server) == [version, "closed"]
    server.good("server_start")
    assert note(server) == [version, "open"]
    (pid,) = server.pids()
    server.host.run_as_root(["kill", "-KILL", str(pid)])
    wait_for("it is dead", lambda: server.pids() == [])
    server.good("server_stop")
    assert note(server) == [version, "open"]


def test_a_slow_shutdown(server: Dataset) -> None:
    assert server.good("server_stop", SLOW="yes").flag("stopped")
    assert note(server)[1] == "closed"
    assert "innodb_fast_shutdown" not in server.read("my.cnf")


def test_closed_files_of_an_older_series_are_upgraded(server: Dataset) -> None:
    version = server.sql("SELECT VERSION()")
    # What mariadb-upgrade has to mend: a system table of an older series.
    server.sql("ALTER TABLE mysql.proc DROP COLUMN aggregate")
    server.good("server_stop")
    server.write("written.by", f"{OLD} closed\n")
    server.good("vdb_configure", KEEP_LOGS="yes")
    assert note(server) == [version, "open"]
    assert server.sql("SELECT n FROM shop.v") == "7"
    assert server.sql("SHOW COLUMNS FROM mysql.proc LIKE 'aggregate'").startswith("aggregate")
    assert len(server.pids()) == 1
    assert server.sql("SELECT @@port, @@skip_networking") == "3480\t0"


REFUSED = {
    f"{OLD} open": "written by 10.5.23-MariaDB-0+deb11u1 and not shut down in good order",
    f"{OLD} upgrading": "written by 10.5.23-MariaDB-0+deb11u1 and not shut down",
    "12.3.1-MariaDB closed": "written by 12.3.1-MariaDB, and /usr/sbin/mariadbd is the older",
    "nonsense": "'nonsense' is no version",
}


def test_other_files_are_left_alone(server: Dataset) -> None:
    server.good("server_stop")
    for text, words in REFUSED.items():
        server.write("written.by", f"{text}\n")
        before = _state(server)
        for step in ("server_start", "vdb_configure"):
            outcome = server.run(step, KEEP_LOGS="no")
            assert (step, text, outcome.failure) == (step, text, "VERSION_MISMATCH")
            assert words in outcome.seen
            assert _state(server) == before
    assert server.pids() == []


def _state(dataset: Dataset) -> str:
    found = ["find", dataset.mount, "-type", "f", "-exec", "md5sum", "{}", "+"]
    return "\n".join(sorted(dataset.host.run_as_root(found).text.splitlines()))


def test_an_interrupted_upgrade_is_done_again(server: Dataset) -> None:
    version = server.sql("SELECT VERSION()")
    server.sql("ALTER TABLE mysql.proc DROP COLUMN aggregate")
    server.good("server_stop")
    server.write("written.by", f"{version} upgrading\n")
    server.good("server_start")
    assert note(server) == [version, "open"]
    assert server.sql("SHOW COLUMNS FROM mysql.proc LIKE 'aggregate'").startswith("aggregate")


def test_a_failing_upgrade_leaves_nothing_running(server: Dataset) -> None:
    """And says so in the words of mariadb-upgrade; the next start tries again."""
    version = server.sql("SELECT VERSION()")
    server.good("server_stop")
    server.write("written.by", f"{OLD} closed\n")
    body = (
        'upgrade_tool() { echo "ERROR 1064 at line 3: it hurts"; return 1; };'
        "require_ours; use_installation; start_server"
    )
    outcome = server.library(body)
    assert outcome.failure == "UPGRADE_FAILED"
    assert "ended with status 1: ERROR 1064 at line 3: it hurts" in outcome.seen
    assert server.pids() == []
    assert note(server) == [version, "upgrading"]
    idle = "upgrade_tool() { :; }; require_ours; use_installation; start_server"
    assert "has run and is still needed (status 0)" in server.library(idle).seen
    server.good("server_start")
    assert server.sql("SELECT n FROM shop.t") == "7"


def test_tables_that_need_it_are_rebuilt(server: Dataset) -> None:
    """Whatever their names; one that stays unfit is told."""
    server.sql("CREATE DATABASE `odd ``x`; CREATE TABLE `odd ``x`.`t'\\` (n INT) ENGINE = MyISAM")
    assert server.library('use_installation; answer seen "$(tables_in_need)"').seen == ""
    unfit = (
        'on_tables() { if [[ $1 == CHECK* ]]; then printf "table\\t1\\na.b\\tcheck\\tError\\tneeds '
        'ALTER\\n"; else log INFO "$1 $2 $3"; fi; };'
    )
    outcome = server.library(f"{unfit} use_installation; upgrade_tables")
    assert outcome.failure == "UPGRADE_FAILED"
    assert outcome.seen == "still not fit after ALTER TABLE ... FORCE: 1 a.b: needs ALTER"
    rebuild = "use_installation; on_tables 'ALTER TABLE' 'FORCE' 1 | answer_lines seen"
    assert server.library(rebuild).seen == "table\t1"


def test_the_closed_server_of_an_upgrade_that_was_cut_off_does_not_stay(server: Dataset) -> None:
    """It answers, and nobody else would ever reach it."""
    version = server.sql("SELECT VERSION()")
    server.good("server_stop")
    server.write("written.by", f"{version} upgrading\n")
    cut_off = "require_ours; use_installation; launch_server 30 --skip-networking; trap - EXIT"
    assert server.library(cut_off).failure == ""
    (before,) = server.pids()
    status = server.good("server_status")
    assert (status.flag("running"), status.flag("answering")) == (True, False)
    assert not server.good("server_start").maybe("already")
    assert server.pids() != [before]
    assert server.sql("SELECT @@skip_networking") == "0"
    assert note(server) == [version, "open"]
    assert server.good("server_status").flag("answering")


def test_files_that_were_left_to_crash_recovery_are_not_closed(server: Dataset) -> None:
    """Its log says `Shutdown complete` all the same."""
    server.sql("SET GLOBAL innodb_fast_shutdown = 2")
    server.good("server_stop")
    assert note(server)[1] == "open"


def test_a_server_of_an_earlier_build_is_noted_when_it_stops(server: Dataset) -> None:
    version = server.sql("SELECT VERSION()")
    server.host.run_as_root(["rm", f"{server.mount}/written.by"])
    server.good("server_stop")
    assert note(server) == [version, "closed"]


def test_a_snapshot_of_a_stopped_vdb_names_the_series_of_its_files(server: Dataset) -> None:
    """Not that of the program that was installed since."""
    server.good("server_stop")
    server.write("written.by", f"{OLD} closed\n")
    server.good("quiesce", NEEDS_SERVER="no")
    assert server.good("release").text("serverVersion") == OLD


def test_options_that_the_newer_server_does_not_know_leave_the_files_to_the_older(
    server: Dataset,
) -> None:
    server.good("server_stop")
    server.write("written.by", f"{OLD} closed\n")
    outcome = server.with_(Setting("of_the_older_series", "1")).run("server_start")
    assert outcome.failure == "SERVER_DIED"
    assert "unknown variable 'of_the_older_series=1'" in outcome.seen
    assert note(server) == [OLD, "closed"]
