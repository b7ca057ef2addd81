#!/usr/bin/env bash
# The loading end of a pipe into the staging server.
# Needs: copy/load_warnings server/client

# load DATABASE [OPTION...]: stdin into the staging server; LOAD_SQL may set more for its session. Of what its statements answer, warnings are noted.
load() {
    local database=$1
    # shellcheck disable=SC2034  # `session` reads it
    local SESSION_SQL="SESSION sql_log_bin = 0, SESSION innodb_strict_mode = 0, SESSION max_statement_time = 0, SESSION max_error_count = 64${LOAD_SQL:-}"
    shift
    # Without --comments the client takes them out of the bodies of routines.
    session "$@" --comments --max-allowed-packet=1G --show-warnings --database="$database" | note_warnings
}
