"""What an account may do, as SHOW GRANTS tells it, and the statements that give what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from domain.sql import identifier

_GRANT = re.compile(r"GRANT (.+) ON (?:\*\.\*|`((?:[^`]|``)+)`\.\*) TO (.+)", re.IGNORECASE)
_ACCOUNT = re.compile(r"([`'])(?:(?!\1).|\1\1)*\1@")
_OTHER_NAMES = {
    "BINLOG MONITOR": ("REPLICATION CLIENT", "SUPER"),
    "REPLICATION SLAVE": ("REPLICATION REPLICA",),
}


class Holder(Enum):
    """Who holds a privilege: the server adds up what each of these may do."""

    ACCOUNT = "account"
    ROLE = "role"
    PUBLIC = "public"


@dataclass(frozen=True)
class OnDatabases:
    """Privileges on the databases that a pattern names.

    Attributes:
        holder: whose they are.
        name: of the role, as SHOW GRANTS writes it.
        pattern: `%` and `_` as in LIKE.
        privileges: upper-case names.
    """

    holder: Holder
    name: str
    pattern: str
    privileges: frozenset[str]


@dataclass(frozen=True)
class Grants:
    """The privileges of one account and of its default role.

    Attributes:
        account: as CURRENT_USER() tells it, e.g. `delphix@10.%`.
        everywhere: upper-case names of privileges on everything.
        databases: those on databases, in the order in which the server looks at them, which is that
            of SHOW GRANTS.
    """

    account: str
    everywhere: frozenset[str]
    databases: tuple[OnDatabases, ...] = ()

    @staticmethod
    def parse(account: str, lines: Iterable[str]) -> Grants:
        """Reads lines of SHOW GRANTS; those about single tables and routines do not count."""
        everywhere: set[str] = set()
        databases: dict[tuple[Holder, str, str], frozenset[str]] = {}
        for line in lines:
            found = _GRANT.match(line)
            if not found:
                continue
            names = frozenset(name.strip().upper() for name in found.group(1).split(","))
            if found.group(2):
                key = (*_holder(found.group(3)), found.group(2).replace("``", "`"))
                databases[key] = databases.get(key, frozenset()) | names
            else:
                everywhere |= names
        held = tuple(OnDatabases(*key, names) for key, names in databases.items())
        return Grants(account, frozenset(everywhere), held)

    def on(self, privilege: str, database: str = "") -> bool:
        """Whether the privilege is held on everything, or at least on this database."""
        names = {privilege, "ALL PRIVILEGES", *_OTHER_NAMES.get(privilege, ())}
        if names & self.everywhere:
            return True
        return any(self._held(holder, names, database) for holder in Holder)

    def lacking(self, privilege: str, databases: Sequence[str]) -> tuple[str, ...]:
        """The databases on which the privilege is not held."""
        return tuple(name for name in databases if not self.on(privilege, name))

    def pattern(self, database: str) -> str:
        """The pattern to use in a further grant to the account on a database.

        Of the account's grants on databases the server applies only the first one that matches. A
        grant on the plain name would come first and hide the privileges of a pattern that applies
        now, so that pattern is used again.
        """
        for pattern in self._deciding(Holder.ACCOUNT, database):
            return pattern
        # Bare, these two would name other databases as well.
        return re.sub(r"([%_])", r"\\\1", database)

    def _held(self, holder: Holder, names: set[str], database: str) -> bool:
        there = [item for item in self.databases if item.holder is holder]
        # Several patterns: the server merges grants of roles in an order that cannot be seen, so
        # the privilege counts only if each of the patterns gives it.
        deciding = self._deciding(holder, database)
        return bool(deciding) and all(
            any(names & item.privileges for item in there if item.pattern == pattern)
            for pattern in deciding
        )

    def _deciding(self, holder: Holder, database: str) -> set[str]:
        """The patterns that apply to a database: of the account or each role, the first match."""
        first: dict[str, str] = {}
        for item in self.databases:
            if item.holder is holder and _like(item.pattern, database):
                first.setdefault(item.name, item.pattern)
        return set(first.values())

    def statement(self, privileges: Iterable[str], database: str = "", why: str = "") -> str:
        """The statement that gives privileges to the account, with the reason as a comment."""
        user, _, host = self.account.rpartition("@")
        place = f"{identifier(self.pattern(database))}.*" if database else "*.*"
        comment = f" /* {why.replace('*/', '* /')} */" if why else ""
        names = ", ".join(privileges)
        return f"GRANT {names} ON {place} TO {identifier(user)}@{identifier(host)}{comment};"


def _holder(text: str) -> tuple[Holder, str]:
    if text.startswith("PUBLIC"):
        return Holder.PUBLIC, ""
    return (Holder.ACCOUNT, "") if _ACCOUNT.match(text) else (Holder.ROLE, text)


def _like(pattern: str, name: str) -> bool:
    """The server's own comparison of a grant's database with a name."""
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    meaning = {"%": ".*", "_": "."}
    text = "".join(meaning.get(part) or re.escape(part[-1]) for part in parts)
    return bool(name) and re.fullmatch(text, name, re.DOTALL) is not None
