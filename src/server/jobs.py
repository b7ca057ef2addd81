"""Following a background job on a host until it ends."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from itertools import chain, repeat

from domain.progress import START, Look, line
from errors import PluginError
from remote.answer import Answer
from remote.host import end_of
from remote.secret_values import Secrets
from server.instance import Instance

log = logging.getLogger(__name__)

# A job ends with JOB_STALLED when no byte moves for this long although both ends answer.
STALL_SECONDS = 300

# How long a step waits on the host for the end of the job; how far it is should be told early.
_WAITS = (2, 2, 4)
_LONGEST_WAIT = 8
# What has lost its other end ends within this time.
_END_SECONDS = 30
# As many looks as the rate can be of.
_KEPT = 20


def _nothing() -> None:
    pass


def follow(
    instance: Instance,
    doing: str,
    expected_bytes: int,
    hidden: Secrets,
    beside: Callable[[], None] = _nothing,
) -> Answer:
    """Waits on the host until the job is done; logs its progress, more and more seldom.

    What the job has said since the last look is logged as what any step says.

    Args:
        instance: whose dataset the job works on.
        doing: what the job does.
        expected_bytes: roughly what it will move, for the progress line.
        hidden: what the job was given and its story must not tell.
        beside: is called after each look that finds it running.

    Raises:
        PluginError: whatever the job ended with, or JOB_LOST; what `beside` raises.
    """
    started, lines, story, looks = time.monotonic(), 0, "", [START]
    waits = chain(_WAITS, repeat(_LONGEST_WAIT))
    while True:
        given = {"TOLD": str(lines), "WAIT_SECONDS": str(next(waits))}
        answer = instance.run("job_status", doing, given, hidden.only_redacted(), story)
        if answer.text("state") == "done":
            return answer
        beside()
        # An error shows lines that were told at earlier looks, too.
        story, lines = end_of(story + answer.story), answer.number("told", lines)
        looks = [*looks[-_KEPT:], _look(answer, time.monotonic() - started)]
        log.info("%s", line(looks, expected_bytes))


def error_of(instance: Instance, doing: str) -> PluginError | None:
    """The error that the job ends with, within a moment; None when it goes on."""
    deadline = time.monotonic() + _END_SECONDS
    while time.monotonic() < deadline:
        try:
            given = {"TOLD": "0", "WAIT_SECONDS": str(_WAITS[0])}
            answer = instance.run("job_status", doing, given)
        except PluginError as error:
            return error
        if answer.text("state") == "done":
            return None
    return None


def _look(answer: Answer, seconds: float) -> Look:
    return Look(seconds, answer.number("bytes", 0), answer.text("phase"), answer.flag("copying"))
