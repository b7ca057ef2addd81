"""What the owner of a physical copy is given: option file, unit, guide."""

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from domain.dataset.layout import Layout
from domain.installation import Installation
from domain.options.my_cnf import Role, ServerConfig, render
from domain.physical import Owned

CONFIG = ServerConfig(Role.PHYSICAL, Layout("/srv/sales"), 3406, 7, "*")
OWNED = Owned(CONFIG, Installation("/usr", "/usr/sbin/mariadbd", "10.11.19"), "dba", "now", "10.11")


@pytest.mark.parametrize("binary_log", [True, False])
def test_the_option_file_is_that_of_a_vdb_without_the_plugin(binary_log: bool) -> None:
    config = replace(CONFIG, binary_log=binary_log)
    own = render(config).splitlines()
    vdb = render(replace(config, role=Role.VDB)).splitlines()
    extra = ["[client]", "socket = /srv/sales/run/mariadb.sock", "skip_ssl", ""]
    assert own[:2] == [
        "# Written by the MariaDB plugin for Delphix once, for a physical copy; the file is yours.",
        "# Role: physical",
    ]
    assert own[2:6] == extra
    assert own[6:] == [line for line in vdb[2:] if not line.startswith("init_file")]


def test_unit_and_guide_start_the_same() -> None:
    start = "/usr/sbin/mariadbd --defaults-file=/srv/sales/my.cnf"
    assert f"\nExecStart={start}\n" in OWNED.unit
    assert f"  start      {start} &\n" in OWNED.guide
    assert "\nUser=dba\n" in OWNED.unit


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/opt/a b/mariadbd", '"/opt/a b/mariadbd"'),
        ("/opt/100%/mariadbd", '"/opt/100%%/mariadbd"'),
        ('/opt/"x"/mariadbd', '"/opt/\\"x\\"/mariadbd"'),
    ],
)
def test_odd_paths_are_quoted_for_systemd(path: str, word: str) -> None:
    odd = replace(OWNED, installation=Installation("/opt", path, "10.11.19"))
    assert f"\nExecStart={word} --defaults-file=" in odd.unit


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    unit = replace(OWNED, owner="root", installation=Installation("/", "/bin/true", "1")).unit
    path = tmp_path / "mariadb-3406.service"
    path.write_text(unit, encoding="utf-8")
    argv = ["systemd-analyze", "verify", str(path)]
    told = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (told.returncode, [line for line in told.stderr.splitlines() if path.name in line]) == (
        0,
        [],
    )


@pytest.mark.parametrize(("outside", "words"), [(False, "is not loaded"), (True, "works")])
def test_the_guide_tells_whether_it_reaches_out(outside: bool, words: str) -> None:
    guide = replace(OWNED, config=replace(CONFIG, outside=outside)).guide
    assert re.search(rf"other\s+servers {words}", guide)
