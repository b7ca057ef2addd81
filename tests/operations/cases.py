"""Every operation with the steps it runs when all is well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from operations.following import UNASKED
from tests.operations.caller import MANUAL, PHYSICAL, RESYNC, WORLD, World, backup, linked
from tests.operations.fake_libs import FakeHost, Reply, row, says
from tests.operations.healthy import DIRECTORY, NEWER, all_well


@dataclass(frozen=True)
class Case:
    """One operation.

    Attributes:
        name: of the case.
        operation: name in plugin_runner.
        steps: remote calls in their order.
        world: what the operation is given.
        undo: numbers of the calls after whose failure the half-made server is stopped ...
        undo_by: ... by this step.
        recovery: numbers of the calls of a server that only recovers files, which is stopped, too.
        again: numbers of the calls that are made again, after a restart, when one of them fails ...
        cured: ... with an error of these names.
        filled: names of errors after which the source is copied.
        borne: names of errors of the step `source_position` that are no failure of the operation.
        replies: answers of steps that differ from the healthy ones.
    """

    name: str
    operation: str
    steps: tuple[str, ...]
    world: World = WORLD
    undo: tuple[int, ...] = ()
    undo_by: str = "server_stop"
    recovery: tuple[int, ...] = ()
    again: tuple[int, ...] = ()
    cured: tuple[str, ...] = ("ENTRY_REFUSED", "SERVER_OLD_LAYOUT")
    filled: tuple[str, ...] = ()
    borne: tuple[str, ...] = ()
    replies: Mapping[str, Reply] = field(default_factory=dict)

    def prepare(self, host: FakeHost) -> None:
        """All is well on the hosts, in the way of this case."""
        all_well(host)
        for step, reply in self.replies.items():
            host.on(step, reply)


def _case(operation: str, steps: str, name: str = "", world: World = WORLD, **more: Any) -> Case:
    """Steps in [brackets] are undone when one of them fails, those in (brackets) made again."""
    words = steps.split()
    plain = tuple(word.strip("[()]") for word in words)
    marked = {"undo": _between(words, "[", "]"), "again": _between(words, "(", ")")}
    return Case(name or operation, operation, plain, world, **marked, **more)


def _between(words: Sequence[str], first: str, last: str) -> tuple[int, ...]:
    """Numbers of the words from each that begins with `first` to the one that ends with `last`."""
    begin = [number for number, word in enumerate(words) if word.startswith(first)]
    end = [number for number, word in enumerate(words) if word.endswith(last)]
    pairs = zip(begin, end, strict=True)
    return tuple(number for one, other in pairs for number in range(one, other + 1))


CASES = (
    _case("discovery.repository", "discover_repositories"),
    _case("discovery.source_config", "discover_servers"),
    _case("linked.mount_specification", "mount_check"),
    _case(
        "linked.pre_snapshot",
        "host_facts source_facts [dataset_create server_start copy_plan ingest_start "
        "job_status job_status copy_prove server_start replica_set] "
        "(source_position reach_check catch_up catch_up quiesce)",
        "linked.pre_snapshot resync",
        RESYNC,
    ),
    _case(
        "linked.pre_snapshot",
        "host_facts source_facts [dataset_create server_start copy_plan ingest_start job_status "
        "job_status copy_prove server_start] (quiesce)",
        "linked.pre_snapshot resync without LogSync",
        linked(logSync=False),
    ),
    _case(
        "linked.pre_snapshot",
        "host_facts backup_inspect source_facts backup_read_start [dataset_create server_start "
        "restore_dump_start job_status job_status dump_prove_start job_status server_start "
        "replica_set] "
        "(source_position reach_check catch_up catch_up quiesce)",
        "linked.pre_snapshot resync from a dump",
        backup(),
    ),
    _case(
        "linked.pre_snapshot",
        "host_facts backup_inspect [dataset_create server_start restore_mydumper_start job_status "
        "dump_prove_start job_status server_start] (quiesce)",
        "linked.pre_snapshot resync from a directory of mydumper without LogSync",
        backup(logSync=False),
        replies={
            "backup_inspect": says({"kind": "mydumper", "sizeBytes": "1000"}),
            "job_status": says({"state": "done", "objects": "7"}),
        },
    ),
    _case(
        "linked.pre_snapshot",
        "host_facts backup_inspect [dataset_create restore_files_start job_status "
        "server_start files_prove_start job_status] (quiesce)",
        "linked.pre_snapshot resync from files without LogSync",
        backup(logSync=False),
        replies={
            "backup_inspect": says(DIRECTORY),
            "job_status": says({"state": "done", "objects": "7"}),
        },
    ),
    _case(
        "linked.pre_snapshot",
        "host_facts backup_inspect source_facts backup_read_start [dataset_create server_start "
        "restore_dump_start job_status position_gtid dump_prove_start job_status server_start "
        "replica_set] "
        "(source_position reach_check catch_up catch_up quiesce)",
        "linked.pre_snapshot resync from a dump with coordinates",
        backup(),
        replies={
            "job_status": says(
                {
                    "state": "done",
                    "toldPosition": row("own", "binlog.000003", "342", "22"),
                    "objects": "7",
                }
            ),
        },
    ),
    _case(
        "linked.pre_snapshot",
        "host_facts [dataset_create server_start login_create] (quiesce)",
        "linked.pre_snapshot resync of Manual Ingestion",
        World(linked=MANUAL, snapshot_parameters={"resync": True}),
    ),
    _case(
        "linked.pre_snapshot",
        "(quiesce)",
        "policy sync of Manual Ingestion",
        World(linked=MANUAL),
        filled=("DATASET_EMPTY",),
    ),
    _case(
        "linked.pre_snapshot",
        "(source_position reach_check catch_up catch_up quiesce)",
        "policy sync",
        filled=("DATASET_EMPTY",),
    ),
    _case(
        "linked.pre_snapshot",
        "(source_position reach_check catch_up catch_up quiesce)",
        "sync with empty parameters",
        World(snapshot_parameters={}),
        filled=("DATASET_EMPTY",),
    ),
    _case(
        "linked.pre_snapshot",
        "(quiesce)",
        "policy sync without LogSync",
        World(linked=linked(logSync=False).linked),
        filled=("DATASET_EMPTY",),
    ),
    _case("linked.post_snapshot", "release"),
    _case("linked.post_snapshot", "release", "linked.post_snapshot of Manual", World(MANUAL)),
    _case(
        "linked.start_staging",
        "start_facts server_start source_position replica_start",
        borne=UNASKED,
    ),
    _case(
        "linked.start_staging",
        "start_facts server_start",
        "linked.start_staging without LogSync",
        linked(logSync=False),
    ),
    _case("linked.stop_staging", "server_stop"),
    _case(
        "linked.worker",
        "(replica_status) source_position source_note",
        cured=("SERVER_OLD_LAYOUT",),
        borne=UNASKED,
    ),
    _case(
        "linked.worker",
        "server_status",
        "linked.worker without LogSync",
        linked(logSync=False),
        cured=(),
    ),
    _case("linked.status", "server_status"),
    _case("linked.source_size", "size"),
    _case("virtual.mount_specification", "mount_check"),
    _case(
        "virtual.initialize",
        "[dataset_create server_start login_create vdb_prove]",
    ),
    _case("virtual.configure", "vdb_configure"),
    _case("virtual.reconfigure", "vdb_configure"),
    _case(
        "virtual.configure",
        "files_facts [vdb_configure server_stop] vdb_configure",
        "virtual.configure newer series",
        NEWER,
    ),
    _case("virtual.unconfigure", "server_stop"),
    _case("virtual.cleanup", "server_stop"),
    _case("virtual.start", "start_facts server_start [vdb_prove]"),
    _case("virtual.stop", "server_stop"),
    _case("virtual.status", "server_status"),
    _case(
        "virtual.pre_snapshot",
        "(quiesce)",
        cured=("SERVER_OLD_LAYOUT",),
    ),
    _case("virtual.post_snapshot", "release"),
    _case("virtual.source_size", "size"),
    _case("linked.pre_source_to_physical", "physical_check"),
    _case("virtual.pre_source_to_physical", "physical_check"),
    _case(
        "linked.source_to_physical",
        "[files_facts vdb_configure physical_finish]",
        undo_by="physical_undo",
    ),
    _case(
        "virtual.source_to_physical",
        "[files_facts vdb_configure physical_finish]",
        undo_by="physical_undo",
    ),
    _case(
        "virtual.source_to_physical",
        "[files_facts files_facts vdb_configure server_stop vdb_configure physical_finish]",
        "virtual.source_to_physical newer series",
        World(physical={**PHYSICAL, "baseDir": "/opt/11.8"}),
        undo_by="physical_undo",
        recovery=(2, 3),
    ),
)
