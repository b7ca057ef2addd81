"""The lab's objects as DCT shows them."""

from __future__ import annotations

import json
from typing import Any

from lab.api import masking, shapes
from lab.api.calls import Service
from lab.api.dct.names import ENGINE, outer
from lab.api.jobs import lengths, percent
from lab.errors import LabError
from lab.model import (
    Action,
    Container,
    ContainerState,
    Environment,
    Group,
    Job,
    JobState,
    Json,
    Kind,
    Plugin,
    Repository,
    Snapshot,
    SourceConfig,
)

_NAME = "lab"
# DCT knows these of an engine's job states by other names.
_STATES = {JobState.RUNNING: "RUNNING", JobState.CANCELED: "CANCELED"}


def _in_engine(reference: str, name: str, **fields: Any) -> Json:
    return {
        "id": outer(reference),
        "name": name,
        "engine_id": ENGINE,
        "engine_name": _NAME,
        **fields,
    }


def job(row: Job, known: list[Job]) -> Json:
    """A job. That of a link is over when its first sync is."""
    last = row
    children = [other for other in known if other.parent == row.reference]
    if row.state is JobState.COMPLETED and row.action is Action.DB_LINK:
        last = children[0] if children else row
    state = last.state
    if row.action is Action.DB_LINK and row.state is JobState.COMPLETED and not children:
        state = JobState.RUNNING
    error = last.error
    text = "\n".join(filter(None, (error.message, error.action, error.output))) if error else ""
    return {
        "id": row.reference,
        "status": _STATES.get(state, state.value),
        "is_waiting_for_telemetry": False,
        "type": row.action.value,
        "localized_type": row.action.value,
        "error_details": text,
        "target_id": outer(row.target) or "",
        "target_name": row.target_name,
        "start_time": row.started,
        "update_time": last.ended or row.started,
        "percent_complete": int(percent(last, lengths(known))) if state is last.state else 0,
        "engine_ids": [ENGINE],
        "tasks": [],
    }


def toolkit(service: Service, row: Plugin) -> Json:
    """A plugin with its definitions."""
    artifact = service.engine.artifact(row.reference)
    whole = artifact.content
    return {
        "id": outer(row.reference),
        "type": "Plugin",
        "reference": row.reference,
        "engine_id": ENGINE,
        "engine_name": _NAME,
        "display_name": row.name,
        "pretty_name": row.name,
        "version": row.build_number,
        "identifier": row.plugin_id,
        "status": "ACTIVE",
        "language": whole["language"],
        "entry_point": whole["entryPoint"],
        "host_types": whole.get("hostTypes", []),
        "virtual_source_definition": whole["virtualSourceDefinition"],
        "linked_source_definition": whole["linkedSourceDefinition"],
        "discovery_definition": whole["discoveryDefinition"],
        "snapshot_parameters_definition": whole["snapshotParametersDefinition"],
        "virtual_to_physical_definition": whole.get("virtualToPhysicalDefinition"),
        "snapshot_schema": whole["snapshotSchema"],
        "tags": [],
    }


def environment(service: Service, row: Environment) -> Json:
    """An environment with its host, user and repositories."""
    host = service.engine.host(row.reference)
    here = service.engine.store.all(Repository, lambda found: found.environment == row.reference)
    return _in_engine(
        row.reference,
        row.name,
        address=host.address,
        enabled=True,
        is_cluster=False,
        is_windows_target=False,
        os_type="UNIX",
        hosts=[
            {
                "id": outer(row.host_reference),
                "reference": row.host_reference,
                "hostname": host.address,
                "ssh_port": 22,
                "available": True,
            }
        ],
        env_users=[
            {
                "user_ref": row.user_reference,
                "username": host.environment_user,
                "primary_user": True,
                "auth_type": "PasswordCredential",
            }
        ],
        repositories=[repository(found) for found in here],
        tags=[],
    )


def repository(row: Repository) -> Json:
    """An installation."""
    return {
        "id": outer(row.reference),
        "name": row.name,
        "database_type": "AppData",
        "allow_provisioning": row.present,
        "is_staging": row.present,
        "discovered": True,
        "toolkit_id": outer(row.plugin),
    }


