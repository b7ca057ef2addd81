"""Nothing is deleted or written but in a mounted dataset of ours, and there nothing else's."""

from collections.abc import Callable, Iterator

import pytest

from tests.steps.support import Bench, Dataset, marker_text, run_step, wait_for

STEPS_THAT_TOUCH = ("dataset_create", "server_start", "vdb_configure", "quiesce", "release", "size")


def root(dataset: Dataset, script: str) -> str:
    return dataset.host.run_as_root(["bash", "-c", f"cd {dataset.mount} && {script}"]).text


@pytest.fixture
def dataset(fresh: Callable[..., Dataset]) -> Dataset:
    return fresh("guard", 3430, extra={"INITIALISE": "no"})


@pytest.mark.parametrize("script", STEPS_THAT_TOUCH)
def test_a_path_where_nothing_is_mounted_is_left_alone(
    bench: Bench, dataset: Dataset, script: str
) -> None:
    dataset.good("dataset_create")
    bench.host.unmount(dataset.mount)
    bench.host.run_as_root(["bash", "-c", f"echo keep >{dataset.mount}/file"])
    bench.host.write_file(f"{dataset.mount}/delphix.json", marker_text().encode())
    try:
        assert dataset.run(script).failure == "MOUNT_NOT_MOUNTED"
        assert dataset.names() == ["delphix.json", "file"]
    finally:
        bench.host.run_as_root(["bash", "-c", f"rm {dataset.mount}/*"])


FOREIGN = {
    "other files": "echo keep >file",
    "a data directory": "mkdir data && echo keep >data/ibdata1",
    "another plugin's marker": """echo '{"plugin": "x"}' >delphix.json""",
    "an empty marker": ": >delphix.json",
    "a linked marker": "mkdir real && cp /tmp/marker real/ && ln -s real/marker delphix.json",
    "a hidden file": "echo keep >.hidden",
}


@pytest.mark.parametrize("script", STEPS_THAT_TOUCH)
@pytest.mark.parametrize("content", FOREIGN)
def test_files_of_others_are_left_alone(dataset: Dataset, content: str, script: str) -> None:
    dataset.host.write_file("/tmp/marker", marker_text().encode())
    root(dataset, FOREIGN[content])
    before = root(dataset, "find . -printf '%p %s %T@\\n' | sort")
    outcome = dataset.run(script)
    assert outcome.failure == "MOUNT_NOT_OURS"
    assert root(dataset, "find . -printf '%p %s %T@\\n' | sort") == before


def test_a_mount_of_another_user_is_refused(dataset: Dataset) -> None:
    root(dataset, "chown root:root .")
    try:
        outcome = dataset.run("dataset_create")
        assert outcome.failure == "MOUNT_NOT_WRITABLE"
        assert "root (uid 0)" in outcome.seen
    finally:
        root(dataset, "chown delphix:delphix .")


ODD_NAMES = ["a b", "-rf", "*", "$(touch x)", "a\nb", "ä☃", "'\"\\", ".hidden", "..."]


def test_clearing_takes_odd_names_and_stays_inside(bench: Bench, dataset: Dataset) -> None:
    dataset.good("dataset_create")
    bench.host.run_as_root(["bash", "-c", "mkdir -p /srv/keep/deep && echo x >/srv/keep/deep/file"])
    for name in ODD_NAMES:
        for place in (dataset.mount, f"{dataset.mount}/data"):
            bench.host.run_as_root(["mkdir", "--", f"{place}/{name}"])
            bench.host.run_as_root(["ln", "-s", "/srv/keep", f"{place}/{name}/link"])
    root(dataset, "ln -s /srv/keep link && chown -Rh delphix:delphix .")
    dataset.good("dataset_create")
    assert dataset.names() == [
        "data",
        "delphix.json",
        "log",
        "my.cnf",
        "required.cnf",
        "run",
        "tmp",
    ]
    assert bench.host.read_file("/srv/keep/deep/file") == b"x\n"


def test_what_a_file_system_puts_there_itself_stays(dataset: Dataset) -> None:
    dataset.good("dataset_create")
    root(dataset, "mkdir -m 700 lost+found && mkdir .zfs .snapshot && touch .zfs/keep")
    dataset.good("dataset_create")
    assert {"lost+found", ".zfs", ".snapshot"} < set(dataset.names())
    root(dataset, "rm -r lost+found .zfs .snapshot")


@pytest.fixture
def mounted_below(bench: Bench, dataset: Dataset) -> Iterator[str]:
    dataset.good("dataset_create")
    root(dataset, "mkdir data/below && mount -t tmpfs below data/below && touch data/below/keep")
    yield f"{dataset.mount}/data/below"
    bench.host.run_as_root(["umount", f"{dataset.mount}/data/below"])


def test_a_file_system_mounted_below_is_not_touched(dataset: Dataset, mounted_below: str) -> None:
    outcome = dataset.run("dataset_create")
    assert outcome.failure == "MOUNT_NOT_WRITABLE", outcome.story
    assert "data" in outcome.seen
    assert dataset.host.run_as_root(["ls", mounted_below]).text == "keep\n"


