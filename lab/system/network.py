"""The lab's own network: a bridge in a network namespace that no process lives in.

Nothing is made in the machine's network namespace, so labs with the same addresses live
side by side. The namespace is kept by a bind mount of its handle (ip-netns(8) does the same).
"""

from __future__ import annotations

from pathlib import Path

from lab.system.mounts import mount_points
from lab.system.process import run

SUBNET = "10.77.0"
FIRST_HOST_NUMBER = 11
LAST_HOST_NUMBER = 254
_BRIDGE = "bridge"


def host_address(index: int) -> str:
    """Address of the host with this index (0 is the first) in the lab's /24 network."""
    number = FIRST_HOST_NUMBER + index
    if number > LAST_HOST_NUMBER:
        raise ValueError(f"a lab has room for {LAST_HOST_NUMBER - FIRST_HOST_NUMBER + 1} hosts")
    return f"{SUBNET}.{number}"


class Switch:
    """The bridge that joins the hosts of one lab."""

    def __init__(self, handle: Path) -> None:
        """handle: the file that the network namespace is mounted on."""
        self._handle = handle

    def up(self) -> None:
        """Make the namespace and its bridge, unless they are there."""
        if self._handle not in mount_points(below=self._handle.parent):
            self._handle.touch(mode=0o600)
            run(["unshare", f"--net={self._handle}", "true"])
        if not self._ip(f"link show {_BRIDGE}", check=False):
            self._ip(f"link add {_BRIDGE} type bridge")
        self._ip(f"link set {_BRIDGE} up")

    def connect(self, address: str, init_pid: int) -> None:
        """Give the host that `init_pid` belongs to an `eth0` with this address.

        Repeatable: an intact connection is left alone, a broken one is made anew.
        """
        port = f"port{address.rpartition('.')[2]}"
        # The same after a restart, as with a real card: others remember it for a while.
        hardware = ":".join(f"{part:02x}" for part in (2, 0, *map(int, address.split("."))))
        inside = ["nsenter", "--target", str(init_pid), "--net", "ip"]
        ready = run([*inside, "-oneline", "address", "show", "dev", "eth0", "up"], check=False)
        if f" {address}/" in ready.text and self._ip(f"link show {port}", check=False):
            return
        self._ip(f"link delete {port}", check=False)
        # Of a switch that is gone: the kernel clears its ports away when it gets to it.
        run([*inside, "link", "delete", "eth0"], check=False)
        self._ip(
            f"link add {port} type veth peer name eth0 address {hardware} netns {init_pid}",
            f"link set {port} master {_BRIDGE}",
            f"link set {port} up",
        )
        lines = _batch("link set lo up", f"address add {address}/24 dev eth0", "link set eth0 up")
        run([*inside, "-batch", "-"], input=lines)

    def _ip(self, *commands: str, check: bool = True) -> bool:
        inside = ["nsenter", f"--net={self._handle}", "ip", "-batch", "-"]
        return run(inside, input=_batch(*commands), check=check).exit_code == 0


def _batch(*commands: str) -> bytes:
    return "".join(f"{command}\n" for command in commands).encode()
