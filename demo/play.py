"""The demo's story from an empty machine to two VDBs and back."""

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from demo import compare, dataset, proofs, reference, source
from demo.client import Server
from demo.compare import Fingerprint
from demo.parameters import READER, Json, link_parameters, vdb_parameters
from demo.places import SOURCE_HOST, STAGING_HOST, TARGET_HOST, Place, place_of, source_place
from demo.story import ByHand, Copy, Stall, Story
from demo.watch import Watch
from demo.writer import DATABASE, Table, Writer
from lab.engine import Lab

DSOURCE, FIRST, SECOND = "sales", "dev1", "dev2"
LINK, SYNC, PROVISION, START, STOP = "link dSource", "sync dSource", "provision", "start", "stop"
# A client of a VDB should hardly notice a snapshot; under a heavy load a storage snapshot itself
# takes up to a second.
BEARABLE_MS = 2000.0
VDB_PAUSE_SECONDS = 0.005
_BEFORE, _BETWEEN, _AFTER = "before the link", "before the sync", "after the sync"
_DROPPED = ("crm", "note_archive")


@dataclass
class Play:
    """The running demo: the lab, its teller, and what the scenes hand on to one another."""

    lab: Lab
    story: Story
    rows: int
    closing: ExitStack
    loaded_rows: int = 0
    acknowledged: dict[str, Mapping[Table, int]] = field(default_factory=dict)
    snapshots: dict[str, str] = field(default_factory=dict)
    writer: Writer | None = None
    original: Fingerprint | None = None

    def run(self, artifact: Path) -> None:
        """Play all scenes. Raises LabError, ClientError, WriterError."""
        self.machine()
        self.load_source()
        self.discover(artifact)
        self.link()
        self.sync()
        self.provision()
        self.doors()
        self.isolation()
        self.snapshot_and_rollback()
        self.refresh()
        self.stop_and_start()
        self.copy_by_hand()

    # -- the source ----------------------------------------------------------------------------

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

    def machine(self) -> None:
        """Three hosts."""
        self.story.chapter("A source, a staging and a target host")
        with self.story.working("three hosts, a network between them, storage with snapshots"):
            self.lab.up()
        names = ", ".join(f"{host.name} {host.address}" for host in self.lab.hosts.values())
        self.story.note(names)

    def load_source(self) -> None:
        """A live database."""
        self.story.chapter("A live MariaDB on the source host")
        with self.story.working("start it, load the data set, create Delphix's two accounts"):
            seeded = source.seed(self.lab, SOURCE_HOST, self.rows)
        self.loaded_rows = seeded.rows
        version = seeded.server.value("SELECT VERSION()")
        self.story.note(f"MariaDB {version}, {seeded.rows:,} rows in {len(dataset.DATABASES)} databases")
        source.milestone(seeded.server, _BEFORE)
        self.write()
        self.story.note("a client writes to InnoDB, Aria and MyISAM tables from now on")

    def write(self) -> None:
        """Let the writer go on with its numbers."""
        self.writer = Writer(self.source, source_place(self.lab).popen)
        self.closing.enter_context(self.writer)

    def rest(self) -> None:
        """No write and no event on the source."""
        assert self.writer is not None
        self.writer.stop()
        self.source.query("SET GLOBAL event_scheduler = OFF")

    def discover(self, artifact: Path) -> None:
        """What Delphix finds."""
        self.story.chapter("Delphix looks around")
        with self.story.working(f"upload {artifact.name}"):
            plugin = self.lab.upload(artifact)
        self.story.note(f"plugin {plugin.name} {plugin.build_number}")
        for name in self.lab.hosts:
            title = f"discover {name}"
            self.story.perform(title, title, lambda name=name: self.lab.refresh_environment(name))  # type: ignore[misc]
        configs = self.lab.source_configs(SOURCE_HOST)
        self.story.check(
            f"the source is found, and nothing else: {', '.join(config.name for config in configs)}",
            [] if len(configs) == 1 else [f"{len(configs)} source configs"],
        )

    # -- the dSource ---------------------------------------------------------------------------

    def link(self) -> None:
        """The first full copy."""
        self.story.chapter("Link: a full copy of the live source, then replication")
        given = link_parameters(DSOURCE, {})
        config = self.lab.source_configs(SOURCE_HOST)[0]
        self._synced(_BEFORE, LINK, f"link the dSource {DSOURCE}", lambda: self.lab.link(
            DSOURCE, source_config=config, staging_host=STAGING_HOST, parameters=given,
        ))
        source.milestone(self.source, _BETWEEN)

    def sync(self) -> None:
        """What changed since."""
        self.story.chapter("Sync: what was written since then")
        self._synced(_BETWEEN, SYNC, f"sync {DSOURCE}", lambda: self.lab.sync(DSOURCE))
        source.milestone(self.source, _AFTER)

