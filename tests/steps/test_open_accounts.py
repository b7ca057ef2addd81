"""After each start nobody enters without a password, and those who may enter still can."""

import re

import pytest

from domain.options.settings import Setting
from tests.steps.support import Dataset

# account: how it is made, and whether it is locked afterwards.
ACCOUNTS = {
    "empty": ("''", True),
    "open_native": ("VIA mysql_native_password USING ''", True),
    "open_old": ("VIA mysql_old_password", True),
    "open_ed25519": ("VIA ed25519 USING ''", True),
    "native_or_socket": ("VIA mysql_native_password OR unix_socket", True),
    "socket_or_native": ("VIA unix_socket OR mysql_native_password USING ''", True),
    "invalid_or_open": ("VIA mysql_native_password USING 'invalid' OR ed25519", True),
    "password": ("BY 'secret'", False),
    "ed25519": ("VIA ed25519 USING PASSWORD('x')", False),
    "socket": ("VIA unix_socket", False),
    "socket_or_password": (
        "VIA unix_socket OR mysql_native_password USING PASSWORD('x')",
        False,
    ),
    "invalid_or_socket": ("VIA mysql_native_password USING 'invalid' OR unix_socket", False),
}
LOCKED = (
    "SELECT User FROM mysql.global_priv WHERE User <> 'mariadb.sys'"
    " AND JSON_VALUE(Priv, '$.account_locked') IN ('1', 'true') ORDER BY User"
)
MODES = ("", "ANSI_QUOTES,NO_BACKSLASH_ESCAPES", "EMPTY_STRING_IS_NULL", "ORACLE", "TRADITIONAL")


@pytest.fixture
def opened(server: Dataset) -> Dataset:
    """The server with every kind of account in it, all unlocked."""
    statements = [
        "SET sql_mode = ''",
        "CREATE OR REPLACE USER ''@'localhost'",
        "CREATE OR REPLACE USER ''@'%'",
        "CREATE OR REPLACE USER locked@'%' IDENTIFIED BY 'x' ACCOUNT LOCK",
        "CREATE OR REPLACE ROLE helper",
        "GRANT SELECT ON *.* TO helper",
    ]
    statements += [
        f"CREATE OR REPLACE USER {name}@'%' IDENTIFIED {way if way != chr(39) * 2 else 'BY ' + way}"
        for name, (way, _) in ACCOUNTS.items()
    ]
    server.good("server_start")
    server.sql("INSTALL PLUGIN IF NOT EXISTS ed25519 SONAME 'auth_ed25519'")
    server.sql(";\n".join(statements))
    return server


@pytest.mark.parametrize("mode", MODES)
def test_a_start_locks_open_accounts_and_no_others(opened: Dataset, mode: str) -> None:
    opened.with_(Setting("sql_mode", mode)).good("server_start", RESTART="yes")
    expected = sorted([name for name, (_, shut) in ACCOUNTS.items() if shut] + ["locked"])
    assert opened.sql(LOCKED).split() == expected
    assert opened.sql("SELECT COUNT(*) FROM mysql.global_priv WHERE User = ''") == "0"
    assert opened.sql("SELECT IS_GRANTABLE FROM information_schema.applicable_roles") == ""
    role = "SELECT Priv FROM mysql.global_priv WHERE User = 'helper'"
    assert "account_locked" not in opened.sql(role)


def test_open_accounts_as_a_guest_sees_them(opened: Dataset) -> None:
    opened.good("server_start", RESTART="yes")
    for account in (*ACCOUNTS, "", "root", "mysql"):
        result = opened.host.run_as_user(
            'mariadb --no-defaults -h 127.0.0.1 -P "$P" -u "$U" -e "SELECT 1"',
            {"P": str(opened.port), "U": account},
        )
        assert result.exit_code == 1, f"{account!r} entered over TCP without a password"
        assert re.search(rb"ERROR (1045|1275|1698|4151)", result.stderr), result.stderr
    knows = opened.host.run_as_user(
        'MYSQL_PWD=secret mariadb --no-defaults -h 127.0.0.1 -P "$P" -u password -e "SELECT 1"',
        {"P": str(opened.port)},
    )
    assert knows.exit_code == 0, knows.stderr


def test_a_door_that_stays_open_stops_the_start(opened: Dataset) -> None:
    """The init file ends at its first failing statement; the start asks what came of it."""
    opened.good("server_stop")
    broken = opened.run("server_start", INIT_SQL="SELECT no_such_function();\n")
    assert broken.failure == "ACCOUNT_OPEN", broken.story
    assert "no password: empty@%" in broken.seen
    assert opened.pids() == []


def test_the_management_account_comes_back(server: Dataset) -> None:
    server.good("server_start")
    server.sql("CREATE OR REPLACE USER delphix@localhost IDENTIFIED BY 'somebody elses'")
    assert server.run("quiesce").failure == "ENTRY_REFUSED"
    server.good("server_start", RESTART="yes")
    assert server.sql("SELECT CURRENT_USER()") == "delphix@localhost"
