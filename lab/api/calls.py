"""A call as its handler sees it, and the forms of bodies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from lab.api.envelope import Answer, ApiError, missing
from lab.api.sessions import Tokens
from lab.errors import LabError
from lab.model import Json
from lab.state import Object

if TYPE_CHECKING:
    from starlette.responses import Response

    from lab.api.background import Background
    from lab.api.sessions import Sessions
    from lab.engine import Engine
    from lab.lab import Lab

T = TypeVar("T", bound=Object)


@dataclass(frozen=True)
class Service:
    """What handlers work on."""

    lab: Lab
    background: Background
    sessions: Sessions
    # Of uploads, and of downloads with the name of the plugin whose logs they are.
    uploads: Tokens[bool] = field(default_factory=Tokens)
    downloads: Tokens[str] = field(default_factory=Tokens)

    @property
    def engine(self) -> Engine:
        """The engine of the lab."""
        return self.lab.engine

    def find(self, table: type[T], reference: Any) -> T:
        """The object with that reference. Raises ApiError when there is none."""
        try:
            return self.engine.store.get(table, str(reference))
        except LabError:
            raise missing(table.__name__, str(reference)) from None

    def job(self, work: Callable[[], object], result: str | None = None) -> Answer:
        """Begin a workflow. The result is the job's target unless another one is told."""
        job = self.background.start(work)
        return Answer(job.target if result is None else result or None, job.reference)


@dataclass(frozen=True)
class Call:
    """One call: `path` and `query` parameters, the JSON of its body, the session's token."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Json
    token: str | None = None
    raw: bytes = b""
    content_type: str = ""

    @property
    def reference(self) -> str:
        """The object in the path."""
        return self.path["reference"]


Handler = Callable[[Service, Call], "Answer | Response"]


def form(kind: str | tuple[str, ...], /, **properties: Json | bool) -> Json:
    """A schema for a typed object. Fields that it does not name are let through, as engines do.

    Args:
        kind: its `type`, or the ones that may stand there.
        properties: schemas by name; the names of those that must be there end with `_`.
    """
    kinds = [kind] if isinstance(kind, str) else list(kind)
    required = [name.removesuffix("_") for name in properties if name.endswith("_")]
    return {
        "type": "object",
        "required": ["type", *required],
        "properties": {
            "type": {"enum": kinds},
            **{name.removesuffix("_"): schema for name, schema in properties.items()},
        },
    }


TEXT: Json = {"type": "string", "minLength": 1}
WORDS: Json = {"type": ["string", "null"]}
FLAG: Json = {"type": ["boolean", "null"]}
FREE: Json = {"type": "object"}
ANY: Json = {"type": ["object", "null"]}


def require(schema: Json, body: Any) -> None:
    """Raise an ApiError that names the wrong field unless the body fits. Values are not shown."""
    error = best_match(Draft202012Validator(schema).iter_errors(body))
    if error is None:
        return
    place = ".".join(str(part) for part in error.absolute_path)
    wrong = error.message
    if error.validator == "enum" and place.rpartition(".")[2] == "type":
        wrong = f"unknown type, expected {' or '.join(error.validator_value)}"
    elif error.validator not in ("required", "additionalProperties"):
        wrong = f"does not fit {error.validator} {error.validator_value}"
    raise ApiError(
        "exception.webservices.input.invalid",
        f"{place or 'The body'}: {wrong}",
        "Correct the field.",
    )
