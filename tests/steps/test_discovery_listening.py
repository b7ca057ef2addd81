"""A server is offered by TCP only where it listens on it, in the network of its host."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.steps.support import BASE_DIR, DAEMON, Bench, run_step, wait_for

DATA = "/var/lib/listening"
OPTIONS = ("--no-defaults", "--port=3452", f"--datadir={DATA}", f"--socket={DATA}/s")


@contextmanager
def started(bench: Bench, *more: str, before: tuple[str, ...] = ()) -> Iterator[None]:
    """A server of the user mysql; `before` is what runs it."""
    script = (
        f"[ -d {DATA} ] || (install -d -o mysql {DATA} &&"
        f" mariadb-install-db --no-defaults --user=mysql --datadir={DATA})"
    )
    bench.host.run_as_root(["bash", "-c", script])
    user = ["setpriv", "--reuid=mysql", "--regid=mysql", "--clear-groups"]
    argv = [*before, *user, DAEMON, *OPTIONS, *more]
    ping = ["mariadb", "--no-defaults", f"--socket={DATA}/s", "-e", "SELECT 1"]
    with bench.host.popen_as_root(argv, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(
                "the server answers",
                lambda: bench.host.run_as_root(ping, check=False).exit_code == 0,
            )
            yield
        finally:
            process.terminate()


def told(bench: Bench) -> tuple[list[str], str]:
    """Ports of the servers that are offered, and the story."""
    outcome = run_step(bench.host, "discover_servers", {"DAEMON": DAEMON, "BASE_DIR": BASE_DIR})
    assert outcome.failure == "", outcome.story
    return [row[0] for row in outcome.answer.rows("server", 4)], outcome.story


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0", "*", "::1"])
def test_who_listens_is_offered(bench: Bench, address: str) -> None:
    with started(bench, f"--bind-address={address}"):
        ports, story = told(bench)
    assert ports == ["3452"]
    assert "leaving out" not in story


@pytest.mark.parametrize(
    ("options", "before"),
    [(("--skip-networking",), ()), ((), ("unshare", "--net"))],
    ids=["skip_networking", "a network of its own"],
)
def test_who_does_not_listen_here_is_left_out(
    bench: Bench, options: tuple[str, ...], before: tuple[str, ...]
) -> None:
    """Another program listens at that port, as another user: it is not this server."""
    listen = "import socket as s; x = s.create_server(('127.0.0.1', 3452)); print(1, flush=True); "
    other = ["python3", "-c", f"{listen}import time; time.sleep(300)"]
    with (
        started(bench, *options, before=before),
        bench.host.popen_as_root(other, stdout=subprocess.PIPE) as listener,
    ):
        try:
            assert listener.stdout is not None
            assert listener.stdout.readline()
            ports, story = told(bench)
        finally:
            listener.terminate()
    assert ports == []
    assert "leaving out server" in story
    assert f"(port 3452, data directory {DATA})" in story
