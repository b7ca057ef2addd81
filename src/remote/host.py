"""The one place that calls `libs.run_bash`."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from dlpx.virtualization import libs
from dlpx.virtualization.common import RemoteConnection
from dlpx.virtualization.libs.exceptions import LibraryError

from catalogue import CATALOGUE
from domain.storage import storage_full
from errors import PluginError, by_exit_code, signal_of
from remote.answer import Answer
from remote.script import command_text
from remote.secret_values import NO_SECRETS, Secrets
from shown import shown

log = logging.getLogger(__name__)


class _BashResult(Protocol):
    exit_code: int
    stdout: str
    stderr: str


# What a UserError shows of a script's story, in bytes of its end.
OUTPUT_LIMIT = 8192


@dataclass(frozen=True)
class Host:
    """One remote host as one environment user.

    Attributes:
        connection: the SDK's connection to it.
    """

    connection: RemoteConnection

    @property
    def name(self) -> str:
        """The host's address as Delphix knows it."""
        return str(self.connection.environment.host.name)

    @property
    def user(self) -> str:
        """Name of the environment user, who owns the datasets and runs the servers."""
        return str(self.connection.user.name)

    @property
    def binary_path(self) -> str:
        """The engine's directory of programs on the host, below the toolkit directory."""
        return str(self.connection.environment.host.binary_path)

    def run(
        self,
        script: str,
        doing: str,
        variables: Mapping[str, str] | None = None,
        secrets: Secrets = NO_SECRETS,
        earlier: str = "",
    ) -> Answer:
        """Runs one step.

        Args:
            script: name of the file in `resources/steps`, without `.sh`.
            doing: what this step does, for people: "starting the server on port 3310".
            variables: the inputs of the script's header.
            secrets: its secrets.
            earlier: redacted story of the same work, told before, which an error shows as well.

        Raises:
            PluginError: the catalogue entry of the script's exit status.
        """
        doing = f"{doing} on {self.name}"
        # A later step recognises this one by DELPHIX_STEP (lib/dataset/left_behind.sh, take_over).
        environment = {"DELPHIX_STEP": script, **(variables or {})}
        environment |= secrets.values if secrets.sent else {}
        started = time.monotonic()
        try:
            result = libs.run_bash(self.connection, command_text(script), environment)
        except LibraryError as error:
            seen = secrets.redact(str(error.message))
            raise PluginError("HOST_UNREACHABLE", doing, seen) from error
        seconds = time.monotonic() - started
        log.debug("step %s: exit %d after %.2f s", script, result.exit_code, seconds)
        story = secrets.redact(result.stderr)
        self._tell(script, story)
        if result.exit_code == 0:
            return replace(self._answer(result, doing, secrets), story=story)
        raise self._error(result, doing, secrets, earlier + story)

    @staticmethod
    def _answer(result: _BashResult, doing: str, secrets: Secrets) -> Answer:
        try:
            return Answer.parse(doing, result.stdout)
        except PluginError as error:
            raise PluginError(error.entry.name, doing, secrets.redact(error.seen)) from None

    @staticmethod
    def _tell(script: str, story: str) -> None:
        for line in story.split("\n")[-200:]:
            if line:
                log.info("%s: %s", script, shown(line))

    @staticmethod
    def _error(result: _BashResult, doing: str, secrets: Secrets, story: str) -> PluginError:
        entry = by_exit_code(result.exit_code)
        seen = ""
        if entry.name == "UNEXPECTED" and storage_full(story):
            entry, seen = CATALOGUE["DISK_SPACE"], storage_full(story)
        elif entry.name != "UNEXPECTED":
            try:
                seen = secrets.redact(Answer.parse(doing, result.stdout).maybe("seen"))
            except PluginError as error:
                seen = secrets.redact(error.seen)
        lines = [line for line in story.split("\n") if line.strip()]
        number = signal_of(result.exit_code)
        fallback = f"signal {number}" if number else f"exit status {result.exit_code}"
        fallback += f", {lines[-1]}" if lines else ""
        return PluginError(entry.name, doing, seen or fallback, end_of(shown(story, keep="\n")))


def end_of(story: str) -> str:
    """As much of its end as an error shows."""
    return story.encode("utf-8")[-OUTPUT_LIMIT:].decode("utf-8", "ignore")
