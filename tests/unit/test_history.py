"""Whether staging's history is a beginning of the source's, and the source logs all: tables."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.replication import history
from domain.replication.gtid import Position
from domain.replication.history import Log, Read
from domain.replication.seen import Seen, Server
from domain.source.discovered import Discovered
from domain.source.log import Logging
from tests.unit.words import refused

NOW = 1_000_000
SERVER = Server("uid", "db", "/var/lib/mysql/", "3306", "1", NOW - 5000)
RESTARTED = replace(SERVER, started=NOW - 100)
SEEN = Seen(SERVER, "b.000004", 400, "999000 1 0xaa", Position.parse("0-1-40"), Position({}), True)
APPLIED = Position.parse("0-1-45")


def log(**changes: Any) -> Log:
    """The source's log: files 3 to 5, the last begun at the restart."""
    known: dict[str, Any] = {
        "file": "b.000005",
        "position": 500,
        "oldest": "b.000003",
        "states": {
            ("b.000003", 4): Position.parse("0-1-20"),
            ("b.000004", 400): Position.parse("0-1-40"),
            ("b.000004", 450): Position.parse("0-1-45"),
            ("b.000005", 500): Position.parse("0-1-50"),
        },
        "births": {
            "b.000003": f"{NOW - 4000} 1 0x11",
            "b.000004": "999000 1 0xaa",
            "b.000005": f"{NOW - 100} 1 0xbb",
        },
        "time": NOW,
    }
    return Log(**known | changes)


def read(kind: str, place: str, gtid: str = "", age: float = 110) -> Read:
    file, _, position = place.partition(":")
    return Read(kind, file, int(position), Position.parse(gtid), age)


ENDED = read("shut", "b.000004:450", "0-1-45")
BIRTHS = log().births
PURGED = {
    "oldest": "b.000005",
    "states": {("b.000005", 4): Position.parse("0-1-45"), ("b.000005", 500): None},
    "births": {"b.000005": f"{NOW - 100} 1 0xbb"},
}


@pytest.mark.parametrize(
    ("server", "there", "reads", "words"),
    [
        # The same life.
        (SERVER, log(), [], "the source runs since"),
        (replace(SERVER, started=SERVER.started + 1), log(), [], "the source runs since"),
        (SERVER, log(births={**BIRTHS, "b.000004": "999000 1"}), [], "the source runs since"),
        (SERVER, log(**PURGED), [], "was purged, and the source runs since"),
        # Restarted, and staging had read what is there still.
        (RESTARTED, log(), [ENDED], "before its restart"),
        (RESTARTED, log(), [replace(ENDED, kind="ended")], "before its restart"),
        (RESTARTED, log(), [read("now", "b.000004:450")], "before its restart"),
        (RESTARTED, log(), [read("resumed", "b.000004:400")], "before its restart"),
        (RESTARTED, log(**PURGED), [read("ended", "b.000005:4", "0-1-45", 50)], "was purged"),
        # The same files in another place.
        (replace(RESTARTED, host="new"), log(), [ENDED], "(db:3306, /var/lib/mysql/) is now"),
    ],
)
def test_proven(server: Server, there: Log, reads: list[Read], words: str) -> None:
    proof = history.prove(SEEN, server, there, APPLIED, reads)
    assert words in proof.how
    assert not proof.reconnect


