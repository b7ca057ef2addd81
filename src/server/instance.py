"""One server on one dataset: start, stop, status, size. Each call is one remote step."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from domain.installation import Installation
from domain.options import host_file
from domain.options.my_cnf import ServerConfig
from domain.options.settings import Setting
from errors import PluginError, while_doing
from remote.answer import Answer
from remote.host import Host
from remote.secret_values import NO_SECRETS, Secrets
from server import inputs
from server.inputs import Served

log = logging.getLogger(__name__)

# How long the server of a failed operation may take to stop before it is killed.
UNDO_SECONDS = 60


@dataclass(frozen=True)
class People:
    """What people get of a server that is made of a copy.

    Attributes:
        user: name of the login to create, empty for none.
        password: of that login, the secret LOGIN_PASSWORD.
        grants: `data` or `all`, see lib/server/login.sh.
        prove: that they can work with it, before it is theirs.
    """

    user: str = ""
    password: Secrets = NO_SECRETS
    grants: str = "data"
    prove: bool = False


NOBODY = People()


@dataclass(frozen=True)
class Instance:
    """A server on a dataset of a host.

    Attributes:
        host: where the dataset is mounted.
        guid: of the dSource or VDB.
        config: everything its option file depends on.
        installation: that runs it; None to take the one the dataset was made with.
        place: `mount`, or `directory` for a physical copy, see lib/dataset/mount.sh.
    """

    host: Host
    guid: str
    config: ServerConfig
    installation: Installation | None = None
    place: str = "mount"

    @property
    def where(self) -> dict[str, str]:
        """Variables that tell any step which dataset and which programs."""
        chosen = self.installation
        return {
            "MOUNT": self.config.layout.mount,
            "GUID": self.guid,
            "DAEMON": chosen.daemon_path if chosen else "",
            "BASE_DIR": chosen.base_dir if chosen else "",
            **({} if self.place == "mount" else {"PLACE": self.place}),
        }

    @property
    def served(self) -> Served:
        """What its files are written from."""
        assert self.installation is not None, "a dataset is made with a known installation"
        return Served(self.guid, self.config, self.installation)

    @property
    def label(self) -> str:
        """For messages: `port 3310 (/mnt/sales)`."""
        return f"port {self.config.port} ({self.config.layout.mount})"

    def run(
        self,
        script: str,
        doing: str,
        variables: Mapping[str, str] | None = None,
        secrets: Secrets | None = None,
        earlier: str = "",
    ) -> Answer:
        """Runs a step on this dataset; see `Host.run`."""
        given = {**self.where, **(variables or {})}
        return self.host.run(script, f"{doing} {self.label}", given, secrets or Secrets(), earlier)

    def with_host_options(self) -> Instance:
        """The same with the settings of the host's option file, which the host is asked for once.

        Raises:
            PluginError: SETTING_REFUSED for a file that cannot be taken.
        """
        path = host_file.location(self.host.binary_path)
        if self.config.starter is not None or not path:
            return self
        answer = self.host.run("starter_read", f"reading {path}", {"STARTER": path})
        with while_doing(answer.doing):
            return self.with_options(answer.many("starterLine"))

    def with_options(self, lines: Iterable[str]) -> Instance:
        """The same with settings from lines of the host's option file that a step has read.

        Raises:
            Refusal: SETTING_REFUSED.
        """
        read = host_file.parse(host_file.location(self.host.binary_path), lines)
        return self.with_config(replace(self.config, starter=read))

    def start(
        self,
        restart: bool = False,
        required: tuple[Setting, ...] | None = None,
        role: str = "staging",
        added: tuple[Setting, ...] = (),
    ) -> Answer:
        """Starts the server, or proves that it runs.

        Args:
            restart: stop a running one first, to take a new configuration.
            required: settings that the files turned out to need; None keeps what is known.
            role: `staging` or `vdb`, of a dataset whose settings are given.
            added: to the settings that are known.
        """
        if required is not None:
            ready = self.with_host_options()
            given = inputs.dataset_files(ready.served, required, role)
        else:
            ready, given = self._as_it_lies(added)
        variables = {**given, **inputs.start(ready.config, self.host.user, restart)}
        with self.nothing_left_by_a_dead_step():
            return ready.run("server_start", "starting the server on", variables)

    def _as_it_lies(self, added: tuple[Setting, ...]) -> tuple[Instance, dict[str, str]]:
        """The server with the installation of its dataset and the options of its host.

        Also the texts of delphix.json and required.cnf, rendered anew from what the dataset holds.

        Raises:
            PluginError: SETTING_REFUSED, INSTALLATION_NOT_FOUND, MOUNT_NOT_OURS.
        """
        path = host_file.location(self.host.binary_path)
        answer = self.run("start_facts", "reading what the files need for", {"STARTER": path})
        there = Installation(answer.text("baseDir"), answer.text("daemonPath"), "")
        with while_doing(answer.doing):
            told = self.with_options(answer.many("starterLine"))
        ready = replace(told, installation=self.installation or there)
        return ready, inputs.dataset_files_anew(ready.served, answer, added)

    def stop(self, slow: bool = False, seconds: int = inputs.STOP_SECONDS) -> bool:
        """Stops the server and whatever else of ours works on the dataset; True if one ran.

        Args:
            slow: it first finishes all that a server of a newer series should not have to.
            seconds: that a clean shutdown may take before it is forced.
        """
        variables = {"STOP_SECONDS": str(seconds), "SLOW": inputs.yes(slow)}
        return self.run("server_stop", "stopping the server on", variables).flag("stopped")

    def is_active(self) -> bool:
        """True when the server runs and answers."""
        answer = self.run("server_status", "asking for the server on")
        return answer.flag("running") and answer.flag("answering")

    def runs(self) -> bool:
        """True when there is a server process, whether or not it answers."""
        return self.run("server_status", "asking for the server on").flag("running")

    def size(self) -> int:
        """Bytes of the data directory."""
        return self.run("size", "measuring the data of").number("sizeInBytes")

    def files(self) -> Answer:
        """Which server wrote the files, and which installations the host has."""
        return self.run("files_facts", "asking who wrote the files for")

    def create(self, required: tuple[Setting, ...], role: str, initialise: bool = True) -> None:
        """Empties the dataset and puts a new data directory into it.

        Args:
            required: settings that the files will need.
            role: `staging` or `vdb`.
            initialise: fill it with system tables; a physical restore brings its own.
        """
        variables = {
            **inputs.dataset_files(self.with_host_options().served, required, role),
            "INITIALISE": inputs.yes(initialise),
        }
        self.run("dataset_create", "creating a data directory for", variables)

    def configure_clone(
        self,
        required: tuple[Setting, ...],
        keep_logs: bool,
        people: People = NOBODY,
    ) -> Answer:
        """Makes an independent, running server of a copy of a dataset.

        Args:
            required: settings that the files need.
            keep_logs: the dataset goes on with its own binary logs.
            people: what they get.
        """
        ready = self.with_host_options()
        variables = {
            **inputs.dataset_files(ready.served, required, "vdb"),
            **inputs.start(ready.config, self.host.user, restart=True),
            "KEEP_LOGS": inputs.yes(keep_logs),
            "OUTSIDE": inputs.yes(self.config.outside),
            "LOGIN_USER": people.user,
            "LOGIN_GRANTS": people.grants,
            "PROVE": inputs.yes(people.prove),
            "BIND_ADDRESS": self.config.bind_address,
            "EVENTS": inputs.yes(self.config.event_scheduler),
        }
        with self.nothing_left_by_a_dead_step():
            return self.run(
                "vdb_configure", "configuring the virtual database on", variables, people.password
            )

    def prove(self, login: Secrets, user: str = "", made: bool = True) -> None:
        """Proves that people can work with a virtual database that runs.

        Args:
            login: password of the login that was created.
            user: its name, empty for none.
            made: it was made just now: what it needs is proven, too, and every table is opened.

        Raises:
            PluginError: VDB_NOT_USABLE.
        """
        variables = {
            "PORT": str(self.config.port),
            "BIND_ADDRESS": self.config.bind_address,
            "EVENTS": inputs.yes(self.config.event_scheduler),
            "MADE": inputs.yes(made),
            "LOGIN_USER": user,
        }
        self.run("vdb_prove", "proving that people can work with", variables, login)

    def create_login(self, user: str, password: Secrets, grants: str) -> None:
        """Creates (or replaces) an account for people.

        Args:
            user: its name.
            password: the secret LOGIN_PASSWORD.
            grants: `data` or `all`, see lib/server/login.sh.
        """
        variables = {"LOGIN_USER": user, "LOGIN_GRANTS": grants}
        self.run("login_create", f"creating the login {user} on", variables, password)

    @contextmanager
    def nothing_left_after_failure(self) -> Iterator[None]:
        """Stops the server when the block fails; the first error is what people see."""
        try:
            yield
        except BaseException:
            self._stop_quietly()
            raise

    @contextmanager
    def nothing_left_by_a_dead_step(self) -> Iterator[None]:
        """Stops what a step has started that was killed before it could tidy up by itself."""
        try:
            yield
        except PluginError as error:
            if error.was_cut_off:
                self._stop_quietly()
            raise

    def _stop_quietly(self) -> None:
        try:
            self.stop(seconds=UNDO_SECONDS)
        except PluginError as error:
            log.error("the half-made server could not be stopped: %s", error.seen)

    def with_config(self, config: ServerConfig) -> Instance:
        """The same server with another configuration."""
        return replace(self, config=config)
