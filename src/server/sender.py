"""The source host, where mariadb-backup reads the files of the source and sends them to staging."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from domain.installation import Installation
from domain.parameters import Transfer
from domain.source import local
from domain.source.address import Source
from domain.source.grants import Grants
from domain.source.local import LocalFacts
from domain.version import Version
from errors import PluginError
from remote.answer import Answer
from remote.host import Host, end_of
from remote.secret_values import Secrets

log = logging.getLogger(__name__)

# Of two ends of a broken stream, the other one tells its error within this time.
_BLAME_SECONDS = 30
_TURN_SECONDS = 3


@dataclass(frozen=True)
class LocalServer:
    """Where the server is on its own host.

    Attributes:
        socket: empty to ask for it on loopback.
        port: there.
    """

    socket: str
    port: int


@dataclass(frozen=True)
class Sender:
    """A source host.

    Attributes:
        host: as its environment user.
        guid: of the dSource.
        installation: of the source's server.
        source: with the account that reads.
        server: where it is there.
        transfer: how the files come to staging.
    """

    host: Host
    guid: str
    installation: Installation
    source: Source
    server: LocalServer
    transfer: Transfer

    @property
    def _server(self) -> dict[str, str]:
        return {
            "DAEMON": self.installation.daemon_path,
            "BASE_DIR": self.installation.base_dir,
            "SOURCE_SOCKET": self.server.socket,
            "SOURCE_PORT": str(self.server.port),
            "SOURCE_USER": self.source.user,
            **self.transfer.packing(),
        }

    @property
    def _secrets(self) -> Secrets:
        return Secrets(self.source.secrets())

    def check(self) -> LocalFacts:
        """Proves that the files can be read and that the account logs in; changes nothing.

        Raises:
            PluginError: SOURCE_FILES_CLOSED, SOURCE_LOGIN_REFUSED, SOURCE_UNREACHABLE,
                SOURCE_QUERY_FAILED or TOOL_MISSING.
        """
        variables = {**self._server, "VARIABLE_NAMES": ",".join(local.ASKED)}
        doing = "looking at the server and its files"
        answer = self.host.run("send_check", doing, variables, self._secrets)
        tool = answer.maybe("toolVersion")
        return LocalFacts(
            variables={name: value for name, value in answer.rows("variable", 2)},
            grants=Grants.parse(answer.text("account"), answer.many("grant")),
            file_bytes=answer.number("fileBytes", 0),
            tool=Version.parse(tool) if tool else None,
            runs_as=answer.maybe("runsAs"),
        )

    @contextmanager
    def sending(self, data_dir: str) -> Iterator[Sending]:
        """A job on the source host that is ready to send; nothing is left of it afterwards.

        Raises:
            PluginError: as `check`; SOURCE_BACKUP_FAILED.
        """
        variables = {**self._server, "GUID": self.guid, "DATA_DIR": data_dir}
        try:
            doing = "starting to send the files"
            answer = self.host.run("send_start", doing, variables, self._secrets)
            yield Sending(self, answer)
        finally:
            self._end()

    def _end(self) -> None:
        try:
            self.host.run("send_end", "ending what sends the files", {"GUID": self.guid})
        except PluginError as error:
            # It ends by itself when nobody asks for it any more.
            log.error("the sending job could not be ended: %s", error.seen)

    def run(self, script: str, doing: str, variables: dict[str, str], earlier: str = "") -> Answer:
        """Runs a step about the job; its story may not tell the password."""
        given = {"GUID": self.guid, **variables}
        return self.host.run(script, doing, given, self._secrets.only_redacted(), earlier)


@dataclass
class Sending:
    """The job on the source host.

    Attributes:
        sender: the host.
        started: what its start has answered.
        is_done: all has been sent, and the other end has hung up.
    """

    sender: Sender
    started: Answer
    is_done: bool = False
    _lines: int = 0
    _story: str = ""
    _error: PluginError | None = field(default=None, repr=False)

    def identity(self) -> dict[str, str]:
        """What the other end must know, to take this one and no other."""
        return _identity(self.started)

    def send_to(self, address: str, listening: Answer) -> None:
        """Tells the job where staging listens.

        Args:
            address: of the staging host.
            listening: what the step on staging has answered.
        """
        variables = {
            **self._job,
            "ADDRESS": address,
            "PORT": listening.text("port"),
            **_identity(listening),
        }
        self.sender.run("send_to", "telling where to send the files", variables)

    def look(self, seconds: int = 0) -> None:
        """How far it is.

        Args:
            seconds: to wait on the host for its end.

        Raises:
            PluginError: TRANSFER_BROKEN, SOURCE_BACKUP_FAILED.
        """
        if self.is_done:
            return
        variables = {**self._job, "TOLD": str(self._lines), "WAIT_SECONDS": str(seconds)}
        try:
            answer = self.sender.run("send_status", "sending the files", variables, self._story)
        except PluginError as error:
            self._error = error
            raise
        self._lines = answer.number("told", self._lines)
        self._story = end_of(self._story + answer.story)
        self.is_done = answer.text("state") == "done"

    def failed_with(self, error: PluginError) -> bool:
        """Whether this end has told this error."""
        return error is self._error

    def error(self) -> PluginError | None:
        """The error of this end, which may come to it a moment after the other end has failed."""
        deadline = time.monotonic() + _BLAME_SECONDS
        while not self.is_done and time.monotonic() < deadline:
            try:
                self.look(_TURN_SECONDS)
            except PluginError as error:
                return error
        return None

    @property
    def _job(self) -> dict[str, str]:
        return {"SEND_DIR": self.started.text("directory")}


def _identity(answer: Answer) -> dict[str, str]:
    return {"PEER_CERTIFICATE": answer.text("certificate"), "PEER_TIME": answer.text("time")}
