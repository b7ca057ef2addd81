"""Redaction, and that secrets do not show in the text of values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.credentials import Login
from remote.secret_values import NO_SECRETS, Secrets


@pytest.mark.parametrize(
    ("secrets", "text", "shown"),
    [
        ({}, "all of it", "all of it"),
        ({"A": "s3cret"}, "has s3cret and s3cret", "has *** and ***"),
        ({"A": "s3cret", "B": "s3cret-long"}, "s3cret-long s3cret", "*** ***"),
        ({"A": "ab"}, "about", "about"),
        ({"A": ""}, "nothing", "nothing"),
        ({"A": "a.*b"}, "a.*b axxb", "*** axxb"),
        ({"A": "two words"}, "said 'two words'", "said '***'"),
    ],
)
def test_redact(secrets: dict[str, str], text: str, shown: str) -> None:
    assert Secrets(secrets).redact(text) == shown
    assert NO_SECRETS.redact(text) == text


@given(st.text(min_size=3).filter(lambda text: "*" not in text), st.text(), st.text())
def test_nothing_of_a_secret_stays(secret: str, before: str, after: str) -> None:
    shown = Secrets({"A": secret}).redact(f"{before}{secret}{after}")
    assert secret not in shown.replace("***", "\0" if "\0" not in secret else "\1")


def test_secrets_have_no_text() -> None:
    login = Login("dev", "s3cret")
    assert "s3cret" not in repr(login) + str(login)
    assert "s3cret" not in repr(login.secret("VDB_PASSWORD"))
    assert login.secret("VDB_PASSWORD").values == {"VDB_PASSWORD": "s3cret"}
