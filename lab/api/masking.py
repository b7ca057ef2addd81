"""Passwords in parameters: shown as stars, and kept when the stars come back.

A client reads an object, changes a field and sends it all: the passwords in it are stars then.
"""

from __future__ import annotations

from typing import Any

from lab.api.calls import Service
from lab.api.envelope import ApiError
from lab.model import Container, Json, Kind, Repository, SourceConfig
from lab.plugin.schema import PLATFORM

STARS = "********"
# Of what a credentials supplier holds.
_SECRET_KEYS = ("password", "privateKey")


def schema_of(service: Service, row: Container | SourceConfig) -> Json:
    """The schema of its parameters."""
    plugin = service.engine.store.get(Repository, row.repository).plugin
    artifact = service.engine.artifact(plugin)
    if isinstance(row, SourceConfig):
        return artifact.source_config.definition.schema
    linked = row.kind is Kind.DSOURCE
    return (artifact.linked_source if linked else artifact.virtual_source).schema


def masked(schema: Any, value: Any) -> Any:
    """The parameters without their passwords."""
    if _is_password(schema):
        return value if value is None or value == "" else STARS
    if isinstance(value, list):
        return [masked(_inner(schema, 0), part) for part in value]
    if isinstance(value, dict):
        return {key: masked(_inner(schema, key), part) for key, part in value.items()}
    return value


def restored(schema: Any, value: Any, old: Any, place: str = "parameters") -> Any:
    """The parameters with the passwords that were shown as stars. Raises ApiError without them."""
    if _is_password(schema) and value == STARS:
        if not isinstance(old, str) or old == "":
            raise ApiError(
                "exception.webservices.input.invalid",
                f"{place}: the stars stand for a password, and there is none",
                "Give the password.",
            )
        return old
    if isinstance(value, list):
        same = isinstance(old, list) and len(old) == len(value)
        before = old if same else [None] * len(value)
        inner = _inner(schema, 0)
        return [restored(inner, part, before[at], f"{place}.{at}") for at, part in enumerate(value)]
    if isinstance(value, dict):
        known = old if isinstance(old, dict) else {}
        return {
            key: restored(_inner(schema, key), part, known.get(key), f"{place}.{key}")
            for key, part in value.items()
        }
    return value


def _is_password(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("format") == "password"


def _inner(schema: Any, key: str | int) -> Any:
    """The schema of a part."""
    if not isinstance(schema, dict):
        return None
    if str(schema.get("$ref", "")).startswith(PLATFORM):
        return {"format": "password"} if key in _SECRET_KEYS else None
    if isinstance(key, int):
        return schema.get("items")
    return schema.get("properties", {}).get(key)
