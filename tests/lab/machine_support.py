"""A machine for tests, and the question what it left behind."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from lab.hosts.host import HostSpec
from lab.machine import Machine

# For commands on a host. Not the checkout's own: a host has a /tmp of its own, and its environment
# user sees no home of root, so that a checkout in either is out of reach.
PYTHON = str(Path(sys.executable).resolve())


@contextmanager
def running_machine(root: Path, names: Sequence[str]) -> Iterator[Machine]:
    """A machine with these hosts, which is gone afterwards."""
    machine = Machine(root)
    try:
        machine.up([HostSpec(name) for name in names], pool_gib=2)
        yield machine
    finally:
        machine.down()
    assert leftovers(root) == []


def leftovers(root: Path) -> list[str]:
    """What of a lab is on this machine: files, mounts, loop devices, processes."""
    text = str(root)
    found = [f"file {path}" for path in root.glob("*")] if root.exists() else []
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    loops = subprocess.run(["losetup", "--list"], capture_output=True, text=True, check=True)
    found += [
        f"mount or loop {line}" for line in [*mounts, *loops.stdout.splitlines()] if text in line
    ]
    for process in Path("/proc").iterdir():
        try:
            here = text.encode() in (process / "cmdline").read_bytes()
            inside = f"upperdir={text}" in (process / "mountinfo").read_text()
        except OSError:
            continue
        if here or inside:
            found.append(f"process {process.name}")
    return found


def root_network() -> str:
    """The interfaces and named namespaces of the machine itself."""
    commands = (["ip", "-oneline", "link"], ["ip", "netns", "list"])
    return "".join(
        subprocess.run(command, capture_output=True, text=True, check=True).stdout
        for command in commands
    )
