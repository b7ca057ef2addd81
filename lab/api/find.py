"""Calls that look things up."""

from __future__ import annotations

from lab.api import masking, shapes
from lab.api.calls import TEXT, Call, Service, form, require
from lab.api.envelope import Answer, missing
from lab.errors import LabError
from lab.model import Container, Environment, Group, Kind, Repository, Snapshot, SourceConfig
from lab.workflows import discovery


def about(service: Service, call: Call) -> Answer:
    """GET /about."""
    return Answer(
        {
            "type": "PublicSystemInfo",
            "productType": "standard",
            "productName": "Delphix lab",
            "buildTitle": "Delphix lab, not an engine",
            "buildVersion": {"type": "VersionInfo", "major": 1, "minor": 0, "micro": 0, "patch": 0},
            "apiVersion": {"type": "APIVersion", "major": 1, "minor": 11, "micro": 52},
            "configured": True,
            "enabledFeatures": [],
            "locales": ["en-US"],
            "currentLocale": "en-US",
        }
    )


# -- groups ------------------------------------------------------------------------------------


def list_groups(service: Service, call: Call) -> Answer:
    """GET /group."""
    rows = [shapes.UNTITLED, *service.engine.store.all(Group)]
    return Answer([shapes.group(row) for row in rows])


def create_group(service: Service, call: Call) -> Answer:
    """POST /group."""
    require(form("Group", name_=TEXT), call.body)
    store, name = service.engine.store, call.body["name"]
    if name == shapes.UNTITLED.name:
        raise LabError(f"There is a group {name} already", "Choose another name.")
    # The first one is the group that is always there.
    reference = store.new_reference(Group.PREFIX)
    if reference == shapes.UNTITLED.reference:
        reference = store.new_reference(Group.PREFIX)
    store.put_named(Group(reference, name))
    return Answer(reference)


def group(service: Service, reference: str | None) -> str | None:
    """The group of a new dSource or VDB; None for the one that is always there. Raises ApiError."""
    if reference in (None, "", shapes.UNTITLED.reference):
        return None
    return service.find(Group, reference).reference


# -- environments ------------------------------------------------------------------------------


def list_environments(service: Service, call: Call) -> Answer:
    """GET /environment."""
    return Answer([shapes.environment(row) for row in service.engine.store.all(Environment)])


def get_environment(service: Service, call: Call) -> Answer:
    """GET /environment/{ref}."""
    return Answer(shapes.environment(service.find(Environment, call.reference)))


def refresh_environment(service: Service, call: Call) -> Answer:
    """POST /environment/{ref}/refresh."""
    row = service.find(Environment, call.reference)
    return service.job(lambda: service.lab.refresh_environment(row.name), "")


def list_users(service: Service, call: Call) -> Answer:
    """GET /environment/user."""
    wanted = call.query.get("environment")
    rows = service.engine.store.all(Environment, lambda row: wanted in (None, row.reference))
    return Answer([shapes.user(service, row) for row in rows])


def list_hosts(service: Service, call: Call) -> Answer:
    """GET /host."""
    return Answer([shapes.host(service, row) for row in service.engine.store.all(Environment)])


def list_repositories(service: Service, call: Call) -> Answer:
    """GET /repository."""
    wanted = call.query.get("environment")
    rows = service.engine.store.all(Repository, lambda row: wanted in (None, row.environment))
    return Answer([shapes.repository(row) for row in rows])


def get_repository(service: Service, call: Call) -> Answer:
    """GET /repository/{ref}."""
    return Answer(shapes.repository(service.find(Repository, call.reference)))


# -- source configs ----------------------------------------------------------------------------


def list_source_configs(service: Service, call: Call) -> Answer:
    """GET /sourceconfig."""
    repository, place = call.query.get("repository"), call.query.get("environment")
    store = service.engine.store
    here = {
        row.reference
        for row in store.all(Repository)
        if repository in (None, row.reference) and place in (None, row.environment)
    }
    rows = store.all(SourceConfig, lambda row: row.repository in here)
    return Answer([shapes.source_config(service, row) for row in rows])


def get_source_config(service: Service, call: Call) -> Answer:
    """GET /sourceconfig/{ref}."""
    row = service.find(SourceConfig, call.reference)
    return Answer(shapes.source_config(service, row))


