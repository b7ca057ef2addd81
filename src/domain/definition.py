"""Reading attributes of a generated definition: each typed, checked and refused by its name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from catalogue import Refusal
from domain.source.facts import SYSTEM_SCHEMAS

_Choice = TypeVar("_Choice", bound=Enum)

LONGEST_NAME = 64  # NAME_CHAR_LEN of the server


@dataclass(frozen=True)
class Reader:
    """Reads attributes of a generated definition, which hold None where the JSON had no key."""

    definition: Any

    def value(self, name: str) -> Any:
        """The attribute, None when it is not there."""
        return getattr(self.definition, name, None)

    def refuse(self, name: str, why: str) -> Refusal:
        """The refusal of a parameter, by the name that people know."""
        return Refusal("INPUT_INVALID", f"parameter {_camel(name)} {why}")

    def text(self, name: str) -> str:
        """A text without blanks around it, empty when there is none.

        Raises:
            Refusal: INPUT_INVALID.
        """
        value = self.value(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self.refuse(name, f"is {value!r}, not a text")
        return value.strip()

    def matching(self, name: str, pattern: re.Pattern[str]) -> str:
        """A text of this form, empty when there is none.

        Raises:
            Refusal: INPUT_INVALID.
        """
        value = self.text(name)
        if value and not pattern.match(value):
            raise self.refuse(name, f"is {value!r}, which is no host name or address")
        return value

    def path(self, name: str) -> str:
        """An absolute path without a slash at its end, empty when there is none.

        Raises:
            Refusal: INPUT_INVALID.
        """
        value = self.text(name)
        if value and (not value.startswith("/") or any(ord(char) < 32 for char in value)):
            raise self.refuse(name, f"is {value!r}, not an absolute path")
        return value.rstrip("/") if value != "/" else value

    def names(self, name: str) -> tuple[str, ...]:
        """Names of databases, each once.

        Raises:
            Refusal: INPUT_INVALID.
        """
        value = self.value(name) or ()
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise self.refuse(name, "is not a list")
        for item in value:
            self._check_name(name, item)
        return tuple(dict.fromkeys(value))

    def name(self, name: str) -> str:
        """One name of a database, empty when there is none."""
        value = self.text(name)
        if value:
            self._check_name(name, value)
        return value

    def _check_name(self, name: str, item: Any) -> None:
        if not isinstance(item, str) or not item or any(ord(char) < 32 for char in item):
            raise self.refuse(name, f"has {item!r}, which is no database name")
        if len(item) > LONGEST_NAME:
            raise self.refuse(name, f"has {item!r}, longer than {LONGEST_NAME} characters")
        if item.lower() in SYSTEM_SCHEMAS:
            raise self.refuse(name, f"has {item!r}, a database of the system")

    def integer(self, name: str, default: int | None, bounds: tuple[int, int]) -> int:
        """A whole number within bounds; `default` None makes it required.

        Raises:
            Refusal: INPUT_INVALID.
        """
        value = self.value(name)
        if value is None and default is not None:
            return default
        # JSON numbers that travelled through a protobuf Struct are floats.
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.refuse(name, f"is {value!r}, not a whole number")
        if not bounds[0] <= value <= bounds[1]:
            raise self.refuse(name, f"is {value}, not between {bounds[0]} and {bounds[1]}")
        return value

    def boolean(self, name: str, default: bool) -> bool:
        """True or false.

        Raises:
            Refusal: INPUT_INVALID.
        """
        value = self.value(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.refuse(name, f"is {value!r}, neither true nor false")
        return value

    def enum(self, name: str, kind: type[_Choice], default: _Choice) -> _Choice:
        """The member whose value it is.

        Raises:
            Refusal: INPUT_INVALID.
        """
        value = self.value(name)
        if value is None:
            return default
        for member in kind:
            if member.value == value:
                return member
        known = ", ".join(repr(member.value) for member in kind)
        raise self.refuse(name, f"is {value!r}; this release knows {known}")

    def supplier(self, name: str) -> Mapping[str, Any] | None:
        """A credentials supplier, None when there is none.

        Raises:
            Refusal: INPUT_INVALID.
        """
        value = self.value(name)
        if not value:
            return None
        if not isinstance(value, Mapping):
            raise self.refuse(name, "is not a credentials supplier")
        return value


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
