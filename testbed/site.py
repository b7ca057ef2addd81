"""A lab with a source full of data: what tests and whoever plays a part of a source ask of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lab.hosts.host import Host
from lab.jobs import Event, EventKind
from lab.lab import Lab
from lab.model import Job, Snapshot
from lab.system.process import wait_until
from testbed import compare, parameters, places, source
from testbed.client import Server
from testbed.compare import Fingerprint
from testbed.parameters import READER, REPLICATOR, Json
from testbed.places import Place
from testbed.writer import Writer

SECONDS = 60


class Hooks:
    """What to do when the engine begins a step: a test stands between two plugin operations."""

    def __init__(self) -> None:
        self._actions: dict[str, Callable[[], None]] = {}

    def once(self, step: str, action: Callable[[], None]) -> None:
        """Call `action` when the next step of that name begins; what it raises fails the job."""
        self._actions[step] = action

    def tell(self, event: Event) -> None:
        """Take the engine's progress."""
        if event.kind is EventKind.STEP:
            self._actions.pop(event.text, lambda: None)()


@dataclass(frozen=True)
class Site:
    """A lab, the hooks into its jobs, and the data set on its source."""

    lab: Lab
    hooks: Hooks = field(default_factory=Hooks)

    # -- hosts and servers ---------------------------------------------------------------------

    @property
    def source(self) -> Place:
        """The server that is linked."""
        return places.source_place(self.lab)

    def host(self, name: str) -> Host:
        """The host source, staging or target."""
        return self.lab.hosts[name]

    def place(self, name: str) -> Place:
        """A VDB, or the staging server of a dSource."""
        return places.place_of(self.lab, name)

    def sql(self, name: str) -> Server:
        """The server of a VDB or dSource, as its owner."""
        return self.place(name).server

    def fingerprint(self, name: str) -> Fingerprint:
        """Everything a VDB or a staging server holds."""
        return compare.snapshot(self.sql(name), name)

    def mount(self, name: str) -> str:
        """Where a VDB or dSource is mounted."""
        return self.place(name).mount_path

    def writer(self, name: str | None = None) -> Writer:
        """Keeps writing on the source, or on a VDB."""
        place = self.place(name) if name else self.source
        return Writer(place.server, place.popen)

    # -- workflows -----------------------------------------------------------------------------

    def link(self, name: str, **given: Any) -> Job:
        """Link the source as the demo does; `given` are further parameters."""
        (config,) = (row for row in self.lab.source_configs("source") if row.present)
        logins = {
            "sourceCredentials": READER.supplier,
            "replicationCredentials": REPLICATOR.supplier,
        }
        return self.lab.link(
            name,
            source_config=config,
            staging_host="staging",
            parameters=parameters.link_parameters(name, logins | given),
        )

    def provision(self, name: str, container: str, **options: Any) -> Job:
        """Make a VDB on target (or `host`); options in camelCase are plugin parameters."""
        given = {key: options.pop(key) for key in tuple(options) if key not in _PROVISION}
        port = {"port": self._free_port()}
        return self.lab.provision(
            name,
            container=container,
            host=options.pop("host", "target"),
            parameters=parameters.vdb_parameters(name, port | given),
            **options,
        )

    def _free_port(self) -> int:
        used: list[int] = [
            container.parameters.get("port", 0) for container in self.lab.containers()
        ]
        return max([parameters.FIRST_VDB_PORT - 1, *used]) + 1

    def latest(self, name: str) -> Snapshot:
        """The newest snapshot of a VDB or dSource."""
        return self.lab.snapshots(name)[-1]

    def change(self, name: str, **given: Any) -> Json:
        """Change parameters of a dSource or VDB (None takes one away); returns the old ones."""
        old = self.lab.container(name).parameters
        new = {key: value for key, value in (old | given).items() if value is not None}
        self.lab.update_parameters(name, new)
        return old


_PROVISION = ("host", "snapshot", "repository", "initial_snapshot")


def until(condition: Callable[[], bool], story: str, seconds: float = SECONDS) -> None:
    """Poll until the condition holds; fails with the story when it does not in time."""
    assert wait_until(condition, seconds), f"not within {seconds} s: {story}"


def mark(server: Server, name: str) -> None:
    """Leave a row that tells contents of different moments apart."""
    source.milestone(server, name)


def marks(server: Server) -> list[str]:
    """The rows that were left, oldest first."""
    return source.milestones(server)
