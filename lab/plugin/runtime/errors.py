"""How a plugin operation can fail."""

from __future__ import annotations

from enum import Enum

from dlpx.virtualization.api.platform_pb2 import PluginErrorResult

from lab.errors import LabError


class PluginErrorKind(Enum):
    """The arms of the SDK's PluginErrorResult."""

    GENERIC = "generic_plugin_error"
    UNHANDLED_LIBRARY = "unhandled_library_error"
    RUNTIME = "plugin_runtime_error"
    GENERATED_CLASSES = "generated_classes_error"
    USER = "user_error"


class PluginError(LabError):
    """An exception left the plugin's operation. A UserError's words are shown verbatim."""

    def __init__(
        self, kind: PluginErrorKind, message: str, action: str = "", output: str = ""
    ) -> None:
        super().__init__(message, action, output)
        self.kind = kind


class OperationBroken(LabError):
    """The operation ended without an answer: the process died, a limit was met, sys.exit()."""


def from_result(result: PluginErrorResult, operation: str, plugin: str) -> PluginError:
    """The error to raise for what `operation` of `plugin` answered."""
    kind = PluginErrorKind(result.WhichOneof("error"))
    if kind is PluginErrorKind.USER:
        user = result.user_error
        return PluginError(kind, user.message, user.action, user.output)
    error = getattr(result, kind.value)
    name = error.type if kind is PluginErrorKind.GENERIC else kind.name.lower().replace("_", " ")
    message = f'Plugin operation "{operation}" of plugin "{plugin}" failed: {name}: '
    action = "This is a fault of the plugin: report it with the call stack."
    return PluginError(kind, message + error.message, action, error.call_stack)