_CONFIG = ("AppDataStagedSourceConfig", "AppDataDirectSourceConfig")
_PARAMETERS = {"type": "object"}


def create_source_config(service: Service, call: Call) -> Answer:
    """POST /sourceconfig: one that is typed by hand."""
    require(form(_CONFIG, repository_=TEXT, parameters_=_PARAMETERS), call.body)
    row = service.find(Repository, call.body["repository"])
    schema = service.engine.artifact(row.plugin).source_config.definition.schema
    given = masking.restored(schema, call.body["parameters"], {})
    made = discovery.add_source_config(service.engine, row, given)
    return Answer(made.reference)


def update_source_config(service: Service, call: Call) -> Answer:
    """POST /sourceconfig/{ref}."""
    require(form(_CONFIG, parameters_=_PARAMETERS), call.body)
    row = service.find(SourceConfig, call.reference)
    schema = masking.schema_of(service, row)
    given = masking.restored(schema, call.body["parameters"], row.parameters)
    discovery.update_source_config(service.engine, row, given)
    return Answer(None)


def delete_source_config(service: Service, call: Call) -> Answer:
    """POST /sourceconfig/{ref}/delete."""
    discovery.remove_source_config(service.engine, service.find(SourceConfig, call.reference))
    return Answer(None)


# -- dSources and VDBs -------------------------------------------------------------------------


def list_databases(service: Service, call: Call) -> Answer:
    """GET /database."""
    parent, place = call.query.get("provisionContainer"), call.query.get("group")
    rows = [shapes.container(service, row) for row in service.engine.store.all(Container)]
    return Answer(
        [
            row
            for row in rows
            if parent in (None, row["provisionContainer"]) and place in (None, row["group"])
        ]
    )


def get_database(service: Service, call: Call) -> Answer:
    """GET /database/{ref}."""
    return Answer(shapes.container(service, service.find(Container, call.reference)))


def list_sources(service: Service, call: Call) -> Answer:
    """GET /source. The plugin is asked for the state of one dSource or VDB, not of all."""
    database = call.query.get("database")
    rows = service.engine.store.all(Container, lambda row: database in (None, row.reference))
    asked = database is not None
    return Answer([shapes.source(service, row, asked=asked) for row in rows])


def get_source(service: Service, call: Call) -> Answer:
    """GET /source/{ref}."""
    row = shapes.container_of(service, call.reference)
    return Answer(shapes.source(service, row, asked=True))


def update_source(service: Service, call: Call) -> Answer:
    """POST /source/{ref}: other parameters, which the next operation is told."""
    kinds = ("AppDataLinkedStagedSource", "AppDataVirtualSource")
    require(form(kinds, parameters_=_PARAMETERS), call.body)
    row = shapes.container_of(service, call.reference)
    schema = masking.schema_of(service, row)
    given = masking.restored(schema, call.body["parameters"], row.parameters)
    service.lab.update_parameters(row.reference, given)
    return Answer(None)


def list_snapshots(service: Service, call: Call) -> Answer:
    """GET /snapshot."""
    database, timeflow = call.query.get("database"), call.query.get("timeflow")
    rows = service.engine.store.all(
        Snapshot,
        lambda row: database in (None, row.container) and timeflow in (None, row.timeflow),
    )
    return Answer([shapes.snapshot(service, row) for row in rows])


def get_snapshot(service: Service, call: Call) -> Answer:
    """GET /snapshot/{ref}."""
    return Answer(shapes.snapshot(service, service.find(Snapshot, call.reference)))


def list_timeflows(service: Service, call: Call) -> Answer:
    """GET /timeflow."""
    wanted = call.query.get("database")
    rows = service.engine.store.all(Container, lambda row: wanted in (None, row.reference))
    return Answer([shapes.timeflow(row) for row in rows])


def get_timeflow(service: Service, call: Call) -> Answer:
    """GET /timeflow/{ref}."""
    rows = service.engine.store.all(Container, lambda row: row.timeflow == call.reference)
    if not rows:
        raise missing("Timeflow", call.reference)
    return Answer(shapes.timeflow(rows[0]))


def is_dsource(row: Container) -> bool:
    """Whether it is a dSource."""
    return row.kind is Kind.DSOURCE
