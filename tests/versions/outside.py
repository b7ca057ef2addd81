"""What a host writes outside its datasets: next to nothing is let through, and that is measured."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from lab.hosts.host import Host

ALLOWED_KIB = 64
_MEMORY = ("/tmp", "/run", "/dev/shm")  # the host's only other file systems
_LOOK_SECONDS = 0.01
_CLOSE = """set -euo pipefail
allowed=$1
shift
for path; do
    used=$(df --output=used -k "$path" | tail -n 1)
    mount -o "remount,size=$((used + allowed))k" "$path"
done
mount -o remount,bind,ro /
if touch /var/tmp/outside 2>/dev/null; then exit 1; fi
"""
_OPEN = """set -euo pipefail
mount -o remount,bind,rw /
for path; do mount -o remount,size=50% "$path"; done
"""


@dataclass
class Outside:
    """A host of the lab, whose root file system is one mount.

    Attributes:
        written_kib: most that lay in /tmp, /run and /dev/shm at once, beyond what was there
            before; files without a name count too.
    """

    host: Host
    written_kib: int = 0
    _done: threading.Event = field(default_factory=threading.Event)
    _closed: bool = False
    _look: threading.Thread | None = None

    def close(self) -> None:
        """From now on the host's root is read-only and the rest takes 64 KiB each: whoever
        writes more outside a dataset fails."""
        script = ["bash", "-c", _CLOSE, "bash", str(ALLOWED_KIB), *_MEMORY]
        self.host.run_as_root(script)
        self._closed = True
        self._look = threading.Thread(target=self._watch, args=(self._used(),), daemon=True)
        self._look.start()

    def open(self) -> None:
        """Let everybody write again."""
        if self._look:
            self._done.set()
            self._look.join()
        if self._closed:
            self.host.run_as_root(["bash", "-c", _OPEN, "bash", *_MEMORY])

    def _watch(self, before: int) -> None:
        while not self._done.wait(_LOOK_SECONDS):
            self.written_kib = max(self.written_kib, self._used() - before)

    def _used(self) -> int:
        init = self.host._power.init()
        assert init is not None
        used = 0
        for path in _MEMORY:
            room = os.statvfs(f"/proc/{init.pid}/root{path}")
            used += (room.f_blocks - room.f_bfree) * room.f_frsize
        return used // 1024


@contextmanager
def folder_of_its_own(host: Host, path: str) -> Iterator[None]:
    """A file system of its own at `path`, which stays writable while the host is closed."""
    host.run_as_root(["bash", "-c", 'mkdir -p "$1" && mount -t tmpfs tmpfs "$1"', "bash", path])
    try:
        yield
    finally:
        host.run_as_root(["umount", path])
