"""Settings of people: which are taken, which belong to the plugin."""

from __future__ import annotations

from typing import Any

import pytest

from domain.dataset.layout import Layout
from domain.options.my_cnf import Role, ServerConfig, render
from domain.options.owned import OWNED
from domain.options.settings import Setting, canonical, settings_of
from tests.unit.words import definition, refused


def item(name: Any, value: Any = "1", comment: Any = False) -> dict[str, Any]:
    return {"propertyName": name, "value": value, "commentProperty": comment}


@pytest.mark.parametrize("items", [None, [], ()])
def test_none(items: Any) -> None:
    assert settings_of(items) == ()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (item("max_connections", "50"), Setting("max_connections", "50")),
        (item("Max-Connections", "50"), Setting("max_connections", "50")),
        (item("max_connections", 50), Setting("max_connections", "50")),
        (item("skip-name-resolve", None), Setting("skip_name_resolve", None)),
        ({"propertyName": "skip_name_resolve"}, Setting("skip_name_resolve", None)),
        (item("sql_mode", ""), Setting("sql_mode", "")),
        (item("init_connect", 'SET @a="#1; \\"'), Setting("init_connect", 'SET @a="#1; \\"')),
        (item("sync_binlog", "1", True), Setting("sync_binlog", "1", True)),
        (item("sync_binlog", "1", None), Setting("sync_binlog", "1")),
        (item("key.key_buffer_size", "1M"), Setting("key.key_buffer_size", "1M")),
        (item("a" * 128), Setting("a" * 128, "1")),
        (
            definition(property_name="max-connections", value="50", comment_property=True),
            Setting("max_connections", "50", True),
        ),
        (definition(property_name="skip_name_resolve"), Setting("skip_name_resolve", None)),
    ],
)
def test_taken(given: Any, expected: Setting) -> None:
    assert settings_of([given]) == (expected,)


@pytest.mark.parametrize("name", sorted(OWNED))
@pytest.mark.parametrize("prefix", ["", "skip-", "loose_", "loose-skip_", "enable_", "maximum-"])
def test_the_plugins_own_are_refused(name: str, prefix: str) -> None:
    spelled = prefix + name.replace("_", "-").upper()
    with refused("SETTING_REFUSED", f"'{spelled}' belongs to the plugin"):
        settings_of([item(spelled)])


@pytest.mark.parametrize(
    "name",
    [
        *("sock", "skip-grant", "loose_extra_por", "log-basenam", "skip_networkin", "autoset_port"),
        *("slave_skip_errors", "slave-exec-mode"),
        *("wsrep_on", "wsrep-cluster-address", "loose-wsrep_provider", "wsrep", "rocksdb_data"),
    ],
)
def test_abbreviations_and_a_cluster_of_others_are_refused(name: str) -> None:
    """The server takes the beginning of a name; a wsrep_on would join the source's cluster."""
    with refused("SETTING_REFUSED", f"'{name}' belongs to the plugin"):
        settings_of([item(name)])


@pytest.mark.parametrize("name", ["innodb", "skip-innodb", "rocksdb", "lc_messages", "log_output"])
def test_names_that_only_look_like_the_plugins(name: str) -> None:
    assert settings_of([item(name)])


@pytest.mark.parametrize("value", ["a" * 4000, '"' * 2000, "é" * 2000])
def test_a_value_that_an_option_file_would_break_is_refused(value: str) -> None:
    """The server reads lines in pieces: what is left over would be a setting of its own."""
    with refused("SETTING_REFUSED", "'init_connect' has a value of more than 4000 bytes"):
        settings_of([item("init_connect", value)])
    assert settings_of([item("init_connect", "a" * 3900)])


@pytest.mark.parametrize(
    "name",
    ["", None, "1a", "a b", "a=b", "a\n", "[mysqld]", "!include /x", "#a", "é", "a" * 129, "-a"],
)
def test_what_is_no_name_is_refused(name: Any) -> None:
    with refused("SETTING_REFUSED", "is not the name of a setting"):
        settings_of([item(name)])


@pytest.mark.parametrize("char", ["\n", "\r", "\0", "\x1b", "\x7f", "\t"])
def test_control_characters_are_refused(char: str) -> None:
    with refused("SETTING_REFUSED", "'max_connections' has a value with a control character"):
        settings_of([item("max_connections", f"1{char}[mysqld]")])


def test_every_refused_setting_is_named() -> None:
    with refused("SETTING_REFUSED", "'port' belongs", "; 'a b' is not", "; 'x' has a value"):
        settings_of([item("port"), item("fine"), item("a b"), item("x", "\n")])


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("binary_log", [False, True])
def test_everything_the_plugin_writes_last_is_its_own(role: Role, binary_log: bool) -> None:
    """What people may set must not be overridden in silence."""
    config = ServerConfig(role, Layout("/mnt/x"), 1, 1, "*", binary_log=binary_log)
    own = render(config).split("# Of the plugin\n")[1].splitlines()
    names = [line.split(" = ")[0] for line in own if line]
    assert {"datadir", "socket", "port"} <= set(names)
    for name in names:
        with refused("SETTING_REFUSED"):
            settings_of([item(name)])


@pytest.mark.parametrize(
    ("name", "expected"), [("A-b_C", "a_b_c"), ("port", "port"), ("x.Y-z", "x.y_z")]
)
def test_canonical(name: str, expected: str) -> None:
    assert canonical(name) == expected
