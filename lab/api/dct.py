"""DCT's form of the same (router /v3): not there yet."""

from __future__ import annotations

from starlette.routing import BaseRoute

from lab.api.calls import Service


def routes(service: Service) -> list[BaseRoute]:
    """None yet."""
    return []
