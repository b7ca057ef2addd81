"""Where things lie on a dataset, and which mount paths can be used at all."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from catalogue import Refusal

# Paths below the mount, for Python and (by remote/constants.py) for bash.
DATA = "data"
LOG = "log"
TMP = "tmp"
RUN = "run"
FILES = f"{RUN}/files"
PLUGINS = f"{RUN}/plugins"
SOCKET = f"{RUN}/mariadb.sock"
PID_FILE = f"{RUN}/mariadb.pid"
INIT_FILE = f"{RUN}/init.sql"
ERROR_LOG = f"{LOG}/error.log"
OPTION_FILE = "my.cnf"
REQUIRED_FILE = "required.cnf"
MARKER_FILE = "delphix.json"
WARNINGS_FILE = "warnings"
SEEN_FILE = f"{RUN}/source.seen"
# Of a physical copy, for its owner.
UNIT_FILE = "mariadb.service"
GUIDE_FILE = "README.txt"

# A unix socket path fits in 107 bytes (sun_path, 108 with its final NUL); `/run/mariadb.sock` takes
# 17 of them. 80 leaves room and is a round number to tell people.
LONGEST_MOUNT = 80

_PLAIN = re.compile(r"/[A-Za-z0-9._+@=,/-]*\Z")

# A dataset mounted at or over one of these hides parts of the host's own system.
_SYSTEM = frozenset(
    "bin boot dev etc lib lib32 lib64 libx32 proc root run sbin sys usr var/lib/mysql "
    "var/lib/dpkg var/lib/rpm var/run var/log var/cache var/spool".split()
)
# These are fine as parents but not as the mount itself.
_PARENTS = frozenset("home mnt media opt srv tmp u01 u02 u03 var var/lib var/opt var/tmp".split())


@dataclass(frozen=True)
class Layout:
    """The paths of one dataset.

    Attributes:
        mount: the mount path, normalised.
    """

    mount: str

    @property
    def data(self) -> str:
        """The server's data directory."""
        return f"{self.mount}/{DATA}"

    @property
    def log(self) -> str:
        """Binary logs, relay logs and the error log."""
        return f"{self.mount}/{LOG}"

    @property
    def tmp(self) -> str:
        """The server's tmpdir."""
        return f"{self.mount}/{TMP}"

    @property
    def run(self) -> str:
        """Socket, pid file and what background jobs leave."""
        return f"{self.mount}/{RUN}"

    @property
    def socket(self) -> str:
        """The unix socket, the only way in that the plugin uses."""
        return f"{self.mount}/{SOCKET}"

    @property
    def plugins(self) -> str:
        """Links to the libraries that a copy may load."""
        return f"{self.mount}/{PLUGINS}"

    @property
    def pid_file(self) -> str:
        """Written by the server."""
        return f"{self.mount}/{PID_FILE}"

    @property
    def error_log(self) -> str:
        """Written by the server."""
        return f"{self.mount}/{ERROR_LOG}"

    @property
    def required_file(self) -> str:
        """Settings that the files need, included by the option file."""
        return f"{self.mount}/{REQUIRED_FILE}"

    @property
    def init_file(self) -> str:
        """SQL the server runs at each start, before anybody can log in."""
        return f"{self.mount}/{INIT_FILE}"


def layout_of(mount_path: str | None, what: str = "mount path") -> Layout:
    """Checks a mount path and gives the layout below it.

    Args:
        mount_path: as it was given.
        what: it is, for people.

    Raises:
        Refusal: MOUNT_PATH_INVALID.
    """

    def refuse(why: str) -> Refusal:
        return Refusal("MOUNT_PATH_INVALID", f"{what} {mount_path!r} {why}")

    if not mount_path:
        raise refuse("is empty")
    if not mount_path.startswith("/"):
        raise refuse("is not absolute")
    if not _PLAIN.match(mount_path):
        raise refuse("has characters other than letters, digits and . _ + @ = , - /")
    if ".." in mount_path.split("/"):
        raise refuse("goes up with '..'")
    path = posixpath.normpath(mount_path)
    if path.startswith("//"):
        path = path[1:]
    if len(path) > LONGEST_MOUNT:
        raise refuse(f"has {len(path)} characters, more than the {LONGEST_MOUNT} its socket allows")
    relative = path.lstrip("/")
    if not relative or relative in _PARENTS or _inside_system(relative):
        raise refuse("is a directory of the operating system")
    return Layout(path)


def _inside_system(relative: str) -> bool:
    return any(relative == name or relative.startswith(f"{name}/") for name in _SYSTEM)
