"""Hosts: small machines of their own, made of namespaces, that an engine can manage."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.errors import CommandFailed, LabError
from lab.hosts import client
from lab.hosts.client import Client
from lab.hosts.entry import ROOT, Account, Order, Running, Stream, host_is_down
from lab.hosts.power import HostPower
from lab.system.mounts import mount_table, users_of
from lab.system.process import CommandResult, ProcessIdentity, demand_success
from lab.system.storage import Volume

ENVIRONMENT_USER = "delphix"
ENVIRONMENT_UID = 1701
ENVIRONMENT_GID = 1701
TOOLKIT_PATH = "/opt/delphix/toolkit"
_HOME = f"/home/{ENVIRONMENT_USER}"
_USER = Account(
    ENVIRONMENT_USER, ENVIRONMENT_UID, ENVIRONMENT_GID, _HOME, "/usr/local/bin:/usr/bin:/bin"
)
_PREPARE = Path(__file__).with_name("prepare.sh")
_TRANSPORT = "/dev/fd/3"  # where lab.hosts.child puts the text of a command


@dataclass(frozen=True)
class HostSpec:
    """What a host is made of.

    root: root directory of another Linux release to start from; None is this machine's own.
    client: how datasets are mounted on it.
    """

    name: str
    root: Path | None = None
    client: Client = Client.DIRECT


@dataclass(frozen=True)
class Mount:
    """A dataset that is mounted on a host; `subvolume` is that of its Volume."""

    mount_path: str
    subvolume: str


class Host:
    """One host. Its changes to its root survive a restart; the machine is never changed.

    Every method but is_up and restart raises HostDown while the host does not run.
    """

    environment_user = ENVIRONMENT_USER
    uid = ENVIRONMENT_UID
    gid = ENVIRONMENT_GID
    home = _HOME
    toolkit_path = TOOLKIT_PATH

    def __init__(self, spec: HostSpec, address: str, engine_uuid: str, power: HostPower) -> None:
        """power: starts and stops the init process; engine_uuid: names the toolkit folder."""
        self.spec = spec
        self.name = spec.name
        self.address = address
        common = f"Delphix_COMMON_{engine_uuid.replace('-', '_')}_{ENVIRONMENT_USER}_host"
        self._toolkit_home = f"{TOOLKIT_PATH}/{common}"
        self.binary_path = f"{self._toolkit_home}/scripts/bin"
        self.jq_path = f"{self._toolkit_home}/scripts/jq/linux_x86/bin/jq"
        self.scratch_path = f"{self._toolkit_home}/scratch"
        self._power = power

    def is_up(self) -> bool:
        """True while the host's init process runs."""
        return self._power.init() is not None

    def start(self, hosts_text: str) -> None:
        """Boot the host if it is down, connect and prepare it; repeatable.

        hosts_text: content of its /etc/hosts.
        """
        self._power.on()
        self._prepare(hosts_text)

    def restart(self) -> None:
        """Cut the power and boot again: all processes and mounts are gone."""
        self._power.off()
        self._power.on()

    def run_as_user(
        self,
        command: str,
        variables: Mapping[str, str] | None = None,
        *,
        login_shell: bool = False,
        timeout: float | None = None,
    ) -> CommandResult:
        """Run bash text as the environment user, the way an engine's RunBash does.

        From the home directory, with a clean environment and nothing on standard input;
        returns when the command has ended AND both of its output pipes are closed, so a
        daemon that keeps one open holds it up. A non-zero exit code is a result, not an error.

        timeout: seconds (an engine has none); then the command and all its descendants are
        killed and CommandTimeout is raised. A command that a signal ended has exit code 128+n.
        """
        shell = ["/bin/bash", "-l"] if login_shell else ["/bin/bash"]
        preset = {"DLPX_BIN_JQ": self.jq_path}
        order = Order(_USER, [*shell, _TRANSPORT], preset | dict(variables or {}), command)
        return self._finish(order, None, timeout)

    def run_as_root(
        self,
        argv: Sequence[str],
        *,
        input: bytes | None = None,
        env: Mapping[str, str] | None = None,
        timeout: float | None = None,
        check: bool = True,
    ) -> CommandResult:
        """Run a program as root on the host, from /root.

        env: additions to root's environment. Raises CommandFailed for a non-zero exit code
        unless `check` is false, CommandTimeout after `timeout` seconds.
        """
        result = self._finish(Order(ROOT, argv, dict(env or {})), input, timeout)
        if check:
            demand_success(f"{' '.join(argv)} (on {self.name})", result)
        return result

    def popen_as_root(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        stdin: Stream = None,
        stdout: Stream = None,
        stderr: Stream = None,
    ) -> subprocess.Popen[bytes]:
        """Start a long-lived program as root on the host.

        The return code is the program's, or 128+n when a signal ended it. terminate() reaches
        the program, and kill() ends it.
        """
        order = Order(ROOT, argv, dict(env or {}), die_with_parent=True)
        return Running(self._init("nothing runs on it"), order, stdin, stdout, stderr).detach()

    def write_file(
        self, path: str, content: bytes, mode: int = 0o644, owner: str = "root:root"
    ) -> None:
        """Write a file on the host; its folder must exist. owner: user:group."""
        script = 'umask 077; cat >"$1" && chown -- "$3" "$1" && chmod -- "$2" "$1"'
        self.run_as_root(["sh", "-c", script, "sh", path, f"{mode:o}", owner], input=content)

    def read_file(self, path: str) -> bytes:
        """Content of a file of the host; CommandFailed when it cannot be read."""
        return self.run_as_root(["cat", "--", path]).stdout

    def mount(self, volume: Volume, mount_path: str) -> None:
        """Mount a dataset at a path, which is made (for the environment user) if need be."""
        owner = (f"--owner={self.uid}", f"--group={self.gid}")
        if not mount_path.startswith("/"):
            raise LabError(f"The mount path {mount_path!r} is not absolute.")
        if self.run_as_root(["mountpoint", "-q", "--", mount_path], check=False).exit_code == 0:
            raise LabError(
                f"{mount_path} on {self.name} is a mount point already.",
                "Choose another mount path, or disable the dataset that is mounted there.",
            )
        self.run_as_root(["sh", "-c", '[ -d "$3" ] || install -d "$@"', "sh", *owner, mount_path])
        if self.spec.client is Client.WRITE_BACK:
            client.mount(self._run, volume.device, volume.subvolume, mount_path)
            return
        options = f"subvol={volume.subvolume},noatime"
        self.run_as_root(["mount", "-t", "btrfs", "-o", options, volume.device, mount_path])

    def unmount(self, mount_path: str) -> None:
        """Unmount a dataset; one that is not mounted is no error.

        Raises a LabError that names the processes which keep the mount busy.
        """
        if self.run_as_root(["mountpoint", "-q", "--", mount_path], check=False).exit_code != 0:
            return
        try:
            if self.spec.client is Client.WRITE_BACK:
                client.unmount(self._run, mount_path)
            else:
                self.run_as_root(["umount", "--", mount_path])
        except CommandFailed as error:
            users = users_of(mount_path, self._init("nothing is mounted on it").pid)
            raise LabError(
                f"{mount_path} on {self.name} cannot be unmounted.",
                "End what uses it: " + "; ".join(users) if users else "",
                error.output,
            ) from error

    def mounts(self) -> list[Mount]:
        """The datasets that are mounted on this host."""
        table = mount_table(self._init("nothing is mounted on it").pid)
        found = ((entry.mount_point, client.subvolume_of(entry)) for entry in table)
        return [Mount(path, subvolume) for path, subvolume in found if subvolume is not None]

    def _run(self, argv: list[str], input: bytes) -> CommandResult:
        return self.run_as_root(argv, input=input)

    def _prepare(self, hosts_text: str) -> None:
        environment = {
            "HOST_NAME": self.name,
            "HOSTS": hosts_text,
            "USER_NAME": self.environment_user,
            "USER_ID": str(self.uid),
            "USER_HOME": self.home,
            "TOOLKIT": TOOLKIT_PATH,
            "TOOLKIT_HOME": self._toolkit_home,
            "SCRATCH": self.scratch_path,
        }
        try:
            self.run_as_root(["bash", "-s"], input=_PREPARE.read_bytes(), env=environment)
        except CommandFailed as error:
            raise LabError(
                f"The host {self.name!r} could not be prepared.",
                "Install what is missing in its root directory, then run `up` again.",
                error.output,
            ) from error

    def _finish(self, order: Order, input: bytes | None, timeout: float | None) -> CommandResult:
        init = self._init("the command was not run")
        stdin = subprocess.DEVNULL if input is None else subprocess.PIPE
        running = Running(init, order, stdin, subprocess.PIPE, subprocess.PIPE)
        result = running.finish(input, timeout)
        if result.exit_code != 0 and not init.is_alive():
            raise host_is_down(self.name, "it went down while the command ran")
        return result

    def _init(self, consequence: str) -> ProcessIdentity:
        init = self._power.init()
        if init is None:
            raise host_is_down(self.name, consequence)
        return init
