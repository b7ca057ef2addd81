"""What the story of a step says of storage that is full."""

from __future__ import annotations

import re

# How the shell, programs and the kernel say it (ENOSPC and EDQUOT). What a server says is told by
# NO_SPACE of lib/story.sh.
_FULL = re.compile(r"no space left|disk full|disk quota exceeded", re.IGNORECASE)
_ROOM = re.compile(r"\broom: (.+)")


def storage_full(story: str) -> str:
    """The line that says that some storage is full, and the room of the dataset; or nothing.

    A step that did not expect it cannot tell whose storage that is, the dataset's or the host's:
    the line names the program and mostly the file.

    Args:
        story: what the step has written for people.
    """
    lines = [line.strip() for line in story.split("\n")]
    told = [line for line in lines if _FULL.search(line)]
    if not told:
        return ""
    room = [found[1] for line in lines if (found := _ROOM.search(line))]
    return f"{told[-1]} (of the dataset {room[-1]})" if room else told[-1]
