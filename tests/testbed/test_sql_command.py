"""`./dev lab sql` against a real server."""

import subprocess
from collections.abc import Sequence
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from testbed import cli as module
from tests.testbed.local_server import LocalServer, local_popen

_TEXT = "é😀"


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_every_character_comes_out_whole(
    source: LocalServer,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    locale: str,
) -> None:
    def popen(
        argv: Sequence[str], *, stdin: int, stdout: int, stderr: int
    ) -> "subprocess.Popen[bytes]":
        return local_popen(
            ["env", f"LC_ALL={locale}", *argv], stdin=stdin, stdout=stdout, stderr=stderr
        )

    place = SimpleNamespace(socket=source.sql.socket, os_user="root", popen=popen)
    monkeypatch.setattr(module, "place_of", lambda _lab, _name: place)
    statement = f"SELECT CHAR_LENGTH('{_TEXT}'), CONVERT(x'C3A9F09F9880' USING utf8mb4)"
    done = CliRunner().invoke(module.cli, ["sql", "dev1", statement])
    assert done.exit_code == 0, done.output
    assert capfd.readouterr().out.splitlines()[-1] == f"2\t{_TEXT}"
