"""A host that ends processes at logout: told before a server is started that would not last."""

from collections.abc import Iterator

import pytest

from tests.steps.support import Bench, Dataset

CONFIG = "/etc/systemd/logind.conf"
LOGINCTL = """#!/bin/bash
case "$*" in
*show-user*) {user} ;;
*show-session*) {manager} ;;
esac
"""
KILL = "KillUserProcesses=yes"
NO, YES = "echo Linger=no; echo Sessions=3 5", "echo Linger=yes; echo Sessions=3"


@pytest.fixture
def dataset(bench: Bench) -> Iterator[Dataset]:
    made = bench.dataset("logout", 3480)
    yield made
    bench.host.run_as_root(["rm", "-rf", CONFIG, f"{CONFIG}.d", "/usr/local/bin/loginctl"])
    bench.host.run_as_root(["rm", "-rf", "/run/systemd"])
    bench.drop(made)


def configure(dataset: Dataset, config: str, user: str = "", manager: str = "") -> None:
    """A host with this logind.conf, whose logind answers so; without answers there is none."""
    host = dataset.host
    host.run_as_root(["mkdir", "-p", "/etc/systemd", "/run/systemd/system"])
    host.write_file(CONFIG, f"[Login]\n#KillUserProcesses=no\n{config}\n".encode())
    program = LOGINCTL.format(user=user or "exit 1", manager=manager or "exit 1")
    if user or manager:
        host.write_file("/usr/local/bin/loginctl", program.encode(), 0o755)
    else:
        host.write_file("/usr/local/bin/loginctl", b"#!/bin/bash\nexit 1\n", 0o755)


def said(*lines: str) -> str:
    return "; ".join(f"echo '{line}'" for line in lines)


TOLD = [
    ("", NO, said(KILL, "KillExcludeUsers=root", "KillOnlyUsers=")),
    ("", NO, said("KillUserProcesses=no", "KillExcludeUsers=root", "KillOnlyUsers=x delphix")),
    (KILL, NO, ""),
    (KILL, "", ""),
    ("KillUserProcesses = true", "", ""),
    (f"KillUserProcesses=no\n{KILL}\nKillExcludeUsers=root delphix_os", "", ""),
]
NOT_TOLD = [
    ("", "", ""),
    ("KillUserProcesses=no", NO, ""),
    (f"{KILL}\nKillExcludeUsers=root delphix", "", ""),
    (f"{KILL}\nKillOnlyUsers=somebody", "", ""),
    ("", NO, said("KillUserProcesses=no")),
    # A connection that logind knows nothing of.
    ("", "", said(KILL)),
    ("", "echo Linger=no; echo Sessions=", said(KILL)),
]


@pytest.mark.parametrize(("config", "user", "manager"), TOLD)
def test_a_host_that_ends_servers(dataset: Dataset, config: str, user: str, manager: str) -> None:
    configure(dataset, config, user, manager)
    seen = dataset.good("host_facts").text("endedAtLogout")
    assert "ends the processes of delphix at logout" in seen


@pytest.mark.parametrize(("config", "user", "manager"), NOT_TOLD)
def test_a_host_that_does_not(dataset: Dataset, config: str, user: str, manager: str) -> None:
    configure(dataset, config, user, manager)
    assert dataset.good("host_facts").maybe("endedAtLogout") == ""


def test_a_user_who_lingers_is_warned_of(dataset: Dataset) -> None:
    configure(dataset, KILL, YES, said(KILL))
    outcome = dataset.run("host_facts")
    assert outcome.answer.maybe("endedAtLogout") == ""
    assert "name delphix in KillExcludeUsers" in outcome.story


def test_without_systemd_nothing_is_said(dataset: Dataset) -> None:
    """As in a container."""
    configure(dataset, KILL)
    dataset.host.run_as_root(["rm", "-rf", "/run/systemd"])
    assert dataset.good("host_facts").maybe("endedAtLogout") == ""


def test_a_vdb_is_not_made_there(bench: Bench, dataset: Dataset) -> None:
    configure(dataset, KILL, NO)
    outcome = dataset.run("vdb_configure")
    assert outcome.failure == "HOST_ENDS_SERVERS"
    assert dataset.names() == []
