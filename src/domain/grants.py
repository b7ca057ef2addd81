"""What an account may do, as SHOW GRANTS tells it, and the statements that give what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.init_file import identifier

_GRANT = re.compile(r"GRANT (.+) ON (?:\*\.\*|`((?:[^`]|``)+)`\.\*) TO ", re.IGNORECASE)
_OTHER_NAMES = {
    "BINLOG MONITOR": ("REPLICATION CLIENT", "SUPER"),
    "REPLICATION SLAVE": ("REPLICATION REPLICA",),
}


@dataclass(frozen=True)
class Grants:
    """The privileges of one account and of its default role.

    Attributes:
        account: as CURRENT_USER() tells it, e.g. `delphix@10.%`.
        everywhere: upper-case names of privileges on everything.
        databases: those on the databases that a pattern names (`%` and `_` as in LIKE).
    """

    account: str
    everywhere: frozenset[str]
    databases: tuple[tuple[str, frozenset[str]], ...] = ()

    @staticmethod
    def parse(account: str, lines: Iterable[str]) -> Grants:
        """Reads lines of SHOW GRANTS; those about single tables and routines do not count."""
        everywhere: set[str] = set()
        databases: list[tuple[str, frozenset[str]]] = []
        for line in lines:
            found = _GRANT.match(line)
            if not found:
                continue
            names = frozenset(name.strip().upper() for name in found.group(1).split(","))
            if found.group(2):
                databases.append((found.group(2).replace("``", "`"), names))
            else:
                everywhere |= names
        return Grants(account, frozenset(everywhere), tuple(databases))

    def on(self, privilege: str, database: str = "") -> bool:
        """Whether the privilege is held on everything, or at least on this database."""
        names = {privilege, "ALL PRIVILEGES", *_OTHER_NAMES.get(privilege, ())}
        if names & self.everywhere:
            return True
        return any(names & held for pattern, held in self.databases if _like(pattern, database))

    def lacking(self, privilege: str, databases: Sequence[str]) -> tuple[str, ...]:
        """The databases on which the privilege is not held."""
        return tuple(name for name in databases if not self.on(privilege, name))

    def statement(self, privileges: Iterable[str], database: str = "", why: str = "") -> str:
        """The statement that gives privileges to the account, with the reason as a comment."""
        user, _, host = self.account.rpartition("@")
        # Bare, these two would name other databases as well.
        pattern = re.sub(r"([%_])", r"\\\1", database)
        place = f"{identifier(pattern)}.*" if database else "*.*"
        comment = f" /* {why.replace('*/', '* /')} */" if why else ""
        names = ", ".join(privileges)
        return f"GRANT {names} ON {place} TO {identifier(user)}@{identifier(host)}{comment};"


def _like(pattern: str, name: str) -> bool:
    """The server's own comparison of a grant's database with a name."""
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    meaning = {"%": ".*", "_": "."}
    text = "".join(meaning.get(part) or re.escape(part[-1]) for part in parts)
    return bool(name) and re.fullmatch(text, name, re.DOTALL) is not None
