"""Every workflow: which plugin operations in which order, and what it does."""

from pathlib import Path

import pytest

from lab.errors import LabError
from lab.lab import Lab
from lab.model import Action, ContainerState, JobState, StepKind
from tests.lab.engine_support import (
    CREDENTIALS,
    NOTEBOOK,
    link,
    mounted,
    notes,
    provision,
    set_fault,
)

pytestmark = pytest.mark.root

MOUNT, PRE, POST = "linked.mount_specification", "linked.pre_snapshot", "linked.post_snapshot"
VMOUNT = "virtual.mount_specification"
SNAPSHOT = ["virtual.pre_snapshot", "virtual.post_snapshot"]


def test_environment_refresh(lab: Lab) -> None:
    source = lab.hosts["source"]
    (repository,), (config,) = lab.repositories("source"), lab.source_configs("source")
    assert (repository.name, config.name) == (f"Notebook at {NOTEBOOK}", "a.txt")
    source.run_as_root(["mv", f"{NOTEBOOK}/a.txt", f"{NOTEBOOK}/b.txt"])
    manual = lab.add_source_config("source", None, {"name": "far", "path": "/far/away.txt"})
    job = lab.refresh_environment("source")
    assert job.operations() == ["discovery.repository", "discovery.source_config"]
    present = {row.name: row.present for row in lab.source_configs("source")}
    assert present == {"a.txt": False, "b.txt": True, "far": True}
    source.run_as_root(["mv", f"{NOTEBOOK}/b.txt", f"{NOTEBOOK}/a.txt"])
    lab.refresh_environment("source")
    again = {row.name: row for row in lab.source_configs("source")}
    assert again["a.txt"] == config
    assert lab.repositories("source") == [repository]
    lab.engine.store.remove(again["b.txt"], manual)


def test_an_absent_repository_takes_its_source_configs_along(lab: Lab) -> None:
    source = lab.hosts["source"]
    source.run_as_root(["mv", NOTEBOOK, "/opt/hidden"])
    lab.refresh_environment("source")
    assert [row.present for row in lab.repositories("source")] == [False]
    assert [row.present for row in lab.source_configs("source")] == [False]
    source.run_as_root(["mv", "/opt/hidden", NOTEBOOK])
    lab.refresh_environment("source")
    assert [row.present for row in lab.source_configs("source")] == [True]


def test_manual_source_config_is_checked(lab: Lab) -> None:
    with pytest.raises(LabError, match=r"source config.*path"):
        lab.add_source_config("source", None, {"name": "x", "path": "relative"})
    with pytest.raises(LabError, match="same identity"):
        lab.add_source_config("source", None, {"name": "x", "path": f"{NOTEBOOK}/a.txt"})


def test_link_and_sync(lab: Lab) -> None:
    job = link(lab)
    assert (job.action, job.operations()) == (Action.DB_SYNC, [MOUNT, PRE, POST])
    names = [step.name for step in job.steps]
    assert names.index(PRE) < names.index("storage snapshot") < names.index(POST)
    (first,) = lab.snapshots("ds")
    assert first.metadata == {"lines": 2, "origin": f"{NOTEBOOK}/a.txt", "parameters": "given"}
    assert lab.sync("ds").operations() == [MOUNT, PRE, POST]
    assert lab.snapshots("ds")[-1].metadata["parameters"] == "none"
    assert notes(lab, "staging", "ds") == ["first line", "synced", "synced"]
    lab.sync("ds", {"resync": True})
    assert notes(lab, "staging", "ds") == ["first line", "synced"]


def test_steps_tell_remote_calls_and_seconds(lab: Lab) -> None:
    job = link(lab)
    steps = {step.name: step for step in job.steps}
    assert steps[PRE].remote_calls == 3
    assert 0 < steps[PRE].remote_seconds <= steps[PRE].seconds
    assert steps["storage snapshot"].kind is StepKind.ENGINE
    assert job in lab.jobs()


def test_dsource_disable_enable_worker_delete(lab: Lab) -> None:
    link(lab)
    assert (lab.status("ds"), lab.source_size("ds")) == ("ACTIVE", len("first line\nsynced\n"))
    lab.worker("ds")
    assert notes(lab, "staging", "ds")[-1] == "worked"
    assert lab.disable("ds").operations() == ["linked.stop_staging"]
    assert mounted(lab, "staging") == []
    for workflow in (lab.sync, lab.disable, lab.worker):
        with pytest.raises(LabError, match="ds is disabled"):
            workflow("ds")
    assert lab.enable("ds").operations() == [MOUNT, "linked.start_staging"]
    assert mounted(lab, "staging") == ["/mnt/ds"]
    assert lab.delete("ds").operations() == ["linked.stop_staging"]
    pool = lab.engine.machine.pool
    assert (pool.dataset_names(), pool.snapshot_names(), lab.containers()) == ([], [], [])


