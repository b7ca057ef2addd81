"""The questions of the demo. Each really asks and returns problems: an empty list is a ✔."""

import itertools
import time
from collections.abc import Iterable, Mapping, Sequence

from lab.hosts.host import ENVIRONMENT_USER, Host
from testbed import compare, dataset, source
from testbed.client import ClientError, Server, identifier
from testbed.compare import LOGICAL_COPY, Fact, Fingerprint, Ignore, Kind
from testbed.parameters import DEVELOPER
from testbed.places import Place
from testbed.writer import DATABASE, Table

Login = tuple[str, str | None]
"""User and password; None for none."""
OPEN: tuple[Login, ...] = (("demo_nopassword", None), ("somebody", None))
"""Logins that the source's own accounts without a password let in; the second is anonymous."""
APPLICATION: Login = dataset.LOGIN

_PATIENCE = 15
# What MariaDB says to somebody it does not let in: wrong password, no such account, locked.
_REFUSED = ("ERROR 1045", "ERROR 1698", "ERROR 4151")
_NOBODY_THERE = ("ERROR 2002", "ERROR 2003")


def nothing_lost(copy: Server, acknowledged: Mapping[Table, int]) -> list[str]:
    """The copy is sound and holds every write that was acknowledged before it was made."""
    found = compare.consistent(copy)
    return [*found.problems, *found.missing(acknowledged)]


def last_number(server: Server) -> int:
    """The last number of the writer's ledger on this server."""
    return int(server.value(f"SELECT MAX(number) FROM {DATABASE}.ledger"))


def growing(servers: Sequence[tuple[str, Server]]) -> list[str]:
    """Of servers from the oldest content to the newest, each has more writes than the last."""
    numbers = [(name, last_number(server)) for name, server in servers]
    return [
        f"{newer} has {b:,} writes, {older} has {a:,}"
        for (older, a), (newer, b) in itertools.pairwise(numbers)
        if b <= a
    ]


def has_milestones(name: str, server: Server, wanted: Sequence[str]) -> list[str]:
    """The server holds exactly these marks."""
    found = source.milestones(server)
    return [] if found == list(wanted) else [f"{name} has {found}, expected {list(wanted)}"]


def has_table(name: str, server: Server, table: tuple[str, str], *, wanted: bool) -> list[str]:
    """The server has a table, or has it not."""
    database, title = table
    rows = server.query(f"SHOW TABLES IN {identifier(database)} LIKE '{title}'")
    if bool(rows) == wanted:
        return []
    return [f"{name} has {'no' if wanted else 'a'} table {database}.{title}"]


def same(before: Fingerprint, after: Fingerprint) -> list[str]:
    """Nothing at all differs, history and accounts included."""
    return compare.diff(before, after)


def same_as_source(original: Fingerprint, vdb: Fingerprint) -> list[str]:
    """Everything a dump can carry is there; beyond it only what the plugin is to change."""
    own = {f"{ENVIRONMENT_USER}@localhost", f"{DEVELOPER.user}@%"}
    closed = {Fact(Kind.LOCK, account) for account in dataset.OPEN_ACCOUNTS}
    expected = Ignore(LOGICAL_COPY.kinds, frozenset(own | {"@%"}))
    facts = {fact: text for fact, text in vdb.facts.items() if fact not in closed}
    facts |= {fact: original.facts[fact] for fact in closed & original.facts.keys()}
    # An anonymous account must be gone, an open one locked: asked by `closed_doors`.
    return compare.diff(original, Fingerprint(vdb.name, facts), expected)


def closed_doors(host: Host, address: tuple[str, int], logins: Iterable[Login]) -> list[str]:
    """The server at this address, seen from this host, refuses each of these logins."""
    problems = []
    for login in logins:
        try:
            who = _log_in(host, address, login)
            problems.append(f"{login[0]} got in as {who}")
        except ClientError as error:
            if not any(word in str(error) for word in _REFUSED):
                problems.append(f"{login[0]} was not refused, but: {error}")
    return problems


def open_doors(host: Host, address: tuple[str, int], logins: Iterable[Login]) -> list[str]:
    """The server at this address, seen from this host, lets each of these logins in."""
    problems = []
    for login in logins:
        try:
            _log_in(host, address, login)
        except ClientError as error:
            problems.append(f"{login[0]} does not get in: {error}")
    return problems


def unreachable(host: Host, address: tuple[str, int]) -> list[str]:
    """Nothing listens at this address, seen from this host."""
    try:
        who = _log_in(host, address, ("root", None))
    except ClientError as error:
        silent = any(word in str(error) for word in _NOBODY_THERE)
        return [] if silent else [f"something answers: {error}"]
    return [f"it lets {who} in"]


def _log_in(host: Host, address: tuple[str, int], login: Login) -> str:
    user, password = login
    server = Server(host.run_as_root, user=user, password=password, address=address)
    return server.value("SELECT CURRENT_USER()")


def events_rest(running: Server, copies: Sequence[Place]) -> list[str]:
    """While the source's event ticks twice, it does not on the copies (where it is defined too)."""
    before = [_ticks(place.server) for place in copies]
    goal, deadline = _ticks(running) + 2, time.monotonic() + _PATIENCE
    while _ticks(running) < goal:
        if time.monotonic() > deadline:
            return [f"the source's own event did not run for {_PATIENCE} s"]
        time.sleep(0.1)
    problems = []
    for place, ticks in zip(copies, before, strict=True):
        events = place.server.value("SELECT COUNT(*) FROM information_schema.EVENTS")
        if _ticks(place.server) != ticks:
            problems.append(f"{place.name}: the event ran")
        if events == "0":
            problems.append(f"{place.name}: the events are missing")
    return problems


def writable(name: str, server: Server) -> list[str]:
    """The server takes writes and is nobody's replica."""
    read_only = server.value("SELECT @@global.read_only")
    replicas = server.query("SHOW ALL REPLICAS STATUS")
    problems = [f"{name} is read-only"] if read_only != "0" else []
    return problems + ([f"{name} has a replication configuration"] if replicas else [])


def at_most(worst_ms: float, limit_ms: float) -> list[str]:
    """A wait was bearable."""
    return [] if worst_ms <= limit_ms else [f"{worst_ms:.0f} ms, more than {limit_ms:.0f} ms"]


def _ticks(server: Server) -> int:
    return int(server.value(f"SELECT COUNT(*) FROM {identifier(*dataset.TICK_TABLE)}"))
