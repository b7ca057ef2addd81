#!/usr/bin/env bash
# SQL to the server of this dataset: over its socket, as the OS user, statements on stdin.
# Constants: SOCKET
# shellcheck disable=SC2119,SC2120  # the options are for callers in other files

# Every session of ours begins with this: its statements are in neither query log of the server.
QUIET_SQL="SET SESSION sql_log_off = 1, SESSION slow_query_log = 0"

# A caller may set further session variables here, and what runs a client. Set, so that nothing of these names
# in the user's environment counts.
SESSION_SQL=''
UNDER=()

# How long one question to the server of this dataset may take: a frozen one never answers.
SQL_SECONDS=100

# client PROGRAM OPTION...: runs a client program on the server at SOCKET, as the OS user; UNDER holds what
# runs it (timeout, setsid). Clients of 11.4 and later would ask for TLS on a socket too, and fail where
# the server's settings switch it off.
client() {
    local program=$1
    shift
    ${UNDER[@]+"${UNDER[@]}"} "$program" --no-defaults --skip-ssl --protocol=socket --socket="$MOUNT/$SOCKET" --user="$OS_USER" "$@"
}

# session OPTION...: runs stdin as SQL; rows come tab separated and escaped, without names.
# --binary-mode: nothing in a statement is a command of the client, and no line end is changed.
session() {
    client "$CLIENT" --connect-timeout=10 --default-character-set=utf8mb4 --batch --skip-column-names --binary-mode --local-infile=0 \
        --init-command="$QUIET_SQL${SESSION_SQL:+, $SESSION_SQL}" "$@"
}

# sql [OPTION...]: a session that may take SQL_SECONDS.
sql() {
    local -a UNDER=(timeout --foreground -k 5 "$SQL_SECONDS")
    session "$@"
}

# ask_sql [OPTION...]: as `sql`, within ten seconds: the socket of a hung server takes us and never speaks.
ask_sql() {
    local SQL_SECONDS=10
    sql "$@"
}

# try_sql [OPTION...]: as `ask_sql` without a word of errors; for questions whose answer may be "no".
try_sql() {
    ask_sql "$@" 2>/dev/null
}
