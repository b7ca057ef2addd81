"""What every answer is wrapped in: OKResult, ListResult, ErrorResult."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse, Response

from lab.errors import LabError
from lab.model import Json

OK = 200
UNAUTHORIZED = 401
FORBIDDEN = 403
NOT_FOUND = 404
TOO_LARGE = 413
FAULT = 500


class ApiError(Exception):
    """A call that cannot be answered.

    `status` is that of HTTP. Clients read an ErrorResult only under 200, so the engine refuses what
    it understands with that; another one is for what never got that far.
    """

    def __init__(
        self, code: str, details: str, action: str = "", output: str = "", status: int = OK
    ) -> None:
        super().__init__(details)
        self.code = code
        self.details = details
        self.action = action
        self.output = output
        self.status = status


def refused(error: LabError) -> ApiError:
    """What the lab does not do, in the engine's form."""
    return ApiError("exception.lab.refused", error.message, error.action, error.output)


def missing(kind: str, reference: str) -> ApiError:
    """There is no such object."""
    details = f"There is no {kind} with the reference {reference}."
    return ApiError("exception.webservices.object.missing", details, "Look at the list of them.")


@dataclass(frozen=True)
class Answer:
    """A result, and the job that goes on with it; `action` where there is none to be told."""

    result: Any = None
    job: str | None = None
    action: str | None = None
    cookie: str | None = None


def action_of(job: str) -> str:
    """The action that a job carries out; here both have the same number."""
    return job.replace("JOB-", "ACTION-")


def job_of(action: str) -> str:
    """The other way round."""
    return action.replace("ACTION-", "JOB-")


def to_response(answer: Answer | Response) -> Response:
    """The answer as the engine writes it."""
    if isinstance(answer, Response):
        return answer
    action = answer.action or (action_of(answer.job) if answer.job else None)
    body: Json = {"status": "OK", "result": answer.result, "job": answer.job, "action": action}
    if isinstance(answer.result, list):
        body |= {"type": "ListResult", "total": len(answer.result), "overflow": False}
    else:
        body["type"] = "OKResult"
    response = JSONResponse(body)
    if answer.cookie is not None:
        response.set_cookie("JSESSIONID", answer.cookie, httponly=True, samesite="strict")
    return response


def to_error(error: ApiError) -> Response:
    """An ErrorResult."""
    shown: Json = {
        "type": "APIError",
        "id": error.code,
        "details": error.details,
        "action": error.action or None,
        "commandOutput": error.output or None,
        "diagnoses": [],
    }
    body = {"type": "ErrorResult", "status": "ERROR", "error": shown}
    return JSONResponse(body, status_code=error.status)