@pytest.mark.parametrize("name", ["data", "log", "run", "tmp"])
def test_a_directory_that_leads_out_of_the_dataset_is_refused(
    bench: Bench, dataset: Dataset, name: str
) -> None:
    dataset.good("dataset_create")
    bench.host.run_as_root(["bash", "-c", "rm -rf /srv/out && mkdir /srv/out"])
    root(dataset, "mkdir data/mysql && touch data/ibdata1")
    root(dataset, f"mv {name} /srv/out/{name} && ln -s /srv/out/{name} {name}")
    root(dataset, f"touch /srv/out/{name}/{{master.info,relay.1}} && chown -R delphix /srv/out")
    before = bench.host.run_as_root(["find", "/srv/out"]).text
    outcome = dataset.run("vdb_configure")
    assert outcome.failure == "MOUNT_NOT_OURS"
    assert bench.host.run_as_root(["find", "/srv/out"]).text == before


@pytest.mark.parametrize(
    "left", ["rm required.cnf my.cnf", "rm -rf data run", "rm -rf *; >delphix.json.new"]
)
def test_a_clearing_that_was_cut_short_can_be_repeated(dataset: Dataset, left: str) -> None:
    dataset.good("dataset_create")
    root(dataset, f"{left}; chown -R delphix .")
    dataset.good("dataset_create")


def test_the_marker_goes_last(bench: Bench, dataset: Dataset) -> None:
    """Killed while it clears, the dataset is still known as ours."""
    dataset.good("dataset_create")
    root(dataset, "mkdir big; cd big; for i in {1..4000}; do : >$i; done; chown -R delphix .")
    body = "(clear_dataset) & job=$!; sleep 0.05; kill -KILL $job; wait $job 2>/dev/null || :"
    assert dataset.library(body).failure == ""
    wait_for("its rm has ended", lambda: "rm" not in bench.processes_of_user())
    assert "delphix.json" in dataset.names() or dataset.names() == []
    dataset.good("dataset_create")


CHECKS = {
    "free": (":", "", "no"),
    "absent": ("rmdir /mnt/check", "", "no"),
    "a file": ("rmdir /mnt/check && touch /mnt/check", "MOUNT_IN_USE", ""),
    "a link": ("rmdir /mnt/check && ln -s /srv /mnt/check", "MOUNT_IN_USE", ""),
    "not empty": ("touch /mnt/check/file", "MOUNT_IN_USE", "no"),
}


@pytest.mark.parametrize("case", CHECKS)
def test_mount_check_before_the_mount(bench: Bench, case: str) -> None:
    change, failure, mounted = CHECKS[case]
    bench.host.run_as_root(["bash", "-c", f"rm -rf /mnt/check && mkdir /mnt/check && {change}"])
    outcome = run_step(bench.host, "mount_check", {"MOUNT": "/mnt/check", "GUID": "g"})
    assert outcome.failure == failure
    assert outcome.answer.maybe("mounted") == mounted
    bench.host.run_as_root(["rm", "-rf", "/mnt/check"])


def test_mount_check_of_a_mounted_dataset(dataset: Dataset) -> None:
    ours = {"MOUNT": dataset.mount, "GUID": f"guid-{dataset.server_id}"}
    assert run_step(dataset.host, "mount_check", ours).answer.flag("mounted")
    dataset.good("dataset_create")
    assert run_step(dataset.host, "mount_check", ours).answer.flag("mounted")
    others = run_step(dataset.host, "mount_check", {**ours, "GUID": "another"})
    assert others.failure == "MOUNT_IN_USE"
    assert "port 3430" in others.seen


def test_nothing_is_left_of_a_step_that_was_refused(bench: Bench, dataset: Dataset) -> None:
    root(dataset, "touch file")
    dataset.run("dataset_create")
    wait_for("no process is left", lambda: bench.processes_of_user() == [])


def test_what_somebody_else_has_mounted_blocks_nothing(bench: Bench) -> None:
    """A delphix.json that is a pipe, or that another user has written, takes no port for itself."""
    first, second = bench.dataset("first", 3471), bench.dataset("second", 3472)
    for dataset in (first, second):
        dataset.good("dataset_create")
    bench.host.run_as_root(["mv", f"{first.mount}/delphix.json", f"{first.mount}/kept"])
    bench.host.run_as_root(["mkfifo", "-m", "666", f"{first.mount}/delphix.json"])
    facts = second.run("host_facts")
    assert facts.failure == ""
    assert f"passing over {first.mount}: its delphix.json is no file of delphix" in facts.story
    bench.host.run_as_root(["cp", f"{first.mount}/kept", f"{first.mount}/planted"])
    bench.host.run_as_root(["mv", f"{first.mount}/planted", f"{first.mount}/delphix.json"])
    planted = second.good("host_facts", PORT="3471", SERVER_ID="4471")
    assert (planted.text("portTaken"), planted.text("serverIdTaken")) == ("", "")
    bench.host.run_as_root(["mv", f"{first.mount}/kept", f"{first.mount}/delphix.json"])
    taken = second.good("host_facts", PORT="3471", SERVER_ID="4471")
    assert first.mount in taken.text("portTaken")
    assert first.mount in taken.text("serverIdTaken")
    bench.drop(first)
    bench.drop(second)


def test_an_installation_that_fails_tells_its_own_cause(fresh: Callable[..., Dataset]) -> None:
    """Also where a server ran before, whose longer log is gone with the old files."""
    dataset = fresh("init", 3461).create()
    dataset.good("server_stop")
    dataset.good("server_start")
    config = dataset.variables["CONFIG"] + "[mysqld]\ninnodb_data_file_path = x\n"
    outcome = dataset.run("dataset_create", CONFIG=config)
    assert outcome.failure == "SERVER_INIT_FAILED"
    assert "syntax error in file path" in outcome.seen, outcome.seen
