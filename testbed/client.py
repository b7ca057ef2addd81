"""One small way to talk SQL to a MariaDB server: its own client, SQL on stdin.

Works on any host that a callable can run an argv on (`Host.run_as_root` of the lab, `local_run`).
"""

import re
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

Row = tuple[str, ...]

# The options (the password among them) come first on stdin and end with an empty line; `read`
# takes a pipe byte by byte, so the client finds its SQL right behind them. They reach the client
# by a file descriptor: no argv, environment or file ever holds the password.
_LAUNCH = """set -euo pipefail
options=
while IFS= read -r line && [[ -n "$line" ]]; do options+="$line"$'\\n'; done
exec mariadb --defaults-file=/dev/fd/3 "$@" 3< <(printf '%s' "$options")
"""
# --binary-mode keeps CR LF and NUL as they are and still knows DELIMITER.
_ARGUMENTS = ("--batch", "--skip-column-names", "--unbuffered", "--binary-mode")
_ESCAPES = {"\\n": "\n", "\\t": "\t", "\\0": "\0", "\\\\": "\\"}
_ESCAPE = re.compile(r"\\[nt0\\]")


class ClientError(Exception):
    """The client ended with an error; the text says which server and what it answered."""


class Completed(Protocol):
    """What a finished command tells (`CommandResult` of the lab has this shape)."""

    @property
    def exit_code(self) -> int:
        """0 when all went well."""

    @property
    def stdout(self) -> bytes:
        """All it wrote there."""

    @property
    def stderr(self) -> bytes:
        """All it wrote there."""


class Run(Protocol):
    """Runs an argv to its end, on whatever host."""

    def __call__(
        self,
        argv: Sequence[str],
        *,
        input: bytes | None = ...,
        timeout: float | None = ...,
        check: bool = ...,
    ) -> Completed:
        """Hand over `input` on stdin; with `check`, raise when the command fails."""
        ...


class Popen(Protocol):
    """Starts an argv and leaves it running, on whatever host."""

    def __call__(
        self, argv: Sequence[str], *, stdin: int, stdout: int, stderr: int
    ) -> "subprocess.Popen[bytes]":
        """Take the file descriptors or constants of `subprocess`."""
        ...


@dataclass(frozen=True)
class LocalResult:
    """Outcome of `local_run`; `seconds` is wall-clock time."""

    exit_code: int
    stdout: bytes
    stderr: bytes
    seconds: float


def local_run(
    argv: Sequence[str],
    *,
    input: bytes | None = None,
    timeout: float | None = None,
    check: bool = True,
) -> LocalResult:
    """Run on this machine. Raises subprocess.CalledProcessError (check) and TimeoutExpired."""
    started = time.monotonic()
    done = subprocess.run(argv, input=input, timeout=timeout, check=check, capture_output=True)
    return LocalResult(done.returncode, done.stdout, done.stderr, time.monotonic() - started)


def local_popen(
    argv: Sequence[str], *, stdin: int, stdout: int, stderr: int
) -> "subprocess.Popen[bytes]":
    """Start on this machine."""
    return subprocess.Popen(argv, stdin=stdin, stdout=stdout, stderr=stderr)


def as_os_user(run: Run, os_user: str) -> Run:
    """Run as another OS user of the same host, for `unix_socket` logins; `run` must be root's."""

    def run_as(
        argv: Sequence[str],
        *,
        input: bytes | None = None,
        timeout: float | None = None,
        check: bool = True,
    ) -> Completed:
        whole = ["runuser", "--user", os_user, "--", *argv]
        return run(whole, input=input, timeout=timeout, check=check)

    return run_as


@dataclass(frozen=True)
class Server:
    """One server and one login to it, by `socket` (a path) or by `address` (host, port)."""

    run: Run
    socket: str | None = None
    user: str = "root"
    password: str | None = field(default=None, repr=False)
    address: tuple[str, int] | None = None

    @property
    def name(self) -> str:
        """Where the server is, for people."""
        return f"{self.address[0]}:{self.address[1]}" if self.address else str(self.socket)

    def command(self) -> tuple[list[str], bytes]:
        """The client's argv, and what must come before the SQL on its stdin."""
        if (self.socket is None) == (self.address is None):
            raise ValueError("a server is reached by a socket or by an address: give one of them")
        options = {"user": self.user, "default-character-set": "utf8mb4"}
        if self.socket is not None:
            # Clients of 11.4 and later ask for TLS on a socket too and fail where there is none.
            options |= {"protocol": "socket", "socket": self.socket, "ssl": "0"}
        if self.address is not None:
            host, port = self.address
            options |= {"protocol": "tcp", "host": host, "port": str(port)}
        if self.password is not None:
            options["password"] = self.password
        lines = ["[client]", *(f"{key}={_option(value)}" for key, value in options.items())]
        return ["bash", "-c", _LAUNCH, "mariadb", *_ARGUMENTS], "\n".join([*lines, "\n"]).encode()

    def query(self, sql: str, *, timeout: float | None = None) -> list[Row]:
        """Run statements (a whole script, DELIMITER included) and return the rows of them all.

        Values are text as the server shows it; NULL is "NULL" (the client's batch mode does not
        tell it from that text, so ask with IFNULL where it matters). Bytes that are not UTF-8
        come as surrogates: ask for HEX(). Raises ClientError.
        """
        argv, options = self.command()
        done = self.run(argv, input=options + sql.encode(), timeout=timeout, check=False)
        if done.exit_code != 0:
            story = done.stderr.decode(errors="replace").strip() or f"exit {done.exit_code}"
            raise ClientError(f"{self.user} at {self.name}: {story}")
        return _rows(done.stdout)

    def value(self, sql: str) -> str:
        """The only value of the only row. Raises ClientError also when there is more or less."""
        rows = self.query(sql)
        if len(rows) != 1 or len(rows[0]) != 1:
            raise ClientError(f"{self.name}: expected one value, got {len(rows)} rows: {sql}")
        return rows[0][0]


def identifier(*parts: str) -> str:
    """Quote a name, or a qualified name part by part."""
    return ".".join("`" + part.replace("`", "``") + "`" for part in parts)


def literal(text: str) -> str:
    """A string literal that means the same in every sql_mode."""
    return f"CONVERT(x'{text.encode().hex()}' USING utf8mb4)" if text else "''"


def _rows(stdout: bytes) -> list[Row]:
    lines = stdout.decode(errors="surrogateescape").split("\n")[:-1]
    return [tuple(_ESCAPE.sub(_unescape, value) for value in line.split("\t")) for line in lines]


def _unescape(match: re.Match[str]) -> str:
    return _ESCAPES[match.group()]


def _option(value: str) -> str:
    """Quote a value of an option file (escapes: MariaDB, "Configuring MariaDB with Option Files").

    Raises ValueError for NUL, which no option file can hold.
    """
    if "\0" in value:
        raise ValueError("an option must not hold a NUL character")
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\r", "\\r") + '"'
