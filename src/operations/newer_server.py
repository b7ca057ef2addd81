"""A VDB or a physical copy on a newer series of MariaDB than its snapshot's."""

from __future__ import annotations

import logging
from typing import Protocol

from domain.dataset.data_files import CLOSED, Files
from domain.installation import Installation
from domain.options.recovery import for_recovery
from domain.options.settings import Setting
from domain.plugin_1_0 import UNKNOWN_VERSION
from domain.version import Version
from server.host_facts import installations_of
from server.instance import Instance

log = logging.getLogger(__name__)


class Runnable(Protocol):
    """What is needed of whatever has a server on a copy of a dataset."""

    @property
    def installation(self) -> Installation | None:
        """The one that was chosen."""

    @property
    def instance(self) -> Instance:
        """Its server, run by the chosen installation."""

    def instance_of(self, installation: Installation) -> Instance:
        """Its server, run by another one."""


def recover(clone: Runnable, written: str, required: tuple[Setting, ...], keep_logs: bool) -> bool:
    """Has files of an older series recovered and shut down by a server of that series, if needed.

    A redo log that needs recovery is only promised to be readable by its own series. Files that
    were shut down in good order need no such step: the chosen server upgrades them at its start.

    Args:
        written: version of the server that wrote the snapshot, as its metadata tells.
        required, keep_logs: see `Instance.configure_clone`.

    Returns:
        Whether the older server ran. The clone is then this VDB's own already: its logs are no
        longer the parent's and must be kept.

    Raises:
        Refusal: VERSION_MISMATCH, when the chosen server cannot run these files.
    """
    if written == UNKNOWN_VERSION:
        return False
    chosen = clone.installation
    assert chosen is not None, "chosen before the files are opened"
    if chosen.version().can_open_files_of(Version.parse(written)):
        return False
    facts = clone.instance.files()
    # `written.by` of the dataset is newer than the snapshot's metadata: an enable brings up the
    # VDB's own files, which may have been upgraded since that snapshot.
    files = Files(
        Version.parse(facts.maybe("writtenBy") or written),
        facts.maybe("state") == CLOSED,
    )
    older = files.recovered_by(chosen, installations_of(facts))
    if older is None:
        return False
    log.info("%s recovers the files before %s opens them", older.name, chosen.name)
    instance = clone.instance_of(older).with_host_options()
    instance = instance.with_config(for_recovery(instance.config))
    with instance.nothing_left_after_failure():
        instance.configure_clone(required, keep_logs)
        instance.stop(slow=True)
    return True
