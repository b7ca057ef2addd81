"""V2P: the files of a snapshot become a server that its owner runs without Delphix.

The engine copies the files of the snapshot's dataset into the target directory between the two
calls of each pair. The first only looks; the second makes a server of what lies there.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property

from dlpx.virtualization.platform import PhysicalSource, StagedSource, VirtualSource

from catalogue import CATALOGUE, Refusal
from domain import installation as installations
from domain import space
from domain.dataset.data_files import Files
from domain.installation import Installation
from domain.options import host_file
from domain.parameters import LoginGrants, PhysicalParameters, physical_parameters
from domain.physical import Owned
from domain.plugin_1_0 import UNKNOWN_VERSION
from domain.problems import Problem, Problems
from domain.version import Version
from errors import while_doing
from generated.definitions import RepositoryDefinition, SnapshotDefinition, SourceConfigDefinition
from operations import clone
from operations.credentials import Login, login_of
from remote.answer import Answer
from remote.host import Host
from server import physical
from server.host_facts import installations_of
from server.instance import Instance

log = logging.getLogger(__name__)

# `consistency` of a snapshot whose server was shut down in good order.
_STOPPED = "Stopped"


@dataclass(frozen=True)
class PhysicalCopy:
    """One physical copy during one operation.

    Attributes:
        physical_source, repository, snapshot: as the SDK gives them. The repository is that of the
            dSource or VDB; the target host may not have it.
        installation: that runs the copy; None until the host was asked for what it has.
    """

    physical_source: PhysicalSource
    repository: RepositoryDefinition
    snapshot: SnapshotDefinition
    installation: Installation | None = None

    @cached_property
    def parameters(self) -> PhysicalParameters:
        """What the user chose; raises Refusal for a value that cannot be used."""
        source = self.physical_source
        return physical_parameters(source.parameters, source.guid, source.target_directory)

    @property
    def host(self) -> Host:
        """The target host."""
        return Host(self.physical_source.connection)

    @property
    def instance(self) -> Instance:
        """Its server, run by the installation that was chosen."""
        return self.instance_of(self.installation)

    def instance_of(self, installation: Installation | None) -> Instance:
        """Its server, run by an installation."""
        chosen = self.parameters.server
        config = clone.config_of(chosen)
        guid = self.physical_source.guid
        return Instance(self.host, guid, config, installation, place="directory")

    @cached_property
    def login(self) -> Login | None:
        """The login to create, None when none is wanted."""
        supplier = self.parameters.server.credentials
        return login_of(supplier, "login to create") if supplier else None

    @property
    def grants(self) -> LoginGrants:
        """What that login may do."""
        return self.parameters.server.grants

    def choose(self, answer: Answer) -> PhysicalCopy:
        """The same with the installation that runs it, of those that a step has found.

        Raises:
            Refusal: INSTALLATION_NOT_FOUND, VERSION_MISMATCH, VERSION_UNSUPPORTED, or
                SNAPSHOT_UNUSABLE for one that plugin 1.0.0 has taken.
        """
        found, named = installations_of(answer), self.parameters.base_dir
        preferred = self.repository.daemon_path
        files = self._files(answer.maybe("writtenBy") or self.snapshot.server_version)
        if named:
            real = answer.maybe("extraDirectory") or named
            chosen = installations.installation_at(real, found, "baseDir")
            files.recovered_by(chosen, found)
        else:
            chosen = files.chosen(preferred, found)
        return replace(self, installation=chosen)

    def _files(self, written: str) -> Files:
        if written == UNKNOWN_VERSION:
            seen = "plugin 1.0.0 has taken it, and nobody can tell what wrote its files"
            raise Refusal("SNAPSHOT_UNUSABLE", seen)
        return Files(Version.parse(written), self.snapshot.consistency == _STOPPED)


@contextmanager
def _copy_for(
    doing: str,
    physical_source: PhysicalSource,
    repository: RepositoryDefinition,
    snapshot: SnapshotDefinition,
) -> Iterator[PhysicalCopy]:
    with while_doing(doing):
        yield PhysicalCopy(physical_source, repository, snapshot)


def check_linked(
    staged_source: StagedSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
    snapshot: SnapshotDefinition,
    physical_source: PhysicalSource,
) -> None:
    """Refuses a target that a snapshot of a dSource cannot go to; nothing is changed."""
    with _copy_for(_CHECKING, physical_source, repository, snapshot) as copy:
        _check(copy)


def check_virtual(
    virtual_source: VirtualSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
    snapshot: SnapshotDefinition,
    physical_source: PhysicalSource,
) -> None:
    """Refuses a target that a snapshot of a VDB cannot go to; nothing is changed."""
    with _copy_for(_CHECKING, physical_source, repository, snapshot) as copy:
        _check(copy)


def make_linked(
    staged_source: StagedSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
    snapshot: SnapshotDefinition,
    physical_source: PhysicalSource,
) -> None:
    """Makes a server of the copied files of a dSource's snapshot."""
    with _copy_for(_MAKING, physical_source, repository, snapshot) as copy:
        _make(copy)


