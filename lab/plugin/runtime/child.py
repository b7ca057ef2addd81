"""The plugin's side of the runtime: one process that holds one plugin.

It runs in an interpreter that can import the unpacked artifact, protobuf, six, grpc and the
standard library, and nothing else; so nothing of the lab is imported here. The engine starts it
with the arguments `ENTRY_POINT PLUGIN_SOCKET ENGINE_SOCKET`, waits for the line "ready" on its
standard output, and ends it by closing its standard input (which also happens when the engine
itself is killed).

The SDK declares the services but not how errors travel on them, nor how the real engine adapts
the wrappers (`*Response`) to the declared results (`*Result`). Here a failed call is an aborted
rpc: a `PluginErrorResult` or `LibraryErrorResult` rides in its trailing metadata.
"""

from __future__ import annotations

import importlib
import os
import sys
import threading
import traceback
import types
from collections.abc import Callable, Iterable, Iterator
from concurrent import futures
from typing import Any, NoReturn

import grpc
from dlpx.virtualization.api import libs_pb2, libs_service_pb2, platform_pb2, platform_service_pb2
from google.protobuf import message_factory
from google.protobuf.message import Message

# SDK documentation, Best Practices, "Message Limits": sizes must be less than these (bytes).
OPERATION_LIMIT = 4 << 20
ERROR_LIMIT = 128 << 10
LIBRARY_LIMIT = 192 << 20
# How the real engine reports a message over a limit (same page).
NETWORK_CLOSED = "Network closed for unknown reason"

PLUGIN_ERROR_KEY = "plugin-error-bin"
LIBRARY_ERROR_KEY = "library-error-bin"
OPERATION_KEY = "lab-operation"

# Trailing metadata is limited to 8 KiB unless told otherwise; base64 makes errors 4/3 longer.
METADATA_OPTIONS = (
    ("grpc.max_metadata_size", 4 * ERROR_LIMIT),
    ("grpc.absolute_max_metadata_size", 4 * ERROR_LIMIT),
)
OPERATION_OPTIONS = (
    ("grpc.max_send_message_length", OPERATION_LIMIT),
    ("grpc.max_receive_message_length", OPERATION_LIMIT),
    *METADATA_OPTIONS,
)
LIBRARY_OPTIONS = (
    ("grpc.max_send_message_length", LIBRARY_LIMIT),
    ("grpc.max_receive_message_length", LIBRARY_LIMIT),
    *METADATA_OPTIONS,
)

# Which wrapper of the SDK's Plugin object answers which rpc of the Platform service.
WRAPPERS = {
    "DiscoverRepository": "discovery._internal_repository",
    "DiscoverSourceConfig": "discovery._internal_source_config",
    "DirectPreSnapshot": "linked._internal_direct_pre_snapshot",
    "DirectPostSnapshot": "linked._internal_direct_post_snapshot",
    "DirectSourceSize": "linked._internal_direct_source_size",
    "DirectPreSourceToPhysical": "linked._internal_direct_pre_source_to_physical",
    "DirectSourceToPhysical": "linked._internal_direct_source_to_physical",
    "StagedPreSnapshot": "linked._internal_staged_pre_snapshot",
    "StagedPostSnapshot": "linked._internal_staged_post_snapshot",
    "StartStaging": "linked._internal_start_staging",
    "StopStaging": "linked._internal_stop_staging",
    "StagedStatus": "linked._internal_status",
    "StagedWorker": "linked._internal_worker",
    "StagedMountSpecification": "linked._internal_mount_specification",
    "StagedSourceSize": "linked._internal_staged_source_size",
    "StagedPreSourceToPhysical": "linked._internal_staged_pre_source_to_physical",
    "StagedSourceToPhysical": "linked._internal_staged_source_to_physical",
    "Initialize": "virtual._internal_initialize",
    "Configure": "virtual._internal_configure",
    "Unconfigure": "virtual._internal_unconfigure",
    "Reconfigure": "virtual._internal_reconfigure",
    "Start": "virtual._internal_start",
    "Stop": "virtual._internal_stop",
    "VirtualCleanup": "virtual._internal_cleanup",
    "VirtualPreSnapshot": "virtual._internal_pre_snapshot",
    "VirtualPostSnapshot": "virtual._internal_post_snapshot",
    "VirtualStatus": "virtual._internal_status",
    "VirtualMountSpecification": "virtual._internal_mount_specification",
    "VirtualSourceSize": "virtual._internal_virtual_source_size",
    "VirtualPreSourceToPhysical": "virtual._internal_virtual_pre_source_to_physical",
    "VirtualSourceToPhysical": "virtual._internal_virtual_source_to_physical",
    "UpgradeRepository": "upgrade._internal_repository",
    "UpgradeSourceConfig": "upgrade._internal_source_config",
    "UpgradeLinkedSource": "upgrade._internal_linked_source",
    "UpgradeVirtualSource": "upgrade._internal_virtual_source",
    "UpgradeSnapshot": "upgrade._internal_snapshot",
}


