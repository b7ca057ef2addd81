"""Where the program that unpacks `mariadb-backup --compress` is looked for."""

import pytest

from testbed.backups import qpress_on
from tests.steps.support import Bench, Outcome, run_library

FOLDER = "/opt/mariadb/bin"
FIND = f"local it; it=$(find_qpress {FOLDER}); answer qpress $it"


def found(bench: Bench) -> Outcome:
    return run_library(bench.host, FIND)


@pytest.mark.parametrize("folder", [FOLDER, "/usr/local/bin"])
def test_it_lies_in_a_usual_folder_or_beside_the_installation(bench: Bench, folder: str) -> None:
    bench.host.run_as_root(["mkdir", "-p", folder])
    assert found(bench).failure == "BACKUP_UNUSABLE"
    with qpress_on(bench.host, f"{folder}/qpress"):
        assert found(bench).answer.text("qpress") == f"{folder}/qpress"
    missing = found(bench)
    assert "qpress is missing on the staging host" in missing.seen
    assert FOLDER in missing.seen


def test_it_is_found_beside_the_installation_and_unpacks(bench: Bench) -> None:
    """What is no packed file ends with an error."""
    bench.host.run_as_root(["mkdir", "-p", FOLDER])
    with qpress_on(bench.host, f"{FOLDER}/qpress"):
        body = f'printf nonsense | "$(find_qpress {FOLDER})" -dio || answer status refused'
        assert run_library(bench.host, body).answer.text("status") == "refused"