@pytest.mark.parametrize(
    ("server", "there", "reads", "words"),
    [
        # RESET MASTER, and what may follow it.
        (SERVER, log(births={**BIRTHS, "b.000004": "999001 1 0xaa"}), [], "begun anew"),
        (SERVER, log(births={**BIRTHS, "b.000004": "999000 1 0xab"}), [], "begun anew"),
        (SERVER, log(births={"b.000003": "1 1 "}), [], "has no such file"),
        (SERVER, log(oldest="a.000009", births={}), [], "has no such file"),
        # The same file, shorter or with other transactions.
        (SERVER, log(states={("b.000004", 400): None}), [], "has no such place"),
        (
            SERVER,
            log(states={("b.000004", 400): Position.parse("0-1-41")}),
            [],
            "now it holds GTID 0-1-41",
        ),
        (
            SERVER,
            log(states={("b.000004", 400): Position.parse("0-2-40")}),
            [],
            "now it holds GTID 0-2-40",
        ),
        # Restarted: from an older copy, or with nothing that shows what staging had read.
        (RESTARTED, log(), [], "nothing shows"),
        (RESTARTED, log(), [read("now", "b.000005:500")], "nothing shows"),
        (RESTARTED, log(), [read("ended", "b.000004:470")], "has no such place"),
        (RESTARTED, log(), [read("ended", "b.000004:450", "0-1-46")], "holds GTID 0-1-45"),
        (RESTARTED, log(), [read("now", "b.000004:470")], "has no such place"),
        (RESTARTED, log(), [read("ended", "b.000009:4")], "no such file"),
        (RESTARTED, log(), [read("shut", "b.000005:500", age=99)], "begun anew"),
        (RESTARTED, log(), [read("ended", "b.000005:500", age=102)], "begun anew"),
        # Purged.
        (RESTARTED, log(**PURGED), [], "was purged and the source was restarted"),
        (
            SERVER,
            log(**PURGED | {"states": {("b.000005", 4): Position.parse("0-1-39")}}),
            [],
            "does not continue it",
        ),
        (SERVER, log(**PURGED | {"states": {}}), [], "does not continue it"),
    ],
)
def test_not_proven(server: Server, there: Log, reads: list[Read], words: str) -> None:
    with refused("REPLICA_DIVERGED", words):
        history.prove(SEEN, server, there, APPLIED, reads)


def test_what_was_noted_covers_what_was_applied() -> None:
    proof = history.prove(SEEN, RESTARTED, log(), Position.parse("0-1-40"), [])
    assert "as before" in proof.how
    with refused("REPLICA_DIVERGED", "nothing shows"):
        history.prove(SEEN, RESTARTED, log(), Position.parse("0-2-40"), [])


def test_another_server_has_to_be_connected_to() -> None:
    proof = history.prove(SEEN, replace(SERVER, server_id="2"), log(births={}), APPLIED, [])
    assert proof.reconnect
    assert "server id 2" in proof.how


@pytest.mark.parametrize(
    ("reads", "outcome"),
    [
        ([], nullcontext()),
        ([read("executed", "b.000004:450")], nullcontext()),
        ([read("executed", "gone.000001:450")], nullcontext()),
        ([read("executed", "b.000004:470")], refused("REPLICA_DIVERGED", "has no such place")),
        ([read("executed", "b.000005:500")], refused("REPLICA_DIVERGED", "holds GTID 0-1-50")),
    ],
)
def test_without_a_note(reads: list[Read], outcome: Any) -> None:
    with outcome:
        assert "nothing was noted" in history.prove(None, SERVER, log(), APPLIED, reads).how


@pytest.mark.parametrize(
    ("applied", "now", "told"),
    [
        ("0-1-5", "0-1-5", ""),
        ("0-1-5", "0-2-9,3-1-1", ""),
        ("", "0-1-1", ""),
        ("0-1-5", "0-1-4", "0-1-5"),
        ("0-1-5", "0-2-5", "0-1-5"),
        ("0-1-5", "5-1-900", "0-1-5"),
    ],
)
def test_numbers(applied: str, now: str, told: str) -> None:
    outcome = refused("REPLICA_DIVERGED", f"applied {told}, the") if told else nullcontext()
    with outcome:
        history.compare(Position.parse(applied), Position.parse(now))


# -- the note ----------------------------------------------------------------------------------


def test_the_note_and_back() -> None:
    assert Seen.parse(SEEN.render().split("\n")) == SEEN


@given(st.lists(st.text(), max_size=20))
def test_a_note_that_is_none(lines: list[str]) -> None:
    assert Seen.parse(lines) is None


@pytest.mark.parametrize("key", [line.split("\t")[0] for line in SEEN.render().split("\n")])
def test_a_note_that_is_not_whole(key: str) -> None:
    lines = SEEN.render().split("\n")
    assert Seen.parse([line for line in lines if not line.startswith(f"{key}\t")]) is None


