"""Genuine delphix-dct-api 2026.5.0 through the whole life of a plugin's objects."""

import json
from pathlib import Path

from tests.clients.support import Served, run_client
from tests.lab.engine_support import NOTEBOOK


def test_whole_life(served: Served, artifact: Path, tmp_path: Path) -> None:
    content = json.loads(artifact.read_text())
    given = served.given(
        artifact=str(artifact),
        plugin=content["pluginId"],
        staging="staging",
        target="target",
        source={"host": "source", "name": None},
        linked={"mountPath": "/mnt/NAME"},
        virtual={"mountPath": "/mnt/NAME"},
        broken={"fault": "linked.pre_snapshot=user_error"},
        failure="the message",
    )
    given["by hand"] = {"name": "by hand", "path": f"{NOTEBOOK}/two"}
    run_client("whole_life_dct.py", given, tmp_path)
    assert served.lab.containers() == []
