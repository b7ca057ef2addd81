"""The smallest measures for real, in a process of their own; and an interruption."""

import json
import signal
import subprocess
import sys
from pathlib import Path

from tests.lab.machine_support import leftovers

ONLY = ("--quick", "--only", "status", "--only", "stop-start")


def bench(root: Path, place: Path, *options: str) -> "subprocess.Popen[str]":
    place.mkdir(exist_ok=True)
    argv = [sys.executable, "-m", "bench", "--place", str(place), "--out", f"{place}-out"]
    return subprocess.Popen(
        [*argv, *options],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # Whoever runs the tests in the background has it ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def gone(place: Path) -> None:
    assert list(place.iterdir()) == []
    assert leftovers(place) == []


def test_figures_are_measured_once(root: Path, tmp_path: Path) -> None:
    run = bench(root, tmp_path / "labs", *ONLY)
    said, _ = run.communicate(timeout=500)
    assert run.returncode == 0, said
    gone(tmp_path / "labs")
    stored = json.loads((tmp_path / "labs-out" / "bench.json").read_text())
    names = ["status-dsource", "stop-start", "status"]
    assert list(stored["done"]) == names
    found = {figure["name"]: figure for figure in stored["figures"]}
    assert len(found) == 4
    for figure in found.values():
        assert len(figure["ours"]) >= 3 and len(figure["raw"]) == len(figure["ours"])
        assert all(sample["seconds"] > 0 for sample in figure["ours"])
        assert all(sample["wall"] >= sample["seconds"] for sample in figure["ours"])
        assert all(sample["calls"] > 0 and sample["programs"] > 0 for sample in figure["ours"])
    again = bench(root, tmp_path / "labs", *ONLY)
    said, _ = again.communicate(timeout=60)
    assert again.returncode == 0 and "3 measures are in" in said
    other = bench(root, tmp_path / "labs", "--only", "status")
    said, _ = other.communicate(timeout=60)
    assert other.returncode == 1 and "with another scale" in said


def test_an_interruption_leaves_nothing(root: Path, tmp_path: Path) -> None:
    run = bench(root, tmp_path / "labs", "--quick", "--only", "sync")
    assert run.stdout is not None
    for line in run.stdout:
        if line.strip() == "sync":
            break
    run.send_signal(signal.SIGINT)
    said, _ = run.communicate(timeout=100)
    assert run.returncode == 130 and "goes on where" in said, said
    gone(tmp_path / "labs")
