"""MariaDB versions and what each can do: a table of capabilities with its boundaries."""

from __future__ import annotations

import re
from dataclasses import dataclass

from catalogue import Refusal

_VERSION = re.compile(r"(\d{1,3})\.(\d{1,3})\.(\d{1,4})")


@dataclass(frozen=True, order=True)
class Version:
    """A server version such as 10.11.19; the series is its first two numbers."""

    major: int
    minor: int
    patch: int

    @staticmethod
    def parse(text: str) -> Version:
        """Reads the first `n.n.n` of a version text such as `10.11.19-MariaDB-0+deb12u1`.

        A server behind the old replication-compatible prefix (`5.5.5-10.11.19-MariaDB`) is read
        without it.

        Raises:
            Refusal: VERSION_UNSUPPORTED when there is no version in it, or an unknown one.
        """
        found = _VERSION.search(text.removeprefix("5.5.5-"))
        if not found:
            raise Refusal("VERSION_UNSUPPORTED", f"version {text!r} cannot be read")
        version = Version(*(int(part) for part in found.groups()))
        if version.series < OLDEST:
            raise Refusal("VERSION_UNSUPPORTED", f"version {version} is too old")
        return version

    @property
    def series(self) -> tuple[int, int]:
        """The release series, e.g. (10, 11): data files are compatible inside one."""
        return (self.major, self.minor)

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    @property
    def dumps_history(self) -> bool:
        """`mariadb-dump --dump-history` and `system_versioning_insert_history` (MDEV-16355)."""
        return self.series >= (10, 11)

    @property
    def knows_utf8mb3(self) -> bool:
        """`old_mode` says whether utf8 is utf8mb3 or utf8mb4; before, it always was utf8mb3."""
        return self.series >= (10, 6)

    @property
    def counts_to_2106(self) -> bool:
        """TIMESTAMP goes on after 2038; present rows of versioned tables end in 2106 (MDEV-32188).

        A dump with the history of an older server needs `--update-history`: else its present rows
        become history.
        """
        return self.series >= (11, 5)

    @property
    def verifies_tls_by_default(self) -> bool:
        """Clients ask for TLS and verify the server by default (MDEV-28634)."""
        return self.series >= (11, 4)

    @property
    def splits_super(self) -> bool:
        """BINLOG MONITOR, REPLICATION SLAVE ADMIN … are privileges of their own (MDEV-21743)."""
        return self.series >= (10, 5)

    @property
    def super_stands_alone(self) -> bool:
        """SUPER no longer stands for privileges that were split off from it (MDEV-29668)."""
        return self.series >= (11, 0)

    def can_open_files_of(self, older: Version) -> bool:
        """True when this server may open data files that `older` left without a clean shutdown.

        Inside a series always. Never across series: an unclean redo log is only promised to be
        readable by its own series (its format changed in 10.5, 10.8 and later).
        """
        return self.series == older.series

    def can_upgrade_files_of(self, older: Version) -> bool:
        """True when this server may open data files that `older` has shut down in good order."""
        return self.series > older.series

    def can_load_dump_of(self, source: Version) -> bool:
        """True when a server of this version may take a dump of, and replicate from, `source`."""
        return self.series >= source.series


# The oldest supported series: `mysql.global_priv`, which the handling of accounts needs, came with
# 10.4.
OLDEST = (10, 4)
