"""`delphix.json`: there and back again, in Python and in bash."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.dataset.marker import PLUGIN_ID, Marker, setting_pairs, settings_from
from domain.options.settings import Setting
from tests.shape.tree import library_text
from tests.unit.words import refused

MARKER = Marker(
    guid="4a-5b",
    role="vdb",
    port=3320,
    server_id=4294967295,
    base_dir="/opt/mariadb 10",
    daemon_path="/opt/mariadb 10/bin/mariadbd",
    required=(Setting("sql_mode", ""), Setting("character_set_server", "utf8mb4")),
)
texts = st.text(max_size=20)
markers = st.builds(
    Marker,
    guid=texts,
    role=st.sampled_from(["staging", "vdb"]),
    port=st.integers(1, 65535),
    server_id=st.integers(1, 2**32 - 1),
    base_dir=texts,
    daemon_path=texts,
    required=st.lists(st.builds(Setting, texts, texts), max_size=3).map(tuple),
)


@given(markers)
def test_text_and_back(marker: Marker) -> None:
    assert Marker.parse(marker.render()) == marker


def test_content() -> None:
    assert json.loads(MARKER.render()) == {
        "plugin": PLUGIN_ID,
        "layout": 2,
        "guid": "4a-5b",
        "role": "vdb",
        "port": 3320,
        "serverId": 4294967295,
        "baseDir": "/opt/mariadb 10",
        "daemonPath": "/opt/mariadb 10/bin/mariadbd",
        "requiredSettings": [
            {"propertyName": "sql_mode", "value": ""},
            {"propertyName": "character_set_server", "value": "utf8mb4"},
        ],
    }


def test_more_keys_are_no_trouble() -> None:
    """A later release may add some."""
    text = json.dumps({**json.loads(MARKER.render()), "later": [1]})
    assert Marker.parse(text) == MARKER


@pytest.mark.parametrize(
    "key", ["guid", "role", "port", "serverId", "baseDir", "daemonPath", "requiredSettings"]
)
def test_a_missing_key(key: str) -> None:
    content = json.loads(MARKER.render())
    del content[key]
    with refused("MOUNT_NOT_OURS", "delphix.json: KeyError", key):
        Marker.parse(json.dumps(content))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "5", '"x"', "{}", "MARIADB=1"])
def test_what_is_no_marker(text: str) -> None:
    with refused("MOUNT_NOT_OURS"):
        Marker.parse(text)


@pytest.mark.parametrize(
    ("key", "value"), [("port", "x"), ("port", None), ("serverId", []), ("requiredSettings", [1])]
)
def test_a_value_of_another_kind(key: str, value: object) -> None:
    text = json.dumps({**json.loads(MARKER.render()), key: value})
    with refused("MOUNT_NOT_OURS"):
        Marker.parse(text)


def test_settings_and_pairs() -> None:
    assert settings_from(setting_pairs(MARKER.required)) == MARKER.required
    assert setting_pairs((Setting("skip_x", None),)) == [{"propertyName": "skip_x", "value": ""}]
    assert settings_from(None) == settings_from([]) == ()


# The same file, read by lib/dataset/marker.sh


def bash(folder: Path, command: str) -> str:
    text = library_text("dataset/marker")
    done = subprocess.run(
        ["bash", "-euc", f"{text}\n{command}", "bash", str(folder)],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.rstrip("\n")


def test_both_know_the_same_plugin(root: Path, tmp_path: Path) -> None:
    assert bash(tmp_path, 'echo "$PLUGIN_ID"') == PLUGIN_ID
    configured = (root / "plugin_config.yml").read_text().splitlines()
    assert f"id: {PLUGIN_ID}" in configured


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ('marker_value "$1" port', "3320"),
        ('marker_value "$1" serverId', "4294967295"),
        ('marker_text "$1" guid', "4a-5b"),
        ('marker_text "$1" role', "vdb"),
        ('marker_text "$1" baseDir', "/opt/mariadb 10"),
        ('marker_text "$1" daemonPath', "/opt/mariadb 10/bin/mariadbd"),
        ('marker_text "$1" nothing', ""),
        ('is_ours "$1" && echo ours', "ours"),
    ],
)
def test_bash_reads_it(tmp_path: Path, command: str, expected: str) -> None:
    (tmp_path / "delphix.json").write_text(MARKER.render())
    assert bash(tmp_path, command) == expected


def test_bash_refuses_the_marker_of_another_plugin(tmp_path: Path) -> None:
    question = 'is_ours "$1" && echo ours || echo foreign'
    assert bash(tmp_path, question) == "foreign"
    marker = tmp_path / "delphix.json"
    marker.write_text(MARKER.render().replace(PLUGIN_ID, PLUGIN_ID[::-1]))
    assert bash(tmp_path, question) == "foreign"
    marker.rename(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").write_text(MARKER.render())
    marker.symlink_to(tmp_path / "elsewhere")
    assert bash(tmp_path, question) == "foreign"
