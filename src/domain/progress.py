"""What is said of a background job while it works: how far it is, how fast, and what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# The rate is that of this time, not of all the time since the start.
RATE_SECONDS = 10.0
# What is left is told of a copy that has come so far: before, it is mostly waiting for others.
_BEGUN = 0.005
_UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


@dataclass(frozen=True)
class Look:
    """What a job said at one moment.

    Attributes:
        seconds: since it began.
        bytes: that it has moved by then.
        phase: what it was doing.
        copying: it is done with that when all bytes have moved.
    """

    seconds: float
    bytes: int
    phase: str
    copying: bool


START = Look(0.0, 0, "", copying=False)


def line(looks: Sequence[Look], expected: int) -> str:
    """How far the job is by the last look.

    Args:
        looks: in their order; the job's start is one.
        expected: roughly the bytes of the copy, 0 when nobody knows.
    """
    now = looks[-1]
    after = duration(now.seconds)
    if not now.bytes:
        return f"{now.phase}: " + (f"nothing yet after {after}" if now.copying else after)
    of = ""
    if now.copying and expected:
        short = now.bytes < expected
        of = f" of about {size(expected)}" if short else f", estimated were {size(expected)},"
    text = f"{now.phase}: {size(now.bytes)}{of} after {after}"
    if speed := rate(looks):
        text += f", {size(speed)}/s now"
    left = seconds_left(looks, expected)
    return text if left is None else f"{text}, about {duration(max(1.0, left))} left"


def rate(looks: Sequence[Look]) -> float:
    """Bytes a second of late; of the copy alone, or of what is no copy alone."""
    now = first = looks[-1]
    for look in reversed(looks[:-1]):
        too_old = first is not now and now.seconds - look.seconds > RATE_SECONDS
        if too_old or look.bytes > first.bytes:
            break
        first = look
        if look.copying != now.copying:
            break
    passed = now.seconds - first.seconds
    return (now.bytes - first.bytes) / passed if passed > 0 else 0.0


def seconds_left(looks: Sequence[Look], expected: int) -> float | None:
    """None when nobody can say: not the copy, hardly begun, nothing moves, no estimate or more."""
    now, speed = looks[-1], rate(looks)
    if not now.copying or not expected * _BEGUN <= now.bytes < expected or not speed:
        return None
    return (expected - now.bytes) / speed


def size(count: float) -> str:
    """Bytes for people: `2.9 GB`, `300 MB`, `12 kB`."""
    for unit, name in _UNITS:
        if count >= unit:
            return f"{count / unit:.{0 if count >= 10 * unit else 1}f} {name}"
    return f"{count:.0f} B"


def duration(seconds: float) -> str:
    """Seconds for people: `7 s`, `12 min`, `3 h 20 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
