"""The option files, word for word."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.dataset.layout import Layout
from domain.options.my_cnf import MIB, Role, ServerConfig, render, render_required
from domain.options.settings import Setting
from domain.replication.filters import chosen

BASE = ServerConfig(
    role=Role.STAGING,
    layout=Layout("/mnt/sales"),
    port=3310,
    server_id=77,
    bind_address="127.0.0.1",
    memory_bytes=4096 * MIB,
)
HEAD = """\
# Written by the MariaDB plugin for Delphix at each start; changes are lost.
# Role: {role}
!include /mnt/sales/required.cnf
[mysqld]

# For this role
{tuning}

# From configSettings
{settings}
# Of the plugin
datadir = /mnt/sales/data
tmpdir = /mnt/sales/tmp
slave_load_tmpdir = /mnt/sales/tmp
socket = /mnt/sales/run/mariadb.sock
pid_file = /mnt/sales/run/mariadb.pid
init_file = /mnt/sales/run/init.sql
secure_file_priv = /mnt/sales/run/files
log_error = /mnt/sales/log/error.log
general_log_file = /mnt/sales/log/general.log
slow_query_log_file = /mnt/sales/log/slow.log
loose_server_audit_file_path = /mnt/sales/log/audit.log
loose_sql_error_log_filename = /mnt/sales/log/sql_errors.log
port = 3310
server_id = 77
bind_address = {address}
local_infile = 0
skip_slave_start
skip_symbolic_links
unix_socket = ON
event_scheduler = {events}
plugin_dir = /mnt/sales/run/plugins
loose_federated = OFF
loose_feedback = OFF
{rest}
"""
LOADING = """\
innodb_flush_log_at_trx_commit = 0
innodb_doublewrite = 0
innodb_buffer_pool_size = 1073741824
innodb_log_file_size = 1073741824
innodb_flush_method = nosync
sync_frm = 0
loose_debug_no_sync = 1
sync_binlog = 0
max_allowed_packet = 1073741824
innodb_strict_mode = 0
performance_schema = 0"""
STAGING = """\
innodb_flush_log_at_trx_commit = 2
relay_log_recovery = 1
relay_log_purge = 1
slave_net_timeout = 60
slave_max_allowed_packet = 1073741824
max_allowed_packet = 1073741824
innodb_strict_mode = 0
gtid_strict_mode = 1"""
RELAY = """\
read_only = 1
slave_skip_errors = 1125,1126
replicate_ignore_table = mysql.servers
relay_log = /mnt/sales/log/relay
relay_log_index = /mnt/sales/log/relay.index
skip_log_bin"""


def test_loading() -> None:
    assert render(dataclasses.replace(BASE, role=Role.LOADING, spare_bytes=2**40)) == HEAD.format(
        role="loading",
        tuning=LOADING,
        settings="",
        address="127.0.0.1",
        events="OFF",
        rest="skip_log_bin",
    )


def test_staging() -> None:
    settings = (Setting("max_connections", "50"), Setting("skip_name_resolve", None))
    assert render(dataclasses.replace(BASE, settings=settings)) == HEAD.format(
        role="staging",
        tuning=STAGING,
        settings="max_connections = 50\nskip_name_resolve\n",
        address="127.0.0.1",
        events="OFF",
        rest=RELAY,
    )


@pytest.mark.parametrize(
    ("binary_log", "events", "rest"),
    [
        (False, False, "skip_log_bin"),
        (
            True,
            True,
            "log_bin = /mnt/sales/log/binlog\nlog_bin_index = /mnt/sales/log/binlog.index",
        ),
    ],
)
def test_vdb(binary_log: bool, events: bool, rest: str) -> None:
    config = dataclasses.replace(
        BASE, role=Role.VDB, bind_address="*", binary_log=binary_log, event_scheduler=events
    )
    assert render(config) == HEAD.format(
        role="vdb",
        tuning="innodb_flush_log_at_trx_commit = 1"
        + ("\nlog_bin_trust_function_creators = 1" if binary_log else ""),
        settings="",
        address="*",
        events="ON" if events else "OFF",
        rest=rest,
    )


def test_a_vdb_that_may_reach_out() -> None:
    """It has the installation's own libraries, and nothing is switched off."""
    config = dataclasses.replace(BASE, role=Role.VDB, outside=True)
    lines = render(config).splitlines()
    inert = ("plugin_dir = ", "loose_federated = ", "loose_feedback = ")
    assert [line for line in lines if line.startswith(inert)] == []
    others = [line for line in render(dataclasses.replace(config, outside=False)).splitlines()]
    assert [line for line in others if not line.startswith(inert)] == lines


def test_required() -> None:
    text = render_required("/opt/maria db", [Setting("sql_mode", ""), Setting("plugin_x", None)])
    assert text == (
        "# Written by the MariaDB plugin for Delphix when the data came in.\n"
        "[mysqld]\n"
        'basedir = "/opt/maria db"\n'
        'sql_mode = ""\n'
        "plugin_x\n"
    )


