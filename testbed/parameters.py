"""The parameters with which the demo links and provisions; `./dev lab` takes them as defaults."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
MOUNTS = "/mnt/delphix"
FIRST_STAGING_PORT, FIRST_VDB_PORT = 3310, 3320


@dataclass(frozen=True)
class Account:
    """A MariaDB account of the demo; its password is public."""

    user: str
    password: str = field(repr=False)

    @property
    def supplier(self) -> Json:
        """The account as a credentials supplier of the engine."""
        return {
            "type": "NamedPasswordCredential",
            "username": self.user,
            "password": self.password,
        }


# What a careless quoting of shell, SQL, option file or JSON would break on.
READER = Account("demo_delphix_copy", "demo-'\"`\\ $(id) #;=%s ü☃")
REPLICATOR = Account("demo_delphix_replica", "demo-\\'' \"#\\n$HOME&|*")
DEVELOPER = Account("demo_developer", 'demo-<it\'s> "100%" \\sure; #1')

# What the documentation asks for, and no more.
READER_GRANTS = "SELECT, SHOW VIEW, TRIGGER, EVENT, LOCK TABLES, RELOAD, EXECUTE, BINLOG MONITOR"
REPLICATOR_GRANTS = "REPLICATION SLAVE"


def link_parameters(name: str, given: Json, used_ports: Iterable[int] = ()) -> Json:
    """Complete what a person gave for a dSource; a given source account is taken as it is."""
    defaults: Json = {
        "mountPath": f"{MOUNTS}/{name}",
        "ingestionMode": "Replication",
        "stagingPort": _free(FIRST_STAGING_PORT, used_ports),
    }
    if "sourceCredentials" not in given:
        defaults["sourceCredentials"] = READER.supplier
        defaults["replicationCredentials"] = REPLICATOR.supplier
    return defaults | given


def vdb_parameters(name: str, given: Json, used_ports: Iterable[int] = ()) -> Json:
    """Complete what a person gave for a VDB."""
    return {
        "mountPath": f"{MOUNTS}/{name}",
        "port": _free(FIRST_VDB_PORT, used_ports),
        "vdbCredentials": DEVELOPER.supplier,
    } | given


def _free(first: int, used: Iterable[int]) -> int:
    taken = set(used)
    return next(port for port in range(first, 65536) if port not in taken)
