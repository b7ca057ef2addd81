"""The link between two hosts: how fast it is, and the plain copy of a directory over it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from lab.errors import LabError
from lab.hosts.host import Host

GIGABIT = "1gbit"
_DEVICE, _PORT = "eth0", "4444"
# tar reads what comes by the connection, with nothing in between.
_RECEIVE = """import os, socket, sys
server = socket.create_server(("", int(sys.argv[1])))
print(flush=True)
taken, _ = server.accept()
os.dup2(taken.fileno(), 0)
os.execvp("tar", ["tar", "--extract", "--directory", sys.argv[2]])
"""
_SEND = 'tar --create --warning=no-file-changed --directory "$1" . >"/dev/tcp/$2/$3" || (($? == 1))'


@contextmanager
def limited(host: Host, rate: str) -> Iterator[None]:
    """What the host sends goes out at `rate` (as `tc` writes it) at most. Raises LabError."""
    rule = ["tc", "qdisc", "replace", "dev", _DEVICE, "root", "tbf"]
    host.run_as_root([*rule, "rate", rate, "burst", "1mb", "latency", "50ms"])
    try:
        yield
    finally:
        host.run_as_root(["tc", "qdisc", "del", "dev", _DEVICE, "root"])


def copy_tree(sender: Host, receiver: Host, place: str, target: str) -> float:
    """Copy a directory's content from one host to a directory of another, and on to storage.

    Seconds. Raises LabError.
    """
    listening = ["python3", "-c", _RECEIVE, _PORT, target]
    with receiver.popen_as_root(listening, stdout=subprocess.PIPE) as taking:
        assert taking.stdout is not None
        try:
            taking.stdout.readline()
            begun = time.monotonic()
            sender.run_as_root(["bash", "-c", _SEND, "bash", place, receiver.address, _PORT])
        except BaseException:
            taking.kill()  # nobody else comes
            raise
        if taking.wait() != 0:
            raise LabError(f"tar does not take what {sender.name} sends")
    receiver.run_as_root(["sync", "-f", target])
    return time.monotonic() - begun
