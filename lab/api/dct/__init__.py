"""The same lab in the form of DCT (Data Control Tower), router /v3.

Calls are turned into those of the engine's interface, so that both do the same. Written after what
delphix-dct-api 2026.5 sends and takes.
"""

from lab.api.dct.router import routes

__all__ = ["routes"]
