"""MariaDB 10.11, of Debian 12."""

from tests.versions.cloud import Cloud
from tests.versions.exact import Exact
from tests.versions.life import Life
from tests.versions.privileges import Privileges
from tests.versions.tls import Tls
from tests.versions.ways import Ways

RELEASE = "bookworm"


class TestLife(Life):
    """Its life from link to delete."""


class TestPrivileges(Privileges):
    """Its grants."""


class TestTls(Tls):
    """Its connections to the source."""


class TestWays(Ways):
    """Every other way in."""


class TestCloud(Cloud):
    """As a managed cloud source."""


class TestExact(Exact):
    """Its FLOAT columns."""
