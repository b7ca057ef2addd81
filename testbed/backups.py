"""Backups as users make them: on the source, brought to the staging host."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab.hosts.host import Host
from testbed import dataset
from testbed.client import Server, identifier
from testbed.site import Site

FOLDER = "/srv/backup"
USER_BACKUP = {"backupOrigin": "User Provided Backup", "backupPath": f"{FOLDER}/it"}

DUMP = "mariadb-dump --all-databases --single-transaction --routines --events --hex-blob"
WITH_GTID = f"{DUMP} --master-data=2 --gtid"
PHYSICAL = "mariadb-backup --backup --user=root"
PACKED = f"{PHYSICAL} --compress"
PREPARE = "mariadb-backup --prepare --target-dir=it"

_MAKE = 'set -eo pipefail; mkdir -p "$1"; cd "$1"; find . -mindepth 1 -delete;'
_TAKE = 'set -eo pipefail; mkdir -p "$1"; cd "$1"; find . -mindepth 1 -delete; tar x;'


@dataclass(frozen=True)
class Kind:
    """A way to make a backup at `it` in the current folder."""

    name: str
    command: str

    def __str__(self) -> str:
        return self.name


def make_backup(site: Site, command: str) -> None:
    """Make it on the source, and bring it to the staging host for the environment user."""
    source, staging = site.host("source"), site.host("staging")
    script = f"{_MAKE} {command}; tar c ."
    archive = source.run_as_root(["bash", "-c", script, "bash", FOLDER], timeout=120).stdout
    script = f'{_TAKE} chown -R "$2" .'
    user = staging.environment_user
    staging.run_as_root(["bash", "-c", script, "bash", FOLDER, user], input=archive)


def drop_odd_names(server: Server) -> None:
    """mariadb-backup itself fails at a table with a backtick in its name (BACKUP LOCK)."""
    for name in dataset.DATABASES:
        if name.startswith("odd"):
            server.query(f"DROP DATABASE IF EXISTS {identifier(name)}")


@contextmanager
def qpress_on(host: Host, path: str = "/usr/local/bin/qpress") -> Iterator[None]:
    """A host that has the program qpress for a while."""
    host.write_file(path, Path(__file__).with_name("qpress.py").read_bytes(), 0o755)
    try:
        yield
    finally:
        host.run_as_root(["rm", path])
