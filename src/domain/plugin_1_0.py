"""Objects of the public plugin 1.0.0 in the words of this one: pure, one function per kind.

What the old fields meant is read from that plugin's source (github.com/delphix/mariadb-plugin,
schema.json, src/plugin_runner.py, src/pluginops, src/resources). docs/guides/upgrade-from-1.0.0.md
tells people the same.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from catalogue import Refusal
from domain.dataset.layout import layout_of
from domain.installation import Installation
from domain.options.owned import OWNED
from domain.options.settings import settings_of

Json = dict[str, Any]
# Makes a credentials supplier of a password and a user name, in this order.
Supplier = Callable[[str, str], Json]

# `serverVersion` of a snapshot that does not tell it; the step reads it from the files.
UNKNOWN_VERSION = "unknown"

# Settings of a my.cnf of 1.0.0 that are not taken over: the plugin's own, those that tie a server
# to a place, those of its old role, and what makes a server a member of somebody's cluster.
LEFT_BEHIND = OWNED | {"binlog_format", "log_slave_updates"}
LEFT_BEHIND_FAMILY = "wsrep_"

# What 1.0.0 took for a key that automation had left out: its schema's defaults.
_ACCOUNT = "delphixdb"
_SOURCE_PORT = 3306
_PROGRAM_DIRECTORIES = ("bin", "sbin", "libexec", "scripts")
_HOST = re.compile(r"[A-Za-z0-9._:%-]{1,255}\Z")
_VERSION = re.compile(r"\d{1,3}\.\d{1,3}\.\d{1,4}")
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\Z")


def repository(content: Mapping[str, Any]) -> Json:
    """`installPath` is the directory of a `mysqld` that is a file, no link.

    Raises:
        Refusal: INPUT_INVALID.
    """
    old = _Old(content)
    directory = old.path("installPath")
    inside = posixpath.basename(directory) in _PROGRAM_DIRECTORIES
    base = posixpath.dirname(directory) if inside else directory
    daemon = posixpath.join(directory, "mysqld")
    found = _VERSION.search(old.text("version"))
    version = found.group() if found else old.text("version") or UNKNOWN_VERSION
    return {
        "name": Installation(base, daemon, version).name,
        "version": version,
        "baseDir": base,
        "daemonPath": daemon,
    }


def source_config(content: Mapping[str, Any]) -> Json:
    """A name, a port and a data directory; in some uses of 1.0.0 the port was only a label."""
    old = _Old(content)
    port = old.number("port", 1) or _SOURCE_PORT
    new: Json = {"name": old.text("dbName")[:256] or f"MariaDB on port {port}", "port": port}
    return {**new, **_filled("dataDir", old.text("dataDir").rstrip("/"))}


def linked_source(content: Mapping[str, Any], supplier: Supplier) -> Json:
    """A dSource. The server id is left out: its default 102 was the same for all of them.

    Raises:
        Refusal: INPUT_INVALID or MOUNT_PATH_INVALID.
    """
    old = _Old(content)
    new: Json = {"mountPath": old.mount("mountPath"), "stagingPort": old.port("stagingPort")}
    reader = old.account("sourceUser", "sourcePass", supplier)
    if old.text("dSourceType", "Replication") != "Replication":
        # 1.0.0 made an empty server (restore_stage_bi.sh) that its user loaded, as we do; it
        # never read `backupPath` then. A server of its own has a root@localhost already.
        wanted = reader if old.text("sourceUser", _ACCOUNT) != "root" else None
        return {
            **new,
            "ingestionMode": "Manual Ingestion",
            **_filled("stagingCredentials", wanted),
        }
    replicator = old.account("replicationUser", "replicationPass", supplier)
    return {
        **new,
        "ingestionMode": "Replication",
        **_backup(old),
        "logSync": old.flag("logSync", True),
        **_filled("sourceHost", old.host("sourceip")),
        **_filled("sourceCredentials", reader),
        **_filled("replicationCredentials", replicator if replicator != reader else None),
    }


def virtual_source(content: Mapping[str, Any], supplier: Supplier) -> Json:
    """A VDB. The server id is left out: its default 201 was the same for all of them.

    Raises:
        Refusal: INPUT_INVALID or MOUNT_PATH_INVALID.
    """
    old = _Old(content)
    return {
        "mountPath": old.mount("mPath"),
        "port": old.port("port"),
        **_filled("vdbCredentials", old.account("vdbUser", "vdbPass", supplier)),
        **_filled("configSettings", _settings(content.get("config_settings_prov"))),
    }


def snapshot(content: Mapping[str, Any]) -> Json:
    """A snapshot: only the time is known. 1.0.0 killed a server that took over four seconds."""
    old = _Old(content)
    found = _TIME.match(old.text("snapTime"))
    taken = "{}-{}-{}T{}:{}:{}Z".format(*found.groups()) if found else old.text("snapTime")
    return {
        "takenAt": taken or UNKNOWN_VERSION,
        "serverVersion": UNKNOWN_VERSION,
        "consistency": "Crash Consistent",
    }


def _backup(old: _Old) -> Json:
    if not old.text("backupPath"):
        return {"backupOrigin": "Delphix Managed Backup", "backupMethod": "Logical"}
    return {"backupOrigin": "User Provided Backup", "backupPath": old.path("backupPath")}


def _settings(items: Any) -> list[Json]:
    """Lines that 1.0.0 put into my.cnf; those that the plugin itself sets now are left out."""
    settings = []
    for item in items if isinstance(items, list) else ():
        setting = {key: str(item.get(key) or "") for key in ("propertyName", "value")}
        try:
            settings_of([setting])
        except Refusal:
            continue
        settings.append(setting)
    return settings


def _filled(name: str, value: Any) -> Json:
    return {name: value} if value else {}


@dataclass(frozen=True)
class _Old:
    """Reads an object of 1.0.0, in which every value was a text and any may be missing.

    Attributes:
        content: the object.
    """

    content: Mapping[str, Any]

    def refuse(self, name: str, why: str) -> Refusal:
        return Refusal("INPUT_INVALID", f"parameter {name} {why}")

    def raw(self, name: str, default: str = "") -> str:
        value = self.content.get(name)
        return default if value is None else str(value)

    def text(self, name: str, default: str = "") -> str:
        return self.raw(name, default).strip()

    def path(self, name: str) -> str:
        value = self.text(name)
        if not value.startswith("/") or any(ord(char) < 32 for char in value):
            raise self.refuse(name, f"is {value!r}, not an absolute path")
        return posixpath.normpath(value)

    def mount(self, name: str) -> str:
        return layout_of(self.text(name)).mount

    def number(self, name: str, least: int) -> int:
        """A TCP port of at least `least`, 0 when it is none."""
        value = self.text(name).removesuffix(".0")
        number = int(value) if value.isdecimal() else 0
        return number if least <= number <= 65535 else 0

    def port(self, name: str) -> int:
        number = self.number(name, 1024)
        if not number:
            raise self.refuse(name, f"is {self.text(name)!r}, not a port from 1024 to 65535")
        return number

    def host(self, name: str) -> str:
        value = self.text(name)
        if value and not _HOST.match(value):
            raise self.refuse(name, f"is {value!r}, which is no host name or address")
        return value

    def flag(self, name: str, default: bool) -> bool:
        value = self.text(name).lower()
        return value in ("true", "1", "yes") if value else default

    def account(self, user: str, password: str, supplier: Supplier) -> Json | None:
        """The credentials supplier of a login; None without a name or a password."""
        name, secret = self.text(user, _ACCOUNT), self.raw(password, _ACCOUNT)
        return supplier(secret, name) if name and secret else None
