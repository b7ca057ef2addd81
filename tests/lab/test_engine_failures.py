"""What is left when a workflow fails, and how the failure is told."""

import subprocess
import sys
from pathlib import Path

import pytest

from lab.errors import LabError
from lab.jobs import JobFailed
from lab.lab import Lab
from lab.model import Container, ContainerState, Job, JobState, SourceConfig
from lab.plugin.runtime.errors import PluginError, PluginErrorKind
from tests.lab.engine_support import CREDENTIALS, SECRET, link, mounted, notes, provision, set_fault

pytestmark = pytest.mark.root


def datasets(lab: Lab) -> list[str]:
    return lab.engine.machine.pool.dataset_names()


def test_a_failed_job_shows_the_users_error(lab: Lab) -> None:
    with pytest.raises(JobFailed) as failure:
        link(lab, fault="linked.pre_snapshot=user_error")
    assert str(failure.value) == "the message\nthe action\nthe output"
    assert isinstance(failure.value.__cause__, PluginError)
    assert failure.value.__cause__.kind is PluginErrorKind.USER
    job = failure.value.job
    assert (job.state, job.operations()[-1]) == (JobState.FAILED, "linked.pre_snapshot")
    assert lab.jobs()[-1] == job


@pytest.mark.parametrize("operation", ["pre_snapshot", "post_snapshot"])
def test_failed_sync_leaves_the_dsource_enabled_and_no_snapshot(lab: Lab, operation: str) -> None:
    with pytest.raises(JobFailed):
        link(lab, fault=f"linked.{operation}=generic")
    assert lab.snapshots("ds") == []
    assert lab.engine.machine.pool.snapshot_names() == []
    assert mounted(lab, "staging") == ["/mnt/ds"]
    assert lab.container("ds").state is ContainerState.ENABLED
    set_fault(lab, "ds", None)
    lab.sync("ds", {"resync": True})
    assert len(lab.snapshots("ds")) == 1


@pytest.mark.parametrize("operation", ["mount_specification", "configure"])
def test_failed_provision_leaves_nothing(lab: Lab, operation: str) -> None:
    link(lab)
    with pytest.raises(JobFailed, match="the message"):
        provision(lab, fault=f"virtual.{operation}=user_error")
    assert [row.name for row in lab.containers()] == ["ds"]
    assert (len(datasets(lab)), mounted(lab, "target")) == (1, [])
    provision(lab)


def test_provision_that_leaves_a_process_in_the_mount(lab: Lab) -> None:
    link(lab)
    with pytest.raises(JobFailed) as failure:
        provision(lab, fault="virtual.configure=stay_in_mount")
    assert "left a process behind" in failure.value.message
    assert "could not be removed" in failure.value.message
    assert "sleep" in str(failure.value)
    assert lab.container("vdb").state is ContainerState.CREATING
    with pytest.raises(LabError, match="not completely made"):
        lab.enable("vdb")
    assert lab.hosts["target"].run_as_user("pkill -x sleep").exit_code == 0
    assert lab.delete("vdb").operations() == []
    assert (len(datasets(lab)), mounted(lab, "target")) == (1, [])


@pytest.mark.parametrize("workflow", ["refresh", "rollback"])
def test_failed_refresh_leaves_the_old_timeflow(lab: Lab, workflow: str) -> None:
    link(lab)
    provision(lab)
    before = lab.container("vdb").timeflow
    own = lab.snapshots("vdb")[0].reference
    operation = {"refresh": "configure", "rollback": "reconfigure"}[workflow]
    set_fault(lab, "vdb", f"virtual.{operation}=user_error")
    with pytest.raises(JobFailed, match="the message"):
        lab.refresh("vdb") if workflow == "refresh" else lab.rollback("vdb", own)
    vdb = lab.container("vdb")
    assert (vdb.timeflow, vdb.state) == (before, ContainerState.DISABLED)
    assert (len(datasets(lab)), mounted(lab, "target")) == (2, [])
    set_fault(lab, "vdb", None)
    lab.enable("vdb")
    assert notes(lab, "target", "vdb")[-1] == "reconfigured from 2"
    lab.refresh("vdb")
    assert notes(lab, "target", "vdb")[-1] == "configured from 2"


def test_failed_refresh_with_a_busy_mount_is_cured_later(lab: Lab) -> None:
    link(lab)
    provision(lab)
    before = lab.container("vdb").timeflow
    set_fault(lab, "vdb", "virtual.configure=stay_in_mount")
    with pytest.raises(JobFailed, match="new timeflow could not be removed"):
        lab.refresh("vdb")
    assert (lab.container("vdb").timeflow, len(datasets(lab))) == (before, 3)
    with pytest.raises(JobFailed, match="busy"):
        lab.enable("vdb")
    assert lab.hosts["target"].run_as_user("pkill -x sleep").exit_code == 0
    lab.enable("vdb")
    assert notes(lab, "target", "vdb")[-1] == "reconfigured from 2"
    assert len(datasets(lab)) == 2