class Operation:
    """One operation in progress: the engine's id for it, and why a library call broke it off."""

    def __init__(self, identity: str) -> None:
        self.identity = identity
        self.broken: tuple[grpc.StatusCode, str] | None = None


class CurrentOperation:
    """The operation of this thread; in a thread the plugin started, the latest one begun."""

    def __init__(self) -> None:
        self._local = threading.local()
        self._latest = Operation("")

    def begin(self, identity: str) -> Operation:
        """Note that this thread now works for the operation with the engine's id `identity`."""
        self._latest = self._local.operation = Operation(identity)
        return self._latest

    def get(self) -> Operation:
        """The operation a library call of this thread belongs to."""
        operation: Operation = getattr(self._local, "operation", self._latest)
        return operation


def metadata_value(metadata: Iterable[Any] | None, key: str) -> Any:
    """The value of a key in the metadata of an rpc, or None."""
    return next((value for name, value in metadata or () if name == key), None)


def library_module(channel: grpc.Channel, current: CurrentOperation) -> types.ModuleType:
    """The module `dlpx.virtualization._engine.libs` that the SDK expects the engine to inject."""
    module = types.ModuleType("dlpx.virtualization._engine.libs")
    service = libs_service_pb2.DESCRIPTOR.services_by_name["Libs"]
    for method in service.methods:
        python_name = {"RunPowerShell": "run_powershell"}.get(method.name, _snake(method.name))
        setattr(module, python_name, _library_function(channel, service.full_name, method, current))
    return module


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


def _library_function(
    channel: grpc.Channel, service: str, method: Any, current: CurrentOperation
) -> Callable[[Message], Message]:
    """A function that sends one request to the engine and wraps the answer in a `*Response`."""
    result_class = message_factory.GetMessageClass(method.output_type)
    response_class = getattr(libs_pb2, method.output_type.name.replace("Result", "Response"))
    rpc = channel.unary_unary(
        f"/{service}/{method.name}",
        request_serializer=lambda request: request.SerializeToString(),
        response_deserializer=result_class.FromString,
    )

    def call(request: Message) -> Message:
        operation = current.get()
        try:
            if request.ByteSize() >= LIBRARY_LIMIT:
                operation.broken = (grpc.StatusCode.UNAVAILABLE, NETWORK_CLOSED)
                return _non_actionable(response_class)
            answer = rpc(request, metadata=((OPERATION_KEY, operation.identity),))
            return response_class(return_value=answer)  # type: ignore[no-any-return]
        except grpc.RpcError as error:
            details = metadata_value(error.trailing_metadata(), LIBRARY_ERROR_KEY)
            if details is not None:
                result = libs_pb2.LibraryErrorResult.FromString(details)
                return response_class(error=result)  # type: ignore[no-any-return]
            operation.broken = (error.code(), error.details() or "")
            return _non_actionable(response_class)

    return call


def _non_actionable(response_class: Any) -> Message:
    error = libs_pb2.LibraryErrorResult(non_actionable_error=libs_pb2.NonActionableLibraryError())
    return response_class(error=error)  # type: ignore[no-any-return]


