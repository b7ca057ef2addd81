"""The last scenes: stop and start, and the raw tools on the same data."""

from demo import reference
from demo.scenes_dsource import LINK
from demo.scenes_vdb import PROVISION
from demo.stage import SECOND, Stage
from demo.story import ByHand
from testbed import dataset
from testbed.parameters import READER
from testbed.places import STAGING_HOST
from testbed.source import DATABASE as STORY_DATABASE
from testbed.writer import DATABASE as WRITER_DATABASE

STOP, START = "stop VDB", "start VDB"


def stop_and_start(stage: Stage) -> None:
    """The VDB's server, and another one on a copy of its files."""
    stage.story.chapter("Stop and start, by Delphix and by hand")
    story, lab = stage.story, stage.lab
    story.perform(STOP, f"stop {SECOND}", lambda: lab.stop(SECOND))
    story.check(f"{SECOND} is inactive", _status(stage, "INACTIVE"))
    with story.working("copy its files, start mariadbd on them, stop it"):
        parts = reference.start_by_hand(stage.place(SECOND))
    story.perform(START, f"start {SECOND}", lambda: lab.start(SECOND))
    story.check(f"{SECOND} is active", _status(stage, "ACTIVE"))
    story.keep(ByHand("copy the files, start mariadbd", parts["copy"] + parts["start"], PROVISION))
    story.keep(ByHand("start mariadbd on the copy", parts["start"], START))
    story.keep(ByHand("stop mariadbd", parts["stop"], STOP))


def _status(stage: Stage, wanted: str) -> list[str]:
    status = stage.lab.status(SECOND)
    return [] if status == wanted else [f"the plugin says {status}"]


def copy_by_hand(stage: Stage) -> None:
    """What the first sync of the dSource is measured by; the source is written to as then."""
    stage.story.chapter("The same copy by hand: mariadb-dump | mariadb")
    databases = [*dataset.DATABASES, WRITER_DATABASE, STORY_DATABASE]
    with stage.story.working("a fresh server on the staging host, dump and load, stop"):
        parts = reference.copy_by_hand(
            stage.lab.hosts[STAGING_HOST], READER, stage.source_address, databases
        )
    stage.story.note(", ".join(f"{name} {seconds:.2f} s" for name, seconds in parts.items()))
    load, whole = parts["dump and load"], sum(parts.values())
    stage.story.keep(ByHand("mariadb-dump | mariadb, default settings", load, LINK))
    stage.story.keep(ByHand("the same with a fresh server made and stopped", whole, LINK))
