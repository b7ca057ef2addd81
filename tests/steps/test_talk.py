"""One session for all the questions of a step (lib/talk.sh), on a real server."""

import pytest

from tests.steps.support import Dataset, command_lines
from tests.steps.test_answers import ODD

READY = "require_ours; use_installation\n"


@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
def test_rows_come_back_as_they_are(server: Dataset, value: str) -> None:
    body = READY + "tell \"SELECT 'row', $(sql_text \"$GIVEN\"), '|'\""
    outcome = server.library(body, GIVEN=value)
    assert outcome.answer.rows("row", 2) == ((value, "|"),), outcome.story


def test_each_answer_belongs_to_its_question(server: Dataset) -> None:
    body = """
ask "SELECT 1 WHERE 0 -- no row"
answer none "${#ROWS[@]} $TOLD"
ask "SELECT ''; SELECT 'two' UNION ALL SELECT ''; # a remark"
answer some "${#ROWS[@]}"
ask "SELECT seq FROM mysql.seq_1_to_20000"
answer many "${#ROWS[@]} ${ROWS[19999]}"
inner=$(ask "SELECT 'inside'" && echo "$TOLD")
answer inner "$inner"
ask "SELECT 'after'"
answer after "$TOLD"
"""
    answer = server.library(READY + body).answer
    told = [answer.maybe(key) for key in ("none", "some", "many", "inner", "after")]
    assert told == ["0 ", "3", "20000 20000", "inside", "after"]


def test_a_step_has_one_session_and_leaves_none(server: Dataset) -> None:
    body = 'ask "SELECT CONNECTION_ID()"; answer id "$TOLD"\n' * 3
    ids = server.library(READY + body).answer.many("id")
    assert len(ids) == 3
    assert len(set(ids)) == 1
    assert ids[0] not in server.sql("SHOW PROCESSLIST")


def test_a_question_that_fails_ends_the_step_in_the_servers_words(server: Dataset) -> None:
    outcome = server.library(READY + 'ask "SELECT 1 FROM mysql.nothing" "looking for it"')
    assert outcome.failure == "SQL_FAILED"
    assert "looking for it: ERROR 1146" in outcome.seen


def test_after_a_question_without_an_answer_the_next_has_one(server: Dataset) -> None:
    body = """
try_ask "SELECT 1 FROM mysql.nothing" || answer failed yes
ask "SELECT 7"
answer said "$TOLD"
"""
    answer = server.library(READY + body).answer
    assert (answer.maybe("failed"), answer.maybe("said")) == ("yes", "7")


def test_a_session_that_was_ended_is_opened_again(server: Dataset) -> None:
    """As by a restart of the server, or by wait_timeout."""
    body = """
ask "SELECT CONNECTION_ID()"
answer id "$TOLD"
sql <<<"KILL CONNECTION $TOLD"
ask "SELECT CONNECTION_ID()"
answer id "$TOLD"
"""
    ids = server.library(READY + body).answer.many("id")
    assert len(set(ids)) == 2


def test_a_server_that_stops_speaking_is_not_waited_for(server: Dataset) -> None:
    body = """
pid=$(server_pid)
ask "SELECT 1"
kill -STOP "$pid"
trap 'kill -CONT "$pid"' EXIT
SQL_SECONDS=2
ask "SELECT 2" "asking a frozen one"
"""
    outcome = server.library(READY + body, timeout=60)
    assert outcome.failure == "SERVER_NOT_READY"
    assert "asking a frozen one: no answer in 2 s" in outcome.seen
    assert "is frozen" in outcome.seen


def test_an_answer_of_many_rows_is_not_waited_for_any_longer(server: Dataset) -> None:
    """Each row comes in time, and all of them would not."""
    body = 'SQL_SECONDS=2; ask "SELECT seq, SLEEP(0.5) FROM mysql.seq_1_to_100"'
    outcome = server.library(READY + body, timeout=60)
    assert outcome.failure == "SERVER_NOT_READY", outcome.story


def test_what_the_server_was_set_to_does_not_change_a_session(server: Dataset) -> None:
    """With autocommit off, a question would hold a lock against DDL until the end of the step."""
    server.sql("SET GLOBAL autocommit = 0, GLOBAL sql_mode = 'ANSI_QUOTES'")
    try:
        body = 'ask "SELECT @@autocommit, @@sql_mode, \\"text\\""; answer said "$TOLD"'
        assert server.library(READY + body).answer.maybe("said") == "1\t\ttext"
    finally:
        server.sql("SET GLOBAL autocommit = 1, GLOBAL sql_mode = DEFAULT")


def test_the_session_that_holds_the_lock_keeps_no_other_open(server: Dataset) -> None:
    server.good("quiesce")
    clients = [line for line in command_lines(server.host).values() if b"mariadb" in line[0]]
    asking = [line for line in clients if line[0].endswith(b"/mariadb")]
    assert len(asking) == 1, asking
    server.good("release")


def test_a_server_inherits_no_session(server: Dataset) -> None:
    """It is started while the step has one open; a pipe of its own has both of its ends there."""
    body = 'ask "SELECT 1"; RESTART=yes start_server; ask "SELECT 2"; answer said "$TOLD"'
    outcome = server.library(READY + body, timeout=120)
    assert (outcome.failure, outcome.answer.maybe("said")) == ("", "2"), outcome.story
    (pid,) = server.pids()
    found = server.host.run_as_root(["find", f"/proc/{pid}/fd", "-printf", "%l\n"]).text.split()
    pipes = [target for target in found if target.startswith("pipe:")]
    assert [target for target in pipes if pipes.count(target) == 1] == []


def test_a_client_that_says_something_first_is_answered_all_the_same(server: Dataset) -> None:
    """As `mysql` of 11.8 does, which says that its name is an old one."""
    body = """
{
    echo '#!/bin/bash'
    echo 'echo "mysql: Deprecated program name" >&2'
    echo "exec $CLIENT" '"$@"'
} >"$MOUNT/tmp/mysql"
chmod 700 "$MOUNT/tmp/mysql"
CLIENT=$MOUNT/tmp/mysql
ask "SELECT 1"
answer said "$TOLD"
"""
    outcome = server.library(READY + body)
    assert outcome.answer.maybe("said") == "1", outcome.story
