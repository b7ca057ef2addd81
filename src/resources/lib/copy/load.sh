#!/usr/bin/env bash
# The loading end of a pipe into the staging server.
# Needs: copy/load_warnings process server/client server/find story

# load DATABASE [OPTION...]: stdin into the staging server. Of what its statements answer, warnings are noted.
load() {
    local database=$1
    # shellcheck disable=SC2034  # `session` reads it
    local SESSION_SQL="SESSION sql_log_bin = 0, SESSION innodb_strict_mode = 0, SESSION max_statement_time = 0, SESSION max_error_count = 64"
    shift
    session "$@" --max-allowed-packet=1G --show-warnings --database="$database" | note_warnings
}

# load_failed TEXT: what the loading client says, unless its server is frozen.
load_failed() {
    local pid
    pid=$(server_pids | head -n 1)
    if [[ -n $pid ]] && is_frozen "$pid"; then fail SERVER_NOT_READY "$1; $(server_state)"; fi
    fail LOAD_FAILED "$1"
}
