"""Upload of a plugin, and the upgrade that a second upload with the same id is.

Rules after the SDK documentation, Versioning And Upgrade: the build number may not shrink, the
new plugin must know every migration that was installed, migrated objects must fit its schemas.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lab.engine import Engine
from lab.errors import LabError
from lab.model import Action, Container, Json, Kind, Plugin, Repository, Snapshot, SourceConfig
from lab.plugin.artifact import Artifact, ObjectSchema, compare_builds, sort_migrations
from lab.workflows.operations import Operations


def upload(engine: Engine, artifact: Artifact) -> Plugin:
    """Install the plugin, or upgrade the installed one with the same id. Raises LabError."""
    installed = engine.store.all(Plugin, lambda row: row.plugin_id == artifact.plugin_id)
    if installed:
        return _upgrade(engine, installed[0], artifact)
    plugin = _row(engine.store.new_reference(Plugin.PREFIX), artifact)
    with engine.job(Action.PLUGIN_UPLOAD, plugin.reference, plugin.name, [plugin.reference]):
        artifact.unpack(engine.plugins)
        engine.store.put(plugin)
    return plugin


def _row(reference: str, artifact: Artifact) -> Plugin:
    return Plugin(
        reference,
        artifact.plugin_id,
        artifact.name,
        artifact.build_number,
        artifact.migration_ids,
        artifact.digest,
    )


def _upgrade(engine: Engine, old: Plugin, artifact: Artifact) -> Plugin:
    if compare_builds(artifact.build_number, old.build_number) < 0:
        raise LabError(
            f"{old.name} {old.build_number} is installed, the artifact has {artifact.build_number}",
            "A plugin cannot be downgraded.",
        )
    lost = set(old.migration_ids) - set(artifact.migration_ids)
    if lost:
        raise LabError(f"The artifact lacks installed migrations: {', '.join(sorted(lost))}")
    new = _row(old.reference, artifact)
    with engine.job(Action.PLUGIN_UPLOAD, new.reference, new.name, [new.reference]) as run:
        artifact.unpack(engine.plugins)
        ids = sort_migrations(set(artifact.migration_ids) - set(old.migration_ids))
        # The operations of the new code are wanted while the objects are still the old ones.
        operations = Operations(engine, run, artifact)
        changed = [
            row
            for kind in _kinds(engine, artifact, new.reference)
            for row in _migrated(operations, kind, ids)
        ]
        engine.store.put(new, *changed)
    return new


@dataclass(frozen=True)
class _Kind:
    """One of the five kinds of objects that migrations change."""

    rpc: str
    type: str
    schema: ObjectSchema
    rows: Sequence[Any]
    field: str = "parameters"
    name: Callable[[Json], str] | None = None


def _kinds(engine: Engine, artifact: Artifact, plugin: str) -> Iterable[_Kind]:
    repositories = engine.store.all(Repository, lambda row: row.plugin == plugin)
    places = {row.reference for row in repositories}
    configs = engine.store.all(SourceConfig, lambda row: row.repository in places)
    containers = engine.store.all(Container, lambda row: row.repository in places)
    known = {row.reference for row in containers}

    def of(kind: Kind) -> list[Container]:
        return [row for row in containers if row.kind is kind]

    in_known: Callable[[Snapshot], bool] = lambda row: row.container in known  # noqa: E731
    snapshots = engine.store.all(Snapshot, in_known)
    for rpc, kind, discovered, rows in (
        ("UpgradeRepository", "REPOSITORY", artifact.repository, repositories),
        ("UpgradeSourceConfig", "SOURCECONFIG", artifact.source_config, configs),
    ):
        yield _Kind(rpc, kind, discovered.definition, rows, name=discovered.name)
    linked, virtual = artifact.linked_source, artifact.virtual_source
    yield _Kind("UpgradeLinkedSource", "LINKEDSOURCE", linked, of(Kind.DSOURCE))
    yield _Kind("UpgradeVirtualSource", "VIRTUALSOURCE", virtual, of(Kind.VDB))
    yield _Kind("UpgradeSnapshot", "SNAPSHOT", artifact.snapshot, snapshots, "metadata")


def _migrated(operations: Operations, kind: _Kind, ids: Sequence[str]) -> list[Any]:
    """The rows after their migrations, each checked against the new schema."""
    old: dict[str, Json] = {row.reference: getattr(row, kind.field) for row in kind.rows}
    new = operations.upgrade(kind.rpc, kind.type, old, ids) if ids else old
    if set(new) != set(old):
        raise LabError(f"{kind.rpc} did not return the objects it was given")
    for reference, value in new.items():
        try:
            kind.schema.check(value)
        except LabError as error:
            raise LabError(
                f"{reference} does not fit the new schema: {error.message}",
                "The plugin needs a migration for it.",
            ) from None
    return [_with(row, kind, new[row.reference]) for row in kind.rows]


def _with(row: Any, kind: _Kind, value: Json) -> Any:
    changed = {"name": kind.name(value)} if kind.name is not None else {}
    return replace(row, **{kind.field: value}, **changed)
