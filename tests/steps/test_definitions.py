"""Two servers with the same objects, of which one has a single attribute of each object altered."""

from pathlib import Path

import pytest

from tests.steps.support import Bench, Dataset

COMPARE = r"""
WORK=$MOUNT/tmp/work DATABASES='' CLIENT=mariadb
rm -rf "$WORK"; mkdir "$WORK"; : >"$WORK/left_out"
source_client() {
    mariadb --no-defaults --socket="$OTHER/run/mariadb.sock" -BN --binary-mode "$@"
}
source_sql() { source_client "$@"; }
note_definitions
if [[ -n ${MEANWHILE:-} ]]; then source_client <<<"$MEANWHILE"; fi
(compare_definitions) || :
tr '\t' ' ' <"$WORK/definitions.differ" | answer_lines differ
"""
# An account remembers when its password was set.
SESSION = "SET SESSION character_set_server = latin1, sql_mode = '', timestamp = 1700000000;"
ALTERED = Path(__file__).with_name("altered.sql").read_text().splitlines()[2:]
BOTH, SECOND = "".join(ALTERED[0::3]), "".join(ALTERED[1::3])
TOLD = [line.removeprefix("-- ") for line in ALTERED[2::3] if line != "-- not told"]


@pytest.fixture(scope="module")
def pair(bench: Bench) -> tuple[Dataset, Dataset]:
    """A source and its copy, equal."""
    both = bench.dataset("one", 3401).create(), bench.dataset("two", 3402).create()
    for server in both:
        server.sql(f"{SESSION}{BOTH}")
    return both


def differences(pair: tuple[Dataset, Dataset], meanwhile: str = "") -> tuple[list[str], str]:
    """As the copy finds them, and what it fails with."""
    outcome = pair[1].library(COMPARE, OTHER=pair[0].mount, MEANWHILE=meanwhile)
    assert outcome.failure == "", outcome.story
    return list(outcome.answer.many("differ")), outcome.seen


def test_equal_servers_do_not_differ(pair: tuple[Dataset, Dataset]) -> None:
    assert differences(pair) == ([], "")


def test_each_attribute_is_seen(pair: tuple[Dataset, Dataset]) -> None:
    pair[1].sql(f"{SESSION}{SECOND}")
    found, seen = differences(pair)
    unseen = [told for told in TOLD if not any(one.startswith(told) for one in found)]
    assert unseen == [], found
    assert "not as on the source: " in seen
    # What the source changed while it was copied is no difference.
    changes = "ALTER TABLE d.engine ENGINE = InnoDB; ALTER USER a@b IDENTIFIED BY 'z'"
    _, later = differences(pair, changes)
    more = [int(text.rsplit(" and ", 1)[1].removesuffix(" more")) for text in (seen, later)]
    assert more[0] - more[1] == 2
