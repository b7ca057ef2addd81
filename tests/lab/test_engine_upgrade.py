"""A second upload with the same id upgrades the plugin and its objects."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.errors import LabError
from lab.lab import Lab
from lab.model import Snapshot
from tests.lab.engine_support import changed_artifact, link, new_lab, notes, provision

pytestmark = pytest.mark.root


@pytest.fixture
def old_lab(tmp_path: Path, artifact: Path) -> Iterator[Lab]:
    with new_lab(tmp_path / "lab", artifact) as lab:
        link(lab, pages=3)
        provision(lab, password="kept secret")
        yield lab


def test_upgrade(old_lab: Lab, second_artifact: Path, artifact: Path) -> None:
    old_lab.upload(second_artifact)
    (plugin,) = old_lab.plugins()
    assert plugin.build_number == "1.1"
    assert plugin.migration_ids == ("2026.1", "2026.2", "2026.3", "2026.10", "2026.11")
    job = old_lab.jobs()[-1]
    kinds = ("repository", "source_config", "linked_source", "virtual_source", "snapshot")
    assert job.operations() == [f"upgrade.{kind}" for kind in kinds]
    # (3 + 1) * 2: the migrations ran in the order of their ids, 2026.10 after 2026.1.
    assert old_lab.container("ds").parameters["pages"] == 8
    credentials = {
        "type": "NamedPasswordCredential",
        "username": "owner",
        "password": "kept secret",
    }
    assert old_lab.container("vdb").parameters["credentials"] == credentials
    (repository,) = old_lab.repositories("source")
    assert repository.name == repository.parameters["name"] == "new Notebook at /opt/notebook/one"
    old_lab.sync("ds")
    old_lab.refresh("vdb")
    assert notes(old_lab, "target", "vdb")[-1] == "configured from 3"
    with pytest.raises(LabError, match="cannot be downgraded"):
        old_lab.upload(artifact)
    old_lab.upload(second_artifact)
    assert old_lab.jobs()[-1].operations() == []
    assert old_lab.container("ds").parameters["pages"] == 8


def test_a_migration_may_only_upgrade_passwords(old_lab: Lab, second_artifact: Path) -> None:
    (snapshot,) = old_lab.snapshots("ds")
    place = (snapshot.container, snapshot.timeflow, snapshot.created)
    old_lab.engine.store.put(Snapshot("APPDATA_SNAPSHOT-99", "@x", *place, {"lines": 1001}))
    with pytest.raises(LabError, match="migration may not call"):
        old_lab.upload(second_artifact)
    (plugin,) = old_lab.plugins()
    assert (plugin.build_number, old_lab.container("ds").parameters["pages"]) == ("1", 3)
    old_lab.sync("ds")


def test_objects_must_fit_the_new_schemas(old_lab: Lab, second_artifact: Path) -> None:
    parameters = {**old_lab.container("ds").parameters, "pages": 90}
    old_lab.update_parameters("ds", parameters)
    with pytest.raises(LabError, match="APPDATA_CONTAINER-1 does not fit the new schema"):
        old_lab.upload(second_artifact)
    assert old_lab.container("ds").parameters == parameters


def test_installed_migrations_may_not_vanish(tmp_path: Path, second_artifact: Path) -> None:
    with new_lab(tmp_path / "lab", second_artifact) as lab:
        manifest = lab.engine.artifact(lab.plugins()[0].reference)
        assert manifest.migration_ids
        later = changed_artifact(
            second_artifact, tmp_path, buildNumber="2", manifest={"migrationIdList": ["2026.1"]}
        )
        with pytest.raises(LabError, match=r"lacks installed migrations: 2026\.10"):
            lab.upload(later)


def test_an_artifact_of_an_old_python_can_be_stored_but_not_run(
    tmp_path: Path, artifact: Path, second_artifact: Path
) -> None:
    old = changed_artifact(
        artifact, tmp_path, language="PYTHON27", virtualToPhysicalDefinition=None
    )
    lab = Lab.open(tmp_path / "lab")
    try:
        lab.up(pool_gib=1)
        lab.upload(old)
        with pytest.raises(LabError, match="needs PYTHON27"):
            lab.refresh_environment("source")
        lab.upload(second_artifact)
        lab.refresh_environment("source")
    finally:
        lab.down()