def test_failed_unconfigure_leaves_the_vdb_as_it_was(lab: Lab) -> None:
    link(lab)
    provision(lab)
    set_fault(lab, "vdb", "virtual.unconfigure=generic")
    for workflow in (lab.disable, lab.refresh, lab.delete):
        with pytest.raises(JobFailed, match="no such key"):
            workflow("vdb")
        assert lab.container("vdb").state is ContainerState.ENABLED
        assert mounted(lab, "target") == ["/mnt/vdb"]
    lab.delete("vdb", force=True)
    assert len(datasets(lab)) == 1


def test_a_mount_path_in_use_is_refused_after_the_plugin_was_asked(lab: Lab) -> None:
    link(lab)
    provision(lab)
    with pytest.raises(JobFailed, match="/mnt/vdb on target is used") as failure:
        provision(lab, "other", mountPath="/mnt/vdb")
    assert failure.value.job.operations() == ["virtual.mount_specification"]
    assert [row.name for row in lab.containers()] == ["ds", "vdb"]
    assert mounted(lab, "target") == ["/mnt/vdb"]


def test_parameters_are_checked_before_any_job(lab: Lab) -> None:
    jobs = len(lab.jobs())
    with pytest.raises(LabError, match=r"dSource parameters, pages: 101 is greater"):
        link(lab, pages=101)
    with pytest.raises(LabError, match=r"dSource parameters, credentials: does not fit") as told:
        link(lab, credentials={"type": "NamedPasswordCredential", "password": SECRET})
    assert SECRET not in str(told.value)
    with pytest.raises(LabError, match="mountPath"):
        link(lab, mountPath=None)
    link(lab, pages=None, fault=None)
    with pytest.raises(LabError, match=r"sync parameters, resync"):
        lab.sync("ds", {"resync": "yes"})
    with pytest.raises(LabError, match=r"VDB parameters.*colour"):
        provision(lab, colour="red")
    assert len(lab.jobs()) == jobs + 2  # the link and its sync


def test_parameters_reach_the_plugin_as_given(lab: Lab) -> None:
    link(lab, pages=None)
    assert lab.container("ds").parameters == {"mountPath": "/mnt/ds", "pages": None}


def test_a_secret_in_a_returned_object_is_an_error(lab: Lab) -> None:
    with pytest.raises(JobFailed, match="snapshot holds a secret") as failure:
        link(lab, credentials=CREDENTIALS, fault="linked.snapshot=leak")
    assert SECRET not in str(failure.value)
    assert lab.engine.machine.pool.snapshot_names() == []


def test_a_busy_object_is_refused_at_once(lab: Lab) -> None:
    link(lab)
    busy = lab.engine.store.busy(lab.container("ds").reference, "JOB-77 DB_SYNC")
    with busy, pytest.raises(LabError, match="is busy with JOB-77 DB_SYNC"):
        lab.sync("ds")
    lab.sync("ds")


def test_jobs_of_a_dead_engine_count_as_failed(lab: Lab) -> None:
    link(lab)
    (job,) = lab.jobs()[-1:]
    lab.engine.store.put(Job("JOB-900", job.action, job.target, "ds", JobState.RUNNING, "t"))
    with Lab.open(lab.root) as other:
        (abandoned,) = other.jobs()[-1:]
    assert abandoned.state is JobState.FAILED
    assert abandoned.error is not None and "engine was restarted" in abandoned.error.message
    lab.engine.store.remove(abandoned)


def test_a_half_made_vdb_of_a_dead_engine_can_be_deleted(lab: Lab) -> None:
    link(lab)
    provision(lab)
    store, vdb = lab.engine.store, lab.container("vdb")
    half = {**vdb.__dict__, "state": ContainerState.CREATING, "source_config": None}
    store.remove(*store.all(SourceConfig, lambda row: row.container == vdb.reference))
    store.put(Container(**half))
    lab.delete("vdb")
    assert (mounted(lab, "target"), len(datasets(lab))) == ([], 1)


def test_an_engine_killed_in_the_middle_of_a_sync(lab: Lab) -> None:
    link(lab)
    set_fault(lab, "ds", "linked.pre_snapshot=wait")
    script = (
        "import sys; from pathlib import Path; from lab.lab import Lab; "
        "lab = Lab.open(Path(sys.argv[1]), progress=lambda event: print(event.text, flush=True)); "
        "lab.sync('ds')"
    )
    engine = subprocess.Popen(
        [sys.executable, "-c", script, str(lab.root)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert engine.stdout is not None
    while "running echo" not in engine.stdout.readline():
        assert engine.poll() is None
    assert lab.jobs()[-1].state is JobState.RUNNING
    with pytest.raises(LabError, match="is busy with JOB-"):
        lab.sync("ds")
    engine.kill()
    engine.wait()
    engine.stdout.close()
    assert lab.jobs()[-1].state is JobState.FAILED
    set_fault(lab, "ds", None)
    lab.sync("ds")