def plugin_error(error: BaseException) -> platform_pb2.PluginErrorResult:
    """Which arm of `PluginErrorResult` an exception that left a wrapper belongs to."""
    from dlpx.virtualization.common.exceptions import PluginRuntimeError
    from dlpx.virtualization.libs.exceptions import LibraryError
    from dlpx.virtualization.platform.exceptions import UserError

    result = platform_pb2.PluginErrorResult()
    stack = "".join(traceback.format_exception(error))
    message = str(getattr(error, "message", None) or error)
    if isinstance(error, UserError):
        texts = [str(text) for text in error.args]
        user = result.user_error
        user.message, user.action, user.output = (*texts, "", "", "")[:3]
    elif isinstance(error, LibraryError):
        unhandled = result.unhandled_library_error
        unhandled.error_id, unhandled.message, unhandled.call_stack = error._id, message, stack
    elif isinstance(error, PluginRuntimeError):
        result.plugin_runtime_error.message = message
        result.plugin_runtime_error.call_stack = stack
    elif _is_generated_classes_error(error):
        result.generated_classes_error.message = message
        result.generated_classes_error.call_stack = stack
    else:
        generic = result.generic_plugin_error
        generic.message, generic.type, generic.call_stack = message, type(error).__name__, stack
    return result


def _is_generated_classes_error(error: BaseException) -> bool:
    """Whether the plugin's own generated classes refused a value."""
    names = [f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__]
    return "generated.definitions.base_model_.GeneratedClassesError" in names


class PluginService:
    """The SDK's Platform service in front of the wrappers of one plugin."""

    def __init__(self, entry_point: str, current: CurrentOperation) -> None:
        self._entry_point = entry_point
        self._current = current

    def handler(self) -> Any:
        """All rpcs of the service, as declared by its descriptor."""
        service = platform_service_pb2.DESCRIPTOR.services_by_name["Platform"]
        methods = {
            method.name: grpc.unary_stream_rpc_method_handler(
                self._behaviour(method.name),
                request_deserializer=message_factory.GetMessageClass(method.input_type).FromString,
                response_serializer=lambda result: result.SerializeToString(),
            )
            for method in service.methods
        }
        return grpc.method_handlers_generic_handler(service.full_name, methods)

    def _behaviour(self, rpc: str) -> Callable[[Message, Any], Iterator[Message]]:
        def run(request: Message, context: Any) -> Iterator[Message]:
            operation = self._current.begin(
                metadata_value(context.invocation_metadata(), OPERATION_KEY)
            )
            try:
                result = self._call_wrapper(rpc, request)
            except SystemExit as end:
                ended = (grpc.StatusCode.ABORTED, f"the plugin ended its interpreter: exit({end})")
                context.abort(*(operation.broken or ended))
            except BaseException as error:
                _abort(context, plugin_error(error))
            if result.ByteSize() >= OPERATION_LIMIT:
                context.abort(grpc.StatusCode.UNAVAILABLE, NETWORK_CLOSED)
            yield result

        return run

    def _call_wrapper(self, rpc: str, request: Message) -> Message:
        module_name, _, object_name = self._entry_point.partition(":")
        plugin = getattr(importlib.import_module(module_name), object_name)
        group, _, wrapper = WRAPPERS[rpc].partition(".")
        response = getattr(getattr(plugin, group), wrapper)(request)
        return response.return_value  # type: ignore[no-any-return]


def _abort(context: Any, error: platform_pb2.PluginErrorResult) -> NoReturn:
    if error.ByteSize() >= ERROR_LIMIT:
        context.abort(grpc.StatusCode.UNAVAILABLE, NETWORK_CLOSED)
    context.set_trailing_metadata(((PLUGIN_ERROR_KEY, error.SerializeToString()),))
    context.abort(grpc.StatusCode.ABORTED, error.WhichOneof("error"))
    raise AssertionError("abort() always raises")


def _end_with_engine(engine_pipe: int) -> None:
    while os.read(engine_pipe, 1):
        pass
    os._exit(0)


def main(entry_point: str, plugin_socket: str, engine_socket: str) -> None:
    """Serve the plugin until the engine closes our standard input."""
    engine_pipe = os.dup(0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    current = CurrentOperation()
    channel = grpc.insecure_channel(f"unix:{engine_socket}", options=LIBRARY_OPTIONS)
    package = types.ModuleType("dlpx.virtualization._engine")
    libs = library_module(channel, current)
    package.libs = libs  # type: ignore[attr-defined]
    sys.modules[package.__name__], sys.modules[libs.__name__] = package, libs
    server = grpc.server(futures.ThreadPoolExecutor(8), options=OPERATION_OPTIONS)
    server.add_generic_rpc_handlers((PluginService(entry_point, current).handler(),))
    server.add_insecure_port(f"unix:{plugin_socket}")
    server.start()
    os.write(1, b"ready\n")
    os.dup2(2, 1)
    _end_with_engine(engine_pipe)


if __name__ == "__main__":
    main(*sys.argv[1:])
