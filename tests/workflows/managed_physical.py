"""A source whose files mariadb-backup may read, as the page of physical copies asks for it."""

from lab.hosts.host import Host
from testbed.backups import drop_odd_names
from testbed.parameters import READER
from testbed.places import Place
from testbed.site import Site
from tests.workflows.support import processes

PHYSICAL = {"backupMethod": "Physical"}
TOOL = "/usr/bin/mariadb-backup"
RULE = f"ALL=(mysql) NOPASSWD: {TOOL} --defaults-file=/dev/stdin --backup --stream=mbstream"
FOLDERS = "/tmp/delphix-send-*"


def allow(site: Site) -> None:
    """Give the account and the environment user of the source what the documentation says."""
    drop_odd_names(site.source.server)
    site.source.server.query(f"GRANT PROCESS ON *.* TO '{READER.user}'@'%'")
    give_rule(site.source)


def give_rule(place: Place) -> None:
    """The one line for sudoers."""
    script = 'grep -q mbstream /etc/sudoers || printf "%s\\n" "$1" >>/etc/sudoers'
    rule = f"{place.host.environment_user} {RULE}"
    place.host.run_as_root(["bash", "-c", script, "bash", rule])


def backups(host: Host) -> list[int]:
    """Processes of mariadb-backup on a host, whoever runs them; not those of sudo."""
    found = host.run_as_root(["pgrep", "-f", f"^{TOOL} "], check=False).text
    return [int(pid) for pid in found.split()]


def left_on(host: Host) -> list[str]:
    """What a transfer has left on a host: processes, folders, files in memory."""
    script = f"ls -d {FOLDERS} /dev/shm/delphix-send* 2>/dev/null || :"
    lying = host.run_as_root(["bash", "-c", script]).text.split()
    running = [line for line in processes(host) if "my.cnf" not in line]
    return [*lying, *running, *(f"backup {pid}" for pid in backups(host))]
