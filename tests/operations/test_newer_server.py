"""A VDB on another series than its snapshot: which installation runs what, in which order."""

from __future__ import annotations

import json

import pytest

from tests.operations.caller import VDB_PASSWORD, Engine
from tests.operations.fake_libs import Reply, row, says
from tests.operations.healthy import NEWER, OLDER, files

BOTH = pytest.mark.parametrize(
    ("operation", "keep_logs"), [("virtual.configure", "no"), ("virtual.reconfigure", "yes")]
)
UPGRADE = ["files_facts", "vdb_configure", "server_stop", "vdb_configure"]


@BOTH
def test_the_old_server_recovers_the_files_first(
    engine: Engine, operation: str, keep_logs: str
) -> None:
    engine.host.on("files_facts", files("10.11.19-MariaDB", "open"))
    engine.run(operation, NEWER)
    assert engine.host.steps == UPGRADE
    first, second = (engine.host.given("vdb_configure", which) for which in (0, 1))
    assert (first["DAEMON"], second["DAEMON"]) == ("/usr/sbin/mariadbd", "/opt/11.8/bin/mariadbd")
    assert (first["KEEP_LOGS"], second["KEEP_LOGS"]) == (keep_logs, "yes")
    assert (first["LOGIN_USER"], second["LOGIN_USER"]) == ("", "dev")
    assert "LOGIN_PASSWORD" not in first.variables
    assert second["LOGIN_PASSWORD"] == VDB_PASSWORD
    assert {"event_scheduler = OFF", "bind_address = 127.0.0.1"} <= set(first["CONFIG"].split("\n"))
    assert {"event_scheduler = ON", "bind_address = 10.0.0.5"} <= set(second["CONFIG"].split("\n"))
    assert engine.host.given("server_stop")["SLOW"] == "yes"
    assert json.loads(second["MARKER"])["daemonPath"] == "/opt/11.8/bin/mariadbd"


@BOTH
@pytest.mark.parametrize(
    "found",
    [
        files("10.11.19-MariaDB", "closed"),  # of a VDB that was stopped
        files("11.8.6-MariaDB", "open"),  # upgraded before
        files("11.8.2-MariaDB", "closed", row("/x", "/y", "11.8.6-MariaDB")),
    ],
)
def test_files_that_the_new_server_may_open(
    engine: Engine, operation: str, keep_logs: str, found: Reply
) -> None:
    engine.host.on("files_facts", found)
    engine.run(operation, NEWER)
    assert engine.host.steps == ["files_facts", "vdb_configure"]
    assert engine.host.given("vdb_configure")["KEEP_LOGS"] == keep_logs


@BOTH
@pytest.mark.parametrize(
    ("found", "words"),
    [
        (files("", "", row("/x", "/y", "11.8.6-MariaDB")), "written by 10.11.19 while it ran"),
        (files("10.11.19-MariaDB", "open", row("/x", "/y", "11.4.2-MariaDB")), "MariaDB 11.4.2"),
        (files("12.1.1-MariaDB", "closed"), "written by 12.1.1, the repository runs the older"),
    ],
)
def test_files_that_nobody_can_open(
    engine: Engine, operation: str, keep_logs: str, found: Reply, words: str
) -> None:
    engine.host.on("files_facts", found)
    error = engine.refused(operation, NEWER)
    assert (error.entry.name, engine.host.steps) == ("VERSION_MISMATCH", ["files_facts"])
    assert words in error.message


@BOTH
def test_a_snapshot_of_a_newer_series_is_refused(
    engine: Engine, operation: str, keep_logs: str
) -> None:
    engine.host.on("files_facts", says({"writtenBy": "", "state": ""}))
    error = engine.refused(operation, OLDER)
    assert (error.entry.name, engine.host.steps) == ("VERSION_MISMATCH", ["files_facts"])
    assert "written by 11.8.6, the repository runs the older 10.11.19" in error.message
