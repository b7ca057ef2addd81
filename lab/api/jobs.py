"""Jobs, their events, and the actions that they carry out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from lab.api.calls import Call, Service
from lab.api.envelope import Answer, action_of, job_of, missing
from lab.errors import LabError
from lab.model import Job, JobState, Json

_ACTION_STATES = {JobState.RUNNING: "EXECUTING"}
_USER = "USER-2"


def job(row: Job, known: Iterable[Job], *, events: bool = True) -> Json:
    """A job. `known`: earlier ones, which tell how many steps it may have."""
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
        "percentComplete": percent(row, known),
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


def percent(row: Job, known: Iterable[Job]) -> float:
    """By the number of steps of the last such job that went well; 100 at the end only.

    delphixpy demands a number with a point.
    """
    if row.state is JobState.COMPLETED:
        return 100.0
    like = [
        len(other.steps)
        for other in known
        if other.action is row.action and other.state is JobState.COMPLETED
    ]
    return round(min(99.0, 100.0 * len(row.steps) / max(like[-1] if like else 10, 1)), 1)


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
    wanted, since = call.query.get, call.query.get("fromDate")
    found = [
        row
        for row in rows
        if wanted("jobState") in (None, row.state.value)
        and wanted("jobType") in (None, row.action.value)
        and wanted("target") in (None, row.target)
        and (since is None or _time(row.started) >= _time(since))
    ]
    with_events = wanted("addEvents", "true").lower() != "false"
    return Answer([job(row, rows, events=with_events) for row in found])


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def get_job(service: Service, call: Call) -> Answer:
    """GET /job/{ref}."""
    return Answer(job(_job(service, call.reference), service.lab.jobs()))


def cancel_job(service: Service, call: Call) -> Answer:
    """POST /job/{ref}/cancel: it ends at its next step, or the next command on a host."""
    row = _job(service, call.reference)
    if row.state is not JobState.RUNNING:
        raise LabError(f"{row.reference} is {row.state.value}", "Only running jobs end early.")
    service.engine.store.cancel(row.reference)
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
    return Answer(action(_job(service, job_of(call.reference))))


def get_job_of_action(service: Service, call: Call) -> Answer:
    """GET /action/{ref}/getJob."""
    return Answer(job(_job(service, job_of(call.reference)), service.lab.jobs()))


def _job(service: Service, reference: str) -> Job:
    found = [row for row in service.lab.jobs() if row.reference == reference]
    if not found:
        raise missing("Job", reference)
    return found[0]
