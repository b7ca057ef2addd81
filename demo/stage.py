"""What all scenes of the demo share: the lab, the teller, the writer on the source."""

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field

from demo.story import Operation, Stall, Story
from lab.lab import Lab
from lab.model import Job
from testbed import source
from testbed.client import Server
from testbed.places import SOURCE_HOST, Place, place_of, source_place
from testbed.writer import Table, Writer, WriterError

DSOURCE, FIRST, SECOND = "sales", "dev1", "dev2"
STEADY = "of a steady source"
# Some hundred writes a second: staging must keep up on a small machine.
_PAUSE_SECONDS = 0.01


@dataclass
class Stage:
    """The running demo.

    `acknowledged` and `snapshots` are by the name of the operation that made the snapshot: the
    writes that the source had acknowledged before it began, and the snapshot's reference.
    `closing` ends what scenes leave running.
    """

    lab: Lab
    story: Story
    closing: ExitStack
    acknowledged: dict[str, Mapping[Table, int]] = field(default_factory=dict)
    snapshots: dict[str, str] = field(default_factory=dict)
    _writer: Writer | None = None
    _writing: bool = False

    @property
    def source(self) -> Server:
        """The source, with all rights."""
        return source_place(self.lab).server

    @property
    def source_address(self) -> tuple[str, int]:
        """Where other hosts reach it."""
        return self.lab.hosts[SOURCE_HOST].address, source.PORT

    def place(self, name: str) -> Place:
        """A VDB, or the dSource's staging server."""
        return place_of(self.lab, name)

    def address(self, name: str) -> tuple[str, int]:
        """Where other hosts reach a VDB or (if it let them) a staging server."""
        given = self.lab.container(name).parameters
        return self.place(name).host.address, int(given.get("port") or given["stagingPort"])

    def write(self) -> None:
        """Let a client write on the source, going on with the numbers of the one before."""
        self.source.query("SET GLOBAL event_scheduler = ON")
        place = source_place(self.lab)
        self._writer = Writer(place.server, place.popen, pause_seconds=_PAUSE_SECONDS)
        self.closing.callback(_give_up, self._writer)
        self._writer.start()
        self._writing = True

    def rest(self) -> None:
        """From now on no write and no event on the source."""
        self.writer.stop()
        self._writing = False
        self.source.query("SET GLOBAL event_scheduler = OFF")

    @property
    def writer(self) -> Writer:
        """The client on the source."""
        assert self._writer is not None
        return self._writer

    def synced(self, name: str, title: str, workflow: Callable[[], Job]) -> Operation:
        """Run a link or sync, and note what its snapshot must hold."""
        self.acknowledged[name] = self.writer.acknowledged
        started = time.monotonic()
        operation = self.story.perform(name, title, workflow)
        if self._writing:
            worst = self.writer.worst_stall_ms(started, time.monotonic())
            self.story.keep(Stall(f"{name}, on the source", worst))
        self.snapshots[name] = self.lab.snapshots(DSOURCE)[-1].reference
        return operation


def _give_up(writer: Writer) -> None:
    """End a writer whatever its state: what went wrong before is what is to be told."""
    with suppress(WriterError):
        writer.stop()