def test_provision(lab: Lab) -> None:
    link(lab)
    job = provision(lab, title="copy")
    assert job.operations() == [VMOUNT, "virtual.configure", *SNAPSHOT]
    assert notes(lab, "target", "vdb") == ["first line", "synced", "configured from 2"]
    assert lab.hosts["target"].run_as_user("echo more >>/mnt/vdb/notes.txt").exit_code == 0
    assert notes(lab, "staging", "ds") == ["first line", "synced"]
    config = lab.engine.source_config(lab.container("vdb"))
    assert (config.name, config.parameters["path"]) == ("copy", "/mnt/vdb")
    assert config not in lab.source_configs("target")
    with pytest.raises(LabError, match="ds has VDBs: vdb"):
        lab.delete("ds")


def test_provision_of_an_older_snapshot_and_of_a_vdb(lab: Lab) -> None:
    link(lab)
    lab.sync("ds")
    oldest = lab.snapshots("ds")[0].reference
    options = {"mountPath": "/mnt/old"}
    lab.provision("old", container="ds", host="target", parameters=options, snapshot=oldest)
    assert notes(lab, "target", "old")[-1] == "configured from 2"
    provision(lab, "child", "old")
    assert notes(lab, "target", "child")[-2:] == ["configured from 2", "configured from 3"]
    with pytest.raises(LabError, match="old has VDBs: child"):
        lab.delete("old")


def test_without_initial_snapshot(lab: Lab) -> None:
    link(lab)
    options = {"mountPath": "/mnt/vdb"}
    job = lab.provision(
        "vdb", container="ds", host="target", parameters=options, initial_snapshot=False
    )
    assert (job.operations(), lab.snapshots("vdb")) == ([VMOUNT, "virtual.configure"], [])


def test_vdb_snapshot_stop_start(lab: Lab) -> None:
    link(lab)
    provision(lab)
    assert lab.snapshot("vdb").operations() == SNAPSHOT
    assert lab.stop("vdb").operations() == ["virtual.stop"]
    assert (lab.status("vdb"), mounted(lab, "target")) == ("INACTIVE", ["/mnt/vdb"])
    lab.snapshot("vdb")
    assert lab.start("vdb").operations() == [VMOUNT, "virtual.start"]
    assert lab.status("vdb") == "ACTIVE"
    assert lab.source_size("vdb") == sum(len(line) + 1 for line in notes(lab, "target", "vdb"))


def test_vdb_disable_enable(lab: Lab) -> None:
    link(lab)
    provision(lab)
    assert lab.disable("vdb").operations() == ["virtual.unconfigure"]
    assert mounted(lab, "target") == []
    for workflow in (lab.snapshot, lab.start, lab.stop, lab.disable):
        with pytest.raises(LabError, match="vdb is disabled"):
            workflow("vdb")
    job = lab.enable("vdb")
    assert job.operations() == ["virtual.status", VMOUNT, "virtual.reconfigure"]
    assert lab.enable("vdb").operations() == ["virtual.status"]


def test_refresh_and_rollback(lab: Lab) -> None:
    link(lab)
    provision(lab)
    own = lab.snapshots("vdb")[0]
    lab.sync("ds")
    changed = ["virtual.unconfigure", VMOUNT, "virtual.configure", *SNAPSHOT]
    assert lab.refresh("vdb").operations() == changed
    assert notes(lab, "target", "vdb")[-1] == "configured from 3"
    changed[2] = "virtual.reconfigure"
    assert lab.rollback("vdb", own.reference).operations() == changed
    assert notes(lab, "target", "vdb")[-2:] == ["configured from 2", "reconfigured from 3"]
    assert len(lab.engine.machine.pool.dataset_names()) == 2
    oldest = lab.snapshots("ds")[0].reference
    lab.refresh("vdb", oldest)
    assert notes(lab, "target", "vdb")[-1] == "configured from 2"
    with pytest.raises(LabError, match="vdb has no snapshot"):
        lab.rollback("vdb", oldest)


