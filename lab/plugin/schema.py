"""Checks JSON against the schemas of an artifact, as the engine does around each call.

Schemas are JSON Schema draft 4. A `default` only pre-fills the user interface: a missing key
stays missing, and `null` is accepted for a key that is not required.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from jsonschema import Draft4Validator, FormatChecker
from jsonschema.exceptions import ValidationError, best_match
from referencing import Registry
from referencing.jsonschema import DRAFT4

from lab.choosing import meant
from lab.errors import LabError
from lab.model import Json

PLATFORM = "https://delphix.com/platform/api"


def _record(kind: str, *names: str) -> Json:
    properties: Json = {name: {"type": "string"} for name in names}
    properties["type"] = {"enum": [kind]}
    return {"type": "object", "properties": properties, "required": ["type", *names]}


# SDK documentation, References, "Schemas"; engine API objects of the same names.
_VAULTS = (
    _record("CyberArkVaultCredential", "vault", "queryString"),
    _record("HashiCorpVaultCredential", "vault", "engine", "path", "usernameKey", "secretKey"),
    _record("AzureVaultCredential", "vault", "azureVaultName", "usernameKey", "secretKey"),
)
_PASSWORD = _record("NamedPasswordCredential", "username", "password")
_KEYS = _record("NamedKeyPairCredential", "username", "publicKey", "privateKey")
_DEFINITIONS = {
    "credentialsSupplier": {"oneOf": [_PASSWORD, _KEYS, *_VAULTS]},
    "passwordCredentialsSupplier": {"oneOf": [_PASSWORD, *_VAULTS]},
    "keyCredentialsSupplier": {"oneOf": [_KEYS, *_VAULTS]},
}
_REGISTRY: Registry[Any] = Registry().with_resource(
    PLATFORM, DRAFT4.create_resource({"definitions": _DEFINITIONS})
)

_FORMATS = {
    "unixpath": r"/[^\0]*",
    "objectReference": r"[A-Z0-9_]+-\d+",
    "date": r"\d{4}-\d\d-\d\d",
}
_CHECKER = FormatChecker(formats=())
for _name, _pattern in _FORMATS.items():
    _CHECKER.checks(_name)(
        lambda value, pattern=_pattern: (
            not isinstance(value, str) or re.fullmatch(pattern, value) is not None
        )
    )


def check(what: str, schema: Json, value: Any) -> None:
    """Raise a LabError that names the wrong key unless `value` fits `schema`."""
    validator = Draft4Validator(schema, registry=_REGISTRY, format_checker=_CHECKER)
    error = best_match(validator.iter_errors(_without_nulls(schema, value)))
    if error is None:
        return
    place = ".".join(str(part) for part in error.absolute_path)
    # A password's own value must not get into the message of its schema error.
    seen = "" if place and _is_secret(schema, error.absolute_path) else f": {_words(error)}"
    if any(secret in seen for secret in secrets(schema, value)):
        seen = ""
    seen = seen or f": does not fit {error.validator}"
    raise LabError(
        f"{what}{f', {place}' if place else ''}{seen}",
        _unknown_keys(error) or "Correct it after the plugin's schema.",
    )


def _words(error: ValidationError) -> str:
    """What jsonschema says, with JSON's null, true and false: it shows values as Python does."""
    message = error.message
    shown = [error.instance, *([error.validator_value] if error.validator == "enum" else [])]
    for value in shown:
        if not isinstance(value, str):
            message = message.replace(repr(value), json.dumps(value, ensure_ascii=False))
    return message


def _unknown_keys(error: ValidationError) -> str:
    """What may have been meant by keys that the schema does not have, or else what it has."""
    schema, value = error.schema, error.instance
    if error.validator != "additionalProperties" or not isinstance(schema, dict):
        return ""
    known = schema.get("properties", {})
    keys = value if isinstance(value, dict) else {}
    near = "".join(meant(key, known) for key in keys if key not in known)
    return near.strip() or f"There are: {', '.join(known) or 'none'}."


def check_schema(what: str, schema: Json) -> None:
    """Raise a LabError unless `schema` is a schema itself."""
    error = best_match(Draft4Validator(Draft4Validator.META_SCHEMA).iter_errors(schema))
    if error is not None:
        raise LabError(f"{what} is not a valid schema: {error.message}")


def _without_nulls(schema: Any, value: Any) -> Any:
    if not isinstance(schema, dict):
        return value
    if isinstance(value, list):
        return [_without_nulls(schema.get("items"), part) for part in value]
    if not isinstance(value, dict):
        return value
    required = schema.get("required", [])
    properties = schema.get("properties", {})
    return {
        key: _without_nulls(properties.get(key), part)
        for key, part in value.items()
        if part is not None or key in required
    }


def _is_secret(schema: Json, path: Iterable[str | int]) -> bool:
    place: Any = schema
    for part in path:
        place = place.get("items" if isinstance(part, int) else "properties", {})
        place = place if isinstance(part, int) else place.get(part, {})
        if place.get("format") == "password" or str(place.get("$ref", "")).startswith(PLATFORM):
            return True
    return False


def secrets(schema: Any, value: Any) -> Iterator[str]:
    """The secrets in parameters: `format: password`, and those of credentials suppliers."""
    if not isinstance(schema, dict) or value is None:
        return
    if str(schema.get("$ref", "")).startswith(PLATFORM) and isinstance(value, dict):
        yield from (value[key] for key in ("password", "privateKey") if value.get(key))
    elif schema.get("format") == "password" and isinstance(value, str) and value:
        yield value
    elif isinstance(value, list):
        for part in value:
            yield from secrets(schema.get("items"), part)
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from secrets(schema.get("properties", {}).get(key), part)


# A shorter secret is looked for as a whole value only: "db" in a host name proves nothing.
SHORTEST_SUBSTRING = 6


def refuse_secrets(what: str, value: Any, known: Iterable[str]) -> None:
    """Raise a LabError when a known secret shows in an object the engine would store and show."""
    texts = list(_texts(value))
    for secret in known:
        for text in texts:
            if text == secret or (len(secret) >= SHORTEST_SUBSTRING and secret in text):
                raise LabError(
                    f"{what} holds a secret in clear text",
                    "The engine stores and shows this object: the plugin must leave secrets out.",
                )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
