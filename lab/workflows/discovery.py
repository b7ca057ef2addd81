"""Environment refresh: which installations and databases a host has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from lab.engine import Engine
from lab.errors import LabError
from lab.jobs import JobRun
from lab.model import Action, Container, Environment, Job, Json, Plugin, Repository, SourceConfig
from lab.workflows.operations import Operations


def refresh_environment(engine: Engine, environment: Environment) -> Job:
    """discovery.repository, then discovery.source_config for each repository found.

    Objects keep their reference while their identity fields stay equal; those that vanished
    are kept and marked absent. Source configs typed by hand stay as they are.
    """
    locks = [environment.reference]
    action = Action.ENVIRONMENT_REFRESH
    with engine.job(action, environment.reference, environment.name, locks) as run:
        for plugin in engine.store.all(Plugin):
            _refresh(engine, run, environment, plugin)
    return run.record


def _refresh(engine: Engine, run: JobRun, environment: Environment, plugin: Plugin) -> None:
    operations = Operations(engine, run, plugin.reference)
    if not operations.implements("DiscoverRepository"):
        return
    found = operations.discover_repositories(environment)
    for repository in _merge_repositories(engine, environment, plugin, found):
        configs: list[Json] = []
        if repository.present and operations.implements("DiscoverSourceConfig"):
            configs = operations.discover_source_configs(repository)
        _merge_source_configs(engine, repository, configs)


def _merge_repositories(
    engine: Engine, environment: Environment, plugin: Plugin, found: Iterable[Json]
) -> list[Repository]:
    kind = engine.artifact(plugin.reference).repository
    new = {kind.identity(parameters): parameters for parameters in found}
    merged: list[Repository] = []
    for row in engine.store.all(Repository):
        if (row.environment, row.plugin) == (environment.reference, plugin.reference):
            parameters = new.pop(kind.identity(row.parameters), None)
            merged.append(
                replace(row, present=False)
                if parameters is None
                else replace(row, present=True, parameters=parameters, name=kind.name(parameters))
            )
    for parameters in new.values():
        reference = engine.store.new_reference(Repository.PREFIX)
        place = (environment.reference, plugin.reference)
        merged.append(Repository(reference, kind.name(parameters), *place, parameters))
    engine.store.put(*merged)
    return merged


def _merge_source_configs(engine: Engine, repository: Repository, found: Iterable[Json]) -> None:
    kind = engine.artifact(repository.plugin).source_config
    new = {kind.identity(parameters): parameters for parameters in found}
    for row in source_configs(engine, repository):
        parameters = new.pop(kind.identity(row.parameters), None)
        if parameters is not None:
            row = replace(row, present=True, parameters=parameters, name=kind.name(parameters))
        elif not row.manual:
            row = replace(row, present=False)
        engine.store.put(row)
    for parameters in new.values():
        reference = engine.store.new_reference(SourceConfig.PREFIX)
        name = kind.name(parameters)
        engine.store.put(SourceConfig(reference, name, repository.reference, parameters))


def source_configs(engine: Engine, repository: Repository) -> list[SourceConfig]:
    """What can be linked: the source configs of a repository, without those of VDBs."""
    return engine.store.all(
        SourceConfig,
        lambda row: row.repository == repository.reference and row.container is None,
    )


def add_source_config(engine: Engine, repository: Repository, parameters: Json) -> SourceConfig:
    """A source config typed by a user. Raises LabError when it does not fit or is there."""
    artifact = engine.artifact(repository.plugin)
    kind = artifact.source_config
    if not artifact.allows_manual_source_configs:
        raise LabError(f"{artifact.name} allows no manual source configs")
    kind.definition.check(parameters)
    for row in source_configs(engine, repository):
        if kind.identity(row.parameters) == kind.identity(parameters):
            raise LabError(f"The source config {row.name} has the same identity")
    config = SourceConfig(
        engine.store.new_reference(SourceConfig.PREFIX),
        kind.name(parameters),
        repository.reference,
        parameters,
        manual=True,
    )
    engine.store.put(config)
    return config


def update_source_config(engine: Engine, config: SourceConfig, parameters: Json) -> None:
    """Other parameters for a source config of people. Raises LabError when it does not fit."""
    kind = engine.artifact(engine.store.get(Repository, config.repository).plugin).source_config
    if config.container is not None:
        raise LabError(f"{config.name} belongs to a VDB", "Change the VDB.")
    kind.definition.check(parameters)
    engine.store.put(replace(config, parameters=parameters, name=kind.name(parameters)))


def remove_source_config(engine: Engine, config: SourceConfig) -> None:
    """Forget a source config. Raises LabError while a dSource or VDB has it."""
    users = engine.store.all(Container, lambda row: row.source_config == config.reference)
    if users:
        names = ", ".join(row.name for row in users)
        raise LabError(f"{config.name} is used by {names}", "Delete that first.")
    engine.store.remove(config)