@pytest.mark.parametrize("line", ["started\tx", "gtid\t1-2", "position\t1e9", "upstream\t; DROP"])
def test_a_note_that_somebody_wrote(line: str) -> None:
    assert Seen.parse([*SEEN.render().split("\n"), line]) is None


def test_a_name_with_line_ends_stays_one_value() -> None:
    odd = replace(SEEN, server=replace(SERVER, host="a\nfile\tb.000009\n"))
    note = Seen.parse(odd.render().split("\n"))
    assert note
    assert (note.server.host, note.file) == ("a file b.000009", "b.000004")


# -- the discovered server -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data_dir", "port", "same"),
    [
        ("/var/lib/mysql/", "3306", True),
        ("/var/lib//mysql", "3306", True),
        ("/srv/mysql/", "3306", False),
        ("/var/lib/mysql/", "3307", False),
        ("", "", False),
    ],
)
def test_the_server_that_answers(data_dir: str, port: str, same: bool) -> None:
    variables = {"datadir": data_dir, "port": port}
    found = Discovered("/var/lib/mysql", 3306, elsewhere=False).difference(variables)
    assert (found == "") is same
    assert Discovered("", 3306, elsewhere=False).difference(variables) == ""


# -- what the source logs ------------------------------------------------------------------------

REPLICA = {"log_slave_updates": "OFF", "gtid_slave_pos": "0-9-5"}
LOGS = {"log_slave_updates": "ON", "gtid_slave_pos": "0-9-5"}


@pytest.mark.parametrize(
    ("logging", "words"),
    [
        (Logging({"log_slave_updates": "OFF"}), []),
        (Logging(LOGS, "some", 1), []),
        (Logging({**LOGS, "wsrep_on": "ON"}), []),
        (Logging(REPLICA, "none", 0), []),
        (Logging(REPLICA, "some", 0), ["is a replica"]),
        (Logging(REPLICA, "", 0), ["is a replica"]),
        (Logging({**REPLICA, "gtid_binlog_state": "0-1-9,0-9-4"}, "", 0), ["is a replica"]),
        # It was a replica, and has logged what it replicated.
        (Logging({**REPLICA, "gtid_binlog_state": "0-1-9,0-9-5"}, "", 0), []),
        (Logging({**REPLICA, "gtid_binlog_state": "0-1-9,0-9-5"}, "", 1), ["is a replica"]),
        (Logging({"log_slave_updates": "OFF"}, "", 1), ["is a replica"]),
        (Logging({"log_slave_updates": "OFF", "wsrep_on": "ON"}), ["Galera"]),
        (Logging(LOGS, only="a,b"), ["logs a,b only"]),
        (Logging(LOGS, never="c"), ["does not log c"]),
        (Logging(REPLICA, "some", only="a"), ["is a replica", "logs a only"]),
    ],
)
def test_what_is_missing_from_the_log(logging: Logging, words: list[str]) -> None:
    found = logging.gaps()
    assert len(found) == len(words)
    assert all(word in text for word, text in zip(words, found, strict=True))


@pytest.mark.parametrize(
    ("variables", "before", "logged", "complete"),
    [
        (REPLICA, "0-9-5", True, True),
        (REPLICA, "0-9-4", True, False),
        (LOGS, "0-9-4", True, True),
        # It was switched on since: what came before is missing for ever.
        (LOGS, "0-9-4", False, False),
        (LOGS, "0-9-5", False, True),
    ],
)
def test_what_has_come_since(
    variables: dict[str, str], before: str, logged: bool, complete: bool
) -> None:
    seen = replace(SEEN, upstream=Position.parse(before), logs_all=logged)
    assert (Logging(variables, "none").gaps(seen) == []) is complete


@pytest.mark.parametrize(("form", "count"), [("STATEMENT", 1), ("MIXED", 0), ("ROW", 0), ("", 0)])
def test_statements_are_warned_of(form: str, count: int) -> None:
    assert len(Logging({"binlog_format": form}).warnings) == count
