"""Objects of the public plugin 1.0.0 in the words of this one."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from catalogue import Refusal
from domain import plugin_1_0
from domain.dataset.layout import Layout
from domain.options import owned
from domain.options.my_cnf import Role, ServerConfig, render
from domain.options.owned import OWNED
from remote.constants import CONSTANTS
from tests.shape.tree import library_text


def supplier(password: str, user: str) -> dict[str, Any]:
    return {"user": user, "of": password}


LINKED = {
    "dSourceType": "Replication",
    "mountPath": "/mnt/sales/",
    "stagingPort": "3310",
    "sourceip": "db.example",
    "sourceUser": "reader",
    "sourcePass": "p1",
    "replicationUser": "replicator",
    "replicationPass": "p2",
    "logSync": "true",
    "serverId": "102",
}
MIGRATED = {
    "mountPath": "/mnt/sales",
    "stagingPort": 3310,
    "ingestionMode": "Replication",
    "backupOrigin": "Delphix Managed Backup",
    "backupMethod": "Logical",
    "logSync": True,
    "sourceHost": "db.example",
    "sourceCredentials": {"user": "reader", "of": "p1"},
    "replicationCredentials": {"user": "replicator", "of": "p2"},
}


@pytest.mark.parametrize(
    ("path", "version", "base", "daemon", "read"),
    [
        ("/usr/sbin", "10.4.12-MariaDB", "/usr", "/usr/sbin/mysqld", "10.4.12"),
        ("/usr/bin/", "mysqld Ver 10.5.9-MariaDB", "/usr", "/usr/bin/mysqld", "10.5.9"),
        ("/opt/maria", "", "/opt/maria", "/opt/maria/mysqld", "unknown"),
        ("/opt/maria/libexec", "new", "/opt/maria", "/opt/maria/libexec/mysqld", "new"),
    ],
)
def test_repository(path: str, version: str, base: str, daemon: str, read: str) -> None:
    new = plugin_1_0.repository({"name": "x", "installPath": path, "version": version})
    assert new == {
        "name": f"MariaDB {read} ({base})",
        "version": read,
        "baseDir": base,
        "daemonPath": daemon,
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            {"dbName": "sales", "port": "3307", "dataDir": "/var/lib/mysql/"},
            {"name": "sales", "port": 3307, "dataDir": "/var/lib/mysql"},
        ),
        ({"dbName": "sales", "port": 3307.0}, {"name": "sales", "port": 3307}),
        ({"port": "any"}, {"name": "MariaDB on port 3306", "port": 3306}),
        ({"dbName": None, "port": "99999"}, {"name": "MariaDB on port 3306", "port": 3306}),
        ({"dbName": "n" * 300, "port": "1"}, {"name": "n" * 256, "port": 1}),
        ({}, {"name": "MariaDB on port 3306", "port": 3306}),
    ],
)
def test_source_config(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert plugin_1_0.source_config(old) == new


def without(content: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in content.items() if key not in keys}


MANUAL = {"mountPath": "/mnt/sales", "stagingPort": 3310, "ingestionMode": "Manual Ingestion"}


@pytest.mark.parametrize(
    ("changes", "new"),
    [
        ({}, MIGRATED),
        ({"logSync": "false"}, {**MIGRATED, "logSync": False}),
        ({"logSync": None}, MIGRATED),
        ({"sourceip": ""}, without(MIGRATED, "sourceHost")),
        (
            {"replicationUser": "reader", "replicationPass": "p1"},
            without(MIGRATED, "replicationCredentials"),
        ),
        ({"replicationPass": ""}, without(MIGRATED, "replicationCredentials")),
        (
            {"sourceUser": None, "sourcePass": None},
            {**MIGRATED, "sourceCredentials": {"user": "delphixdb", "of": "delphixdb"}},
        ),
        (
            {"backupPath": "/backups/x.sql"},
            {
                **without(MIGRATED, "backupMethod"),
                "backupOrigin": "User Provided Backup",
                "backupPath": "/backups/x.sql",
            },
        ),
        (
            {"dSourceType": "Backup", "backupPath": "/x"},
            {**MANUAL, "stagingCredentials": {"user": "reader", "of": "p1"}},
        ),
        ({"dSourceType": "Backup", "sourceUser": "root"}, MANUAL),
    ],
)
def test_linked_source(changes: dict[str, Any], new: dict[str, Any]) -> None:
    assert plugin_1_0.linked_source({**LINKED, **changes}, supplier) == new


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            {"mPath": "/mnt/copy", "port": "3320", "vdbUser": "dev", "vdbPass": " p "},
            {"mountPath": "/mnt/copy", "port": 3320,
             "vdbCredentials": {"user": "dev", "of": " p "}},
        ),
        (
            {"mPath": "/mnt/copy", "port": 3320, "vdbUser": "", "config_settings_prov": [
                {"propertyName": "max_connections", "value": "5"},
                {"propertyName": "skip_name_resolve", "value": None},
                {"propertyName": "server_id", "value": "201"},
                {"propertyName": "bad name", "value": "1"},
            ]},
            {"mountPath": "/mnt/copy", "port": 3320, "configSettings": [
                {"propertyName": "max_connections", "value": "5"},
                {"propertyName": "skip_name_resolve", "value": ""},
            ]},
        ),
        (
            {"mPath": "/mnt/copy", "port": "3320", "vdbUser": "", "config_settings_prov": "x"},
            {"mountPath": "/mnt/copy", "port": 3320},
        ),
    ],
)  # fmt: skip
def test_virtual_source(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert plugin_1_0.virtual_source(old, supplier) == new


@pytest.mark.parametrize(
    ("old", "taken"),
    [
        ({"snapTime": "20220131235901"}, "2022-01-31T23:59:01Z"),
        ({"snapTime": "yesterday"}, "yesterday"),
        ({"snapshotId": "1", "snapPass": "p"}, "unknown"),
    ],
)
def test_snapshot(old: dict[str, str], taken: str) -> None:
    assert plugin_1_0.snapshot(old) == {
        "takenAt": taken,
        "serverVersion": plugin_1_0.UNKNOWN_VERSION,
        "consistency": "Crash Consistent",
    }


@pytest.mark.parametrize(
    ("kind", "old", "code", "word"),
    [
        ("linked_source", {"mountPath": "/etc"}, "MOUNT_PATH_INVALID", "'/etc' is a directory"),
        ("linked_source", {"stagingPort": "80"}, "INPUT_INVALID", "stagingPort is '80', not a"),
        ("linked_source", {"stagingPort": None}, "INPUT_INVALID", "stagingPort is '', not a"),
        ("linked_source", {"sourceip": "a b"}, "INPUT_INVALID", "sourceip is 'a b'"),
        ("linked_source", {"backupPath": "x.sql"}, "INPUT_INVALID", "backupPath is 'x.sql'"),
        ("virtual_source", {"mPath": "copy"}, "MOUNT_PATH_INVALID", "'copy' is not absolute"),
        ("virtual_source", {"mPath": "/m/c", "port": "x"}, "INPUT_INVALID", "port is 'x', not a"),
    ],
)
def test_what_cannot_be_migrated(kind: str, old: dict[str, Any], code: str, word: str) -> None:
    content = {**LINKED, **old} if kind == "linked_source" else old
    with pytest.raises(Refusal) as caught:
        getattr(plugin_1_0, kind)(content, supplier)
    assert caught.value.entry.name == code
    assert word in caught.value.seen
    assert not {"p1", "p2"} & set(caught.value.seen.split())


def test_bash_is_told_what_the_plugin_owns() -> None:
    """Those settings are left behind; filters of replication stay on staging."""
    config = ServerConfig(Role.VDB, Layout("/mnt/x"), 3320, 7, "*")
    assert render(config).startswith(CONSTANTS["OUR_CONFIG"])
    assert "\n# Role: vdb\n" in render(config), "lib/plugin_1_0/recover.sh looks for it"
    assert set(CONSTANTS["LEFT_BEHIND"].split()) > OWNED


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("max_connections", value) for value in ("50", "a/b", "/x", "../x", "~/x", "./x", "")),
        *((f"any_{end}", "x") for end in ("file", "filename", "path", "dir", "directory", "home")),
        *((name, "/etc/k") for name in ("ssl_ca", "ft_stopword_file", "gssapi_keytab_path")),
        ("file_key_management_filename", "/etc/k"),
        *(
            ("innodb_temp_data_file_path", v)
            for v in ("ibtmp1:12M:autoextend", "../x:12M", "/x:1M")
        ),
        *(("innodb_data_file_path", value) for value in ("ibdata1:12M:autoextend", "a/b:12M")),
        *(
            ("plugin_load_add", value)
            for value in (
                *("ha_rocksdb", "/x/y", "a=b", "a=/b", "a;/b"),
                *(
                    "ha_connect",
                    "a=ha_s3.so",
                    "x; ha_spider",
                    "ha_s3x",
                    "federated",
                    "ha_federatedx.so;x",
                ),
            )
        ),
        ("sql_mode", "STRICT_TRANS_TABLES"),
    ],
)
def test_the_library_knows_paths_as_the_plugin_does(name: str, value: str) -> None:
    body = 'if leads_outside "$1" "$2"; then echo yes; else echo no; fi'
    text = library_text("plugin_1_0/convert")
    command = ["bash", "-c", f"{text}\n{body}", "bash", name, value]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    assert told == ("yes" if owned.why(name, value) else "no")


def test_a_repository_without_a_path() -> None:
    with pytest.raises(Refusal, match="installPath is ''"):
        plugin_1_0.repository({"name": "x"})
