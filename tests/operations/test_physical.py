"""V2P: what is asked of the target host, which server is made of the copy, what its owner gets."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.plugin_1_0 import UNKNOWN_VERSION
from tests.operations.caller import (
    PHYSICAL,
    SNAPSHOT,
    VDB_PASSWORD,
    Engine,
    World,
    physical,
)
from tests.operations.fake_libs import fails, lines, row, says
from tests.operations.healthy import HOST_FACTS

PAIRS = pytest.mark.parametrize("group", ["linked", "virtual"])
CHECK, MAKE = "virtual.pre_source_to_physical", "virtual.source_to_physical"
OLD = row("/usr/sbin/mariadbd", "/usr", "10.11.19-MariaDB")
OTHER_OLD = row("/opt/10.11/bin/mariadbd", "/opt/10.11", "10.11.4-MariaDB")
NEW = row("/opt/11.8/bin/mariadbd", "/opt/11.8", "11.8.6-MariaDB")
NEWER = row("/opt/12.1/bin/mariadbd", "/opt/12.1", "12.1.1-MariaDB")
OLDEST = row("/opt/10.5/bin/mariadbd", "/opt/10.5", "10.5.23-MariaDB")


@PAIRS
def test_the_target_is_looked_at(engine: Engine, group: str) -> None:
    engine.run(f"{group}.pre_source_to_physical", World(binary_path="/t/Delphix_COMMON_x/bin"))
    given = engine.host.given("physical_check")
    names = ("TARGET", "PORT", "SERVER_ID", "EXTRA_DIRECTORY", "STARTER")
    assert {name: given[name] for name in names} == {
        "TARGET": "/srv/copy",
        "PORT": "3306",
        "SERVER_ID": "99",
        "EXTRA_DIRECTORY": "",
        "STARTER": "/t/mariadb.cnf",
    }
    assert "MOUNT" not in given.variables
    assert "MariaDB 10.11.19 (/usr) will run the copy, its login is dev" in engine.host.log_text


@pytest.mark.parametrize(
    ("world", "code", "words"),
    [
        (World(target_directory="/etc/x"), "MOUNT_PATH_INVALID", "target directory '/etc/x' is"),
        (World(target_directory="srv"), "MOUNT_PATH_INVALID", "is not absolute"),
        (World(target_directory="/srv/../etc"), "MOUNT_PATH_INVALID", "goes up"),
        (World(target_directory="/srv/a b"), "MOUNT_PATH_INVALID", "has characters"),
        (
            physical(configSettings=[{"propertyName": "datadir", "value": "/x"}]),
            "SETTING_REFUSED",
            "'datadir' belongs to the plugin",
        ),
    ],
)
def test_what_cannot_be_is_refused_without_a_question(
    engine: Engine, world: World, code: str, words: str
) -> None:
    """To the host, and no copy that a caller made without the look is taken for ours."""
    for operation in (CHECK, MAKE):
        error = engine.refused(operation, world)
        assert (error.entry.name, engine.host.steps) == (code, [])
        assert words in error.message


def test_all_that_is_wrong_with_a_target_is_told_at_once(engine: Engine) -> None:
    facts = {
        **HOST_FACTS,
        "freeBytes": "1000",
        "portTaken": "port 3306 is listened on by a program of user root (uid 0)",
        "serverIdTaken": "server id 99 belongs to the dataset mounted at /mnt/x (port 3310)",
        "endedAtLogout": "systemd-logind ends the processes of osuser",
        "installation": [OLDEST],
    }
    engine.host.on("physical_check", says(facts))
    world = World(snapshot={**SNAPSHOT, "sizeInBytes": 5000})
    error = engine.refused(CHECK, world)
    assert error.entry.name == "PORT_IN_USE"
    for words in (
        "MDB-034 port 3306 is listened on",
        "MDB-035 server id 99 belongs",
        "MDB-026 systemd-logind",
        "MDB-033 1000 bytes are free at /srv/copy, the copy needs about 134222728",
        "MDB-022 the snapshot was written by 10.11.19, and no installation here can run them; "
        "found here: MariaDB 10.5.23 (/opt/10.5)",
    ):
        assert words in error.message
    assert "staging" not in error.output


def test_a_vault_is_asked_before_anything_is_copied(engine: Engine) -> None:
    engine.host.vault_error = "the vault is sealed"
    assert engine.refused(CHECK).entry.name == "CREDENTIALS_UNAVAILABLE"


def test_the_starter_file_is_read_before_anything_is_copied(engine: Engine) -> None:
    facts = {**HOST_FACTS, "starterLine": ["[mysqld]", "!include /x"]}
    engine.host.on("physical_check", says(facts))
    error = engine.refused(CHECK, World(binary_path="/t/Delphix_COMMON_x/bin"))
    assert error.entry.name == "SETTING_REFUSED"


@pytest.mark.parametrize(
    ("found", "more", "snapshot", "runs"),
    [
        ([OTHER_OLD, OLD, NEW], {}, {}, "/usr"),
        ([NEWER, NEW, OTHER_OLD], {}, {}, "/opt/10.11"),
        ([OLDEST, NEWER, NEW], {}, {"consistency": "Stopped"}, "/opt/11.8"),
        ([OLD, NEW], {"baseDir": "/opt/11.8"}, {}, "/opt/11.8"),
        ([OLD, NEW], {}, {"serverVersion": UNKNOWN_VERSION}, "plugin 1.0.0 has taken it"),
        ([OLDEST, NEW], {}, {}, "found here: MariaDB 10.5.23 (/opt/10.5), MariaDB 11.8.6"),
        ([], {}, {}, "found here: none at all"),
        ([OLD], {"baseDir": "/opt/x"}, {}, "baseDir leads to /opt/x"),
        ([OLD, OLDEST], {"baseDir": "/opt/10.5"}, {}, "runs the older 10.5.23"),
    ],
)
def test_which_installation_runs_the_copy(
    engine: Engine,
    found: list[str],
    more: dict[str, str],
    snapshot: dict[str, str],
    runs: str,
) -> None:
    """The repository's, if it is there and can; else the nearest. Both calls choose the same."""
    world = World(physical={**PHYSICAL, **more}, snapshot={**SNAPSHOT, **snapshot})
    engine.host.on("physical_check", says({**HOST_FACTS, "installation": found}))
    facts = {"writtenBy": "", "state": "", "installation": found}
    engine.host.on("files_facts", says(facts))
    if not runs.startswith("/"):
        for operation in (CHECK, MAKE):
            assert runs in engine.refused(operation, world).message
        assert engine.host.steps == ["physical_check", "files_facts", "physical_undo"]
        return
    engine.run(CHECK, world)
    assert f"({runs}) will run the copy" in engine.host.log_text
    if "consistency" in snapshot:
        closed = {"writtenBy": "10.11.19-MariaDB", "state": "closed", "installation": found}
        engine.host.on("files_facts", says(closed))
    engine.run(MAKE, world)
    assert engine.host.given("physical_finish")["BASE_DIR"] == runs


