"""Bodies of requests: never more than there may be, JSON or a form."""

from __future__ import annotations

import json

from starlette.requests import Request

from lab.api.envelope import TOO_LARGE, ApiError
from lab.model import Json

# An artifact of an engine may have 50 MiB; everything else is small.
LARGEST_UPLOAD, LARGEST_BODY = 64 << 20, 4 << 20


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
    except ValueError as error:
        raise ApiError(
            "exception.webservices.input.json", f"The body is no JSON: {error}"
        ) from None
    if not isinstance(body, dict):
        raise ApiError("exception.webservices.input.json", "The body is no JSON object.")
    return body


async def form_fields(request: Request) -> dict[str, bytes]:
    """The fields of a multipart form, files as their content. Raises ApiError."""
    if int(request.headers.get("content-length") or 0) > LARGEST_UPLOAD:
        size = f"{LARGEST_UPLOAD >> 20} MiB"
        code = "exception.webservices.input.large"
        raise ApiError(code, f"The upload has more than {size}.", status=TOO_LARGE)
    try:
        async with request.form(max_part_size=LARGEST_UPLOAD) as form_data:
            fields: dict[str, bytes] = {}
            for name, value in form_data.items():
                fields[name] = value.encode() if isinstance(value, str) else await value.read()
    except Exception as error:
        text = f"The upload is no form: {type(error).__name__}"
        raise ApiError("exception.upload.form", text) from None
    return fields
