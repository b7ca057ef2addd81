#!/usr/bin/env bash
# How many bytes the programs of a background job have moved, and who holds it up when none moves. A pid file holds
# a pid. Where a program reads files one after the other, two numbers follow: the bytes of all before the present
# one, and its own; what counts then is the place in it, in its own bytes, packed or not.
# Needs: process server/client server/find story
# Constants: RUN

# Nothing has moved for this long: both ends are asked whether they live.
PROBE_SECONDS=30

# stand_still: begins to watch: nothing has moved yet.
stand_still() { MOVED=-1 MOVED_AT=$SECONDS ASKED_AT=$SECONDS STILL=${STILL:-0} LOOKS=0; }

# note_movement PID-FILE...: notes the bytes that these processes have moved; QUIET becomes `yes` when nothing
# has moved for PROBE_SECONDS and nobody has been asked since. Not a status: a condition would switch off
# the end of the step by an error in here, such as a dataset that takes no bytes. It is called ten times a second,
# and looks twice a second after the first: what that costs is missed by those that copy.
note_movement() {
    local now
    QUIET=no
    ((++LOOKS <= 10 || LOOKS % 5 == 0)) || return 0
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
        pause 0.1
    done
    wait "$pid" || status=$?
    return "$status"
}

# moved_bytes PID-FILE...: notes how far the copy is, in job/bytes, and prints a number that changes with every byte
# that moves.
moved_bytes() {
    local file pid before size CHARS_READ CHARS_WRITTEN copied=0 moved=0
    for file in "$@"; do
        # The pipe may have just begun.
        if [[ ! -f $file ]] || ! read -r pid before size <"$file"; then continue; fi
        io_of "$pid"
        moved=$((moved + CHARS_READ + CHARS_WRITTEN))
        if [[ -n $size ]]; then
            # One that has ended has read all of it.
            copied=$((copied + before + (CHARS_READ == 0 || CHARS_READ > size ? size : CHARS_READ)))
        else
            keep_count "${file%.pid}.moved"
            copied=$((copied + $(<"${file%.pid}.moved")))
        fi
    done
    echo "$copied" >"$MOUNT/$RUN/job/bytes"
    echo "$((moved + copied))"
}

# io_of PID: CHARS_READ and CHARS_WRITTEN become what it has read and written, 0 when it is gone.
io_of() {
    local name value
    CHARS_READ=0 CHARS_WRITTEN=0
    while read -r name value; do
        case $name in
            rchar:) CHARS_READ=$value ;;
            wchar:) CHARS_WRITTEN=$value ;;
        esac
    done 2>/dev/null <"/proc/$1/io" || :
}

# keep_count FILE: what an ended program moved stays counted. What comes from a server by a socket is not in
# CHARS_READ.
keep_count() {
    local count=$((CHARS_READ > CHARS_WRITTEN ? CHARS_READ : CHARS_WRITTEN))
    if ((count > 0)) || [[ ! -f $1 ]]; then echo "$count" >"$1"; fi
}
