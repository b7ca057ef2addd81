"""Jobs, their events, and the actions that they carry out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from lab.api.calls import Call, Service
from lab.api.envelope import Answer, ApiError, action_of, job_of, missing
from lab.errors import LabError
from lab.model import Action, Job, JobState, Json

_ACTION_STATES = {JobState.RUNNING: "EXECUTING"}
_USER = "USER-2"


Lengths = Mapping[Action, int]


def lengths(rows: Iterable[Job]) -> Lengths:
    """How many steps the last job of each kind had that went well."""
    return {row.action: len(row.steps) for row in rows if row.state is JobState.COMPLETED}


def job(row: Job, usual: Lengths, *, events: bool = True) -> Json:
    """A job. `usual`: how many steps such jobs have."""
    action = action_of(row.reference)
    return {
        "type": "Job",
        "reference": row.reference,
        "namespace": None,
        "name": None,
        "actionType": row.action.value,
        "target": row.target,
        "targetObjectType": None,
        "targetName": row.target_name,
        "title": f'{row.action.value} of "{row.target_name}".',
        "jobState": row.state.value,
        "startTime": row.started,
        "updateTime": row.ended or (row.steps[-1].ended if row.steps else row.started),
        "percentComplete": percent(row, usual),
        "suspendable": False,
        "cancelable": row.state is JobState.RUNNING,
        "queued": False,
        "user": _USER,
        "emailAddresses": [],
        "cancelReason": row.error.message if row.error and row.state is JobState.CANCELED else "",
        "parentAction": action,
        "parentActionState": _ACTION_STATES.get(row.state, row.state.value),
        "events": _events(row) if events else [],
    }


def percent(row: Job, usual: Lengths) -> float:
    """By the number of steps of the last such job that went well; 100 at the end only.

    delphixpy demands a number with a point.
    """
    if row.state is JobState.COMPLETED:
        return 100.0
    return round(min(99.0, 100.0 * len(row.steps) / max(usual.get(row.action, 10), 1)), 1)


def _events(row: Job) -> list[Json]:
    first = f'{row.action.value} job started for "{row.target_name}".'
    events = [_event(row.started, "event.job.started", first)]
    for step in row.steps:
        text = f"{step.name}: {step.seconds:.2f} s"
        events.append(_event(step.ended or row.started, f"event.jobs.{step.kind.value}", text))
    if row.state is JobState.COMPLETED:
        last = f'{row.action.value} job for "{row.target_name}" completed successfully.'
        events.append(_event(row.ended or row.started, "event.job.completed", last))
    elif row.error is not None:
        code = "canceled" if row.state is JobState.CANCELED else "failed"
        event = _event(row.ended or row.started, f"event.job.{code}", row.error.message)
        event |= {
            "eventType": "ERROR",
            "messageAction": row.error.action or None,
            "messageCommandOutput": row.error.output or None,
        }
        events.append(event)
    return events


def _event(time: str, code: str, text: str) -> Json:
    return {
        "type": "JobEvent",
        "timestamp": time,
        "startTimestamp": None,
        "state": None,
        "percentComplete": None,
        "messageCode": code,
        "messageDetails": text,
        "messageAction": None,
        "messageCommandOutput": None,
        "diagnoses": [],
        "eventType": "INFO",
    }


def action(row: Job) -> Json:
    """The action that a job carries out."""
    error = row.error
    return {
        "type": "Action",
        "reference": action_of(row.reference),
        "namespace": None,
        "actionType": row.action.value,
        "title": row.action.value,
        "details": f'{row.action.value} of "{row.target_name}".',
        "startTime": row.started,
        "endTime": row.ended,
        "user": _USER,
        "userAgent": None,
        "parentAction": action_of(row.parent) if row.parent else None,
        "state": _ACTION_STATES.get(row.state, row.state.value),
        "workSource": "WEBSERVICE",
        "workSourceName": None,
        "failureDescription": error.message if error else None,
        "failureAction": error.action if error else None,
        "failureMessageCode": "exception.plugin" if error else None,
    }


# -- calls -------------------------------------------------------------------------------------


def list_jobs(service: Service, call: Call) -> Answer:
    """GET /job."""
    rows = service.lab.jobs()
    wanted = call.query.get
    since, until = _time(call, "fromDate"), _time(call, "toDate")
    found = [
        row
        for row in rows
        if wanted("jobState") in (None, row.state.value)
        and wanted("jobType") in (None, row.action.value)
        and wanted("target") in (None, row.target)
        and (since is None or _moment(row.started) >= since)
        and (until is None or _moment(row.started) <= until)
    ]
    with_events = wanted("addEvents", "true").lower() != "false"
    usual = lengths(rows)
    return Answer([job(row, usual, events=with_events) for row in found])


def _time(call: Call, name: str) -> datetime | None:
    text = call.query.get(name)
    try:
        return None if text is None else _moment(text)
    except ValueError:
        code = "exception.webservices.input.invalid"
        raise ApiError(code, f"{name}: is no time", "Write 2026-01-31T12:00:00.000Z.") from None


def _moment(text: str) -> datetime:
    """A time without a zone is UTC; the plus of a zone is a blank in a query."""
    found = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def get_job(service: Service, call: Call) -> Answer:
    """GET /job/{ref}."""
    return _answer(service, call.reference)


def _answer(service: Service, reference: str) -> Answer:
    rows = service.lab.jobs()
    return Answer(job(_found(rows, reference), lengths(rows)))


def cancel_job(service: Service, call: Call) -> Answer:
    """POST /job/{ref}/cancel: it ends at its next step, or the next command on a host."""
    row, store = _found(service.lab.jobs(), call.reference), service.engine.store
    if row.state is not JobState.RUNNING:
        raise LabError(f"{row.reference} is {row.state.value}", "Only running jobs end early.")
    if store.is_cancelled(row.reference):
        raise LabError(f"{row.reference} is being cancelled", "Wait for its end.")
    store.cancel(row.reference)
    return Answer(None)


def list_actions(service: Service, call: Call) -> Answer:
    """GET /action."""
    parent, state = call.query.get("parentAction"), call.query.get("state")
    rows = [action(row) for row in service.lab.jobs()]
    return Answer(
        [
            row
            for row in rows
            if parent in (None, row["parentAction"]) and state in (None, row["state"])
        ]
    )


def get_action(service: Service, call: Call) -> Answer:
    """GET /action/{ref}."""
    return Answer(action(_found(service.lab.jobs(), _job_of(call))))


def get_job_of_action(service: Service, call: Call) -> Answer:
    """GET /action/{ref}/getJob."""
    return _answer(service, _job_of(call))


def _job_of(call: Call) -> str:
    if not call.reference.startswith("ACTION-"):
        raise missing("Action", call.reference)
    return job_of(call.reference)


def _found(rows: Iterable[Job], reference: str) -> Job:
    for row in rows:
        if row.reference == reference:
            return row
    raise missing("Job", reference)
