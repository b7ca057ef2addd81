"""The host's starter option file is read only when nobody else can have written it."""

import pytest

from tests.steps.support import Bench, run_step

PATH = "/opt/delphix/toolkit/mariadb.cnf"


def test_no_file(bench: Bench) -> None:
    outcome = run_step(bench.host, "starter_read", {"STARTER": PATH})
    assert (outcome.failure, outcome.answer.many("starterLine")) == ("", ())


def test_lines_keep_their_numbers(bench: Bench) -> None:
    """Comments may be in any encoding, and the last line without an end."""
    bench.host.write_file(PATH, b"# caf\xe9\n[mysqld]\n\n  ; \xff\na = 'b\tc'")
    outcome = run_step(bench.host, "starter_read", {"STARTER": PATH})
    assert outcome.answer.many("starterLine")[:5] == ("", "[mysqld]", "", "", "a = 'b\tc'")
    bench.host.run_as_root(["rm", PATH])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("chmod 666", "may be written by others (mode 666)"),
        ("chmod 664", "may be written by others (mode 664)"),
        ("chmod 000", "cannot read it"),
        ("chown daemon", "belongs to daemon, not to root"),
        ("truncate -s 70000", "has 70000 bytes"),
        ("rm -f {0}; mkdir", "is directory"),
        ("ln -sf /nowhere", "is a symbolic link"),
        ("ln -sf /etc/passwd", "is a symbolic link"),
        # A server of the plugin, and whoever has all privileges on it, could have written it.
        ("chown delphix", "run as root: chown root: /opt/delphix/toolkit/mariadb.cnf"),
        ("ln -f {0} /opt/delphix/toolkit/other; chown root", "has 2 names"),
    ],
)
def test_a_file_that_is_not_taken(bench: Bench, change: str, words: str) -> None:
    bench.host.write_file(PATH, b"[mysqld]\n")
    command = change.format(PATH)
    bench.host.run_as_root(["bash", "-c", f"{command} {PATH}"])
    outcome = run_step(bench.host, "starter_read", {"STARTER": PATH})
    bench.host.run_as_root(["rm", "-r", PATH])
    assert outcome.failure == "SETTING_REFUSED"
    assert words in outcome.seen
