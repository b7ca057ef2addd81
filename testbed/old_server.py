"""A server as the public plugin 1.0.0 ran it, and the option files that it wrote.

After restore_stage.sh, provision.sh and library.sh of github.com/delphix/mariadb-plugin: my.cnf
edited with ##dlpx## comments, a server started with its places on the command line, and killed
rather than stopped.
"""

from __future__ import annotations

from dataclasses import dataclass

from lab.hosts.host import Host
from testbed.client import Server, as_os_user
from testbed.site import until

# A directory with a `mysqld` that is no link, the only kind that 1.0.0 discovered.
BASE_DIR = "/opt/mariadb-old"

_START = f"""{BASE_DIR}/bin/mysqld --defaults-file="$M/my.cnf" --basedir={BASE_DIR} \\
    --datadir="$M/data" --pid-file="$M/clone.pid" --port="$P" --server-id="$I" \\
    --socket="$M/mysql.sock" --tmpdir="$M/tmp" </dev/null >/dev/null 2>&1 & disown "$!"
"""


@dataclass(frozen=True)
class OldServer:
    """A server as 1.0.0 runs it."""

    host: Host
    mount: str
    port: int
    server_id: int

    @property
    def server(self) -> Server:
        """As root of the host: the accounts are the source's."""
        run = as_os_user(self.host.run_as_root, "root")
        return Server(run, socket=f"{self.mount}/mysql.sock", user="root")

    def start(self) -> None:
        """Start it and wait until it answers."""
        given = {"M": self.mount, "P": str(self.port), "I": str(self.server_id)}
        self.host.run_as_user(_START, given, timeout=60)
        ping = ["mysqladmin", "--no-defaults", f"--socket={self.mount}/mysql.sock", "ping"]

        def answers() -> bool:
            # Exit code 0 also when the login is refused.
            return self.host.run_as_root(ping, check=False).exit_code == 0

        until(lambda: answers() or self._aborted(), f"the old server at {self.mount} answers")
        if self._aborted():
            self._recover()
            self.start()

    def _aborted(self) -> bool:
        log = ["tail", "-n", "1", f"{self.mount}/mysqld_error.log"]
        return "[ERROR] Aborting" in self.host.run_as_root(log, check=False).text

    def _recover(self) -> None:
        """What an operator of 1.0.0 did when the copy of a killed server did not start."""
        self.host.run_as_user(
            f'timeout 5 {BASE_DIR}/bin/mysqld --defaults-file="$M/my.cnf"'
            " --tc-heuristic-recover=COMMIT",
            {"M": self.mount},
            timeout=60,
        )

    def pid(self) -> int:
        """Its process; 0 when it does not run."""
        option = f"--defaults-file={self.mount}/my.cnf"
        found = self.host.run_as_root(["pgrep", "-f", "--", option], check=False).text.split()
        return int(found[0]) if found else 0

    def kill(self) -> None:
        """End it as 1.0.0 does: mysqladmin fails for want of the password, then kill -9."""
        self.host.run_as_root(["kill", "-KILL", str(self.pid())])
        until(lambda: self.pid() == 0, f"the old server at {self.mount} ends")

    def write_config(self, text: str) -> None:
        """Its my.cnf."""
        self.host.write_file(f"{self.mount}/my.cnf", text.encode(), 0o644, "delphix:delphix")


def staging_config(mount: str, port: int, extra: str = "") -> str:
    """A my.cnf as restore_stage.sh leaves it of the one that it made itself."""
    return f"""[mysqld]
server-id=102 ##dlpx##               = 102
binlog-format=mixed ##dlpx##           = mixed
log_bin={mount}/log/mysql-bin ##dlpx##                 = {mount}/log/mysql-bin
relay-log={mount}/log/mysql-relay-bin ##dlpx##               = {mount}/log/mysql-relay-bin
log-slave-updates=1 ##dlpx##       = 1
read-only=1 ##dlpx##               = 1
{extra}
basedir={BASE_DIR} ##dlpx##={BASE_DIR}
datadir={mount}/data ##dlpx##={mount}/data
tmpdir={mount}/tmp ##dlpx##={mount}/tmp
socket={mount}/mysql.sock ##dlpx##={mount}/mysql.sock
port={port} ##dlpx##={port}
log-error={mount}/mysqld_error.log ##dlpx##={mount}/mysqld_error.log

[mysqld_safe]
log-error={mount}/mysqld_error.log ##dlpx##={mount}/mysqld_error.log
pid-file={mount}/mysql.pid ##dlpx##={mount}/mysqld.pid

binlog-format=statement
"""


def vdb_config(mount: str, port: int) -> str:
    """A my.cnf as provision.sh writes it."""
    return f"""[mysqld]
server-id         = 201
basedir\t\t= {BASE_DIR}
datadir\t\t= {mount}/data
tmpdir\t\t= {mount}/tmp
socket\t\t= {mount}/mysql.sock
port\t\t= {port}
log-error         = {mount}/mysqld_error.log
pid-file          = {mount}/mysqld.pid
max_connections=77


[mysqld_safe]
log-error\t\t= {mount}/mysqld_error.log
pid-file\t\t= {mount}/mysqld.pid

"""
