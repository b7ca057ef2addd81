"""Runs what stands in README and docs: on this machine, on hosts of a lab, at a password prompt."""

import os
import pty
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

from lab.hosts.host import Host
from testbed.client import Server
from testbed.site import Site, until
from tests.pages.blocks import ROOT, Unit
from tests.pages.manifest import PLACEHOLDERS, keyed, that_run
from tests.pages.samples import output_holds

PROMPT = b"assword: "
# As wide as a page shows it; `dumb` is a terminal without colours and moving lines.
TERMINAL = {"TERM": "dumb", "COLUMNS": "100", "LINES": "50"}
SECONDS = 300


@dataclass
class Doc:
    """What of the pages has run so far; `folder` stands for .lab."""

    folder: Path
    taken: set[tuple[str, str]] = field(default_factory=set)

    def unit(self, page: str, key: str) -> Unit:
        """A unit that the manifest says this module runs."""
        assert (page, key) in that_run(), f"{page}: {key}"
        self.taken.add((page, key))
        return keyed(page, key)

    def text(self, page: str, key: str) -> str:
        """Its text, with what stands in the lab for what people have."""
        text = self.unit(page, key).text
        for written, real in {**PLACEHOLDERS, **that_run()[page, key].swap}.items():
            text = text.replace(written, real)
        text = text.replace("./dev lab ", f"./dev lab --root {self.folder} ")
        return text.replace('Path(".lab")', f"Path({str(self.folder)!r})")

    def back(self, said: str) -> str:
        """What the lab said, in the words of the pages."""
        for written, real in PLACEHOLDERS.items():
            if not written.startswith("<") and written != "delphix_os":
                said = said.replace(real, written)
        return said.replace(str(self.folder), ".lab")

    def shown(self, page: str, key: str) -> str:
        """Run a command of this machine as at a terminal: what it prints, which the page shows."""
        unit = self.unit(page, key)
        said = self.back(terminal(self.text(page, key)))
        if unit.output:
            output_holds(page, unit.output, said.splitlines())
        return said


# -- this machine -------------------------------------------------------------------------------


def terminal(command: str, folder: Path = ROOT) -> str:
    """What a command prints on a terminal (standard error apart), blanks at ends of lines gone."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        ["bash", "-c", f"set -o pipefail; {command}"],
        cwd=folder,
        env=os.environ | TERMINAL,
        stdin=subprocess.DEVNULL,
        stdout=slave,
        stderr=subprocess.PIPE,
    )
    os.close(slave)
    said: list[bytes] = []
    reading = Thread(target=lambda: said.extend(_until_closed(master)))
    reading.start()
    _, problems = process.communicate(timeout=SECONDS)
    reading.join()
    text = b"".join(said).decode().replace("\r\n", "\n")
    assert process.returncode == 0, f"{command}\n{text}\n{problems.decode()}"
    return "\n".join(line.rstrip() for line in text.splitlines())


def _until_closed(master: int) -> Iterator[bytes]:
    with os.fdopen(master, "rb", buffering=0) as stream:
        try:
            while part := stream.read(65536):
                yield part
        except OSError:  # EIO: nobody has the other end any more
            return


@contextmanager
def served(command: str, words: str) -> Iterator[list[str]]:
    """A command that serves until Ctrl-C, once it has said these words: its lines."""
    process = subprocess.Popen(
        ["bash", "-c", command],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        text=True,
    )
    assert process.stdout is not None
    said: list[str] = []
    stream = process.stdout
    reading = Thread(target=lambda: said.extend(line.rstrip() for line in stream))
    reading.start()
    try:
        until(
            lambda: any(words in line for line in said) or process.poll() is not None,
            f"{command} says: {words}",
            SECONDS,
        )
        assert process.poll() is None, "\n".join(said)
        yield said
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(SECONDS)
        reading.join()


# -- hosts ---------------------------------------------------------------------------------------


def as_user(host: Host, command: str) -> str:
    """Run as the environment user: all that it prints."""
    done = host.run_as_user(f"set -eo pipefail\n{command}")
    assert done.exit_code == 0, f"{command}\n{done.text}\n{done.stderr.decode()}"
    return done.text


def as_root(host: Host, command: str, given: bytes = b"") -> str:
    """Run as root: what it prints; standard error too."""
    script = ["bash", "-c", f"set -eo pipefail; exec 2>&1\n{command}"]
    return host.run_as_root(script, input=given).text


def at_prompt(host: Host, command: str, password: str) -> str:
    """Run as the environment user, who types this password where one is asked for."""
    master, slave = pty.openpty()
    user = ["runuser", "--user", host.environment_user, "--"]
    shell = ["setsid", "--ctty", "--wait", "bash", "-c", f"set -eo pipefail\ncd\n{command}"]
    process = host.popen_as_root(
        [*user, *shell],
        env={"HOME": host.home},
        stdin=slave,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    os.close(slave)
    typing = Thread(target=_type, args=(master, password))
    typing.start()
    said, _ = process.communicate(timeout=SECONDS)
    typing.join()
    assert process.returncode == 0, f"{command}\n{said.decode()}"
    return said.decode()


def _type(master: int, password: str) -> None:
    seen = b""
    for part in _until_closed(master):
        seen += part
        if seen.endswith(PROMPT):
            seen = b""
            os.write(master, password.encode() + b"\n")


def granted(server: Server, text: str) -> None:
    """Run statements; the accounts have what is granted there."""
    server.query(text)
    asked = re.findall(r"^GRANT (.*?) ON (\S+) TO (\S+?);", text, flags=re.M)
    assert asked
    for privileges, place, account in asked:
        rows = [row[0] for row in server.query(f"SHOW GRANTS FOR {account}")]
        (found,) = (row for row in rows if f" ON {place} TO " in row)
        held = found.removeprefix("GRANT ").partition(" ON ")[0].split(", ")
        assert set(privileges.split(", ")) <= set(held), f"{account}: {rows}"


def log_lines(site: Site) -> list[str]:
    """The plugin log: its words, without times and jobs."""
    (plugin,) = site.lab.plugins()
    file = site.lab.engine.log.root / plugin.name / "info.log"
    lines = [re.sub(r"^(?:\[[^\]]*\] ){3}", "", line) for line in file.read_text().splitlines()]
    return [re.sub(r"^(\w+: )\d\d:\d\d:\d\d ", r"\1", line) for line in lines]
