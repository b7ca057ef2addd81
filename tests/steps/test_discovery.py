"""What is on a host: installations and servers, found without walking the disk."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.steps.support import BASE_DIR, DAEMON, Bench, Dataset, command_lines, run_step, wait_for

NOT_MARIADB = b"#!/bin/sh\necho 'mysqld  Ver 8.0.36 for Linux on x86_64 (MySQL Community Server)'\n"
STUBBORN = b"#!/bin/bash\ntrap '' TERM\nfor i in {1..600}; do sleep 0.1; done\n"


def installations(bench: Bench, **variables: str) -> dict[str, str]:
    """Base directory by program."""
    outcome = run_step(bench.host, "discover_repositories", variables)
    assert outcome.failure == "", outcome.story
    return {row[0]: row[1] for row in outcome.answer.rows("installation", 3)}


@pytest.fixture
def place(bench: Bench) -> Iterator[Callable[..., str]]:
    """Puts a server program somewhere: a copy of the real one, or something else."""
    folders: set[str] = set()

    def put(path: str, content: bytes | None = None, mode: int = 0o755, folder: int = 0o755) -> str:
        parent = path.rpartition("/")[0]
        top = "/".join(path.split("/")[: 4 if path.startswith("/usr") else 3])
        folders.add(top)
        bench.host.run_as_root(["mkdir", "-p", parent])
        if content is None:
            bench.host.run_as_root(["cp", DAEMON, path])
        else:
            bench.host.write_file(path, content)
        bench.host.run_as_root(["chmod", f"{mode:o}", path])
        bench.host.run_as_root(["chmod", f"{folder:o}", parent])
        return path

    yield put
    bench.host.run_as_root(["rm", "-rf", *folders])


def test_the_package_is_found_once_and_quickly(bench: Bench) -> None:
    started = time.monotonic()
    assert installations(bench) == {DAEMON: BASE_DIR}
    assert time.monotonic() - started < 1.0


@pytest.mark.parametrize(
    ("path", "base"),
    [
        ("/opt/mariadb-10.11.19-linux-x86_64/bin/mariadbd", "/opt/mariadb-10.11.19-linux-x86_64"),
        ("/opt/vendor/mariadb one/sbin/mysqld", "/opt/vendor/mariadb one"),
        ("/usr/local/mariadb/libexec/mariadbd", "/usr/local/mariadb"),
    ],
)
def test_tarballs_are_found(bench: Bench, place: Callable[..., str], path: str, base: str) -> None:
    place(path)
    assert installations(bench) == {DAEMON: BASE_DIR, path: base}


def test_links_lead_to_the_one_real_program(bench: Bench, place: Callable[..., str]) -> None:
    real = place("/opt/mariadb-11/bin/mariadbd")
    bench.host.run_as_root(["ln", "-s", "/opt/mariadb-11", "/opt/mariadb"])
    bench.host.run_as_root(["ln", "-s", "mariadbd", "/opt/mariadb-11/bin/mysqld"])
    assert installations(bench) == {DAEMON: BASE_DIR, real: "/opt/mariadb-11"}
    bench.host.run_as_root(["rm", "/opt/mariadb"])


def test_hints_of_the_host(bench: Bench, place: Callable[..., str]) -> None:
    first = place("/srv/one/bin/mariadbd")
    second = place("/srv/two/sbin/mysqld")
    assert set(installations(bench)) == {DAEMON}
    hint = f"relative/path::/srv/one:{second}:/nowhere"
    found = installations(bench, DELPHIX_MARIADB_PATH=hint)
    assert found == {DAEMON: BASE_DIR, first: "/srv/one", second: "/srv/two"}


def test_what_others_can_change_is_not_run(bench: Bench, place: Callable[..., str]) -> None:
    tells = b"#!/bin/sh\ntouch /tmp/was-run\necho 'x Ver 10.11.9-MariaDB for x'\n"
    place("/opt/writable/bin/mariadbd", tells, mode=0o777)
    place("/opt/open/bin/mariadbd", tells, folder=0o777)
    foreign = place("/srv/foreign/bin/mariadbd", tells)
    bench.host.run_as_root(["chown", "nobody", foreign])
    assert installations(bench, DELPHIX_MARIADB_PATH="/srv/foreign") == {DAEMON: BASE_DIR}
    ran = bench.host.run_as_root(["test", "-e", "/tmp/was-run"], check=False).exit_code == 0
    assert not ran


def test_other_programs_of_that_name(bench: Bench, place: Callable[..., str]) -> None:
    place("/opt/mysql/bin/mysqld", NOT_MARIADB)
    place("/opt/broken/bin/mariadbd", b"\x7fELF no program")
    place("/opt/plain/bin/mariadbd", None, mode=0o644)
    place("/opt/folder/bin/mariadbd/x", b"")
    assert installations(bench) == {DAEMON: BASE_DIR}


def test_a_program_that_never_ends_holds_up_nobody(bench: Bench, place: Callable[..., str]) -> None:
    place("/opt/stubborn/bin/mysqld", STUBBORN)
    started = time.monotonic()
    assert installations(bench) == {DAEMON: BASE_DIR}
    assert time.monotonic() - started < 15.0


@contextmanager
def foreign_server(bench: Bench, *options: str) -> Iterator[int]:
    """A server of the user mysql, started by hand."""
    data = "/var/lib/foreign"
    script = (
        f"[ -d {data} ] || (install -d -o mysql {data} &&"
        f" mariadb-install-db --no-defaults --user=mysql --datadir={data})"
    )
    bench.host.run_as_root(["bash", "-c", script])
    argv = ["setpriv", "--reuid=mysql", "--regid=mysql", "--clear-groups", DAEMON, *options]
    ping = ["mariadb", "--no-defaults", f"--socket={data}/s", "-e", "SELECT 1"]
    words = [DAEMON.encode(), *(option.encode() for option in options)]
    with bench.host.popen_as_root(argv, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(
                "the foreign server answers",
                lambda: bench.host.run_as_root(ping, check=False).exit_code == 0,
            )
            yield next(pid for pid, line in command_lines(bench.host).items() if line == words)
        finally:
            process.terminate()


def servers(bench: Bench) -> tuple[tuple[str, ...], ...]:
    outcome = run_step(bench.host, "discover_servers", {"DAEMON": DAEMON, "BASE_DIR": BASE_DIR})
    assert outcome.failure == "", outcome.story
    return outcome.answer.rows("server", 4)


DATA, SOCKET = "/var/lib/foreign", "/var/lib/foreign/s"
WAYS = {
    "options": ["--no-defaults", "--port=3451", f"--datadir={DATA}/", f"--socket={SOCKET}"],
    "two words": ["--no-defaults", "--port", "3451", "--datadir", DATA, "--socket", SOCKET],
    "letters": ["--no-defaults", "-P", "3451", "-h", DATA, f"--socket={SOCKET}"],
    "file": ["--defaults-file=/etc/foreign.cnf"],
}


@pytest.mark.parametrize("way", WAYS)
def test_a_running_server_is_told_as_it_is(bench: Bench, way: str) -> None:
    text = "[mysqld]\nport=3451\n[server]\ndatadir = /var/lib/foreign\nsocket=/var/lib/foreign/s\n"
    bench.host.write_file("/etc/foreign.cnf", text.encode())
    with foreign_server(bench, *WAYS[way]) as pid:
        assert servers(bench) == (("3451", "/var/lib/foreign", "/var/lib/foreign/s", str(pid)),)


def test_a_server_whose_options_are_secret_is_not_guessed_at(bench: Bench) -> None:
    text = "[mysqld]\nport=3451\ndatadir=/var/lib/foreign\nsocket=/var/lib/foreign/s\n"
    bench.host.write_file("/etc/foreign.cnf", text.encode(), 0o600, "mysql:mysql")
    with foreign_server(bench, "--defaults-file=/etc/foreign.cnf"):
        assert [row for row in servers(bench) if row[0] == "3306"] == []


def test_delphix_own_servers_are_left_out(bench: Bench, server: Dataset) -> None:
    assert servers(bench) == ()
    with foreign_server(bench, *WAYS["options"]):
        assert [row[0] for row in servers(bench)] == ["3451"]
