"""Genuine delphixpy 1.11.52 through the whole life of a plugin's objects."""

from pathlib import Path

from tests.clients.support import Served, run_client

# What it must have called, at the least.
CALLS = """
POST session, POST login, GET toolkit, GET toolkit/*, GET group, POST group, GET environment,
GET environment/*, POST environment/*/refresh, GET environment/user, GET host, GET repository,
GET sourceconfig, GET sourceconfig/*, POST sourceconfig, POST sourceconfig/*,
POST sourceconfig/*/delete, GET database, GET database/*, GET database/link/defaults,
POST database/link, POST database/*/sync, POST database/provision, POST database/createEmpty,
POST database/export, POST database/*/refresh, POST database/*/rollback,
POST database/*/delete, GET source, GET source/*,
POST source/*, POST source/*/start, POST source/*/stop, POST source/*/enable,
POST source/*/disable, GET snapshot, POST snapshot/*/delete, GET timeflow, GET job, GET job/*,
GET action, GET action/*, GET action/*/getJob
"""


def test_whole_life(served: Served, artifact: Path, tmp_path: Path) -> None:
    run_client("whole_life.py", served.life(artifact), tmp_path)
    called = set()
    for method, path, _, _, client in served.access_log():
        if client == "Delphix Python Agent":
            parts = path.removeprefix("/resources/json/delphix/").split("/")
            called.add(f"{method} " + "/".join("*" if "-" in part else part for part in parts))
    missing = {call.strip() for call in CALLS.replace("\n", " ").split(",")} - called
    assert not missing
    assert served.lab.containers() == []
