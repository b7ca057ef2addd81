"""What the examples beside this file share: the login, and how things are found.

Environment:
    DELPHIX_URL       the engine, e.g. https://engine.example.com
    DELPHIX_USER      who logs in
    DELPHIX_PASSWORD  the password
    DELPHIX_GROUP     group of what is made, default Untitled
    DELPHIX_VAULT     the engine's reference of the HashiCorp vault, default HASHICORP_VAULT-1
"""

import os
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from delphixpy.v1_11_52 import exceptions
from delphixpy.v1_11_52.delphix_engine import DelphixEngine
from delphixpy.v1_11_52.web import database, group, snapshot, vo

TIMEOUT = 7200
POLL = 1
FAILURES = (exceptions.JobError, exceptions.RequestError, exceptions.HttpError, LookupError)


def connect() -> DelphixEngine:
    """A session with the engine; calls that begin a job return when it has ended."""
    url = urlsplit(os.environ["DELPHIX_URL"])
    user, password = os.environ["DELPHIX_USER"], os.environ.pop("DELPHIX_PASSWORD")
    secure = url.scheme == "https"
    return DelphixEngine(url.netloc, user, password, "DOMAIN", use_https=secure)


def run(example: Callable[..., None], count: int, story: str) -> None:
    """Call it with a session and at least `count` words of the command line; tell what fails."""
    words = sys.argv[1:]
    if len(words) < count:
        sys.exit(story)
    try:
        example(connect(), *words)
    except FAILURES as error:
        sys.exit(told(error))


def told(error: Exception) -> str:
    """Why a job failed and what to do; why a call was refused; what was not found."""
    if isinstance(error, exceptions.RequestError):
        return str(error.error.details)
    if not isinstance(error, exceptions.JobError):
        return str(error)
    last = error.job.events[-1]
    return f"{last.message_details}\n{last.message_action or ''}"


def named(rows: Iterable[Any], name: str) -> Any:
    """The only one of this name. Raises LookupError."""
    found = [row for row in rows if row.name == name]
    if len(found) != 1:
        raise LookupError(f"{len(found)} are named {name}")
    return found[0]


def dataset(engine: DelphixEngine, name: str) -> Any:
    """A dSource or VDB."""
    return named(database.get_all(engine), name)


def group_reference(engine: DelphixEngine) -> str:
    """The group of what is made."""
    return str(named(group.get_all(engine), os.environ.get("DELPHIX_GROUP", "Untitled")).reference)


def newest_snapshot(engine: DelphixEngine, container: str) -> Any:
    """The newest snapshot of a dSource or VDB; None when there is none."""
    rows = snapshot.get_all(engine, database=container)
    return max(rows, key=lambda row: row.creation_time, default=None)


def at(reference: str) -> vo.TimeflowPointSnapshot:
    """A snapshot as the point to provision or to refresh from."""
    point = vo.TimeflowPointSnapshot()
    point.snapshot = reference
    return point


def vault_secret(path: str) -> dict[str, str]:
    """Names a secret of the vault. The engine fetches it when it needs it."""
    return {
        "type": "HashiCorpVaultCredential",
        "vault": os.environ.get("DELPHIX_VAULT", "HASHICORP_VAULT-1"),
        "engine": "kv",
        "path": path,
        "usernameKey": "user",
        "secretKey": "password",
        "expectedSecretType": "password",
    }


def until(condition: Callable[[], Any], story: str) -> Any:
    """Ask again until it is true; ends with the story after TIMEOUT seconds."""
    deadline = time.monotonic() + TIMEOUT
    while not (found := condition()):
        if time.monotonic() > deadline:
            sys.exit(f"not within {TIMEOUT} seconds: {story}")
        time.sleep(POLL)
    return found
