"""`delphix.json`, the marker of a dataset: whose it is, and what its server needs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from catalogue import Refusal
from domain.options.settings import Setting

# `id` of plugin_config.yml; tells our datasets from others.
PLUGIN_ID = "62b26730-08c6-4f0e-bdcc-2a2bd77f1039"
LAYOUT_VERSION = 2


@dataclass(frozen=True)
class Marker:
    """The content of `delphix.json`.

    Attributes:
        guid: of the dSource or VDB.
        role: `staging` or `vdb`.
        port, server_id: of its server.
        base_dir, daemon_path: the installation that runs it.
        required: settings its files need.
    """

    guid: str
    role: str
    port: int
    server_id: int
    base_dir: str
    daemon_path: str
    required: tuple[Setting, ...]

    def render(self) -> str:
        """One key a line: bash reads single keys with `sed`."""
        content = {
            "plugin": PLUGIN_ID,
            "layout": LAYOUT_VERSION,
            "guid": self.guid,
            "role": self.role,
            "port": self.port,
            "serverId": self.server_id,
            "baseDir": self.base_dir,
            "daemonPath": self.daemon_path,
            "requiredSettings": setting_pairs(self.required),
        }
        return json.dumps(content, indent=1)

    @staticmethod
    def parse(text: str) -> Marker:
        """Reads it back.

        Raises:
            Refusal: MOUNT_NOT_OURS when it is not one of ours.
        """
        try:
            # Text after the JSON object is ignored: a server whose log was set to this file may
            # have appended it.
            content, _end = json.JSONDecoder().raw_decode(text)
            return Marker(
                guid=str(content["guid"]),
                role=str(content["role"]),
                port=int(content["port"]),
                server_id=int(content["serverId"]),
                base_dir=str(content["baseDir"]),
                daemon_path=str(content["daemonPath"]),
                required=settings_from(content["requiredSettings"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise Refusal("MOUNT_NOT_OURS", f"delphix.json: {error!r}") from error


def setting_pairs(settings: tuple[Setting, ...]) -> list[dict[str, str]]:
    """Settings as `delphix.json` and the snapshot's metadata hold them."""
    return [{"propertyName": item.name, "value": item.value or ""} for item in settings]


def settings_from(pairs: Any) -> tuple[Setting, ...]:
    """The reverse of `setting_pairs`; None is no settings."""
    return tuple(Setting(pair["propertyName"], pair["value"]) for pair in pairs or ())
