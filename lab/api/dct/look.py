"""Calls of DCT that look things up."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from lab.api import shapes as engine_shapes
from lab.api.calls import Call, Service
from lab.api.dct import shapes
from lab.api.dct.names import inner
from lab.api.envelope import ApiError, missing
from lab.errors import LabError
from lab.model import Container, Environment, Group, Job, Json, Kind, Plugin, Snapshot, SourceConfig

_TERM = re.compile(
    r"\s*(\w+)\s+(EQ|NE|CONTAINS)\s+(?:'([^']*)'|\"([^\"]*)\"|(\w+))\s*", re.IGNORECASE
)
T = TypeVar("T", Container, Snapshot)
_WORDS: dict[str, Callable[[str, str], bool]] = {
    "EQ": lambda value, wanted: value == wanted,
    "NE": lambda value, wanted: value != wanted,
    "CONTAINS": lambda value, wanted: wanted.lower() in value.lower(),
}


def listed(call: Call, rows: Iterable[Json]) -> Json:
    """A page with all of them that the filter of a search lets through. Raises ApiError."""
    found = [row for row in rows if _fits(row, call.body.get("filter_expression"))]
    return {"items": found, "response_metadata": {"total": len(found)}}


def _fits(row: Json, expression: Any) -> bool:
    """Terms joined by AND; the lab reads no others."""
    if not expression:
        return True
    for part in re.split(r"\s+AND\s+", str(expression), flags=re.IGNORECASE):
        term = _TERM.fullmatch(part)
        if term is None:
            text = f"The lab does not read the filter {part!r}."
            raise ApiError("dct.filter", text, "Use FIELD EQ 'VALUE', joined by AND.")
        value = row.get(term[1])
        shown = str(value).lower() if isinstance(value, bool) else str(value)
        wanted = next(found for found in term.groups()[2:] if found is not None)
        if not _WORDS[term[2].upper()](shown, wanted):
            return False
    return True


def jobs(service: Service, call: Call) -> Json:
    """GET /jobs, POST /jobs/search."""
    rows = service.lab.jobs()
    return listed(call, [shapes.job(row, rows) for row in rows])


def job(service: Service, call: Call) -> Json:
    """GET /jobs/{id}."""
    rows = service.lab.jobs()
    found = [row for row in rows if row.reference == call.reference]
    if not found:
        raise missing("Job", call.reference)
    return shapes.job(found[0], rows)


def answer_of(service: Service, row: Job | str) -> Json:
    """A job inside of another answer."""
    reference = row if isinstance(row, str) else row.reference
    rows = service.lab.jobs()
    (found,) = [other for other in rows if other.reference == reference]
    return shapes.job(found, rows)


def toolkits(service: Service, call: Call) -> Json:
    """GET /toolkits, POST /toolkits/search."""
    return listed(call, [shapes.toolkit(service, row) for row in service.lab.plugins()])


def toolkit(service: Service, call: Call) -> Json:
    """GET /toolkits/{id}."""
    return shapes.toolkit(service, service.find(Plugin, call.reference))


def environments(service: Service, call: Call) -> Json:
    """GET /environments, POST /environments/search."""
    rows = service.engine.store.all(Environment)
    return listed(call, [shapes.environment(service, row) for row in rows])


def environment(service: Service, call: Call) -> Json:
    """GET /environments/{id}."""
    return shapes.environment(service, service.find(Environment, call.reference))


def groups(service: Service, call: Call) -> Json:
    """GET /groups, POST /groups/search."""
    rows = [engine_shapes.UNTITLED, *service.engine.store.all(Group)]
    return listed(call, [shapes.group(row) for row in rows])


def sources(service: Service, call: Call) -> Json:
    """GET /sources, POST /sources/search."""
    rows = service.engine.store.all(SourceConfig, lambda row: row.container is None)
    return listed(call, [shapes.source(service, row) for row in rows])


def source(service: Service, call: Call) -> Json:
    """GET /sources/{id}."""
    return shapes.source(service, service.find(SourceConfig, call.reference))


def _datasets(service: Service, kind: Kind) -> list[Json]:
    rows = service.engine.store.all(Container, lambda row: row.kind is kind)
    return _shown(service, rows, shapes.dataset)


def _shown(service: Service, rows: Iterable[T], shape: Callable[[Service, T], Json]) -> list[Json]:
    """The rows in DCT's words, without those that are deleted while they are looked at."""
    shown: list[Json] = []
    for row in rows:
        try:
            shown.append(shape(service, row))
        except LabError:
            if service.engine.store.has(type(row), row.reference):
                raise
    return shown


def dsources(service: Service, call: Call) -> Json:
    """GET /dsources, POST /dsources/search."""
    return listed(call, _datasets(service, Kind.DSOURCE))


def vdbs(service: Service, call: Call) -> Json:
    """GET /vdbs, POST /vdbs/search."""
    return listed(call, _datasets(service, Kind.VDB))


def dataset(service: Service, call: Call) -> Json:
    """GET /dsources/{id}, GET /vdbs/{id}."""
    return shapes.dataset(service, service.find(Container, call.reference))


def snapshots(service: Service, call: Call) -> Json:
    """GET /dsources/{id}/snapshots, GET /vdbs/{id}/snapshots."""
    row = service.find(Container, call.reference)
    found = service.engine.snapshots(row)
    return listed(call, _shown(service, found, shapes.snapshot))


def all_snapshots(service: Service, call: Call) -> Json:
    """POST /snapshots/search."""
    rows = service.engine.store.all(Snapshot)
    return listed(call, _shown(service, rows, shapes.snapshot))


def snapshot(service: Service, call: Call) -> Json:
    """GET /snapshots/{id}."""
    return shapes.snapshot(service, service.find(Snapshot, call.reference))


def snapshot_of(service: Service, body: Json, container: str | None) -> Snapshot:
    """The snapshot that is named, or the latest of a dSource or VDB. Raises ApiError."""
    if body.get("snapshot_id"):
        return service.find(Snapshot, inner(body["snapshot_id"]))
    row = service.find(Container, container)
    return service.engine.snapshot(row, None)
