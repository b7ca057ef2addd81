from typing import Any

from dlpx.virtualization.common.exceptions import PluginRuntimeError

class LibraryError(Exception):
    _id: int
    def __init__(self, id: int, message: str) -> None: ...
    @property
    def message(self) -> str: ...

class PluginScriptError(Exception):
    def __init__(self, message: str) -> None: ...
    @property
    def message(self) -> str: ...

class IncorrectArgumentTypeError(PluginRuntimeError):
    def __init__(
        self, parameter_name: str, actual_type: Any, expected_type: Any, required: bool = True
    ) -> None: ...
