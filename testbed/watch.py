"""Watches a host's side of the network for packets of another host."""

import subprocess
import threading
import time
from typing import IO, Self

from lab.errors import LabError
from lab.hosts.host import Host

# A port that nothing listens on: a knock there on purpose shows that the watch sees everything.
KNOCK_PORT = 9
_PATIENCE = 10

# Runs on the watched host: one line per IPv4 packet from the address, "protocol port". A capture
# socket sees each packet that arrives, whatever becomes of it (packet(7)).
_PROGRAM = """
import socket, sys
watched = socket.inet_aton(sys.argv[1])
capture = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
capture.bind(("eth0", 0))
print("ready", flush=True)
while True:
    packet, origin = capture.recvfrom(65535)
    if origin[1] == 0x0800 and packet[12:16] == watched:
        ports = packet[(packet[0] & 15) * 4:]
        print(packet[9], int.from_bytes(ports[2:4], "big"), flush=True)
"""


class Watch:
    """Counts what `guest` sends to `watched`; a context manager."""

    def __init__(self, watched: Host, guest: Host) -> None:
        self._watched, self._guest = watched, guest
        self._seen: list[str] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        """Begin to watch. Raises LabError."""
        argv = ["python3", "-I", "-S", "-c", _PROGRAM, self._guest.address]
        self._process = self._watched.popen_as_root(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
        )
        assert self._process.stdout is not None
        self._thread = threading.Thread(target=self._read, args=(self._process.stdout,))
        self._thread.start()
        self._until("ready")
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None and self._thread is not None
        self._process.kill()
        self._process.wait()
        self._thread.join()

    def contacts(self) -> list[str]:
        """What the guest has sent so far, packet by packet. Raises LabError when the watch fails.

        The guest knocks last: packets are seen in order, so nothing is missed or still to come.
        """
        knock = f"timeout 5 bash -c 'exec 3<>/dev/tcp/{self._watched.address}/{KNOCK_PORT}'"
        self._guest.run_as_root(["bash", "-c", knock], check=False)
        self._until(f"6 {KNOCK_PORT}")
        return [
            f"protocol {protocol}, port {port}"
            for protocol, _, port in (line.partition(" ") for line in self._seen)
            if protocol != "ready" and port != str(KNOCK_PORT)
        ]

    def _read(self, lines: IO[bytes]) -> None:
        with lines:
            for line in lines:
                self._seen.append(line.decode().strip())

    def _until(self, line: str) -> None:
        assert self._process is not None
        deadline = time.monotonic() + _PATIENCE
        while line not in self._seen:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise LabError(f"The watch on {self._watched.name} did not see {line!r}")
            time.sleep(0.01)
