"""The first half of the demo: a live source, found, linked and synced."""

from pathlib import Path

from demo.stage import DSOURCE, Stage
from testbed import dataset, proofs, source
from testbed.parameters import READER_GRANTS, REPLICATOR_GRANTS, link_parameters
from testbed.places import SOURCE_HOST, STAGING_HOST, TARGET_HOST

LINK, SYNC = "link dSource", "sync dSource"
BEFORE_LINK, BEFORE_SYNC, AFTER_SYNC = "before the link", "before the sync", "after the sync"


def machine(stage: Stage) -> None:
    """Three hosts."""
    stage.story.chapter("A source, a staging and a target host")
    with stage.story.working("three hosts, a network between them, storage with snapshots"):
        stage.lab.up()
    hosts = stage.lab.hosts.values()
    stage.story.note(", ".join(f"{host.name} {host.address}" for host in hosts))


def live_source(stage: Stage, rows: int) -> int:
    """A MariaDB that is written to; returns the rows of its data set."""
    stage.story.chapter("A live MariaDB on the source host")
    with stage.story.working("start it, load the data set, create Delphix's two accounts"):
        seeded = source.seed(stage.lab, SOURCE_HOST, rows)
    version = stage.source.value("SELECT VERSION()")
    databases = len(dataset.DATABASES)
    stage.story.note(f"MariaDB {version}: {seeded.rows:,} rows in {databases} databases")
    stage.story.note(f"account for the copy: {READER_GRANTS}")
    stage.story.note(f"account for replication: {REPLICATOR_GRANTS}")
    source.milestone(stage.source, BEFORE_LINK)
    stage.write()
    stage.story.note("from now on a client writes to InnoDB, Aria and MyISAM tables")
    return seeded.rows


def discover(stage: Stage, artifact: Path) -> None:
    """What Delphix finds."""
    stage.story.chapter("Delphix takes the plugin and looks around")
    with stage.story.working(f"upload {artifact.name}"):
        plugin = stage.lab.upload(artifact)
    stage.story.note(f"plugin {plugin.name} {plugin.build_number}")
    for name in stage.lab.hosts:
        _discover_host(stage, name)
    configs = [config.name for config in stage.lab.source_configs(SOURCE_HOST)]
    stage.story.check(
        "the running server of the source host is found", _exactly(configs, 1, "source configs")
    )
    for name in (STAGING_HOST, TARGET_HOST):
        found = [repository.name for repository in stage.lab.repositories(name)]
        stage.story.check(f"{name}: {', '.join(found)}", _exactly(found, 1, "repositories"))


def _discover_host(stage: Stage, name: str) -> None:
    title = f"discover {name}"
    stage.story.perform(title, title, lambda: stage.lab.refresh_environment(name))


def _exactly(found: list[str], wanted: int, what: str) -> list[str]:
    return [] if len(found) == wanted else [f"{len(found)} {what}: {', '.join(found)}"]


def link(stage: Stage) -> None:
    """The first full copy."""
    stage.story.chapter("Link: a full copy of the live source, then replication")
    config = stage.lab.source_configs(SOURCE_HOST)[0]
    parameters = link_parameters(DSOURCE, {})
    stage.synced(
        LINK,
        f"link the dSource {DSOURCE}, with its first sync",
        lambda: stage.lab.link(
            DSOURCE, source_config=config, staging_host=STAGING_HOST, parameters=parameters
        ),
    )
    stage.story.check(
        "staging listens on loopback only: the target host finds nothing at its port",
        proofs.unreachable(stage.lab.hosts[TARGET_HOST], stage.address(DSOURCE)),
    )
    source.milestone(stage.source, BEFORE_SYNC)


def sync(stage: Stage) -> None:
    """What changed since."""
    stage.story.chapter("Sync: what was written since then")
    stage.synced(SYNC, f"sync {DSOURCE}", lambda: stage.lab.sync(DSOURCE))
    source.milestone(stage.source, AFTER_SYNC)
