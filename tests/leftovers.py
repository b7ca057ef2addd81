"""What did the tests leave behind on this machine? Run as root by `./dev test`.

`remember RUN` prints the state before; `compare RUN FILE` names what is there now and was not,
and ends with 1 if the tests are to blame. RUN is the folder that held the tests' temporary files:
a process that mentions it (arguments, environment, working directory, mounts of its own) was
started by them, and so was a mount or loop device below it. New servers and namespaces that do
not mention it may belong to other work on this machine: they are told, and count only where the
variable CI says that there is no other work.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SERVERS = ("mariadbd", "mysqld", "mariadbd-safe", "mysqld_safe")
State = dict[str, list[str]]


def _output(*command: str) -> list[str]:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:  # not installed: nothing of it can be left
        return []
    return done.stdout.splitlines()


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode(errors="replace")
    except OSError:  # the process has ended, or it is a kernel thread
        return ""


def _link(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:
        return ""


def _ancestors() -> set[int]:
    """This process and those above it, which know RUN from their arguments."""
    found, pid = set(), os.getpid()
    while pid > 0:
        found.add(pid)
        status = _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
        pid = int(status[1]) if len(status) > 1 else 0
    return found


def _processes() -> Iterator[Path]:
    ours = _ancestors()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) not in ours:
            yield entry


def _story(process: Path) -> str:
    command = _read(process / "cmdline").replace("\0", " ").strip()
    return f"{process.name} {command[:160]}"


def _mentions(process: Path, run: str) -> bool:
    own_mounts = _link(process / "ns/mnt") != _link(Path("/proc/self/ns/mnt"))
    texts = [_read(process / "cmdline"), _read(process / "environ"), _link(process / "cwd")]
    if own_mounts:
        texts.append(_read(process / "mountinfo"))
    return any(run in text for text in texts)


def _mounts() -> list[str]:
    return [line.split()[4] for line in _read(Path("/proc/self/mountinfo")).splitlines()]


def blamed(run: str) -> State:
    """What carries the mark of this run, or lies in the checkout's own lab."""
    places = (run, str(ROOT / ".lab"))
    return {
        "process": [_story(p) for p in _processes() if _mentions(p, run)],
        "mount": [m for m in _mounts() if m.startswith(places)],
        "loop device": [
            line
            for line in _output("losetup", "--list", "--noheadings", "--output", "NAME,BACK-FILE")
            if any(place in line for place in places)
        ],
    }


def suspected() -> State:
    """What tests might have made and anybody else might as well."""
    return {
        "server": [_story(p) for p in _processes() if _read(p / "comm").strip() in SERVERS],
        "network namespace": [line.split()[0] for line in _output("ip", "netns", "list")],
    }


def _new(before: State, now: State) -> list[str]:
    return [
        f"{kind}: {thing}"
        for kind, things in now.items()
        for thing in things
        if thing not in before.get(kind, [])
    ]


def _thing(line: str) -> str:
    return line.partition(": ")[2]


def main(arguments: list[str]) -> int:
    """Do what the module's text says. Returns the exit code."""
    action, run = arguments[0], arguments[1]
    if action == "remember":
        json.dump(blamed(run) | suspected(), sys.stdout)
        return 0
    before: State = json.loads(Path(arguments[2]).read_text())
    ours = _new(before, blamed(run))
    told = {_thing(line) for line in ours}
    others = [line for line in _new(before, suspected()) if _thing(line) not in told]
    if os.environ.get("CI"):
        ours, others = ours + others, []
    for thing in others:
        print(f"   new, perhaps of other work on this machine: {thing}")
    for thing in ours:
        print(f"   left behind: {thing}")
    if not ours:
        print("   nothing was left behind")
    return 1 if ours else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
