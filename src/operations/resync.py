"""Resync: from an empty (or our own old) dataset to a replica of the source, in named steps."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from catalogue import Refusal
from domain import backup as backups
from domain import space
from domain.backup import Backup
from domain.installation import Installation, choose_for_seed, choose_for_staging, newest
from domain.options import encryption
from domain.options.my_cnf import Role
from domain.options.settings import Setting
from domain.problems import Problems
from domain.replication import filters
from domain.source import limits, preflight, privileges, sessions
from domain.source.facts import SourceFacts
from domain.source.local import LocalFacts
from domain.source.preflight import Plan
from domain.version import Version
from errors import while_doing
from ingestion import files, user_backup
from ingestion.interface import Ingested, Ingestion
from ingestion.managed_logical import ManagedLogical
from ingestion.managed_physical import ManagedPhysical
from ingestion.user_backup import UserBackup
from operations.dsource import DSource
from server import replication, source
from server.host_facts import HostFacts
from server.instance import Instance

log = logging.getLogger(__name__)

# A step by its name, which stands in the log and in the error that it may end with.
Steps = Sequence[tuple[str, Callable[[], None]]]


def run(dsource: DSource) -> None:
    """Checks everything that can be checked, and only then touches the dataset.

    Raises:
        Refusal: also as PluginError. Before the step `copy`, nothing has been changed.
    """
    resync = Resync(dsource)
    for name, step in resync.looking:
        with _named(name), resync.problems.gathering():
            step()
    resync.problems.refuse()
    with _named("read the backup"):
        resync.read_backup()
    with resync.instance.nothing_left_after_failure():
        for name, step in resync.making:
            with _named(name):
                step()


@contextmanager
def _named(step: str) -> Iterator[None]:
    log.info("resync: %s", step)
    try:
        yield
    except Refusal as error:
        raise error.during(f"resync: {step}") from error


class Resync:
    """One resync. Each step leaves in attributes what the later ones need.

    Attributes:
        dsource: that is copied into.
        problems: what the checks have found so far.
        host: what the staging host has.
        backup: that the user provides, None for a managed copy.
        version_of_backup: of the server it came from, None when it does not say.
        facts: of the source; None when it is not asked: a backup without LogSync needs no source.
        local: what the server says on the source host, None where its files are not copied.
        instance: the staging server, with the installation that will run it.
        ingested: result of the copy: replication position, required settings and counts.
    """

    host: HostFacts
    instance: Instance
    ingested: Ingested

    def __init__(self, dsource: DSource) -> None:
        """dsource: to be copied into."""
        self.dsource = dsource
        self.problems = Problems()
        self.backup: Backup | None = None
        self.version_of_backup: Version | None = None
        self.facts: SourceFacts | None = None
        self.local: LocalFacts | None = None

    @property
    def looking(self) -> Steps:
        """Steps that change nothing."""
        return (
            ("check the staging host", self._check_host),
            ("look at the backup", self._look_at_backup),
            ("ask the source", self._ask_source),
            ("ask the source host", self._ask_source_host),
            ("choose the installation", self._choose),
            ("check", self._check),
        )

    @property
    def making(self) -> Steps:
        """Steps that make the dataset anew."""
        return (
            ("copy", self._copy),
            ("restart", self._restart),
            ("prove the files", self._prove_files),
            ("replicate", self._replicate),
        )

    def read_backup(self) -> None:
        """A bad dump is found while the last copy is still there."""
        if self.backup and self.backup.dumps:
            user_backup.read(self.instance, self.backup, self.dsource.parameters.log_sync)

    # -- looking -------------------------------------------------------------------------------

    def _check_host(self) -> None:
        self.host = self.dsource.ask_host()
        self.problems.add(self.host.problems)

    def _look_at_backup(self) -> None:
        chosen = self.dsource.parameters
        if chosen.backup_path:
            there = self.host.installations
            mount, path = chosen.layout.mount, chosen.backup_path
            self.backup = user_backup.inspect(
                self.dsource.host, mount, path, there, chosen.partial_backup
            )
            self.version_of_backup = self.backup.server()

    def _ask_source(self) -> None:
        dsource = self.dsource
        log_sync = dsource.parameters.log_sync
        if self.backup and not log_sync:
            return
        reader = dsource.source
        # An account that cannot replicate is told before the source is asked at all.
        replicator = dsource.replication_source if log_sync else reader
        with while_doing(self.host.doing):
            # Not simply the newest: that one may have no client programs.
            there = self.host.installations
            asking = dsource.instance(choose_for_seed(dsource.repository.daemon_path, there))
        self.facts = source.facts(asking, reader, replicator, log_sync)
        other = dsource.discovered.difference(self.facts.variables)
        if other and dsource.discovered.elsewhere:
            log.warning("%s", other)

    def _ask_source_host(self) -> None:
        self.local = self.dsource.sender.check() if self.dsource.sender else None

    def _choose(self) -> None:
        """The user's choice, else the repository's if staging has it, else the best one there."""
        dsource, host = self.dsource, self.host
        version = self._version_of_data()
        with while_doing(host.doing):
            installation = host.named(dsource.parameters.base_dir) or choose_for_staging(
                dsource.repository.daemon_path, host.installations, version
            )
            self.instance = dsource.instance(installation).with_options(host.host_options)

    def _version_of_data(self) -> Version:
        """Version of the server that the data come from, as far as anybody tells."""
        if self.version_of_backup:
            return self.version_of_backup
        return self.facts.version() if self.facts else newest(self.host.installations).version()

    def _check(self) -> None:
        plan = self._plan
        if self.backup:
            if self.facts:
                self.problems.add(preflight.following_problems(self.facts, plan))
            free, given = self.host.free_bytes, self.instance.config.given
            version, target = plan.staging_version, self.dsource.parameters.target_database
            self.problems.add(backups.problems(self.backup, version, free, given, target))
        elif self.local:
            found = preflight.physical_problems(self._known_facts, self.local, plan)
            self.problems.add(found)
        else:
            self.problems.add(preflight.problems(self._known_facts, plan))
            for text in limits.warnings(self._known_facts.variables):
                log.warning("%s", text)

    @property
    def _plan(self) -> Plan:
        chosen = self.dsource.parameters
        beside = space.beside_files if self.local else space.beside_data
        return Plan(
            staging_version=self._installation.version(),
            staging_server_id=chosen.server_id,
            free_bytes=self.host.free_bytes,
            log_sync=chosen.log_sync,
            databases=chosen.databases,
            has_keys=encryption.has_keys(self.instance.config.given),
            discovered=self.dsource.discovered,
            own_bytes=beside(self.instance.config.given),
        )

    @property
    def _installation(self) -> Installation:
        assert self.instance.installation is not None, "the step `choose` has chosen one"
        return self.instance.installation

    @property
    def _known_facts(self) -> SourceFacts:
        assert self.facts is not None, "a managed copy has asked the source"
        return self.facts

    # -- making --------------------------------------------------------------------------------

    def _copy(self) -> None:
        log.info("%s with %s", self._told, self._installation.name)
        tuned = replace(
            self.dsource.config(Role.LOADING),
            memory_bytes=self.host.memory_bytes,
            spare_bytes=self._spare_bytes,
            starter=self.instance.config.starter,
        )
        loading = self.instance.with_config(tuned)
        required = self.facts.carried_settings(self._installation.version()) if self.facts else ()
        self.ingested = self._ingestion.ingest(loading, required)
        log.info("%d objects copied", self.ingested.objects)

    @property
    def _spare_bytes(self) -> int:
        """What stays free on the dataset by the estimate of the checks."""
        if self.backup:
            needed = backups.space_needed(self.backup, self.instance.config.given)
        else:
            needed = self._known_facts.space_needed + self._plan.own_bytes
        return max(0, self.host.free_bytes - needed)

    @property
    def _told(self) -> str:
        if self.backup:
            return f"restoring {self.backup.path} ({self.backup.kind.value})"
        return f"linking {self.dsource.source}"

    @property
    def _ingestion(self) -> Ingestion:
        """How the dataset is filled."""
        dsource, chosen = self.dsource, self.dsource.parameters
        if self.backup:
            followed = dsource.source if chosen.log_sync else None
            return UserBackup(self.backup, followed, chosen.target_database)
        if dsource.sender and self.local:
            return ManagedPhysical(dsource.sender, self.local, chosen.log_sync)
        facts = self._known_facts
        return ManagedLogical(
            source=dsource.source,
            facts=facts,
            log_sync=chosen.log_sync,
            databases=chosen.databases,
            tools=self._installation.version(),
            lock=privileges.lock(facts.grants, facts.chosen_plain_tables(chosen.databases)),
            sessions=sessions.sessions(facts, self.host.cores, chosen.copy_sessions),
        )

    def _restart(self) -> None:
        """With the durable configuration, and what the copied files turned out to need."""
        chosen = self.dsource.parameters
        filtered = self._filters(chosen.databases) if chosen.log_sync else ()
        self.instance.start(restart=True, required=(*self.ingested.required, *filtered))

    def _prove_files(self) -> None:
        given = self.backup
        if self.local or (given and given.is_physical):
            name = given.path if given else self.dsource.place.place
            partial = bool(given) and self.dsource.parameters.partial_backup
            count = files.prove(self.instance, name, partial, bool(self.facts))
            log.info("%d objects restored", count)

    def _filters(self, databases: Sequence[str]) -> tuple[Setting, ...]:
        """Only the chosen databases are replicated, and nothing that staging's `mysql` lacks."""
        there = self.facts.system_objects if self.facts else ()
        foreign = filters.foreign(there, self.ingested.system_objects)
        if foreign:
            names = ", ".join(foreign)
            log.info("not replicated, the schema mysql of staging lacks it: %s", names)
        return (*filters.chosen(databases), *filters.filters(foreign))

    def _replicate(self) -> None:
        if self.dsource.parameters.log_sync:
            start, followed = self.ingested.position, self.dsource.replication_source
            assert start is not None, "with LogSync a copy has told its position or failed"
            seen = self.facts.seen if self.facts else None
            note = seen.render() if seen else ""
            replication.set_up(self.instance, start, followed, note)
