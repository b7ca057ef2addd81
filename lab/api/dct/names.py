"""Ids: DCT puts the number of the engine before its references."""

from __future__ import annotations

ENGINE = "1"


def outer(reference: str | None) -> str | None:
    """APPDATA_CONTAINER-5 -> 1-APPDATA_CONTAINER-5."""
    return None if reference is None else f"{ENGINE}-{reference}"


def inner(identity: str | None) -> str:
    """The other way round; references without the number are taken, too."""
    return (identity or "").removeprefix(f"{ENGINE}-")
