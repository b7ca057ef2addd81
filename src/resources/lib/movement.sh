#!/usr/bin/env bash
# Whether the work of a background job moves, and who holds it up when it does not.

# Nothing has moved for this long: both ends are asked whether they live.
PROBE_SECONDS=30

# stand_still: begins to watch: nothing has moved yet.
stand_still() { MOVED=-1 MOVED_AT=$SECONDS ASKED_AT=$SECONDS; }

# require_movement WHAT PID-FILE...: notes the bytes that these processes have moved. When they stand
# still, asks staging and, while it is copied from, the source whether they live; gives up after
# STALL_SECONDS although both do.
require_movement() {
    local what=$1 now
    shift
    now=$(moved_bytes "$@")
    if ((now != MOVED)); then MOVED=$now MOVED_AT=$SECONDS ASKED_AT=$SECONDS; fi
    ((SECONDS - ASKED_AT >= PROBE_SECONDS)) || return 0
    ASKED_AT=$SECONDS
    unwritable "$what: nothing has moved for $((SECONDS - MOVED_AT)) s"
    require_staging "$what"
    [[ -z ${SOURCE_HOST:-} ]] || source_lives || source_lives ||
        fail SOURCE_UNREACHABLE "$SOURCE_HOST:${SOURCE_PORT:-} does not answer any more while $what: the server is frozen or the connection is cut"
    ((SECONDS - MOVED_AT < STALL_SECONDS)) || fail JOB_STALLED "no byte has moved for $STALL_SECONDS s while $what"
}

# require_staging WHAT: the staging server, where one runs, answers.
require_staging() {
    [[ -n $(server_pids) ]] || return 0
    try_sql <<<'DO 0' || try_sql <<<'DO 0' || fail SERVER_NOT_READY "$1: $(server_state)"
}

# run_watched FILE COMMAND...: a program that may take hours, its output in FILE; gives its status.
run_watched() {
    local output=$1 pid start status=0
    shift
    "$@" >"$output" 2>&1 </dev/null 3>&- &
    pid=$!
    start=$(start_time "$pid")
    echo "$pid" >"$WORK/program.pid"
    stand_still
    until process_gone "$pid" "$start"; do
        require_movement "$PHASE" "$WORK/program.pid"
        sleep 0.1
    done
    wait "$pid" || status=$?
    return "$status"
}
