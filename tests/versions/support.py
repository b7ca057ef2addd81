"""Labs whose hosts are other Debian releases, and what the tests do to their source servers."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from testbed import kept, releases, source
from testbed.places import Place
from testbed.site import Site, until
from tests.workflows.support import running_site

CHECKOUT = Path(__file__).resolve().parents[2]
ARTIFACT = CHECKOUT / "build" / "artifact.json"
ROWS = 2_000

_CONFIG = "/etc/mysql/tests.cnf"
_DEMO_CONFIG = "/etc/mysql/demo-source.cnf"  # that demo.source started the server with
_RESTART = f"""set -euo pipefail
pid=$(cat /run/mysqld/mysqld.pid)
kill "$pid"
until ! kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
setsid mariadbd --defaults-file={_CONFIG} </dev/null >/dev/null 2>&1 &
"""


def site_of(folder: Path, hosts: Mapping[str, str]) -> AbstractContextManager[Site]:
    """A lab of these hosts (name to release) with the plugin; gone without a trace afterwards.

    The host `source` runs a loaded server.
    """
    specs = releases.specs(hosts)
    return running_site(
        folder,
        ARTIFACT,
        lambda lab: kept.seed(lab, "source", ROWS),
        up=lambda lab: lab.up(specs, pool_gib=8),
    )


def restart_source(place: Place, options: str) -> None:
    """Start the source's server anew with more options; returns when it answers."""
    text = f"!include {_DEMO_CONFIG}\n[mysqld]\n{options}\n"
    place.host.write_file(_CONFIG, text.encode())
    place.host.run_as_root(["bash", "-c", _RESTART], timeout=60)
    until(lambda: source.answers(place.server), "the source answers after its restart")


def repository(site: Site, host: str, series: str, base: str = "/usr") -> str:
    """Name of the one repository of a series below a base directory of a host."""
    (name,) = (
        row.name
        for row in site.lab.repositories(host)
        if row.name.startswith(f"MariaDB {series}.") and row.name.endswith(f"({base})")
    )
    return name