def make_virtual(
    virtual_source: VirtualSource,
    repository: RepositoryDefinition,
    source_config: SourceConfigDefinition,
    snapshot: SnapshotDefinition,
    physical_source: PhysicalSource,
) -> None:
    """Makes a server of the copied files of a VDB's snapshot."""
    with _copy_for(_MAKING, physical_source, repository, snapshot) as copy:
        _make(copy)


_CHECKING, _MAKING = "checking the target of a physical copy", "making a physical copy"


def _check(copy: PhysicalCopy) -> None:
    login, chosen = copy.login, copy.parameters
    starter = host_file.location(copy.host.binary_path)
    answer = physical.look(copy.instance, chosen.base_dir, starter)
    with while_doing(answer.doing):
        problems = Problems(_problems(copy, answer))
        with problems.gathering():
            copy.instance.with_options(answer.many("starterLine"))
            runs = copy.choose(answer).installation
        problems.refuse()
    assert runs is not None
    log.info("%s will run the copy, its login is %s", runs.name, login.user if login else "none")


def _problems(copy: PhysicalCopy, answer: Answer) -> Iterator[Problem]:
    seen = {
        "PORT_IN_USE": answer.maybe("portTaken"),
        "SERVER_ID_IN_USE": answer.maybe("serverIdTaken"),
        "HOST_ENDS_SERVERS": answer.maybe("endedAtLogout"),
        "DISK_SPACE": _lack_of_room(copy, answer.number("freeBytes")),
    }
    for name, text in seen.items():
        if text:
            yield Problem("", name, text, CATALOGUE[name].action)


def _lack_of_room(copy: PhysicalCopy, free: int) -> str:
    size = int(copy.snapshot.size_in_bytes or 0)
    needed = size + space.beside_files(copy.parameters.server.settings)
    if free >= needed:
        return ""
    place = copy.parameters.server.layout.mount
    return f"{free} bytes are free at {place}, the copy needs about {needed}"


def _make(copy: PhysicalCopy) -> None:
    bare = copy.instance
    with physical.emptied_after_failure(bare):
        login = clone.login_to_create(copy)
        found = bare.run(
            "files_facts",
            "asking who wrote the files for",
            {"EXTRA_DIRECTORY": copy.parameters.base_dir},
        )
        with while_doing(found.doing):
            copy = copy.choose(found)
        clone.configure(copy, copy.snapshot, keep_logs=False, prove=False)
        instance = copy.instance.with_host_options()
        owned = _owned(copy, instance)
        answer = physical.hand_over(instance, owned, copy.parameters.start, login)
    state = "runs" if copy.parameters.start else "was proven and is stopped"
    log.info("%s, MariaDB %s, %s", instance.label, answer.text("version"), state)


def _owned(copy: PhysicalCopy, instance: Instance) -> Owned:
    assert copy.installation is not None, "chosen before the copy is configured"
    snapshot = copy.snapshot
    return Owned(
        config=instance.config,
        installation=copy.installation,
        owner=copy.host.user,
        taken_at=snapshot.taken_at,
        written_by=snapshot.server_version,
        warnings=tuple(snapshot.warnings or ()),
    )
