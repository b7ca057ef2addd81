"""How many sessions read the source."""

import pytest

from domain.source.facts import SourceFacts
from domain.source.grants import Grants
from domain.source.sessions import Align, align, sessions


def facts(thread_pool_size: str = "", *grants: str) -> SourceFacts:
    return SourceFacts(
        variables={"thread_pool_size": thread_pool_size} if thread_pool_size else {},
        databases=(),
        data_bytes=0,
        views_call_functions=False,
        plain_tables=(),
        encrypted=(),
        grants=Grants.parse("r@%", grants),
        replication_grants=Grants.parse("r@%", ()),
        unreadable="",
        libraries=(),
        system_objects=(),
    )


@pytest.mark.parametrize(
    ("staging", "source", "wanted", "expected"),
    [
        (2, "2", 0, 4),
        (8, "2", 0, 4),
        (2, "16", 0, 4),
        (1, "1", 0, 2),
        (32, "32", 0, 8),
        (4, "", 0, 8),  # a server that does not tell
        (4, "0", 0, 8),
        (32, "32", 1, 1),
        (2, "2", 16, 16),
    ],
)
def test_sessions(staging: int, source: str, wanted: int, expected: int) -> None:
    assert sessions(facts(source), staging, wanted) == expected


@pytest.mark.parametrize(
    ("grant", "log_sync", "expected"),
    [
        ("GRANT SELECT, RELOAD ON *.* TO `r`@`%`", True, Align.LOCK),
        ("GRANT SELECT, RELOAD ON *.* TO `r`@`%`", False, Align.LOCK),
        ("GRANT ALL PRIVILEGES ON *.* TO `r`@`%`", False, Align.LOCK),
        ("GRANT SELECT ON *.* TO `r`@`%`", True, Align.COMPARE),
        ("GRANT SELECT ON *.* TO `r`@`%`", False, Align.NONE),
    ],
)
def test_how_they_come_together(grant: str, log_sync: bool, expected: Align) -> None:
    assert align(facts("", grant), log_sync) is expected
