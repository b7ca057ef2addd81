from typing import Any

class PlatformError(Exception):
    def __init__(self, message: str) -> None: ...
    @property
    def message(self) -> str: ...

class PluginRuntimeError(Exception):
    def __init__(self, message: str) -> None: ...
    @property
    def message(self) -> str: ...

class IncorrectTypeError(PluginRuntimeError):
    def __init__(
        self,
        object_type: type[Any],
        parameter_name: str,
        actual_type: Any,
        expected_type: Any,
        required: bool = True,
    ) -> None: ...