@PAIRS
def test_a_server_is_made_of_the_copy(engine: Engine, group: str) -> None:
    more = {"eventScheduler": True, "binaryLog": True, "bindAddress": "10.0.0.5"}
    engine.run(f"{group}.source_to_physical", physical(**more))
    assert engine.host.steps == ["files_facts", "vdb_configure", "physical_finish"]
    for call in engine.host.calls:
        assert (call["MOUNT"], call["PLACE"], call["GUID"]) == (
            "/srv/copy",
            "directory",
            "physical-1",
        )
    made = engine.host.given("vdb_configure")
    assert (made["KEEP_LOGS"], made["LOGIN_USER"], made["LOGIN_PASSWORD"]) == (
        "no",
        "dev",
        VDB_PASSWORD,
    )
    given = engine.host.given("physical_finish")
    names = ("PORT", "SERVER_ID", "BIND_ADDRESS", "EVENTS", "OUTSIDE", "START", "LOGIN_USER")
    assert [given[name] for name in names] == ["3306", "99", "10.0.0.5", "yes", "no", "yes", "dev"]
    config = lines(given["CONFIG"])
    assert {"# Role: physical", "port = 3306", "log_bin = /srv/copy/log/binlog"} <= set(config)
    assert not [line for line in config if line.startswith("init_file")]
    assert config[2:5] == ["[client]", "socket = /srv/copy/run/mariadb.sock", "skip_ssl"]
    assert "User=osuser" in lines(given["UNIT"])


def test_it_is_left_stopped_and_may_reach_out_as_asked(engine: Engine) -> None:
    world = physical(startServer=False, externalTables="Keep", loginCredentials=None)
    engine.run(MAKE, world)
    given = engine.host.given("physical_finish")
    assert (given["START"], given["OUTSIDE"], given["LOGIN_USER"]) == ("no", "yes", "")
    assert "plugin_dir" not in given["CONFIG"]
    assert "was proven and is stopped" in engine.host.log_text


def test_its_owner_is_told_what_is_known_of_the_data(engine: Engine) -> None:
    told = ["MEMORY tables are empty", "line\nbreak\x1b[31m"]
    engine.run(MAKE, World(snapshot={**SNAPSHOT, "warnings": told}))
    guide = engine.host.given("physical_finish")["GUIDE"]
    assert "* MEMORY tables are empty\n* line\\nbreak\\e[31m\n" in guide
    assert VDB_PASSWORD not in guide


def test_what_failed_twice_tells_the_first(engine: Engine) -> None:
    engine.host.on("vdb_configure", fails(71, "it died"))
    engine.host.on("physical_undo", fails(73, "it does not end"))
    assert engine.refused(MAKE).entry.name == "SERVER_DIED"
    assert "the copy could not be taken back: it does not end" in engine.host.log_text


def test_the_host_options_are_in_the_owners_file(engine: Engine) -> None:
    engine.host.on("starter_read", says({"starterLine": ["[mysqld]", "max_connections=77"]}))
    engine.run(MAKE, replace(physical(), binary_path="/t/Delphix_COMMON_x/bin"))
    config = lines(engine.host.given("physical_finish")["CONFIG"])
    assert {"# From /t/mariadb.cnf", "max_connections = 77"} <= set(config)
