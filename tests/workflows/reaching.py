"""A third server, and a source whose tables, triggers and functions reach it."""

import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from testbed import source
from testbed.client import Server
from testbed.places import Place, host_place
from testbed.site import Site

PASSWORD = "federated-secret"
_PLUGINS = "/usr/lib/mysql/plugin"
_LIBRARY = """
int twice_init(void *i, void *a, char *m) { return 0; }
long long twice(void *i, void *a, char *n, char *e) { return 42; }
int thrice_init(void *i, void *a, char *m) { return 0; }
long long thrice(void *i, void *a, char *n, char *e) { return 63; }
"""


class Third:
    """The server that tables of the source reach, on the target host, and who has called on it."""

    def __init__(self, site: Site) -> None:
        """site: whose target host runs it."""
        self.site = site
        self.place: Place = host_place(site.lab, "target")
        source.start(self.place.host, self.place.server)
        self.server.query(
            "CREATE DATABASE prod; CREATE TABLE prod.t (id INT PRIMARY KEY, v VARCHAR(10));"
            f"CREATE USER fed@'%' IDENTIFIED BY '{PASSWORD}'; GRANT ALL ON prod.* TO fed@'%';"
            "SET GLOBAL log_output = 'TABLE', GLOBAL general_log = 1"
        )

    @property
    def server(self) -> Server:
        """As its owner."""
        return self.place.server

    def url(self, password: str = PASSWORD) -> str:
        """The connection of a FEDERATED table."""
        return f"mysql://fed:{password}@{self.place.host.address}:{source.PORT}/prod/t"

    def rows(self) -> list[str]:
        """The table that is reached."""
        return [" ".join(row) for row in self.server.query("SELECT * FROM prod.t ORDER BY id")]

    def callers(self) -> set[str]:
        """Names of hosts that have tried to log in, as anybody, since the start."""
        told = self.server.query(
            "SELECT DISTINCT SUBSTRING_INDEX(SUBSTRING_INDEX(argument, '@', -1), ' ', 1)"
            " FROM mysql.general_log WHERE command_type = 'Connect'"
        )
        return {address for (address,) in told} - {"localhost"}

    def only_the_source_called(self) -> None:
        """Neither staging nor a VDB has ever connected."""
        stray = self.callers() - {self.site.source.host.name}
        assert not stray, stray


def fill_source(site: Site, third: Third) -> None:
    """Tables of FEDERATED, by URL and by CREATE SERVER; a trigger into one, and views on one."""
    server, address = site.source.server, third.place.host.address
    server.query("INSTALL SONAME 'ha_federatedx'")
    server.query(
        "CREATE DATABASE erp; USE erp; CREATE TABLE own (id INT PRIMARY KEY, v VARCHAR(10));"
        "CREATE SERVER other FOREIGN DATA WRAPPER mysql OPTIONS (HOST "
        f"'{address}', DATABASE 'prod', USER 'fed', PASSWORD '{PASSWORD}', PORT {source.PORT});"
        "CREATE TABLE by_url (id INT NOT NULL PRIMARY KEY, v VARCHAR(10) NOT NULL DEFAULT 'x')"
        f" ENGINE = FEDERATED CONNECTION = '{third.url()}';"
        "CREATE TABLE by_server (id INT PRIMARY KEY, v VARCHAR(10))"
        " ENGINE = FEDERATED CONNECTION = 'other/t';"
        "CREATE TRIGGER passes_on AFTER INSERT ON own FOR EACH ROW"
        " INSERT INTO by_url VALUES (NEW.id, NEW.v);"
        "CREATE TRIGGER unfired BEFORE INSERT ON by_server FOR EACH ROW SET NEW.v = UPPER(NEW.v);"
        "CREATE VIEW looks_there AS SELECT id, v FROM by_url WHERE id > 0"
    )
    server.query("INSERT INTO erp.own VALUES (1, 'linked')")


@contextmanager
def library_of_functions(site: Site, folder: Path) -> Iterator[None]:
    """The source's host has a library with the functions `twice` and `thrice` for a while."""
    code, library = folder / "twice.c", folder / "udf_twice.so"
    code.write_text(_LIBRARY)
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, code], check=True)
    path = f"{_PLUGINS}/udf_twice.so"
    host = site.source.host
    host.write_file(path, library.read_bytes(), 0o755)
    try:
        yield
    finally:
        host.run_as_root(["rm", path])


def fails_with(number: int, call: Callable[[], object]) -> str:
    """The statement ends with this error of the server."""
    try:
        call()
    except Exception as error:
        assert f"ERROR {number} " in str(error), error
        return str(error)
    raise AssertionError(f"no error {number}")


def warned(site: Site, name: str) -> Sequence[str]:
    """The warnings of the newest snapshot; none tells a password."""
    found: Sequence[str] = site.latest(name).metadata.get("warnings", [])
    assert PASSWORD not in str(site.latest(name).metadata)
    return found
