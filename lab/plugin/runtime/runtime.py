"""The one call the workflows use: run an operation of the plugin, get its result or an error."""

from __future__ import annotations

import re
import threading
import uuid
from pathlib import Path
from typing import Any

import grpc
from dlpx.virtualization.api.platform_pb2 import PluginErrorResult
from google.protobuf.message import Message

from lab.plugin.runtime import child
from lab.plugin.runtime.errors import OperationBroken, from_result
from lab.plugin.runtime.libraries import Call, Libraries
from lab.plugin.runtime.process import PluginCode, PluginProcess, SocketFolder, link_runtime_modules

# A dead process needs a moment until its exit status can be read.
DEATH_SECONDS = 2.0


def operation_name(rpc: str) -> str:
    """The plugin author's name of an rpc: StagedPreSnapshot -> linked.pre_snapshot."""
    group, _, wrapper = child.WRAPPERS[rpc].partition(".")
    prefix = {"linked": "(staged_|direct_)?", "virtual": "(virtual_)?"}.get(group, "")
    return f"{group}.{re.sub(f'^_internal_{prefix}', '', wrapper)}"


class Runtime:
    """Plugin processes of one lab: at most one, or one per operation when `fresh` is set.

    The SDK promises nothing about an interpreter's life, so a plugin that works only without
    `fresh` keeps state it should not.
    """

    def __init__(self, root: Path, log_root: Path, *, fresh: bool = False) -> None:
        self._modules = root / "modules"
        self._log_root = log_root
        self._fresh = fresh
        self._process: PluginProcess | None = None
        self._starting = threading.Lock()
        # Set when the engine goes down: jobs end early.
        self.ending = threading.Event()
        link_runtime_modules(self._modules)
        self._sockets = SocketFolder(root / "sockets")
        self._libraries = Libraries(self._sockets.engine)

    @property
    def pid(self) -> int | None:
        """The plugin process, when there is one."""
        return self._process.pid if self._process is not None else None

    def close(self) -> None:
        """End the plugin process and stop serving it."""
        self.drop_process()
        self._libraries.close()
        self._sockets.close()

    def drop_process(self) -> None:
        """End the plugin process; the next operation starts a new one."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def call(self, code: PluginCode, rpc: str, request: Message, call: Call) -> Any:
        """Run one operation and return its `*Result` message.

        Raises PluginError for an exception out of the plugin, OperationBroken when it gave no
        answer at all.
        """
        operation = operation_name(rpc)
        if request.ByteSize() >= child.OPERATION_LIMIT:
            raise _rpc_error(operation, code.name, child.NETWORK_CLOSED)
        process = self._ready_process(code)
        identity = str(uuid.uuid4())
        self._libraries.begin(identity, call)
        try:
            metadata = ((child.OPERATION_KEY, identity),)
            (result,) = getattr(process.stub, rpc)(request, metadata=metadata)
            return result
        except grpc.RpcError as error:
            raise self._explain(process, operation, error) from None
        finally:
            self._libraries.end(identity)
            if self._fresh:
                self.drop_process()

    def _ready_process(self, code: PluginCode) -> PluginProcess:
        with self._starting:
            process = self._process
            if process is None or not process.is_alive() or process.code != code:
                self.drop_process()
                log = self._log_root / code.name / "process.log"
                process = PluginProcess(code, self._modules, self._sockets, log)
                self._process = process
            return process

    def _explain(self, process: PluginProcess, operation: str, error: Any) -> Exception:
        details = child.metadata_value(error.trailing_metadata(), child.PLUGIN_ERROR_KEY)
        if details is not None:
            result = PluginErrorResult.FromString(details)
            return from_result(result, operation, process.code.name)
        status, text = error.code(), error.details() or ""
        if status is grpc.StatusCode.ABORTED:
            return OperationBroken(
                f'Plugin operation "{operation}" of plugin "{process.code.name}" failed: {text}'
            )
        if status is grpc.StatusCode.UNAVAILABLE and text != child.NETWORK_CLOSED:
            death = process.death(DEATH_SECONDS)
            if death is not None:
                return OperationBroken(
                    f'The process of the plugin "{process.code.name}" {death} during "{operation}"',
                    "The next operation starts a new process.",
                )
        return _rpc_error(operation, process.code.name, text)


def _rpc_error(operation: str, plugin: str, text: str) -> OperationBroken:
    """The real engine's words for a message over a limit (SDK docs, Message Limits)."""
    return OperationBroken(
        f'Plugin operation "{operation}" got a RPC error for plugin "{plugin}". '
        f"UNAVAILABLE: {text}",
        "A message met a size limit: 4 MiB for the arguments and the result of an operation, "
        "128 KiB for an error, 192 MiB for a library call.",
    )
