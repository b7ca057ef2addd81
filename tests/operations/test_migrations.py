"""The migrations from plugin 1.0.0 as the engine runs them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from dlpx.virtualization.api import platform_pb2

from generated import definitions
from tests.operations.caller import Engine

OLD: dict[str, tuple[int, dict[str, Any], str]] = {
    "repository": (
        platform_pb2.UpgradeRequest.REPOSITORY,
        {"name": "x", "installPath": "/usr/sbin", "version": "10.4.12"},
        "RepositoryDefinition",
    ),
    "source_config": (
        platform_pb2.UpgradeRequest.SOURCECONFIG,
        {"dbName": "sales", "port": "3306", "dataDir": "/var/lib/mysql"},
        "SourceConfigDefinition",
    ),
    "linked_source": (
        platform_pb2.UpgradeRequest.LINKEDSOURCE,
        {
            "dSourceType": "Replication",
            "mountPath": "/mnt/sales",
            "stagingPort": "3310",
            "sourceip": "db.example",
            "sourceUser": "reader",
            "sourcePass": "OldPw-1",
            "logSync": "true",
        },
        "LinkedSourceDefinition",
    ),
    "virtual_source": (
        platform_pb2.UpgradeRequest.VIRTUALSOURCE,
        {"mPath": "/mnt/copy", "port": "3320", "vdbUser": "dev", "vdbPass": "OldPw-2"},
        "VirtualSourceDefinition",
    ),
    "snapshot": (
        platform_pb2.UpgradeRequest.SNAPSHOT,
        {"snapshotId": "1", "snapTime": "20220131235901", "snapPass": "OldPw-3"},
        "SnapshotDefinition",
    ),
}


@pytest.mark.parametrize("kind", OLD)
def test_migration(engine: Engine, kind: str) -> None:
    number, content, name = OLD[kind]
    migrations = getattr(engine.plugin.upgrade.platform_migrations, f"get_{kind}_dict")()
    (identity,) = migrations
    request = platform_pb2.UpgradeRequest(
        type=number,
        migration_ids=[identity],
        pre_upgrade_parameters={"REF-1": json.dumps(content), "REF-2": json.dumps(content)},
    )
    response = getattr(engine.plugin.upgrade, f"_internal_{kind}")(request)
    migrated = dict(response.return_value.post_upgrade_parameters)
    assert sorted(migrated) == ["REF-1", "REF-2"]
    assert "OldPw" not in str(migrated)
    # The new object is one of this schema: nothing is missing, nothing has another type.
    new = json.loads(migrated["REF-1"])
    definition = getattr(definitions, name).from_dict(new)
    kept = definition.to_dict()
    assert {key: kept[key] for key in new} == new
    assert (engine.host.records, engine.host.steps) == ([], [])
