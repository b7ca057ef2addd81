"""Following a background job on a host until it ends."""

from __future__ import annotations

import logging
import time

from remote.answer import Answer
from remote.secret_values import Secrets
from server.instance import Instance

log = logging.getLogger(__name__)

# A job ends with JOB_STALLED when no byte moves for this long although both ends answer.
STALL_SECONDS = 300

_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 5.0


def follow(instance: Instance, doing: str, expected_bytes: int, hidden: Secrets) -> Answer:
    """Asks for the job's state, more and more seldom, until it is done; logs its progress.

    Args:
        instance: whose dataset the job works on.
        doing: what the job does.
        expected_bytes: roughly what it will move, for the progress line.
        hidden: what the job was given and its story must not tell.

    Raises:
        PluginError: whatever the job ended with, or JOB_LOST.
    """
    pause, started, phase = _FIRST_PAUSE, time.monotonic(), ""
    while True:
        answer = instance.run("job_status", doing, secrets=hidden.only_redacted())
        if answer.text("state") == "done":
            return answer
        if answer.text("phase") != phase or pause >= _LONGEST_PAUSE:
            phase = answer.text("phase")
            seconds = time.monotonic() - started
            log.info("%s", progress(phase, answer.number("bytes", 0), expected_bytes, seconds))
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def progress(phase: str, done: int, expected: int, seconds: float) -> str:
    """One line: phase, bytes, rate and what is left."""
    rate = done / seconds if seconds > 0 else 0.0
    text = f"{phase}: {done / 1e6:.0f} MB in {seconds:.0f} s ({rate / 1e6:.1f} MB/s)"
    if rate > 0 and expected > done:
        text += f", about {(expected - done) / rate:.0f} s left of {expected / 1e6:.0f} MB"
    return text
