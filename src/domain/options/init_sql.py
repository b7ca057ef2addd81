"""The SQL that a server runs at each start before anybody can log in.

It creates the management account, named after the environment's OS user, and locks or deletes every
account that needs no password. When a statement of an init file fails, the server skips the rest
and starts all the same (seen on 10.11), so the start step asks afterwards whether both were done.
"""

from __future__ import annotations

from domain.sql import identifier, sql_text

# Accounts of the operators of a service, all with SUPER, whose passwords only these know.
OPERATORS = ("rdsadmin", "rdsrepladmin", "rdstopmgr", "azure_superuser", "aliyun_root")

# Accounts for which an empty authentication string is no open door.
SAFE_PLUGINS = ("unix_socket", "pam", "gssapi", "named_pipe")


# What 11.x writes for ed25519 with an empty password; it is not salted, so it is always this.
EMPTY_ED25519 = "4LH+dBF+G5W2CKTyId8xR3SyDqZoQjUNUVNxx8aWbG4"


def open_accounts_condition() -> str:
    """An SQL condition: the row of mysql.global_priv lets somebody in without a password.

    The first authentication method of an account stands at the top of the JSON. Further ones (`OR`)
    stand in its list `auth_or`, where a pattern finds them; the pattern allows blanks anywhere,
    because the server and JSON_SET write them differently.
    """
    safe = ", ".join(sql_text(plugin) for plugin in SAFE_PLUGINS)
    blank = "[[:space:]]*"
    empty = EMPTY_ED25519.replace("+", "[+]")
    other_way = (
        f'"plugin"{blank}:{blank}"(?!({"|".join(SAFE_PLUGINS)})")[^"]*"{blank}'
        f'(,{blank}"authentication_string"{blank}:{blank}"({empty})?"|}})'
    )
    return (
        "User <> '' AND JSON_VALUE(Priv, '$.is_role') IS NULL"
        " AND IFNULL(JSON_VALUE(Priv, '$.account_locked'), '0') NOT IN ('1', 'true')"
        " AND (IFNULL(JSON_VALUE(Priv, '$.authentication_string'), '')"
        f" IN ('', {sql_text(EMPTY_ED25519)})"
        f" AND IFNULL(JSON_VALUE(Priv, '$.plugin'), '') NOT IN ({safe})"
        f" OR Priv REGEXP {sql_text(other_way)})"
    )


def operators_condition() -> str:
    """True for a row of mysql.global_priv that lets the operator of a cloud service in."""
    return (
        f"User IN ({', '.join(sql_text(name) for name in OPERATORS)})"
        " AND JSON_VALUE(Priv, '$.is_role') IS NULL"
        " AND IFNULL(JSON_VALUE(Priv, '$.account_locked'), '0') NOT IN ('1', 'true')"
    )


def closed_condition() -> str:
    """True for a row of mysql.global_priv that the init file locks, as long as it is open."""
    return f"({open_accounts_condition()} OR {operators_condition()})"


def render(os_user: str) -> str:
    """The text of `init.sql`: one statement a line, as the server wants it."""
    account = f"{identifier(os_user)}@'localhost'"
    statements = [
        "SET SESSION sql_log_bin = 0",
        "SET SESSION sql_mode = ''",
        f"CREATE OR REPLACE USER {account} IDENTIFIED VIA unix_socket",
        f"GRANT ALL PRIVILEGES ON *.* TO {account} WITH GRANT OPTION",
        # As mariadb-install-db gives it to root; GRANT PROXY is refused to an init file.
        "REPLACE INTO mysql.proxies_priv"  # noqa: S608  # the user name is a literal
        " (Host, User, Proxied_host, Proxied_user, With_grant, Grantor)"
        f" VALUES ('localhost', {sql_text(os_user)}, '', '', 1, '')",
        "DELETE FROM mysql.db WHERE User = ''",
        "DELETE FROM mysql.global_priv WHERE User = ''",
        "UPDATE mysql.global_priv"  # noqa: S608  # the condition is our own text
        " SET Priv = JSON_SET(Priv, '$.account_locked', JSON_COMPACT('true'))"
        f" WHERE {open_accounts_condition()} OR {operators_condition()}",
        "FLUSH PRIVILEGES",
    ]
    return "".join(f"{statement};\n" for statement in statements)


def open_accounts_query() -> str:
    """Lists what the init file should have closed, and the management account if it is missing."""
    return (
        "SELECT CONCAT('anonymous account @', Host) FROM mysql.global_priv WHERE User = ''"  # noqa: S608
        " UNION ALL SELECT CONCAT('no password: ', User, '@', Host) FROM mysql.global_priv"
        f" WHERE {open_accounts_condition()}"
        " UNION ALL SELECT CONCAT('of a cloud service: ', User, '@', Host) FROM mysql.global_priv"
        f" WHERE {operators_condition()}"
    )
