"""Genuine delphix-dct-api 2026.5.0 through the whole life of a plugin's objects."""

from pathlib import Path

from tests.clients.support import Served, run_client


def test_whole_life(served: Served, artifact: Path, tmp_path: Path) -> None:
    run_client("whole_life_dct.py", served.life(artifact), tmp_path)
    assert served.lab.containers() == []
