"""What the engine answers to the library calls of a plugin (the SDK's Libs service)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent import futures
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

import grpc
from dlpx.virtualization.api import common_pb2, libs_pb2
from dlpx.virtualization.api.libs_service_pb2_grpc import LibsServicer, add_LibsServicer_to_server
from google.protobuf import json_format
from google.protobuf.message import Message

from lab.errors import LabError
from lab.plugin.runtime import child

if TYPE_CHECKING:
    from lab.system.process import CommandResult

Json = dict[str, Any]


@dataclass(frozen=True)
class Credentials:
    """What a supplier gives: a password, or a key pair when `private_key` is set."""

    username: str
    password: str = ""
    private_key: str = ""
    public_key: str = ""


class Backend(Protocol):
    """The rest of the engine, as the library calls need it. Its LabErrors reach the plugin."""

    def run_bash(
        self,
        connection: common_pb2.RemoteConnection,
        command: str,
        variables: Mapping[str, str],
        login_shell: bool,
    ) -> CommandResult:
        """Run a command as the environment user."""

    def run_sync(
        self, connection: common_pb2.RemoteConnection, directory: str, excludes: Sequence[str]
    ) -> None:
        """Copy a directory of a host into the dataset of the running operation."""

    def credentials(self, supplier: Json) -> Credentials:
        """Ask a credentials supplier."""


@dataclass
class Call:
    """One plugin operation in progress, and what its library calls amounted to.

    `watch` stands around each command on a host.
    """

    backend: Backend
    log: Callable[[int, str], None]
    migration: bool = False
    watch: Callable[[], AbstractContextManager[None]] = nullcontext
    remote_calls: int = 0
    remote_seconds: float = 0.0
    secrets: set[str] = field(default_factory=set)


class Libraries(LibsServicer):  # type: ignore[misc] # the SDK has no types
    """Serves the library calls of all plugin processes of one lab on one socket."""

    def __init__(self, socket: str) -> None:
        self._calls: dict[str, Call] = {}
        self._server = grpc.server(futures.ThreadPoolExecutor(16), options=child.LIBRARY_OPTIONS)
        add_LibsServicer_to_server(self, self._server)
        self._server.add_insecure_port(f"unix:{socket}")
        self._server.start()

    def close(self) -> None:
        """Stop serving."""
        self._server.stop(None).wait()

    def begin(self, identity: str, call: Call) -> None:
        """Accept library calls of the operation `identity`."""
        self._calls[identity] = call

    def end(self, identity: str) -> None:
        """The operation is over."""
        self._calls.pop(identity, None)

    # The method names below are those of the service.

    def RunBash(  # noqa: N802
        self, request: libs_pb2.RunBashRequest, context: Any
    ) -> libs_pb2.RunBashResult:
        call = self._call(context)
        started = time.monotonic()
        with _Answering(context), call.watch():
            result = call.backend.run_bash(
                request.remote_connection,
                request.command,
                dict(request.variables),
                request.use_login_shell,
            )
        call.remote_calls += 1
        call.remote_seconds += time.monotonic() - started
        return _checked(
            context,
            libs_pb2.RunBashResult(
                exit_code=result.exit_code,
                stdout=result.stdout.decode(errors="replace"),
                stderr=result.stderr.decode(errors="replace"),
            ),
        )

    def RunSync(  # noqa: N802
        self, request: libs_pb2.RunSyncRequest, context: Any
    ) -> libs_pb2.RunSyncResult:
        call = self._call(context)
        with _Answering(context), call.watch():
            if request.sym_links_to_follow:
                raise LabError("The lab's run_sync follows no symbolic links")
            call.backend.run_sync(
                request.remote_connection, request.source_directory, list(request.exclude_paths)
            )
        return libs_pb2.RunSyncResult()

    def RunPowerShell(self, request: Message, context: Any) -> NoReturn:  # noqa: N802
        _fail(context, "run_powershell needs a Windows host and the lab has none")

    def RunExpect(self, request: Message, context: Any) -> NoReturn:  # noqa: N802
        _fail(context, "run_expect is not part of the lab")

    def Log(  # noqa: N802
        self, request: libs_pb2.LogRequest, context: Any
    ) -> libs_pb2.LogResult:
        self._call(context, in_migration=True).log(request.level, request.message)
        return libs_pb2.LogResult()

    def RetrieveCredentials(  # noqa: N802
        self, request: libs_pb2.CredentialsRequest, context: Any
    ) -> libs_pb2.CredentialsResult:
        call = self._call(context)
        with _Answering(context):
            supplier = json_format.MessageToDict(request.credentials_supplier)
            found = call.backend.credentials(supplier)
        call.secrets.update(filter(None, (found.password, found.private_key)))
        result = libs_pb2.CredentialsResult(username=found.username)
        if found.private_key:
            result.key_pair.private_key = found.private_key
            result.key_pair.public_key = found.public_key
        else:
            result.password = found.password
        return _checked(context, result)

    def UpgradePassword(  # noqa: N802
        self, request: libs_pb2.UpgradePasswordRequest, context: Any
    ) -> libs_pb2.UpgradePasswordResult:
        self._call(context, in_migration=True)
        result = libs_pb2.UpgradePasswordResult()
        result.credentials_supplier.update(
            {
                "type": "NamedPasswordCredential",
                "username": request.username,
                "password": request.password,
            }
        )
        return _checked(context, result)

    def _call(self, context: Any, *, in_migration: bool = False) -> Call:
        """The operation that makes this library call.

        A migration may call upgrade_password and the log only (SDK documentation, Versioning And
        Upgrade).
        """
        identity = child.metadata_value(context.invocation_metadata(), child.OPERATION_KEY)
        call = self._calls.get(identity)
        if call is None:
            context.abort(grpc.StatusCode.CANCELLED, "the operation is over")
            raise AssertionError("abort() always raises")
        if call.migration and not in_migration:
            _fail(context, "A migration may not call this library function")
        return call


class _Answering:
    """Turns a LabError into an actionable library error, which the plugin may catch."""

    def __init__(self, context: Any) -> None:
        self._context = context

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, stack: object) -> None:
        if isinstance(error, LabError):
            _fail(self._context, str(error))


def _fail(context: Any, message: str) -> NoReturn:
    actionable = libs_pb2.ActionableLibraryError(id=1, message=message[: child.ERROR_LIMIT // 2])
    error = libs_pb2.LibraryErrorResult(actionable_error=actionable)
    context.set_trailing_metadata(((child.LIBRARY_ERROR_KEY, error.SerializeToString()),))
    context.abort(grpc.StatusCode.ABORTED, "library error")
    raise AssertionError("abort() always raises")


def _checked(context: Any, result: Any) -> Any:
    if result.ByteSize() >= child.LIBRARY_LIMIT:
        context.abort(grpc.StatusCode.UNAVAILABLE, child.NETWORK_CLOSED)
    return result
