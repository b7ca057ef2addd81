"""Which server may open files that another series wrote: a table."""

import pytest

from catalogue import Refusal
from domain.dataset.data_files import Files
from domain.dataset.layout import Layout
from domain.installation import Installation
from domain.options.host_file import Starter
from domain.options.my_cnf import Role, ServerConfig, render
from domain.options.recovery import for_recovery
from domain.options.settings import Setting
from domain.version import Version


def at(version: str) -> Installation:
    return Installation(f"/opt/{version}", f"/opt/{version}/bin/mariadbd", version)


OLD, OLDER_PATCH, NEW = at("10.5.23"), at("10.5.9"), at("11.8.6")
ODD = at("10.3.39")


@pytest.mark.parametrize(
    ("written", "closed", "chosen", "found", "recovered_by"),
    [
        ("10.5.23", False, OLD, (), None),
        ("10.5.9", False, OLD, (), None),
        ("10.5.23", False, OLDER_PATCH, (), None),
        ("10.5.23", True, NEW, (NEW,), None),
        ("10.5.23", False, NEW, (NEW, ODD, OLDER_PATCH, OLD), OLD),
        ("10.5.9", False, NEW, (NEW, OLDER_PATCH), OLDER_PATCH),
    ],
)
def test_who_recovers_the_files(
    written: str,
    closed: bool,
    chosen: Installation,
    found: tuple[Installation, ...],
    recovered_by: Installation | None,
) -> None:
    files = Files(Version.parse(written), closed)
    assert files.recovered_by(chosen, found) == recovered_by


@pytest.mark.parametrize(
    ("written", "closed", "chosen", "found", "words"),
    [
        ("11.8.6", True, OLD, (OLD, NEW), "by 11.8.6, the repository runs the older 10.5.23"),
        ("11.8.6", False, OLD, (OLD, NEW), "by 11.8.6, the repository runs the older 10.5.23"),
        ("10.6.1", False, NEW, (NEW, OLD, ODD), "found here: MariaDB 11.8.6 (/opt/11.8.6), "),
    ],
)
def test_nobody_can(
    written: str, closed: bool, chosen: Installation, found: tuple[Installation, ...], words: str
) -> None:
    with pytest.raises(Refusal) as caught:
        Files(Version.parse(written), closed).recovered_by(chosen, found)
    assert caught.value.entry.name == "VERSION_MISMATCH"
    assert words in caught.value.seen


def test_a_recovering_server_is_closed_to_everybody() -> None:
    mount = "/mnt/vdb"
    settings = (Setting("innodb_new_in_11", "4"), Setting("sql_mode", None, comment=True))
    config = ServerConfig(
        Role.VDB, Layout(mount), 3306, 7, "0.0.0.0", settings, event_scheduler=True
    )
    lines = render(for_recovery(config)).splitlines()
    assert {"bind_address = 127.0.0.1", "event_scheduler = OFF"} <= set(lines)
    assert {"loose_innodb_new_in_11 = 4", "# sql_mode"} <= set(lines)


def test_a_recovering_server_is_not_given_values_of_the_newer_series() -> None:
    """`loose_` passes over names it does not know, not values: a collation of 11.x ended it."""
    settings = (
        Setting("collation_server", "utf8mb4_uca1400_ai_ci"),
        Setting("innodb_log_file_size", "1G"),
        Setting("hashicorp_key_management_token", "s3cret"),
    )
    groups = (("mysqld", (Setting("file_key_management_filekey", "k"), Setting("old_mode", "X"))),)
    config = ServerConfig(
        Role.VDB, Layout("/mnt/vdb"), 3306, 7, "*", settings, starter=Starter("/s", groups)
    )
    text = render(for_recovery(config))
    assert "uca1400" not in text
    assert "old_mode" not in text
    for name in ("innodb_log_file_size", "file_key_management_filekey"):
        assert f"\nloose_{name} = " in text
    assert "\nloose_hashicorp_key_management_token = s3cret\n" in text
