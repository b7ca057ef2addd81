"""What discovery makes of the answers of a host."""

from __future__ import annotations

import json

import pytest

from tests.operations.caller import Engine
from tests.operations.fake_libs import row, says


def found(result: object, name: str) -> list[dict[str, object]]:
    return [json.loads(item.parameters.json) for item in getattr(result, name)]


def shown(content: dict[str, object]) -> dict[str, object]:
    """Without the keys that hold nothing."""
    return {key: value for key, value in content.items() if value is not None}


def test_repositories(engine: Engine) -> None:
    engine.host.on(
        "discover_repositories",
        says(
            {
                "installation": [
                    row("/usr/sbin/mariadbd", "/usr", "10.11.19-MariaDB-0+deb12u1"),
                    row("/opt/m y/bin/mysqld", "/opt/m y", "11.4.2-MariaDB"),
                    row("/opt/old/bin/mysqld", "/opt/old", "10.3.39-MariaDB"),
                    row("/opt/odd/bin/mysqld", "/opt/odd", "nonsense"),
                ]
            }
        ),
    )
    result = engine.run("discovery.repository")
    assert [shown(item) for item in found(result, "repositories")] == [
        {
            "name": "MariaDB 10.11.19 (/usr)",
            "version": "10.11.19",
            "baseDir": "/usr",
            "daemonPath": "/usr/sbin/mariadbd",
        },
        {
            "name": "MariaDB 11.4.2 (/opt/m y)",
            "version": "11.4.2",
            "baseDir": "/opt/m y",
            "daemonPath": "/opt/m y/bin/mysqld",
        },
    ]
    assert "leaving out /opt/old/bin/mysqld: version 10.3.39 is too old" in engine.host.log_text
    assert "leaving out /opt/odd/bin/mysqld" in engine.host.log_text


def test_no_installation_is_no_error(engine: Engine) -> None:
    engine.host.on("discover_repositories", says())
    assert not engine.run("discovery.repository").repositories


def test_source_configs(engine: Engine) -> None:
    server = row("3306", "/var/lib/mysql", "/run/mysqld/mysqld.sock", "812")
    engine.host.on(
        "discover_servers",
        says(
            {
                "server": [
                    server,
                    row("3307", "/srv/tab\there", "", "813"),
                    row("none", "/srv/three", "/run/three.sock", "814"),
                    row("3306", "/var/lib/mysql", "/run/mysqld/mysqld.sock", "999"),
                ]
            }
        ),
    )
    result = engine.run("discovery.source_config")
    assert [shown(item) for item in found(result, "source_configs")] == [
        {
            "name": "MariaDB on port 3306 (/var/lib/mysql)",
            "port": 3306,
            "dataDir": "/var/lib/mysql",
            "host": "src1.example",
            "socket": "/run/mysqld/mysqld.sock",
        },
        {
            "name": "MariaDB on port 3307 (/srv/tab\there)",
            "port": 3307,
            "dataDir": "/srv/tab\there",
            "host": "src1.example",
            "socket": "",
        },
    ]
    assert "leaving out a server whose port is 'none'" in engine.host.log_text
    given = engine.host.given("discover_servers")
    assert (given["DAEMON"], given["BASE_DIR"]) == ("/usr/sbin/mariadbd", "/usr")


@pytest.mark.parametrize(
    ("operation", "step", "key"),
    [
        ("discovery.repository", "discover_repositories", "installation"),
        ("discovery.source_config", "discover_servers", "server"),
    ],
)
def test_a_row_of_another_width_is_refused(
    engine: Engine, operation: str, step: str, key: str
) -> None:
    engine.host.on(step, says({key: row("one", "two")}))
    error = engine.refused(operation)
    assert error.entry.name == "ANSWER_UNREADABLE"
    assert "2 columns" in error.message
