"""Small helpers of the unit tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from errors import PluginError

DOING = "testing on host1"


@contextmanager
def refused(name: str, *words: str) -> Iterator[None]:
    """The body must end with this error of the catalogue, and the message must hold the words."""
    with pytest.raises(PluginError) as caught:
        yield
    error = caught.value
    assert error.entry.name == name, error.message
    assert f"While {DOING}: " in error.message
    for word in words:
        assert word in error.message


def definition(**attributes: Any) -> SimpleNamespace:
    """A stand-in for a generated class: it has the attributes that the JSON had."""
    return SimpleNamespace(**attributes)
