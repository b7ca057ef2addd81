#!/usr/bin/env bash
# The exact copy of tables that have FLOAT columns: their structure by mariadb-dump, their rows by a query of
# ours in a consistent snapshot of its own, their triggers last. WORK is the job's directory.
# Needs: copy/float_rows copy/float_tables copy/lock copy/pipe job/movement process server/client_errors
#     source/sql story

# begin_together COMMAND...: has the command begin the snapshot of mariadb-dump, and our query its own, while
# the transactional tables with FLOAT columns are locked: so both see these tables in one state.
begin_together() {
    # Those of the lock on other tables stay as they are.
    # shellcheck disable=SC2034  # the functions of copy/lock use them
    local LOCK_PID LOCK_START LOCK_FD HOLDS=floats names began
    names=$(float_names yes | while IFS=$'\t' read -r names _; do printf '%b READ, ' "$names"; done)
    if [[ -z $names ]]; then
        "$@"
        return
    fi
    mkfifo "$WORK/floats.go"
    lock_floats "$names"
    began=$(date +%s%3N)
    copy_rows floats yes
    "$@"
    await_floats
    lock_tell released 'UNLOCK TABLES;'
    log INFO "tables with FLOAT columns were locked on the source for $(($(date +%s%3N) - began)) ms"
    exec {LOCK_FD}>&-
    stop_process "$LOCK_PID" "$LOCK_START" 5
}

# lock_floats NAMES: on InnoDB, LOCK TABLES waits for open transactions that write, and only writers wait for it.
# Those wait behind a lock that waits, too: so it is given up after 5 s, and tried again.
lock_floats() {
    local sql="SET SESSION lock_wait_timeout = 5, SESSION wait_timeout = 86400; LOCK TABLES ${1%, };" deadline=$((SECONDS + LOCK_SECONDS)) refusal
    while :; do
        lock_open
        if lock_ask locked "$sql"; then return; fi
        refusal="$(error_line "$(<"$WORK/floats.err")"), on: ${sql:0:300}"
        exec {LOCK_FD}>&-
        if [[ ! $refusal =~ ERROR\ 1205\  ]] || ((SECONDS >= deadline)); then source_failed "$refusal"; fi
        pause 0.5
    done
}

# await_floats: waits until our query has begun its snapshot.
await_floats() {
    stand_still
    until [[ -f $WORK/floats.header || -f $WORK/floats.status ]]; do
        require_flow "waiting for the query of FLOAT columns to begin" "$WORK"/*.pid
        pause 0.02
    done
    [[ -f $WORK/floats.header ]] || require_copied floats
}

# copy_floats DATABASE...: the structure of these tables, and the rows of those that need the lock; lets the query
# of the others go on, in the background.
copy_floats() {
    [[ $FLOATS != FALSE ]] || return 0
    local tables
    tables=$(ignore_lines "NOT $FLOATS")
    copy floattables '' "$tables" --no-data --skip-triggers --databases -- "$@"
    follow floattables
    if [[ -n $(float_names no) ]]; then
        copy_rows plainfloats no
        follow plainfloats
    fi
    if [[ -n $(float_names yes) ]]; then : >"$WORK/floats.go"; fi
}

# finish_floats DATABASE...: waits for all rows; then come the triggers, which would have changed them.
finish_floats() {
    [[ $FLOATS != FALSE ]] || return 0
    local tables
    if [[ -n $(float_names yes) ]]; then follow floats; fi
    tables=$(ignore_lines "NOT $FLOATS")
    copy floattriggers '' "$tables" --no-data --no-create-info --no-create-db --triggers --databases -- "$@"
    follow floattriggers
    require_same_floats
}
