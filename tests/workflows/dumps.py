"""Dumps as people have them, put on the staging host and linked without LogSync."""

import gzip
from collections.abc import Callable

from testbed.backups import FOLDER, USER_BACKUP, make_backup
from testbed.client import Server
from testbed.site import Site

PATH = f"{FOLDER}/it"
GIVEN = {**USER_BACKUP, "logSync": False, "stagingPort": 3412, "targetDatabase": ""}
HEAD = (
    "-- MariaDB dump 10.19  Distrib 10.5.6-MariaDB, for Linux (x86_64)\n--\n"
    "-- Host: localhost    Database: {}\n-- Server version\t10.5.6-MariaDB\n\n"
)
SAVED = "/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;\n"
BACK = "/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;\n"
END = "-- Dump completed on 2026-01-01  0:00:00\n"


def put(site: Site, text: str | bytes, name: str = "it") -> None:
    """The file on the staging host, for the environment user."""
    content = text.encode() if isinstance(text, str) else text
    staging = site.host("staging")
    staging.run_as_root(["mkdir", "-p", FOLDER])
    staging.run_as_root(["rm", "-rf", f"{FOLDER}/{name}"])
    staging.write_file(f"{FOLDER}/{name}", content, 0o600, "delphix")


def made(site: Site, command: str, change: Callable[[bytes], bytes] | None = None) -> None:
    """A dump of the source by this command, changed on its way."""
    make_backup(site, f"{command} > it")
    if change:
        put(site, change(site.host("staging").read_file(PATH)))


def loaded(site: Site, name: str, **given: object) -> Server:
    """Link it, or resync from it; its staging server."""
    if any(container.name == name for container in site.lab.containers()):
        site.change(name, **(GIVEN | given))
        site.lab.sync(name, {"resync": True})
    else:
        site.link(name, **(GIVEN | given))
    return site.sql(name)


def zipped(text: bytes) -> bytes:
    return gzip.compress(text)
