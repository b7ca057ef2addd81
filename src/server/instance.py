"""One server on one dataset: start, stop, status, size. Each call is one remote step."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from domain import encryption, init_file, option_file, server_config, starter
from domain import required as required_settings
from domain.dataset import Marker
from domain.installation import Installation
from domain.server_config import ServerConfig
from domain.settings import Setting
from errors import PluginError
from remote.answer import Answer
from remote.host import Host, Secrets

log = logging.getLogger(__name__)

# Crash recovery of a large data set takes minutes, a stuck server must not hold a job for ever.
START_SECONDS = 1800
# A clean shutdown writes what the buffer pool holds.
STOP_SECONDS = 600
# Of a server that is thrown away nothing need be written.
UNDO_SECONDS = 60


@dataclass(frozen=True)
class Instance:
    """A server on a dataset of a host.

    Attributes:
        host: where the dataset is mounted.
        guid: of the dSource or VDB.
        config: everything its option file depends on.
        installation: that runs it; None to take the one the dataset was made with.
    """

    host: Host
    guid: str
    config: ServerConfig
    installation: Installation | None = None

    @property
    def where(self) -> dict[str, str]:
        """Variables that tell any step which dataset and which programs."""
        chosen = self.installation
        return {
            "MOUNT": self.config.layout.mount,
            "GUID": self.guid,
            "DAEMON": chosen.daemon_path if chosen else "",
            "BASE_DIR": chosen.base_dir if chosen else "",
        }

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
    ) -> Answer:
        """Runs a step on this dataset; see `Host.run`."""
        given = {**self.where, **(variables or {})}
        return self.host.run(script, f"{doing} {self.label}", given, secrets or Secrets())

    def ready(self) -> Instance:
        """The same with the host's starter settings, for which the host is asked once.

        Raises:
            PluginError: SETTING_REFUSED for a file that cannot be taken.
        """
        path = starter.location(self.host.binary_path)
        if self.config.starter is not None or not path:
            return self
        return self.with_starter(
            self.host.run("starter_read", f"reading {path}", {"STARTER": path})
        )

    def with_starter(self, answer: Answer) -> Instance:
        """The same with the host's starter settings as a step has read them.

        Raises:
            PluginError: SETTING_REFUSED.
        """
        path = starter.location(self.host.binary_path)
        read = starter.parse(path, answer.many("starterLine"), answer.doing)
        return self.with_config(replace(self.config, starter=read))

    def start(
        self,
        restart: bool = False,
        required: tuple[Setting, ...] | None = None,
        role: str = "staging",
    ) -> Answer:
        """Starts the server, or proves that it runs.

        Args:
            restart: stop a running one first, to take a new configuration.
            required: settings that the files turned out to need; None keeps what is known.
            role: `staging` or `vdb`, of a dataset whose settings are given.
        """
        if required is not None:
            ready = self.ready()
            given = ready.identity(required, role)
        else:
            ready, given = self._as_it_lies()
        variables = {**given, **ready._start_variables(restart)}
        with self.nothing_left_by_a_dead_step():
            return ready.run("server_start", "starting the server on", variables)

    def _as_it_lies(self) -> tuple[Instance, dict[str, str]]:
        """The server with what its dataset and its host say, and what its files need written anew.

        Raises:
            PluginError: SETTING_REFUSED, INSTALLATION_NOT_FOUND.
        """
        path = starter.location(self.host.binary_path)
        answer = self.run("start_facts", "reading what the files need for", {"STARTER": path})
        there = Installation(answer.text("baseDir"), answer.text("daemonPath"), "")
        chosen = self.installation or there
        settings = _admitted(required_settings.of_file(answer.many("requiredLine")))
        marker = Marker.parse(answer.text("marker"), answer.doing)
        anew = replace(
            marker,
            guid=self.guid,
            port=self.config.port,
            server_id=self.config.server_id,
            base_dir=chosen.base_dir,
            daemon_path=chosen.daemon_path,
            required=_admitted(marker.required),
        )
        return replace(self.with_starter(answer), installation=chosen), {
            "MARKER": anew.render(),
            "REQUIRED": server_config.render_required(chosen.base_dir, settings),
        }

    def stop(self, slow: bool = False, seconds: int = STOP_SECONDS) -> bool:
        """Stops the server and whatever else of ours works on the dataset; True if one ran.

        Args:
            slow: it first finishes all that a server of a newer series should not have to.
            seconds: that a clean shutdown may take before it is forced.
        """
        variables = {"STOP_SECONDS": str(seconds), "SLOW": _yes(slow)}
        return self.run("server_stop", "stopping the server on", variables).flag("stopped")

    def is_active(self) -> bool:
        """True when the server runs and answers."""
        answer = self.run("server_status", "asking for the server on")
        return answer.flag("running") and answer.flag("answering")

    def size(self) -> int:
        """Bytes of the data directory."""
        return self.run("size", "measuring the data of").number("sizeInBytes")

    def files(self) -> Answer:
        """Which server wrote the files, and which installations the host has."""
        return self.run("files_facts", "asking who wrote the files for")

    @property
    def keys(self) -> str:
        """Option file lines of the keys that this server's own settings give it."""
        keys = _admitted(encryption.settings(self.config.given))
        return "\n".join(option_file.lines(keys))

    def create(self, required: tuple[Setting, ...], role: str, initialise: bool = True) -> None:
        """Empties the dataset and puts a new data directory into it.

        Args:
            required: settings that the files will need.
            role: `staging` or `vdb`.
            initialise: fill it with system tables; a physical restore brings its own.
        """
        variables = {**self.ready().identity(required, role), "INITIALISE": _yes(initialise)}
        self.run("dataset_create", "creating a data directory for", variables)

    def configure_clone(
        self,
        required: tuple[Setting, ...],
        keep_logs: bool,
        login: Secrets,
        user: str,
        grants: str = "data",
    ) -> Answer:
        """Makes an independent, running server of a copy of a dataset.

        Args:
            required: settings that the files need.
            keep_logs: the dataset goes on with its own binary logs.
            login: password of the login to create.
            user: its name, empty for none.
            grants: `data` or `all`, see lib/sql.sh.
        """
        ready = self.ready()
        variables = {
            **ready.identity(required, "vdb"),
            **ready._start_variables(restart=True),
            "KEEP_LOGS": _yes(keep_logs),
            "LOGIN_USER": user,
            "LOGIN_GRANTS": grants,
        }
        with self.nothing_left_by_a_dead_step():
            return self.run(
                "vdb_configure", "configuring the virtual database on", variables, login
            )

    def create_login(self, user: str, password: Secrets, grants: str) -> None:
        """Creates (or replaces) an account for people.

        Args:
            user: its name.
            password: the secret LOGIN_PASSWORD.
            grants: `data` or `all`, see lib/sql.sh.
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

    def identity(self, required: tuple[Setting, ...], role: str) -> dict[str, str]:
        """What is written into the dataset to tell what it is; needs the installation."""
        chosen = self.installation
        assert chosen is not None, "a dataset is made with a known installation"
        left_out = {setting.name for setting in self.config.settings if setting.comment}
        required = tuple(setting for setting in required if setting.name not in left_out)
        keys = encryption.settings(self.config.given)
        required += tuple(setting for setting in keys if setting not in required)
        required = _admitted(required)
        marker = Marker(
            guid=self.guid,
            role=role,
            port=self.config.port,
            server_id=self.config.server_id,
            base_dir=chosen.base_dir,
            daemon_path=chosen.daemon_path,
            required=required,
        )
        return {
            "MARKER": marker.render(),
            "REQUIRED": server_config.render_required(chosen.base_dir, required),
            "CONFIG": server_config.render(self.config),
        }

    def _start_variables(self, restart: bool) -> dict[str, str]:
        return {
            "PORT": str(self.config.port),
            "SERVER_ID": str(self.config.server_id),
            "CONFIG": server_config.render(self.config),
            "INIT_SQL": init_file.render(self.host.user),
            "DOORS_SQL": init_file.doors_query(),
            "START_SECONDS": str(START_SECONDS),
            "STOP_SECONDS": str(STOP_SECONDS),
            "RESTART": _yes(restart),
        }


def _admitted(settings: tuple[Setting, ...]) -> tuple[Setting, ...]:
    """Those that a server may be given, whoever asked for them; the others are told."""
    kept, refused = required_settings.admitted(settings)
    for text in refused:
        log.warning("left out of what the files need: %s", text)
    return kept


def _yes(value: bool) -> str:
    return "yes" if value else "no"
