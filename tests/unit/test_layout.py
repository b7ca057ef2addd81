"""Mount paths that can be used and those that cannot, and what lies below."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue import Refusal
from domain.dataset.layout import LONGEST_MOUNT, Layout, layout_of
from tests.unit.words import refused

SUN_PATH = 107


@pytest.mark.parametrize(
    ("path", "mount"),
    [
        ("/mnt/sales", "/mnt/sales"),
        ("/mnt/sales/", "/mnt/sales"),
        ("//mnt//sales", "/mnt/sales"),
        ("///mnt/./sales", "/mnt/sales"),
        ("/data", "/data"),
        ("/home/delphix/vdb", "/home/delphix/vdb"),
        ("/tmp/vdb", "/tmp/vdb"),
        ("/var/tmp/vdb", "/var/tmp/vdb"),
        ("/var/lib/mysql2", "/var/lib/mysql2"),
        ("/var/lib/vdb", "/var/lib/vdb"),
        ("/binary", "/binary"),
        ("/u01/app", "/u01/app"),
        ("/mnt/..data", "/mnt/..data"),
        ("/mnt/A-z_0.9+@=,x", "/mnt/A-z_0.9+@=,x"),
    ],
)
def test_accepted(path: str, mount: str) -> None:
    assert layout_of(path) == Layout(mount)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        (None, "is empty"),
        ("", "is empty"),
        ("mnt/sales", "is not absolute"),
        ("~/sales", "is not absolute"),
        *(
            (path, "has characters other than")
            for path in (
                "/mnt/my sales", "/mnt/$HOME", "/mnt/a;b", "/mnt/a'b", '/mnt/a"b', "/mnt/a\\b",
                "/mnt/a\n", "/mnt/a\tb", "/mnt/é", "/mnt/a*", "/mnt/`a`", "/mnt/a:b", "/mnt/a\0",
            )
        ),
        *((path, "goes up with '..'") for path in ("/mnt/../etc", "/mnt/a/..", "/..")),
        *(
            (path, "is a directory of the operating system")
            for path in (
                "/", "//", "/.", "/etc", "/etc/", "/etc/delphix", "/usr/local/x", "/bin", "/sbin/x",
                "/lib64", "/boot/x", "/dev/shm/x", "/proc/1", "/sys/x", "/run/x", "/root/x",
                "/var/lib/mysql", "/var/lib/mysql/x", "/var/log/x", "/var/run/x", "/var/lib/dpkg",
                "/home", "/mnt", "/mnt/", "/media", "/opt", "/srv", "/tmp", "/var", "/var/lib",
                "/var/tmp", "/u01", "//usr/x", "/./usr/x",
            )
        ),
    ],
)  # fmt: skip
def test_refused(path: str | None, why: str) -> None:
    with refused("MOUNT_PATH_INVALID", f"mount path {path!r}", why):
        layout_of(path)


def test_longest() -> None:
    longest = "/" + "a" * (LONGEST_MOUNT - 1)
    layout = layout_of(longest + "/")
    assert len(layout.socket.encode()) <= SUN_PATH
    with refused("MOUNT_PATH_INVALID", f"has {LONGEST_MOUNT + 1} characters"):
        layout_of(longest + "a")


def test_paths() -> None:
    layout = layout_of("/mnt/sales")
    assert {name: getattr(layout, name) for name in dir(Layout) if name[0] != "_"} == {
        "data": "/mnt/sales/data",
        "log": "/mnt/sales/log",
        "tmp": "/mnt/sales/tmp",
        "run": "/mnt/sales/run",
        "plugins": "/mnt/sales/run/plugins",
        "socket": "/mnt/sales/run/mariadb.sock",
        "pid_file": "/mnt/sales/run/mariadb.pid",
        "error_log": "/mnt/sales/log/error.log",
        "required_file": "/mnt/sales/required.cnf",
        "init_file": "/mnt/sales/run/init.sql",
    }


@given(st.text(alphabet="/.ab\n $~", min_size=1).map(lambda text: "/mnt/" + text))
def test_what_is_accepted_is_plain_and_normal(path: str) -> None:
    try:
        mount = layout_of(path).mount
    except Refusal:
        return
    assert layout_of(mount).mount == mount
    assert mount.startswith("/mnt/")
    assert not set(mount) & set("\n $~")
    assert ".." not in mount.split("/")
