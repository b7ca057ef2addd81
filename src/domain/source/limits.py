"""Limits of the source on a session that waits for staging; ours are in server/jobs.py."""

from __future__ import annotations

from collections.abc import Mapping

# In seconds, 0 for none. The source ends a session whose rows nobody takes, that asks nothing for
# long, or that has a transaction open meanwhile. mariadb-dump cannot change them for its session.
LIMITS = (
    "net_write_timeout",
    "wait_timeout",
    "idle_transaction_timeout",
    "idle_readonly_transaction_timeout",
)
# A session of a dump waits this long on a staging server that does well, and no longer.
_ENOUGH = 30


def warnings(variables: Mapping[str, str]) -> list[str]:
    """What may end a copy although staging is only slow for a moment, with the cure.

    The server's own defaults (60 s for `net_write_timeout`) are enough for a staging server that
    does well; when one has ended a copy, the error names it (lib/copy/limits.sh).

    Args:
        variables: global variables of the source.
    """
    found = []
    for name in LIMITS:
        value = variables.get(name, "").partition(".")[0]
        if value.isdigit() and 0 < int(value) < _ENOUGH:
            found.append(
                f"{name} is {value} s on the source: it ends a copy when staging takes nothing for "
                f"so long. Better run there: SET GLOBAL {name} = 600;"
            )
    return found
