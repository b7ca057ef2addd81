"""The built plugin: artifact.json, its schemas and manifest, its code unpacked on disk."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from lab.errors import LabError
from lab.model import Json
from lab.plugin.runtime.process import PluginCode
from lab.plugin.schema import check, check_schema

SUPPORTED_LANGUAGE = "PYTHON311"
_KEYS = ("pluginId", "name", "buildNumber", "entryPoint", "language", "sourceCode", "manifest")
_NAMES = {"pluginId": r"[\w-]+", "buildNumber": r"\d+(\.\d+)*", "name": r"(?!\.\.?$)[^/\0]+"}
_SCHEMAS = (
    ("discoveryDefinition", "repositorySchema"),
    ("discoveryDefinition", "sourceConfigSchema"),
    ("linkedSourceDefinition", "parameters"),
    ("virtualSourceDefinition", "parameters"),
    ("snapshotSchema",),
    ("snapshotParametersDefinition", "schema"),
)


@dataclass(frozen=True)
class ObjectSchema:
    """A schema and what its objects are called in errors."""

    what: str
    schema: Json

    def check(self, value: Any) -> None:
        """Raise LabError unless the value fits."""
        check(self.what, self.schema, value)


@dataclass(frozen=True)
class Discovered:
    """Schema of an object that discovery returns, with its name and identity."""

    definition: ObjectSchema
    name_field: str
    identity_fields: tuple[str, ...]

    def placeholder(self, name: str) -> Json:
        """Parameters of an object that the plugin has not described yet, as engines make them."""
        schema = self.definition.schema
        fields = schema["properties"]
        values = {"string": name, "boolean": False, "array": [], "object": {}}
        return {
            field: values.get(fields[field]["type"], fields[field].get("minimum", 1))
            for field in schema.get("required", ())
        }

    def name(self, parameters: Json) -> str:
        """The visible name of an object."""
        return str(parameters[self.name_field])

    def identity(self, parameters: Json) -> tuple[str, ...]:
        """What tells two objects apart (comparable)."""
        return tuple(json.dumps(parameters.get(key)) for key in self.identity_fields)


class Artifact:
    """A readable artifact.json."""

    def __init__(self, content: bytes) -> None:
        """Raises LabError when it is none, or misses what the engine needs."""
        try:
            self._json = json.loads(content)
        except ValueError as error:
            raise LabError(f"The artifact is not JSON: {error}") from None
        self.digest = hashlib.sha256(content).hexdigest()
        self._content = content
        if not isinstance(self._json, dict) or self._json.get("type") != "Plugin":
            raise LabError("The file is no plugin artifact", "Make one with `dvp build`.")
        missing = [
            key for key in (*_KEYS, *(path[0] for path in _SCHEMAS)) if key not in self._json
        ]
        if missing:
            raise LabError(f"The artifact lacks {', '.join(missing)}")
        self._check_names()
        for path in _SCHEMAS:
            check_schema(path[0], self._at(*path))
        for discovered in (self.repository, self.source_config):
            self._check_fields(discovered)

    @classmethod
    def load(cls, path: Path) -> Artifact:
        """Read a file. Raises LabError."""
        try:
            return _loaded(path, path.stat().st_mtime_ns)
        except OSError as error:
            raise LabError(
                f"The artifact {path} cannot be read: {error.strerror}", "Build the plugin first."
            ) from None

    def _check_names(self) -> None:
        """They become folders."""
        for key, pattern in _NAMES.items():
            if not re.fullmatch(pattern, str(self._json[key])):
                raise LabError(f"The artifact's {key} is no {key}", "Make it with `dvp build`.")
        for key in ("manifest", *(path[0] for path in _SCHEMAS)):
            if not isinstance(self._json[key], dict):
                raise LabError(f"The artifact's {key} is no object", "Make it with `dvp build`.")

    def _check_fields(self, discovered: Discovered) -> None:
        properties = discovered.definition.schema.get("properties", {})
        for field in (discovered.name_field, *discovered.identity_fields):
            if field not in properties:
                raise LabError(
                    f"The schema of a {discovered.definition.what} lacks the field {field} that "
                    "names or identifies it"
                )

    def _at(self, *path: str) -> Json:
        value: Any = self._json
        for key in path:
            value = value.get(key, {})
        return value  # type: ignore[no-any-return]

    @property
    def content(self) -> Json:
        """All of it but the code."""
        return {key: value for key, value in self._json.items() if key != "sourceCode"}

    @property
    def plugin_id(self) -> str:
        """The plugin's UUID."""
        return str(self._json["pluginId"])

    @property
    def name(self) -> str:
        """Visible name."""
        return str(self._json["name"])

    @property
    def build_number(self) -> str:
        """Standardised: no trailing ".0"."""
        return str(self._json["buildNumber"])

    @property
    def migration_ids(self) -> tuple[str, ...]:
        """In the order in which they are run."""
        return tuple(self._json["manifest"].get("migrationIdList", ()))

    def has(self, flag: str) -> bool:
        """Whether the manifest says the plugin implements something, e.g. "hasVirtualStop"."""
        return bool(self._json["manifest"].get(flag, False))

    @property
    def repository(self) -> Discovered:
        """What a repository looks like."""
        return self._discovered("repository", "repository")

    @property
    def source_config(self) -> Discovered:
        """What a source config looks like."""
        return self._discovered("source config", "sourceConfig")

    def _discovered(self, what: str, key: str) -> Discovered:
        discovery = self._json["discoveryDefinition"]
        definition = ObjectSchema(what, discovery[f"{key}Schema"])
        name, identity = discovery[f"{key}NameField"], discovery[f"{key}IdentityFields"]
        return Discovered(definition, name, tuple(identity))

    @property
    def allows_manual_source_configs(self) -> bool:
        """Whether a user may type a source config."""
        return bool(self._at("discoveryDefinition").get("manualSourceConfigDiscovery", True))

    @property
    def linked_source(self) -> ObjectSchema:
        """Parameters of a dSource."""
        return ObjectSchema("dSource parameters", self._at("linkedSourceDefinition", "parameters"))

    @property
    def virtual_source(self) -> ObjectSchema:
        """Parameters of a VDB."""
        return ObjectSchema("VDB parameters", self._at("virtualSourceDefinition", "parameters"))

    @property
    def snapshot(self) -> ObjectSchema:
        """What post_snapshot returns."""
        return ObjectSchema("snapshot", self._at("snapshotSchema"))

    @property
    def snapshot_parameters(self) -> ObjectSchema:
        """Parameters of a sync."""
        return ObjectSchema("sync parameters", self._at("snapshotParametersDefinition", "schema"))

    @property
    def virtual_to_physical(self) -> ObjectSchema:
        """Parameters of V2P; plugins made before SDK 5.1 have none."""
        return ObjectSchema("V2P parameters", self._at("virtualToPhysicalDefinition", "parameters"))

    def unpack(self, plugins: Path) -> None:
        """Put artifact and code into its folder below `plugins`, replacing an earlier build."""
        folder = self._folder(plugins)
        new = folder.with_name(f"{folder.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        try:
            archive = zipfile.ZipFile(io.BytesIO(base64.b64decode(self._json["sourceCode"])))
            archive.extractall(new / "code")
        except (binascii.Error, zipfile.BadZipFile) as error:
            shutil.rmtree(new)
            raise LabError(f"The artifact's source code cannot be unpacked: {error}") from None
        (new / "artifact.json").write_bytes(self._content)
        shutil.rmtree(folder, ignore_errors=True)
        new.replace(folder)

    def _folder(self, plugins: Path) -> Path:
        return plugins / self.plugin_id / self.build_number

    def code(self, plugins: Path) -> PluginCode:
        """What the runtime runs. Raises LabError for an artifact of an old Python."""
        if self._json["language"] != SUPPORTED_LANGUAGE:
            raise LabError(
                f'The plugin "{self.name}" {self.build_number} needs {self._json["language"]}',
                f"The lab runs {SUPPORTED_LANGUAGE} only: upgrade the plugin.",
            )
        folder = self._folder(plugins).resolve() / "code"
        return PluginCode(folder, self._json["entryPoint"], self.name, self.digest)


def compare_builds(one: str, other: str) -> int:
    """-1, 0 or 1: build numbers are compared number by number, missing ones count as 0."""
    first, second = _numbers(one), _numbers(other)
    length = max(len(first), len(second))
    padded = [[*numbers, *[0] * (length - len(numbers))] for numbers in (first, second)]
    return (padded[0] > padded[1]) - (padded[0] < padded[1])


def _numbers(build: str) -> list[int]:
    return [int(part) for part in build.split(".")]


def sort_migrations(ids: Iterable[str]) -> list[str]:
    """Migration ids in the order in which the engine runs them."""
    return sorted(ids, key=_numbers)


@lru_cache(maxsize=8)
def _loaded(path: Path, _changed: int) -> Artifact:
    """Each operation asks for it, and its schemas take a while to check."""
    return Artifact(path.read_bytes())
