"""Bodies of requests: never more than there may be, JSON or a form."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.types import Message

from lab.api.envelope import TOO_LARGE, ApiError
from lab.model import Json

# An artifact of an engine may have 50 MiB; everything else is small.
LARGEST_UPLOAD, LARGEST_BODY = 64 << 20, 4 << 20
DEEPEST = 50


async def parsed(request: Request) -> Json:
    """The JSON object that the body is; nothing at all is an empty one. Raises ApiError."""
    return _parsed(await limited(request, LARGEST_BODY))


async def limited(request: Request, largest: int) -> bytes:
    """The body. Raises ApiError when it is larger, before all of it has come."""
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > largest:
            raise ApiError(
                "exception.webservices.input.large",
                f"The body has more than {largest >> 20} MiB.",
                status=TOO_LARGE,
            )
    return bytes(content)


def _parsed(content: bytes) -> Json:
    """A JSON object; nothing at all is an empty one. Raises ApiError."""
    try:
        body = json.loads(content or b"{}")
        # Not a number, no number at all, half a character: Python reads them, JSON has none.
        json.dumps(body, allow_nan=False, ensure_ascii=False).encode()
    except UnicodeError:
        raise _no_json("The body is no JSON: it is not UTF-8.") from None
    except RecursionError:
        raise _no_json("The body is too deep.") from None
    except ValueError as error:
        raise _no_json(f"The body is no JSON: {error}") from None
    if not isinstance(body, dict):
        raise _no_json("The body is no JSON object.")
    if _is_deep(body, DEEPEST):
        raise _no_json("The body is too deep.")
    return body


def _no_json(details: str) -> ApiError:
    return ApiError("exception.webservices.input.json", details)


def _is_deep(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    parts = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deep(part, levels - 1) for part in parts)


async def form_fields(request: Request) -> dict[str, bytes]:
    """The fields of a multipart form, files as their content. Raises ApiError."""
    content = await limited(request, LARGEST_UPLOAD)

    async def again() -> Message:
        return {"type": "http.request", "body": content, "more_body": False}

    try:
        whole = Request(request.scope, again)
        async with whole.form(max_part_size=LARGEST_UPLOAD) as form_data:
            fields: dict[str, bytes] = {}
            for name, value in form_data.items():
                fields[name] = value.encode() if isinstance(value, str) else await value.read()
    except Exception as error:
        text = f"The upload is no form: {type(error).__name__}"
        raise ApiError("exception.upload.form", text) from None
    return fields
