"""What a command answers to a machine: objects of the engine as JSON. docs/maintainers/lab.md
names the keys; a key that was there once keeps its name and meaning."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from lab.errors import LabError
from lab.jobs import JobFailed
from lab.model import Container, Json


def document(item: Any) -> Any:
    """An object of the engine, or what holds some, as JSON values.

    Names of fields become camelCase, an Enum its value; keys of dicts stay as they are. The
    parameters of a dSource or VDB are left out: they may hold passwords.
    """
    if is_dataclass(item) and not isinstance(item, type):
        names = [field.name for field in fields(item)]
        if isinstance(item, Container):
            names.remove("parameters")
        return {_camel(name): document(getattr(item, name)) for name in names}
    if isinstance(item, Enum):
        return item.value
    if isinstance(item, dict):
        return {key: document(value) for key, value in item.items()}
    if isinstance(item, list | tuple):
        return [document(value) for value in item]
    return item


def failure(error: LabError) -> Json:
    """What a command answers that failed: the error, and its job when there is one."""
    shown = {"message": error.message, "action": error.action, "output": error.output}
    job = {"job": document(error.job)} if isinstance(error, JobFailed) else {}
    return {"error": shown, **job}


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