def test_delete_vdb(lab: Lab) -> None:
    link(lab)
    provision(lab)
    assert lab.delete("vdb").operations() == ["virtual.unconfigure", "virtual.cleanup"]
    provision(lab)
    lab.disable("vdb")
    assert lab.delete("vdb").operations() == ["virtual.cleanup"]
    assert (mounted(lab, "target"), len(lab.engine.machine.pool.dataset_names())) == ([], 1)


def test_empty_vdb(lab: Lab) -> None:
    job = lab.create_empty("empty", host="target", parameters={"mountPath": "/mnt/empty"})
    assert job.operations() == [VMOUNT, "virtual.initialize"]
    assert notes(lab, "target", "empty") == ["initialized"]
    lab.snapshot("empty")
    provision(lab, "child", "empty")
    with pytest.raises(LabError, match="no parent"):
        lab.refresh("empty")


@pytest.mark.parametrize("name", ["ds", "vdb"])
def test_v2p(lab: Lab, name: str) -> None:
    link(lab)
    provision(lab)
    folder = f"/srv/{name}"
    job = lab.export(name, host="source", directory=folder, parameters={"title": "x"})
    group = "linked" if name == "ds" else "virtual"
    expected = [f"{group}.pre_source_to_physical", f"{group}.source_to_physical"]
    assert job.operations() == expected
    source = lab.hosts["source"]
    assert source.run_as_user(f"wc -l <{folder}/notes.txt && rm {folder}/open").exit_code == 0
    assert mounted(lab, "source") == []
    with pytest.raises(LabError, match="not empty"):
        lab.export(name, host="source", directory=folder, parameters={})
    source.run_as_root(["rm", "-r", folder])


def test_after_a_host_lost_power(lab: Lab) -> None:
    link(lab)
    provision(lab)
    for name in ("staging", "target"):
        lab.hosts[name].restart()
    assert mounted(lab, "target") == []
    lab.sync("ds")
    lab.start("vdb")
    assert (mounted(lab, "staging"), mounted(lab, "target")) == (["/mnt/ds"], ["/mnt/vdb"])
    lab.hosts["target"].restart()
    assert lab.disable("vdb").operations() == []
    lab.enable("vdb")


def test_parameters_can_change(lab: Lab) -> None:
    link(lab)
    provision(lab)
    lab.update_parameters("vdb", {"mountPath": "/mnt/elsewhere"})
    lab.start("vdb")
    assert mounted(lab, "target") == ["/mnt/elsewhere"]
    with pytest.raises(LabError, match="mountPath"):
        lab.update_parameters("vdb", {"mountPath": "elsewhere"})


def test_credentials_and_vault(lab: Lab) -> None:
    vault = {"type": "CyberArkVaultCredential", "vault": "v", "queryString": "Safe=1"}
    link(lab, credentials=CREDENTIALS)
    set_fault(lab, "ds", "linked.post_snapshot=credentials")
    with pytest.raises(LabError, match="reader 21"):
        lab.sync("ds")
    parameters = {**lab.container("ds").parameters, "credentials": vault}
    lab.update_parameters("ds", parameters)
    with pytest.raises(LabError, match="No credentials"):
        lab.sync("ds")
    lab.add_vault_secret({"queryString": "Safe=1"}, "vaulted", "four")
    with pytest.raises(LabError, match="vaulted 4"):
        lab.sync("ds")


def test_names_and_kinds(lab: Lab) -> None:
    link(lab)
    with pytest.raises(LabError, match="a dSource or VDB ds already"):
        link(lab)
    with pytest.raises(LabError, match="ds is a dSource"):
        lab.snapshot("ds")
    with pytest.raises(LabError, match="no dSource or VDB other"):
        lab.sync("other")
    with pytest.raises(LabError, match="no host nowhere"):
        lab.refresh_environment("nowhere")


def test_plugin_log(lab: Lab, artifact: Path) -> None:
    job = link(lab)
    folder = lab.root / "log" / "Notebook"
    prefix = f"[{job.reference}|DB_SYNC({job.target})]"
    info = [line for line in (folder / "info.log").read_text().splitlines() if prefix in line]
    assert [line.split("] ", 2)[2] for line in info] == ["[INFO] copied 11 bytes"]
    assert prefix + " [DEBUG] running cat" in (folder / "debug.log").read_text()


def test_state_survives_another_process(lab: Lab) -> None:
    link(lab)
    with Lab.open(lab.root) as other:
        other.sync("ds")
        assert other.jobs()[-1].state is JobState.COMPLETED
    assert len(lab.snapshots("ds")) == 2
    assert lab.container("ds").state is ContainerState.ENABLED
    assert lab.usage("ds").referenced_bytes >= 0
