"""Which programs the environment user ran on a host, told by the kernel's process accounting.

Each PID namespace has accounting of its own (acct(2)), so a host of the lab is told apart from the
machine and from other hosts. A record is written when a process ends: a daemon that stays is not
counted, each program that it runs and that ends is.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from lab.errors import LabError
from lab.hosts.host import Host

_FILE = "/run/bench-acct"
# acct(2) by its number on x86-64. Debian's package `acct` would switch the machine's own on, too.
_SWITCH = "exit(syscall(163, @ARGV ? $ARGV[0] : 0) == 0 ? 0 : 1)"
_RECORD = struct.Struct("<BBHIIIIIIf8H16s")  # struct acct_v3, acct(5)
_VERSION = 3
_FORKED = 0x01  # AFORK: has executed fork, but no exec


@dataclass
class Programs:
    """Numbers of processes: that ran a program of their own, and that were subshells only."""

    programs: int = 0
    forks: int = 0


def counted(records: bytes, uid: int) -> Programs:
    """Count the user's processes. Raises LabError for records of another form."""
    found = Programs()
    for flag, version, _, _, owner, *_ in _RECORD.iter_unpack(records):
        if version != _VERSION:
            raise LabError(f"Process accounting writes version {version}, not {_VERSION}")
        if owner == uid:
            found.forks += bool(flag & _FORKED)
            found.programs += not flag & _FORKED
    return found


@contextmanager
def counting(hosts: Sequence[Host]) -> Iterator[Programs]:
    """Count on these hosts while the inside runs; the numbers are there afterwards."""
    total = Programs()
    for host in hosts:
        host.write_file(_FILE, b"")
        host.run_as_root(["perl", "-e", _SWITCH, _FILE])
    yield total
    for host in hosts:
        host.run_as_root(["perl", "-e", _SWITCH])
        found = counted(host.read_file(_FILE), host.uid)
        total.programs += found.programs
        total.forks += found.forks
