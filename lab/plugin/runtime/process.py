"""The life of one plugin process: start it isolated, see whether it lives, end it."""

from __future__ import annotations

import importlib.util
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import grpc
from dlpx.virtualization.api.platform_service_pb2_grpc import PlatformStub

from lab.errors import LabError
from lab.plugin.runtime import child

START_SECONDS = 30.0
# What the plugin may import besides its artifact and the standard library. The SDK's wrappers
# need protobuf and six, which the artifact holds only in a form that cannot be imported; grpc
# (with typing_extensions) is how this lab talks to the process.
RUNTIME_MODULES = ("google.protobuf", "google._upb", "six", "grpc", "typing_extensions")

_BOOTSTRAP = (
    "import runpy, sys; script, sys.path[:0] = sys.argv[1], sys.argv[2:4]; "
    "sys.argv[1:] = sys.argv[4:]; runpy.run_path(script, run_name='__main__')"
)


@dataclass(frozen=True)
class PluginCode:
    """An unpacked artifact that can be run: folder on disk, "module:object", visible name."""

    folder: Path
    entry_point: str
    name: str
    digest: str


def link_runtime_modules(folder: Path) -> None:
    """Fill `folder` with links to exactly RUNTIME_MODULES of this interpreter."""
    for name in RUNTIME_MODULES:
        spec = importlib.util.find_spec(name)
        if spec is None:
            raise LabError(f"The module {name} is missing", "Install the lab's requirements.")
        package = list(spec.submodule_search_locations or ())
        target = Path(package[0] if package else str(spec.origin))
        link = folder / name.replace(".", "/")
        link = link if package else link.with_name(target.name)
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.is_symlink() or os.readlink(link) != str(target):
            link.unlink(missing_ok=True)
            link.symlink_to(target)


class PluginProcess:
    """A running plugin. Its sockets lie in `sockets`, a private folder given by an open fd."""

    def __init__(self, code: PluginCode, modules: Path, sockets: SocketFolder, log: Path) -> None:
        """Start the process and wait until it serves.

        Raises LabError when it ends or stays silent instead; its own words are in `log`.
        """
        self.code = code
        self._log = log
        socket = sockets.new("plugin")
        script = Path(child.__file__)
        places = [str(script), str(code.folder), str(modules)]
        command = [sys.executable, "-I", "-S", "-c", _BOOTSTRAP, *places, code.entry_point]
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as stream:
            self._process = subprocess.Popen(
                [*command, socket, sockets.engine],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stream,
                cwd="/",
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
                pass_fds=(sockets.descriptor,),
                start_new_session=True,
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise
        self._channel = grpc.insecure_channel(f"unix:{socket}", options=child.OPERATION_OPTIONS)
        self.stub = PlatformStub(self._channel)

    @property
    def pid(self) -> int:
        """Process id, for tests that kill it."""
        return self._process.pid

    def _wait_until_ready(self) -> None:
        pipe = self._process.stdout
        assert pipe is not None
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if select.select([pipe], [], [], 0.2)[0]:
                if pipe.readline() == b"ready\n":
                    return
                break
        raise LabError(
            f'The process of the plugin "{self.code.name}" did not start',
            f"Read {self._log}.",
            self._log_tail(),
        )

    def _log_tail(self) -> str:
        return self._log.read_bytes()[-4096:].decode(errors="replace")

    def is_alive(self) -> bool:
        """Whether the process can take an operation."""
        return self._process.poll() is None

    def death(self, wait_seconds: float) -> str | None:
        """How the process ended, or None when it still lives after `wait_seconds`."""
        try:
            code = self._process.wait(wait_seconds)
        except subprocess.TimeoutExpired:
            return None
        if code < 0:
            return f"was killed by {signal.Signals(-code).name}"
        return f"ended with exit code {code}"

    def stop(self) -> None:
        """End the process; nothing of it is left afterwards."""
        if hasattr(self, "_channel"):
            self._channel.close()
        assert self._process.stdin is not None and self._process.stdout is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.stdout.close()
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class SocketFolder:
    """A private folder for unix sockets, reached through an open descriptor.

    A socket's name tells the engine process it belongs to; those of dead ones are removed.
    The path of a unix socket may be 107 bytes at most; /proc/self/fd/N keeps it short however
    deep the lab's root lies.
    """

    def __init__(self, path: Path) -> None:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o700)
        self._path = path
        self._count = 0
        self.descriptor = os.open(path, os.O_PATH | os.O_DIRECTORY)
        for socket in path.iterdir():
            if not Path("/proc", socket.name.split("-")[1]).exists():
                socket.unlink(missing_ok=True)
        self.engine = self._address(f"engine-{os.getpid()}-{self.descriptor}")

    def _address(self, name: str) -> str:
        return f"/proc/self/fd/{self.descriptor}/{name}"

    def new(self, kind: str) -> str:
        """An address for one more socket."""
        self._count += 1
        return self._address(f"{kind}-{os.getpid()}-{self.descriptor}-{self._count}")

    def close(self) -> None:
        """Remove our sockets and the descriptor."""
        for socket in self._path.glob(f"*-{os.getpid()}-{self.descriptor}*"):
            socket.unlink(missing_ok=True)
        os.close(self.descriptor)
