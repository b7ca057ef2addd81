"""A stand-in for the engine's library: it plays the hosts, the vault and the plugin log.

It takes the place of `dlpx.virtualization._engine.libs`, below the SDK's own wrappers, so that
`run_bash`, `retrieve_credentials` and the logging handler of the SDK are the real ones. A step is
known by the first line of its command, `# step: NAME`. Every call is held against the header of
its script: inputs that are missing or unknown, and a secret that the header does not name, fail
the test at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from dlpx.virtualization.api import libs_pb2
from google.protobuf import json_format

from tests.shape.tree import RESOURCES, header, steps

# Given to every step; a step that needs one of them says so in its header.
ALWAYS_GIVEN = {"MOUNT", "GUID", "DAEMON", "BASE_DIR", "DELPHIX_STEP"}
# More than any test makes: waiting without a deadline fails instead of going on for ever.
MOST_CALLS = 200


@dataclass(frozen=True)
class Reply:
    """How one run of a step ends. `unreachable` is the engine's word when it could not run it."""

    stdout: str = ""
    stderr: str = ""
    exit_code: int = 0
    unreachable: str = ""


def row(*columns: str) -> str:
    """A line of the client's batch output."""
    return "\t".join(escape(column) for column in columns)


def escape(text: str) -> str:
    """What the function `answer` of lib/story.sh does to a value."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def lines(text: str) -> list[str]:
    """A text that a step was given, such as an option file, by its lines."""
    return text.splitlines()


def says(answers: Mapping[str, str | Iterable[str]] | None = None, story: str = "") -> Reply:
    """A step that succeeds with these answers; a list stands for the same key several times."""
    lines = []
    for key, values in (answers or {}).items():
        assert key in _known_answers(), f"no script's header knows the answer {key!r}"
        for value in (values,) if isinstance(values, str) else values:
            lines.append(f"{key}\t{escape(value)}\n")
    return Reply("".join(lines), story)


def fails(code: int, seen: str = "", story: str = "") -> Reply:
    """A step that ends with this exit status, as `fail` of lib/story.sh does."""
    return Reply(f"seen\t{escape(seen)}\n" if seen else "", story, code)


@dataclass(frozen=True)
class Call:
    """One run of a step: where, as whom, and all that it was given."""

    step: str
    host: str
    user: str
    command: str
    variables: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.variables[name]


@dataclass
class Clock:
    """Time that passes only when a step waits on a host."""

    now: float = 1000.0

    def monotonic(self) -> float:
        return self.now


@dataclass
class FakeHost:
    """All hosts of a test. `on` says what a step answers; `fail_at` breaks one of the calls."""

    clock: Clock = field(default_factory=Clock)
    calls: list[Call] = field(default_factory=list)
    records: list[tuple[int, str]] = field(default_factory=list)
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    failures: dict[int, Reply] = field(default_factory=dict)
    vault_error: str = ""
    vault_calls: list[str] = field(default_factory=list)

    def on(self, step: str, *replies: Reply) -> FakeHost:
        """The replies of a step, one a call; the last one goes on for ever."""
        self.replies[step] = list(replies)
        return self

    def fail_at(self, index: int, reply: Reply) -> None:
        """The call with this number (from 0, over all steps) gets this reply instead of its own."""
        self.failures[index] = reply

    @property
    def steps(self) -> list[str]:
        """The names of the steps that ran, in order."""
        return [call.step for call in self.calls]

    def given(self, step: str, which: int = 0) -> Call:
        """What a step was given, the first time or another time."""
        return [call for call in self.calls if call.step == step][which]

    @property
    def log_text(self) -> str:
        """Everything in the plugin log."""
        return "\n".join(text for _, text in self.records)

    # The library's own calls, as the SDK makes them.

    def run_bash(self, request: libs_pb2.RunBashRequest) -> libs_pb2.RunBashResponse:
        call = _call_of(request)
        self.calls.append(call)
        assert len(self.calls) < MOST_CALLS, f"this does not come to an end: {self.steps[-9:]}"
        _hold_against_header(call)
        self.clock.now += float(call.variables.get("WAIT_SECONDS", 0))
        reply = self.failures.get(len(self.calls) - 1) or self._next(call.step)
        response = libs_pb2.RunBashResponse()
        if reply.unreachable:
            response.error.actionable_error.id = 1
            response.error.actionable_error.message = reply.unreachable
            return response
        result = response.return_value
        result.exit_code, result.stdout, result.stderr = (
            reply.exit_code,
            reply.stdout,
            reply.stderr,
        )
        return response

    def _next(self, step: str) -> Reply:
        assert step in self.replies, f"nobody expected the step {step}; so far: {self.steps}"
        waiting = self.replies[step]
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    def retrieve_credentials(
        self, request: libs_pb2.CredentialsRequest
    ) -> libs_pb2.CredentialsResponse:
        supplier = json_format.MessageToDict(request.credentials_supplier)
        self.vault_calls.append(supplier.get("username", ""))
        response = libs_pb2.CredentialsResponse()
        if self.vault_error:
            response.error.actionable_error.id = 2
            response.error.actionable_error.message = self.vault_error
            return response
        response.return_value.username = supplier["username"]
        if "privateKey" in supplier:
            response.return_value.key_pair.private_key = supplier["privateKey"]
        else:
            response.return_value.password = supplier["password"]
        return response

    def upgrade_password(
        self, request: libs_pb2.UpgradePasswordRequest
    ) -> libs_pb2.UpgradePasswordResponse:
        response = libs_pb2.UpgradePasswordResponse()
        response.return_value.credentials_supplier.update(
            {"type": "NamedPasswordCredential", "username": request.username, "password": "kept"}
        )
        return response

    def log(self, request: libs_pb2.LogRequest) -> libs_pb2.LogResponse:
        self.records.append((request.level, request.message))
        return libs_pb2.LogResponse(return_value=libs_pb2.LogResult())


def _call_of(request: libs_pb2.RunBashRequest) -> Call:
    named = re.match(r"# step: (\w+)\n", request.command)
    assert named, f"a command without a step's name: {request.command[:80]!r}"
    assert not request.use_login_shell
    connection = request.remote_connection
    return Call(
        step=named.group(1),
        host=connection.environment.host.name,
        user=connection.user.name,
        command=request.command,
        variables=dict(request.variables),
    )


def _hold_against_header(call: Call) -> None:
    manual = header(RESOURCES / f"steps/{call.step}.sh")
    inputs, secrets = manual.words("Inputs"), manual.words("Secrets")
    required = {word for word in inputs if not word.endswith("?")}
    known = {word.rstrip("?") for word in (*inputs, *secrets)} | ALWAYS_GIVEN
    empty = {name for name in required if not call.variables.get(name)}
    assert not empty, f"{call.step} needs {empty}"
    unknown = set(call.variables) - known
    assert not unknown, f"{call.step} knows nothing of {unknown}"
    wanted = {word for word in secrets if not word.endswith("?")}
    assert wanted <= set(call.variables), f"{call.step} needs the secrets {wanted}"


@cache
def _known_answers() -> frozenset[str]:
    return frozenset(word for path in steps() for word in header(path).words("Answers"))
