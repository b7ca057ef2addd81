"""Credentials suppliers turned into a user name and a password, at the moment they are needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dlpx.virtualization import libs
from dlpx.virtualization.common import PasswordCredentials
from dlpx.virtualization.libs.exceptions import LibraryError

from catalogue import Refusal
from remote.secret_values import Secrets

# MASTER_PASSWORD and MASTER_USER of CHANGE MASTER hold no more bytes in 10.4 and later.
LONGEST_PASSWORD = 96
LONGEST_USER = 128


@dataclass(frozen=True)
class Login:
    """A user name and its password."""

    user: str
    password: str = field(repr=False)

    def secret(self, name: str) -> Secrets:
        """The password as a script's secret called `name`."""
        return Secrets({name: self.password})


def login_of(supplier: Mapping[str, Any], what: str) -> Login:
    """Asks the engine (or its vault) for a login.

    Args:
        supplier: the credentials supplier of the parameters.
        what: for messages: "source account".

    Raises:
        Refusal: CREDENTIALS_UNAVAILABLE, or INPUT_INVALID for a login that cannot be used.
    """
    try:
        credentials = libs.retrieve_credentials(dict(supplier))
    except LibraryError as error:
        raise Refusal("CREDENTIALS_UNAVAILABLE", f"the {what}: {error.message}") from error
    if not isinstance(credentials, PasswordCredentials):
        raise Refusal("INPUT_INVALID", f"the {what} has a key, not a password")
    user, password = credentials.username, credentials.password
    problems = []
    if not user:
        problems.append("has no user name")
    if len(user.encode()) > LONGEST_USER:
        problems.append(f"has a user name of more than {LONGEST_USER} bytes")
    if any(ord(char) < 32 for char in user):
        problems.append("has a user name with a control character")
    if "\0" in password or "\n" in password:
        problems.append("has a password with a line break or NUL")
    if len(password.encode()) > LONGEST_PASSWORD:
        problems.append(f"has a password of more than {LONGEST_PASSWORD} bytes")
    if problems:
        raise Refusal("INPUT_INVALID", f"the {what} {' and '.join(problems)}")
    return Login(user, password)
