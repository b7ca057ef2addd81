"""A source whose files mariadb-backup may read, as the page of physical copies asks for it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from lab.hosts.host import Host
from testbed.backups import drop_odd_names
from testbed.parameters import READER
from testbed.places import Place
from testbed.site import Site
from tests.workflows.copying import Work, in_background
from tests.workflows.support import RESYNC, processes, session

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


@contextmanager
def held(site: Site, name: str) -> Iterator[Work]:
    """A resync whose mariadb-backup has sent all tables and waits for a lock of the source."""
    waiting = (
        "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'BACKUP STAGE%'"
        f" AND user = '{READER.user}' AND state LIKE 'Waiting%'"
    )
    with ExitStack() as lock:
        lock.enter_context(session(site.source, "BACKUP STAGE START"))
        with in_background(lambda: site.lab.sync(name, RESYNC)) as work:
            held_work = Work(work.future, lock.close)
            held_work.until(
                lambda: site.source.server.value(waiting) == "1", "mariadb-backup waits for a lock"
            )
            yield held_work
