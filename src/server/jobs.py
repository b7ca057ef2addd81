"""Following a background job on a host until it ends."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from domain.progress import START, Look, line
from errors import PluginError
from remote.answer import Answer
from remote.host import end_of
from remote.secret_values import Secrets
from server.instance import Instance

log = logging.getLogger(__name__)

# A job ends with JOB_STALLED when no byte moves for this long although both ends answer.
STALL_SECONDS = 300

_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 5.0
# What has lost its other end ends within this time.
_END_SECONDS = 30
# Nobody reads more often how far it is.
_TELL_SECONDS = 1.0
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
    """Asks for the job's state, more and more seldom, until it is done; logs its progress.

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
    pause, started, lines, story = _FIRST_PAUSE, time.monotonic(), 0, ""
    looks, told_at = [START], 0.0
    while True:
        given = {"TOLD": str(lines)}
        answer = instance.run("job_status", doing, given, hidden.only_redacted(), story)
        if answer.text("state") == "done":
            return answer
        beside()
        # An error shows lines that were told at earlier looks, too.
        story, lines = end_of(story + answer.story), answer.number("told", lines)
        looks = [*looks[-_KEPT:], _look(answer, time.monotonic() - started)]
        if looks[-1].seconds - told_at >= _TELL_SECONDS:
            told_at = looks[-1].seconds
            log.info("%s", line(looks, expected_bytes))
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def error_of(instance: Instance, doing: str) -> PluginError | None:
    """The error that the job ends with, within a moment; None when it goes on."""
    deadline = time.monotonic() + _END_SECONDS
    while time.monotonic() < deadline:
        try:
            answer = instance.run("job_status", doing, {"TOLD": "0"})
        except PluginError as error:
            return error
        if answer.text("state") == "done":
            return None
        time.sleep(_FIRST_PAUSE)
    return None


def _look(answer: Answer, seconds: float) -> Look:
    return Look(seconds, answer.number("bytes", 0), answer.text("phase"), answer.flag("copying"))
