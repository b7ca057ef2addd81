"""A server's life on a dataset: started, found, proven, stopped; by what it is, not by its name."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from domain.options.settings import Setting
from tests.steps.support import Bench, Dataset, Outcome, command_lines, run_step, wait_for


@pytest.fixture(autouse=True)
def stopped(server: Dataset) -> None:
    for pid in server.pids():
        server.host.run_as_root(["kill", "-CONT", str(pid)], check=False)
    server.good("server_stop")


@contextmanager
def listener(bench: Bench, port: int) -> Iterator[None]:
    """A program of root that listens on a port."""
    code = (
        "use IO::Socket::INET; my $s = IO::Socket::INET->new(Listen => 1,"
        f" LocalAddr => '127.0.0.1:{port}') or die; $| = 1; print 'x'; <STDIN>"
    )
    pipe = subprocess.PIPE
    with bench.host.popen_as_root(["perl", "-e", code], stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None
        assert process.stdout.read(1) == b"x"
        yield
        process.kill()


def signal(dataset: Dataset, name: str) -> None:
    (pid,) = dataset.pids()
    dataset.host.run_as_root(["kill", f"-{name}", str(pid)])


def test_start_and_stop_may_be_repeated(server: Dataset) -> None:
    first = server.good("server_start")
    pids = server.pids()
    again = server.good("server_start")
    assert not first.flag("already")
    assert again.flag("already")
    assert again.text("version") == first.text("version")
    assert server.pids() == pids
    assert server.good("server_stop").flag("stopped")
    assert server.pids() == []
    assert not server.good("server_stop").flag("stopped")


def test_restart_takes_the_new_configuration(server: Dataset) -> None:
    server.good("server_start")
    changed = server.with_(Setting("max_connections", "77"))
    changed.good("server_start")
    assert server.sql("SELECT @@max_connections") != "77"
    changed.good("server_start", RESTART="yes")
    assert server.sql("SELECT @@max_connections") == "77"


def test_status_tells_the_states_apart(server: Dataset) -> None:
    def status() -> tuple[bool, bool]:
        answer = server.good("server_status")
        return answer.flag("running"), answer.flag("answering")

    assert status() == (False, False)
    server.good("server_start")
    assert status() == (True, True)
    signal(server, "STOP")
    assert status() == (True, False)
    signal(server, "CONT")
    assert status() == (True, True)
    signal(server, "KILL")
    wait_for("the server is gone", lambda: server.pids() == [])
    assert status() == (False, False)


def test_status_and_stop_need_no_mount(bench: Bench, server: Dataset) -> None:
    nowhere = {"MOUNT": "/mnt/nowhere", "STOP_SECONDS": "5"}
    assert not run_step(bench.host, "server_status", nowhere).answer.flag("running")
    assert run_step(bench.host, "server_stop", nowhere).failure == ""


def test_a_server_that_hangs_holds_up_no_step(server: Dataset) -> None:
    """Its socket takes connections and never greets."""
    server.good("server_start")
    signal(server, "STOP")
    body = "require_ours; use_installation; sql <<<'SELECT 1' || :; answer end yes"
    assert server.library(body, timeout=40).answer.flag("end")
    body = "use_installation; if server_speaks $(server_pids); then answer speaks yes; fi"
    assert not server.library(body, timeout=40).answer.flag("speaks")


def test_a_server_that_resists_is_killed_and_it_is_said(server: Dataset) -> None:
    server.good("server_start")
    body = (
        "trap '' TERM; (trap '' TERM; while :; do sleep 0.1; done) >/dev/null 2>&1 3>&- &"
        ' pid=$!; stop_process "$pid" "$(start_time "$pid")" 1; [[ -z $(start_time "$pid") ]]'
    )
    outcome = server.library(body)
    assert outcome.failure == ""
    assert "did not end within 1 s of SIGTERM: SIGKILL" in outcome.story


def test_a_frozen_server_is_let_go_on_so_that_it_can_end(server: Dataset) -> None:
    server.good("server_start")
    signal(server, "STOP")
    outcome = server.run("server_stop", STOP_SECONDS="20")
    assert outcome.failure == ""
    assert outcome.answer.flag("stopped")
    assert "is frozen (state T): SIGCONT" in outcome.story
    assert "SIGKILL" not in outcome.story
    assert server.pids() == []
    assert server.read("written.by").endswith(" closed\n")


def test_a_port_of_another_program_is_refused(bench: Bench, server: Dataset) -> None:
    with listener(bench, server.port):
        outcome = server.run("server_start")
        assert outcome.failure == "PORT_IN_USE"
        assert outcome.seen == "port 3400 is listened on by a program of user root (uid 0)"
        # And a program that waits on IPv6 only, or on another address.
    assert server.pids() == []
    server.good("server_start")


@pytest.mark.parametrize("same", ["port", "server id"])
def test_what_another_dataset_has_is_refused(
    fresh: Callable[..., Dataset], server: Dataset, same: str
) -> None:
    """Also while its server does not run."""
    other = fresh("taken", 3411 if same == "server id" else server.port)
    other = other if same == "port" else other.with_(SERVER_ID=str(server.server_id))
    facts = other.good("host_facts")
    taken = facts.maybe("portTaken" if same == "port" else "serverIdTaken")
    assert f"belongs to the dataset mounted at {server.mount}" in taken
    wanted = "PORT_IN_USE" if same == "port" else "SERVER_ID_IN_USE"
    other.good("dataset_create")
    outcome = other.run("server_start")
    assert (outcome.failure, outcome.seen) == (wanted, taken)


def test_a_bad_setting_ends_with_the_servers_own_words(server: Dataset) -> None:
    broken = server.with_(Setting("no_such_setting", "1")).run("server_start")
    assert broken.failure == "SERVER_DIED"
    assert "no_such_setting" in broken.seen
    assert server.pids() == []
    server.good("server_start")


def test_a_start_that_takes_too_long_is_taken_back(server: Dataset) -> None:
    program = "/opt/slow/sbin/mariadbd"
    server.host.run_as_root(["mkdir", "-p", "/opt/slow/sbin"])
    version = '[[ $* != *--version* && $* != *--help* ]] || exec /usr/sbin/mariadbd "$@"'
    text = f"#!/bin/bash\n{version}\nexec sleep 54321\n"
    server.host.write_file(program, text.encode(), 0o755)
    slow = server.run("server_start", START_SECONDS="1", DAEMON=program)
    assert slow.failure == "SERVER_NOT_READY"
    assert "after 1 s" in slow.seen
    wait_for("nothing of it runs", lambda: not _sleeps(server))


def _sleeps(server: Dataset) -> bool:
    return [b"sleep", b"54321"] in command_lines(server.host).values()


def test_settings_that_would_lock_us_out_end_at_once(server: Dataset) -> None:
    """Not after START_SECONDS, half an hour in real life."""
    outcome = server.with_(Setting("unix_socket", "OFF")).run("server_start", START_SECONDS="8")
    assert outcome.failure in ("", "ENTRY_REFUSED", "ACCOUNT_OPEN", "SERVER_DIED"), outcome.story


def test_stale_files_of_a_killed_server_are_no_hindrance(server: Dataset) -> None:
    server.good("server_start")
    signal(server, "KILL")
    wait_for("the server is gone", lambda: server.pids() == [])
    assert {"mariadb.pid", "mariadb.sock"} <= set(
        server.host.run_as_root(["ls", f"{server.mount}/run"]).text.split()
    )
    # The number now belongs to another process of the same user.
    server.write("run/mariadb.pid", "1\n")
    assert not server.good("server_status").flag("running")
    assert not server.good("server_stop").flag("stopped")
    assert not server.good("server_start").flag("already")


def test_only_the_servers_of_this_mount_are_stopped(
    fresh: Callable[..., Dataset], server: Dataset
) -> None:
    other = fresh("shared2", 3412).create()
    server.good("server_start")
    command = "exec -a mariadbd perl -e 'sleep 60' -- --defaults-file=/mnt/shared/my.cnf"
    with server.host.popen_as_root(
        ["setpriv", "--reuid=1701", "--regid=1701", "--clear-groups", "bash", "-c", command]
    ) as process:
        server.good("server_stop")
        (impostor,) = server.pids()
        # By its pid on the host: ending what brought us into the host would leave it there.
        server.host.run_as_root(["kill", "-KILL", str(impostor)])
        process.wait()
    assert other.good("server_status").flag("answering")


def test_a_server_of_an_earlier_mount_is_replaced(
    bench: Bench, fresh: Callable[..., Dataset]
) -> None:
    """Unmounted lazily and mounted anew: the old server runs on files that nobody sees any more."""
    dataset = fresh("again", 3413).create()
    dataset.sql("CREATE DATABASE older")
    old = dataset.pids()
    bench.host.run_as_root(["umount", "--lazy", dataset.mount])
    bench.machine.pool.create_dataset("bench/second", bench.host.uid, bench.host.gid)
    try:
        bench.host.mount(bench.machine.pool.dataset_volume("bench/second"), dataset.mount)
        dataset.good("dataset_create")
        assert dataset.pids() == []
        dataset.good("server_start")
        assert dataset.pids() != old
        assert dataset.sql("SHOW DATABASES LIKE 'older'") == ""
    finally:
        dataset.good("server_stop")
        bench.host.unmount(dataset.mount)
        bench.machine.pool.delete_dataset("bench/second")
        wait_for("the old files are free", lambda: _deleted(bench, "bench/again"))


def _deleted(bench: Bench, name: str) -> bool:
    bench.machine.pool.delete_dataset(name)
    return not bench.machine.pool.dataset_exists(name)


@pytest.mark.parametrize("name", ["TERM", "HUP"])
def test_a_step_that_is_ended_leaves_no_unproven_server(server: Dataset, name: str) -> None:
    found: list[Outcome] = []
    body = "require_ours; use_installation; start_server; sql <<<'DO SLEEP(5)'; answer end yes"
    step = threading.Thread(target=lambda: found.append(server.library(body)))
    step.start()
    asleep = "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'DO SLEEP%'"
    wait_for("the step is in its last part", lambda: bool(server.pids()) and _says(server, asleep))
    server.host.run_as_root(["pkill", f"-{name}", "-u", "1701", "-fx", "/bin/bash /dev/fd/.*"])
    step.join()
    assert found[0].failure
    wait_for("the server is gone", lambda: server.pids() == [], 5)


def _says(server: Dataset, question: str) -> bool:
    try:
        return server.sql(question) == "1"
    except Exception:
        return False


def test_names_of_ours_in_the_environment_change_no_client(server: Dataset) -> None:
    """They say what runs a client and what its session begins with, and come from nobody else."""
    server.good("server_start")
    given = {"UNDER": "echo", "SESSION_SQL": "SESSION sql_mode = x", "SOCKET": "/nowhere"}
    said = server.library(
        "use_installation; answer said \"$(session <<<'SELECT 40 + 2')\"", **given
    )
    assert (said.failure, said.answer.maybe("said")) == ("", "42"), said.story


def test_the_daemon_inherits_nothing(server: Dataset) -> None:
    """Neither what the step was given, secrets included, nor its pipes or locks."""
    server.good("server_start", SOURCE_PASSWORD="s3cret", LOGIN_PASSWORD="s3cret")
    (pid,) = server.pids()
    environment = server.host.read_file(f"/proc/{pid}/environ")
    assert sorted(line.split(b"=")[0] for line in environment.split(b"\0") if line) == [
        b"HOME",
        b"LC_ALL",
        b"PATH",
    ]
    links = server.host.run_as_root(["bash", "-c", f"readlink /proc/{pid}/fd/*"]).text.split()
    # Its own pipes have both ends here; one end only leads to somebody else.
    assert [link for link in links if link.startswith("pipe:") and links.count(link) == 1] == []


def test_files_are_for_their_owner_only(server: Dataset) -> None:
    server.good("server_start")
    script = (
        f"cd {server.mount} && stat -c '%a %n' data log tmp run *.cnf delphix.json run/init.sql"
    )
    listing = server.host.run_as_root(["bash", "-c", script]).text.splitlines()
    assert {line.split()[0] for line in listing} == {"700", "600"}, listing
