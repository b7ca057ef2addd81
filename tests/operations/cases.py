"""Every operation with the steps it runs when all is well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.operations.caller import MANUAL, RESYNC, WORLD, World, backup, linked
from tests.operations.fake_libs import FakeHost, Reply, says
from tests.operations.healthy import DIRECTORY, NEWER, all_well


@dataclass(frozen=True)
class Case:
    """One operation.

    Attributes:
        name: of the case.
        operation: name in plugin_runner.
        steps: remote calls in their order.
        world: what the operation is given.
        undo: the calls (by number) after whose failure the half-made server is stopped.
        again: the calls that are made again, after a restart, when one of them fails with ...
        cured: ... an error of these names.
        replies: answers of steps that differ from the healthy ones.
    """

    name: str
    operation: str
    steps: tuple[str, ...]
    world: World = WORLD
    undo: range = range(0)
    again: range = range(0)
    cured: tuple[str, ...] = ("ENTRY_REFUSED", "SERVER_OLD_LAYOUT")
    replies: Mapping[str, Reply] = field(default_factory=dict)

    def prepare(self, host: FakeHost) -> None:
        """All is well on the hosts, in the way of this case."""
        all_well(host)
        for step, reply in self.replies.items():
            host.on(step, reply)


def _case(operation: str, steps: str, name: str = "", world: World = WORLD, **more: Any) -> Case:
    return Case(name or operation, operation, tuple(steps.split()), world, **more)


CASES = (
    _case("discovery.repository", "discover_repositories"),
    _case("discovery.source_config", "discover_servers"),
    _case("linked.mount_specification", "mount_check"),
    _case(
        "linked.pre_snapshot",
        "host_facts source_facts dataset_create server_start ingest_start job_status job_status"
        " server_start replica_set source_position catch_up catch_up quiesce",
        "linked.pre_snapshot resync",
        RESYNC,
        undo=range(2, 9),
        again=range(9, 13),
    ),
    _case(
        "linked.pre_snapshot",
        "host_facts source_facts dataset_create server_start ingest_start job_status job_status"
        " server_start quiesce",
        "linked.pre_snapshot resync without LogSync",
        linked(logSync=False),
        undo=range(2, 8),
        again=range(8, 9),
    ),
    _case(
        "linked.pre_snapshot",
        "host_facts backup_inspect source_facts dataset_create server_start restore_dump_start"
        " job_status job_status server_start replica_set source_position catch_up catch_up quiesce",
        "linked.pre_snapshot resync from a dump",
        backup(),
        undo=range(3, 10),
        again=range(10, 14),
    ),
    _case(
        "linked.pre_snapshot",
        "host_facts backup_inspect dataset_create restore_files_start job_status server_start"
        " quiesce",
        "linked.pre_snapshot resync from files without LogSync",
        backup(logSync=False),
        undo=range(2, 6),
        again=range(6, 7),
        replies={
            "backup_inspect": says(DIRECTORY),
            "job_status": says({"state": "done", "objects": "7"}),
        },
    ),
    _case(
        "linked.pre_snapshot",
        "host_facts backup_inspect source_facts dataset_create server_start restore_dump_start"
        " job_status position_gtid server_start replica_set source_position catch_up catch_up"
        " quiesce",
        "linked.pre_snapshot resync from a dump with coordinates",
        backup(),
        undo=range(3, 10),
        again=range(10, 14),
        replies={
            "job_status": says(
                {"state": "done", "binlogFile": "binlog.000003", "binlogPosition": "342"}
            ),
        },
    ),
    _case(
        "linked.pre_snapshot",
        "host_facts dataset_create server_start login_create quiesce",
        "linked.pre_snapshot resync of Manual Ingestion",
        World(linked=MANUAL, snapshot_parameters={"resync": True}),
        undo=range(1, 4),
        again=range(4, 5),
    ),
    _case(
        "linked.pre_snapshot",
        "quiesce",
        "policy sync of Manual Ingestion",
        World(linked=MANUAL),
        again=range(1),
    ),
    _case(
        "linked.pre_snapshot",
        "source_position catch_up catch_up quiesce",
        "policy sync",
        again=range(4),
    ),
    _case(
        "linked.pre_snapshot",
        "source_position catch_up catch_up quiesce",
        "sync with empty parameters",
        World(snapshot_parameters={}),
        again=range(4),
    ),
    _case(
        "linked.pre_snapshot",
        "quiesce",
        "policy sync without LogSync",
        World(linked=linked(logSync=False).linked),
        again=range(1),
    ),
    _case("linked.post_snapshot", "release"),
    _case("linked.post_snapshot", "release", "linked.post_snapshot of Manual", World(MANUAL)),
    _case("linked.start_staging", "start_facts server_start replica_start"),
    _case(
        "linked.start_staging",
        "start_facts server_start",
        "linked.start_staging without LogSync",
        linked(logSync=False),
    ),
    _case("linked.stop_staging", "server_stop"),
    _case(
        "linked.worker",
        "server_status replica_status",
        again=range(1, 2),
        cured=("SERVER_OLD_LAYOUT",),
    ),
    _case("linked.worker", "", "linked.worker without LogSync", linked(logSync=False)),
    _case("linked.status", "server_status"),
    _case("linked.source_size", "size"),
    _case("virtual.mount_specification", "mount_check"),
    _case("virtual.initialize", "dataset_create server_start login_create", undo=range(3)),
    _case("virtual.configure", "vdb_configure"),
    _case("virtual.reconfigure", "vdb_configure"),
    _case(
        "virtual.configure",
        "files_facts vdb_configure server_stop vdb_configure",
        "virtual.configure newer series",
        NEWER,
        undo=range(1, 3),
    ),
    _case("virtual.unconfigure", "server_stop"),
    _case("virtual.cleanup", "server_stop"),
    _case("virtual.start", "start_facts server_start"),
    _case("virtual.stop", "server_stop"),
    _case("virtual.status", "server_status"),
    _case("virtual.pre_snapshot", "quiesce", again=range(1), cured=("SERVER_OLD_LAYOUT",)),
    _case("virtual.post_snapshot", "release"),
    _case("virtual.source_size", "size"),
)