def test_seed() -> None:
    assert render(dataclasses.replace(BASE, role=Role.SEED)) == HEAD.format(
        role="seed",
        tuning="innodb_flush_log_at_trx_commit = 1\nmax_allowed_packet = 1073741824",
        settings="",
        address="127.0.0.1",
        events="OFF",
        rest="skip_log_bin",
    )


def test_replication_of_chosen_databases() -> None:
    """They stand with what the files need: a list that is changed later does not change them."""
    text = render_required("/usr", chosen(("shop", "a_b%c", "x\\y")))
    lines = [line for line in text.splitlines() if line.startswith("replicate")]
    assert "replicate_wild_do_table = mysql.db" in lines
    assert 'replicate_wild_do_table = "mysql.global\\\\_priv"' in lines
    assert [line for line in lines if "mysql" not in line] == [
        "replicate_wild_do_table = shop.%",
        'replicate_wild_do_table = "a\\\\_b\\\\%c.%"',
        'replicate_wild_do_table = "x\\\\\\\\y.%"',
    ]
    assert chosen(()) == ()
    assert "replicate_wild" not in render(BASE)


@pytest.mark.parametrize(
    ("memory_mib", "pool_mib", "log_mib"),
    [
        (0, 128, 128),
        (511, 128, 128),
        (513, 128, 128),
        (516, 129, 129),
        (4096, 1024, 1024),
        (4100, 1025, 1024),
        (8192, 2048, 1024),
        (10**6, 2048, 1024),
    ],
)
def test_memory_while_loading(memory_mib: int, pool_mib: int, log_mib: int) -> None:
    config = dataclasses.replace(BASE, role=Role.LOADING, memory_bytes=memory_mib * MIB)
    config = dataclasses.replace(config, spare_bytes=2**40)
    text = render(config).splitlines()
    assert f"innodb_buffer_pool_size = {pool_mib * MIB}" in text
    assert f"innodb_log_file_size = {log_mib * MIB}" in text


@pytest.mark.parametrize(
    ("role", "setting", "shown"),
    [
        # People go before the plugin's tuning, by standing later ...
        (Role.STAGING, Setting("slave_net_timeout", "9"), ["60", "9"]),
        # ... except while loading ...
        (Role.LOADING, Setting("innodb_buffer_pool_size", "5M"), ["1073741824"]),
        # ... and can have the server's own default.
        (Role.STAGING, Setting("slave_net_timeout", "9", comment=True), []),
        (Role.VDB, Setting("innodb_flush_log_at_trx_commit", None, comment=True), []),
        (Role.LOADING, Setting("innodb_buffer_pool_size", None, comment=True), []),
    ],
)
def test_people_and_tuning(role: Role, setting: Setting, shown: list[str]) -> None:
    text = render(dataclasses.replace(BASE, role=role, settings=(setting,)))
    lines = [line.split(" = ") for line in text.splitlines() if line.startswith(setting.name)]
    assert [line[1] for line in lines] == shown


def test_the_plugins_own_settings_stand_last() -> None:
    text = render(dataclasses.replace(BASE, settings=(Setting("zzz", "1"),)))
    assert text.index("zzz = 1") < text.index("# Of the plugin") < text.index("datadir = ")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("50", "50"),
        ("/a/b.c,d:e+f-g*h@i=j%k_l", "/a/b.c,d:e+f-g*h@i=j%k_l"),
        ("", '""'),
        ("a b", '"a b"'),
        ("a#b", '"a#b"'),
        ("a;b", '"a;b"'),
        ('a"b', '"a\\"b"'),
        ("a'b", '"a\'b"'),
        ("a\\b", '"a\\\\b"'),
        # The reader takes the last byte of `à` for a blank of latin1.
        ("voilà", '"voilà"'),
    ],
)
def test_values_are_quoted(value: str, written: str) -> None:
    text = render(dataclasses.replace(BASE, settings=(Setting("x", value),)))
    assert f"x = {written}" in text.splitlines()


READER = shutil.which("my_print_defaults")
printable = st.text(
    st.characters(min_codepoint=32, exclude_categories=("Cs", "Cc")), min_size=1, max_size=30
)


@pytest.mark.skipif(not READER, reason="MariaDB's my_print_defaults is not installed")
def test_values_reach_the_server_as_they_are(tmp_path_factory: pytest.TempPathFactory) -> None:
    """MariaDB's own reader of option files gives each value back."""
    folder = tmp_path_factory.mktemp("options")

    @settings(max_examples=25)
    @given(st.lists(printable, min_size=1, max_size=20))
    def round_trip(values: list[str]) -> None:
        named = [Setting(f"x{number}", value) for number, value in enumerate(values)]
        assert _read_back(folder, named) == [f"--{item.name}={item.value}" for item in named]

    round_trip()


def _read_back(folder: Path, settings: list[Setting]) -> list[str]:
    config = dataclasses.replace(BASE, layout=Layout(str(folder)), settings=tuple(settings))
    (folder / "required.cnf").write_text(render_required("/usr", []))
    (folder / "my.cnf").write_text(render(config))
    done = subprocess.run(
        [READER or "", f"--defaults-file={folder}/my.cnf", "mysqld"],
        capture_output=True,
        check=True,
    )
    lines = done.stdout.decode(errors="replace").split("\n")
    return [line for line in lines if line.startswith("--x")]
