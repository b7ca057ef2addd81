"""The raw tools on the same data in the same run: what the plugin's seconds are measured by."""

from collections.abc import Sequence
from pathlib import Path

from lab.hosts.host import Host
from testbed.client import Server
from testbed.parameters import Account
from testbed.places import Place

_SCRIPT = Path(__file__).with_name("by_hand.sh")
_FOLDER = "/var/tmp/by-hand"
_PLACE = "/var/tmp/by_hand.sh"
# Views that call functions cannot be loaded without their definer.
_DEFINER = "demo_owner@localhost"
_LIMIT_SECONDS = 600

Parts = dict[str, float]


def copy_by_hand(host: Host, account: Account, source: tuple[str, int], names: list[str]) -> Parts:
    """`mariadb-dump | mariadb` of databases into a fresh server on `host`; seconds by part.

    Raises LabError.
    """
    login = Server(host.run_as_root, user=account.user, password=account.password, address=source)
    _, options = login.command()
    return _run(host, ["copy", _FOLDER, _DEFINER, *names], options)


def start_by_hand(place: Place) -> Parts:
    """Copy the files of a stopped VDB and start `mariadbd` on them; seconds by part.

    Raises LabError.
    """
    return _run(place.host, ["start", _FOLDER, place.mount_path, place.os_user], None)


def _run(host: Host, arguments: Sequence[str], text: bytes | None) -> Parts:
    host.write_file(_PLACE, _SCRIPT.read_bytes())
    argv = ["bash", _PLACE, *arguments]
    return parts_of(host.run_as_root(argv, input=text, timeout=_LIMIT_SECONDS).text)


def parts_of(answer: str) -> Parts:
    """Read the script's lines, "NAME SECONDS"."""
    lines = [line.rpartition(" ") for line in answer.splitlines()]
    return {name: float(seconds) for name, _, seconds in lines}
