#!/usr/bin/env bash
# Questions to the server of this dataset in one session, which stays open: each leaves nothing behind in it and has a
# short answer. Its sql_mode is empty.
# Needs: answer server/client server/must_sql talk
# Constants: SOCKET

# ask_within SECONDS QUESTION: as `talk`, which tells what it gives. A session that has ended is opened once more: its
# server may have been stopped and started since.
ask_within() {
    # shellcheck disable=SC2034  # session and client read them
    local SESSION_SQL="SESSION sql_mode = '', SESSION autocommit = 1" status=0
    # shellcheck disable=SC2034
    local -a UNDER=(exec)
    if [[ -n ${TALK_TO[server]:-} ]]; then
        talk server "$1" "$2" || status=$?
        ((status == 1)) || return "$status"
    fi
    # Asked ten times a second while a server starts.
    if [[ ! -S $MOUNT/$SOCKET ]]; then
        TOLD="ERROR 2002 (HY000): there is no socket $MOUNT/$SOCKET"
        return 1
    fi
    begin_talk server session --unbuffered --skip-reconnect
    talk server "$1" "$2"
}

# ask QUESTION [WHAT]: ROWS and TOLD become the answer; without one the step ends with the cause. WHAT tells people what
# a statement is for.
ask() {
    local status=0
    ask_within "$SQL_SECONDS" "$1" || status=$?
    ((status == 0)) || sql_failed "${2:-${1%%$'\n'*}}" "$status" "$TOLD"
}

# try_ask QUESTION: 1 when there is no answer within ten seconds; the socket of a hung server takes us and never speaks.
try_ask() { ask_within 10 "$1"; }

# tell QUESTION: each row of the answer, `key<TAB>row`, is a line of this step's answer.
tell() {
    ask "$1"
    answer_rows
}

# ask_unlogged STATEMENTS WHAT: as `ask`, out of the binary log. Each statement ends with a semicolon.
ask_unlogged() { ask "SET SESSION sql_log_bin = 0; $1 SET SESSION sql_log_bin = 1" "$2"; }