def source(service: Service, row: SourceConfig) -> Json:
    """What DCT calls a source is the engine's source config."""
    place = service.engine.store.get(Repository, row.repository)
    owner = service.engine.store.get(Environment, place.environment)
    users = service.engine.store.all(
        Container, lambda found: found.source_config == row.reference and found.parent is None
    )
    return {
        "id": outer(row.reference),
        "database_type": "AppData",
        "name": row.name,
        "environment_id": outer(owner.reference),
        "environment_name": owner.name,
        "environment_user_ref": owner.user_reference,
        "toolkit_id": outer(place.plugin),
        "repository": outer(row.repository),
        "is_dsource": bool(users),
        "discovered": not row.manual,
        "linking_enabled": row.present and row.container is None,
        "appdata_source_type": "STAGED",
        "config_params": masking.masked(masking.schema_of(service, row), row.parameters),
        "tags": [],
    }


def group(row: Group) -> Json:
    """A group."""
    return _in_engine(row.reference, row.name, is_replica=False)


def dataset(service: Service, row: Container) -> Json:
    """A dSource or a VDB."""
    store = service.engine.store
    whole = shapes.source(service, row, asked=True)
    group_name = store.get(Group, row.group).name if row.group else shapes.UNTITLED.name
    snapshots = service.engine.snapshots(row)
    shown = _in_engine(
        row.reference,
        row.name,
        database_type="AppData",
        status=whole["runtime"]["status"],
        group_name=group_name,
        creation_date=snapshots[0].created if snapshots else None,
        content_type="ROOT" if row.kind is Kind.DSOURCE else "VDB",
        storage_size=_storage(service, row),
        toolkit_id=outer(store.get(Repository, row.repository).plugin),
        current_timeflow_id=outer(row.timeflow),
        appdata_source_params=whole["parameters"],
        appdata_config_params=_config(service, row),
        tags=[],
    )
    if row.kind is Kind.DSOURCE:
        children = store.all(Container, lambda found: found.parent == row.reference)
        return shown | {
            "source_id": outer(row.source_config),
            "enabled": row.state is ContainerState.ENABLED,
            "is_appdata": True,
            "is_detached": False,
            "logsync_enabled": False,
            "dependant_vdbs": len(children),
        }
    return shown | _of_vdb(service, row)


def _storage(service: Service, row: Container) -> int:
    try:
        return service.lab.usage(row.name).exclusive_bytes
    except LabError:
        if service.engine.machine.pool.dataset_exists(row.dataset):
            raise
        return 0  # a deletion at work has taken it


def _of_vdb(service: Service, row: Container) -> Json:
    host = service.engine.host(row.environment)
    return {
        "environment_id": outer(row.environment),
        "ip_address": host.address,
        "fqdn": host.address,
        "parent_id": outer(row.parent),
        "parent_dsource_id": outer(row.parent),
        "masked": False,
        "is_appdata": True,
    }


def _config(service: Service, row: Container) -> Json | None:
    if row.source_config is None:
        return None
    found = service.engine.store.all(
        SourceConfig, lambda config: config.reference == row.source_config
    )
    if not found:
        return None
    shown: Json = masking.masked(masking.schema_of(service, found[0]), found[0].parameters)
    return shown


def snapshot(service: Service, row: Snapshot) -> Json:
    """A snapshot. DCT gives the plugin's metadata as the text of its JSON."""
    owner = service.engine.store.get(Container, row.container)
    plugin = service.engine.store.get(Repository, owner.repository).plugin
    return _in_engine(
        row.reference,
        row.name,
        dataset_id=outer(row.container),
        dataset_name=owner.name,
        consistency="CONSISTENT",
        creation_time=row.created,
        start_timestamp=row.created,
        timestamp=row.created,
        timeflow_id=outer(row.timeflow),
        timezone="Etc/UTC,UTC+0000",
        temporary=False,
        appdata_toolkit=outer(plugin),
        appdata_metadata=json.dumps(row.metadata),
        tags=[],
    )
