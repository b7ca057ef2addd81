"""What an SQL dump says of itself, and what that means."""

from __future__ import annotations

import re
from dataclasses import dataclass

from domain.version import Version

# `10.11.6-MariaDB-log`, also behind a prefix for old replicas or in the line of another tool.
_MARIADB = re.compile(r"(\d{1,3}\.\d{1,3}\.\d{1,4})-MariaDB", re.IGNORECASE)
_FIRST_NUMBER = re.compile(r"\s*(\d{1,3})\.")
# MySQL counts 5.x, 8.x, 9.x; a MariaDB that does not name itself counts from 10 on.
_FIRST_SERIES = 10


@dataclass(frozen=True)
class Head:
    """The beginning of a dump.

    Attributes:
        tool: that made it, in its own words; empty when it does not say.
        version: of the server, as written there.
        database: that its head names, empty for none.
        needs_database: it begins with something that belongs to a database which it has not named.
        zone: time zone that it sets first, empty for none.
        saves: it begins as mariadb-dump does by default: by saving the sql_mode.
    """

    tool: str = ""
    version: str = ""
    database: str = ""
    needs_database: bool = False
    zone: str = ""
    saves: bool = False

    def server(self) -> Version | None:
        """The MariaDB that it comes from; None when it does not say so."""
        found = _MARIADB.search(self.version)
        if found:
            return Version.parse(found.group(1))
        return Version.parse(self.version) if self._number >= _FIRST_SERIES else None

    @property
    def of_mysql(self) -> bool:
        """A dump of MySQL. mariadb-dump also writes what a proxy says of its server."""
        if _MARIADB.search(self.version) or self.tool.startswith("MariaDB"):
            return False
        return 0 < self._number < _FIRST_SERIES

    @property
    def is_utc(self) -> bool:
        """Its TIMESTAMP values are to be read as UTC.

        mariadb-dump says so in its head, or has none (`--compact`, of 11.8 but for one line), and
        reads rows in UTC all the same. Only `--skip-tz-utc` leaves the time zone out of a head.
        """
        return bool(self.zone) or not self.saves

    @property
    def _number(self) -> int:
        found = _FIRST_NUMBER.match(self.version)
        return int(found.group(1)) if found else 0
