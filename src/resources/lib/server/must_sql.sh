#!/usr/bin/env bash
# Statements to the server of this dataset that must succeed: a failure ends the step with its cause.
# Needs: server/client server/client_errors server/find story
# shellcheck disable=SC2119,SC2120  # the options are for callers in other files

# must_sql WHAT: as `sql`, but a failure ends the step with the server's own words.
must_sql() {
    local errors status=0
    { errors=$(sql 2>&1 >&4); } 4>&1 || status=$?
    ((status == 0)) || sql_failed "$1" "$status" "$errors"
}

# sql_failed WHAT STATUS ERRORS: timeout ends with 124, or 137 where it had to kill.
sql_failed() {
    local line
    line=$(error_line "$3")
    case $2 in 124 | 137) fail SERVER_NOT_READY "$1: no answer in $SQL_SECONDS s: $(server_state)" ;; esac
    if [[ ! $line =~ ^ERROR\ (2002|2003|2006|2013)\  ]]; then fail SQL_FAILED "$1: $line"; fi
    # The connection broke: what became of the server is the cause.
    [[ -n $(server_pids) ]] || fail SERVER_NOT_RUNNING "$1: the server has ended: $line"
    fail SERVER_NOT_READY "$1: $line; $(server_state)"
}
