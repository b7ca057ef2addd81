"""Small helpers of the unit tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from catalogue import Refusal


@contextmanager
def refused(name: str, *words: str) -> Iterator[None]:
    """The body must end with this refusal of the catalogue, and tell these words."""
    with pytest.raises(Refusal) as caught:
        yield
    refusal = caught.value
    assert refusal.entry.name == name, refusal
    for word in words:
        assert word in refusal.seen


def definition(**attributes: Any) -> SimpleNamespace:
    """A stand-in for a generated class: it has the attributes that the JSON had."""
    return SimpleNamespace(**attributes)
