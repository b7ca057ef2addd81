#!/usr/bin/env bash
# Whether the work of a background job moves, and who holds it up when it does not.
# Needs: job/run process server/client server/find story

# Nothing has moved for this long: both ends are asked whether they live.
PROBE_SECONDS=30

# stand_still: begins to watch: nothing has moved yet.
stand_still() { MOVED=-1 MOVED_AT=$SECONDS ASKED_AT=$SECONDS STILL=${STILL:-0}; }

# note_movement PID-FILE...: notes the bytes that these processes have moved; QUIET becomes `yes` when nothing
# has moved for PROBE_SECONDS and nobody has been asked since. Not a status: a condition would switch off
# the end of the step by an error in here, such as a dataset that takes no bytes.
note_movement() {
    local now
    QUIET=no
    now=$(moved_bytes "$@")
    # The longest time in which nothing has moved.
    ((SECONDS - MOVED_AT <= STILL)) || STILL=$((SECONDS - MOVED_AT))
    if ((now != MOVED)); then MOVED=$now MOVED_AT=$SECONDS ASKED_AT=$SECONDS; fi
    if ((SECONDS - ASKED_AT >= PROBE_SECONDS)); then QUIET=yes ASKED_AT=$SECONDS; fi
}

# require_movement WHAT PID-FILE...: when nothing moves, asks staging whether it lives; gives up after
# STALL_SECONDS although it does.
require_movement() {
    local what=$1
    shift
    note_movement "$@"
    [[ $QUIET == yes ]] || return 0
    require_staging "$what"
    require_patience "$what"
}

# require_patience WHAT: ends the job as stalled when nothing has moved for STALL_SECONDS.
require_patience() {
    ((SECONDS - MOVED_AT < STALL_SECONDS)) || fail JOB_STALLED "no byte has moved for $STALL_SECONDS s while $1"
}

# require_staging WHAT: its dataset takes bytes, and the staging server, where one runs, answers.
require_staging() {
    unwritable "$1: nothing has moved for $((SECONDS - MOVED_AT)) s"
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
