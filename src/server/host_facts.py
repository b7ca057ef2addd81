"""What a host says before a server is made on it: installations, space, what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass

from domain import installation as installations
from domain.installation import Installation
from domain.options import host_file
from domain.problems import Problem, failed
from remote.answer import Answer
from remote.host import Host


@dataclass(frozen=True)
class HostFacts:
    """What the step `host_facts` found.

    Attributes:
        doing: what was being done, for errors about it.
        installations: of MariaDB on the host.
        free_bytes: on the dataset.
        memory_bytes: that the host has free.
        cores: processors that the environment user may use.
        extra_directory: real path of the installation that the user named, empty for none.
        host_options: lines of the host's option file.
        problems: a port or a server id that is taken, servers that would not last.
    """

    doing: str
    installations: tuple[Installation, ...]
    free_bytes: int
    memory_bytes: int
    cores: int
    extra_directory: str
    host_options: tuple[str, ...]
    problems: tuple[Problem, ...]

    def named(self, base_dir: str) -> Installation | None:
        """The installation that the user has named, None when none was.

        Args:
            base_dir: what the user typed.

        Raises:
            Refusal: INSTALLATION_NOT_FOUND.
        """
        if not base_dir:
            return None
        # By its real path: an installation is known by that.
        return installations.installation_at(self.extra_directory or base_dir, self.installations)


def ask(host: Host, variables: dict[str, str]) -> HostFacts:
    """Proves that a server can live on the dataset, and tells what the host has.

    Args:
        host: where the dataset is mounted.
        variables: MOUNT, PORT, SERVER_ID and EXTRA_DIRECTORY of the step.

    Raises:
        PluginError: MOUNT_NOT_MOUNTED, MOUNT_NOT_WRITABLE, MOUNT_NOT_OURS or SETTING_REFUSED.
    """
    given = {**variables, "STARTER": host_file.location(host.binary_path)}
    answer = host.run("host_facts", "checking the staging host", given)
    return HostFacts(
        doing=answer.doing,
        installations=installations_of(answer),
        free_bytes=answer.number("freeBytes"),
        memory_bytes=answer.number("memoryBytes"),
        cores=answer.number("cores"),
        extra_directory=answer.maybe("extraDirectory"),
        host_options=answer.many("starterLine"),
        problems=_problems(answer),
    )


def installations_of(answer: Answer) -> tuple[Installation, ...]:
    """The installations that a step has found on its host."""
    rows = answer.rows("installation", 3)
    return tuple(Installation(base, daemon, version) for daemon, base, version in rows)


def _problems(answer: Answer) -> tuple[Problem, ...]:
    seen = {
        "port": answer.maybe("portTaken"),
        "server-id": answer.maybe("serverIdTaken"),
        "logout": answer.maybe("endedAtLogout"),
    }
    return tuple(failed(name, text) for name, text in seen.items() if text)
