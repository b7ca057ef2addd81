"""The server: on loopback, with one login, until it is told to end."""

from __future__ import annotations

import json
import logging
import os
import secrets
import signal
import socket
from contextlib import suppress
from pathlib import Path

import uvicorn

from lab.api import app, dct
from lab.api.background import Background
from lab.api.calls import Service
from lab.api.sessions import Login, Sessions
from lab.errors import LabError
from lab.lab import Lab

ADDRESS = "127.0.0.1"
PASSWORD, KEY = "LAB_PASSWORD", "LAB_API_KEY"  # names of variables
# Of a local server: where it is, who may log in. Nobody else may read it.
FILE = "api.json"
# At the end: for calls that are being answered, then for jobs to clean up.
GRACE_SECONDS, END_SECONDS = 2, 15.0


def make_login(user: str) -> Login:
    """The login, from the environment; what is not there is made up. The variables go."""
    password = os.environ.pop(PASSWORD, "") or secrets.token_urlsafe(12)
    key = os.environ.pop(KEY, "") or f"1.{secrets.token_urlsafe(24)}"
    return Login(user, password, key)


def serve(root: Path, port: int, user: str, idle_seconds: float) -> None:
    """Serve the lab in folder `root` until SIGTERM or Ctrl-C.

    Where it listens and the login stand in api.json of that folder, readable by its owner only.

    Args:
        port: 0 for any free one.
        user: who may log in.
        idle_seconds: after which a session that is not used ends.

    Raises:
        LabError: there is no lab, or the port is taken.
    """
    background = Background()
    login = make_login(user)
    with Lab.open(root, progress=background.progress) as lab:
        service = Service(lab, background, Sessions(login, idle_seconds))
        lab.engine.runtime  # noqa: B018 # made now: calls come from many threads
        listener = _listen(port)
        _log_to(lab.engine.log.root)
        _tell(lab.root / FILE, listener.getsockname()[1], login)
        # uvicorn raises the signal that ended it once more.
        signal.signal(signal.SIGTERM, lambda *_: None)
        try:
            _server(service).run(sockets=[listener])
        finally:
            _untell(lab.root / FILE)
            lab.engine.stop()
            background.wait(END_SECONDS)


def _server(service: Service) -> uvicorn.Server:
    config = uvicorn.Config(
        app.build(service, dct.routes(service)),
        log_config=None,
        # It would log what stands in queries.
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    return uvicorn.Server(config)


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((ADDRESS, port))
        # Who reads the file below may call at once, before the server looks.
        listener.listen()
    except OSError as error:
        text = f"Port {port} cannot be used: {error.strerror}"
        raise LabError(text, "Choose another one (--port).") from None
    return listener


def _tell(path: Path, port: int, login: Login) -> None:
    """Written beside, then renamed: who waits for the file finds it whole."""
    told = {
        "url": f"http://{ADDRESS}:{port}",
        "user": login.user,
        "password": login.password,
        "key": login.key,
        "pid": os.getpid(),
    }
    new = path.with_suffix(".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        json.dump(told, stream, indent=1)
    new.replace(path)


def _untell(path: Path) -> None:
    """Unless another server of the lab has written it since."""
    with suppress(FileNotFoundError):
        if json.loads(path.read_text())["pid"] == os.getpid():
            path.unlink()


def _log_to(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, file in (
        ("lab.access", "access.log"),
        ("lab.api", "api.log"),
        ("uvicorn", "api.log"),
    ):
        handler = logging.FileHandler(folder / file, encoding="utf-8")
        handler.setFormatter(logging.Formatter("%(asctime)s\t%(message)s"))
        logger = logging.getLogger(name)
        logger.setLevel(logging.INFO)
        logger.addHandler(handler)
        logger.propagate = False
