#!/usr/bin/env bash
# Long work that goes on by itself on the host: started detached, followed by short status steps.
# MOUNT/run/job holds pid (pid and start time), phase, answer, story and, at the end, exit.
# Needs: dataset/ours job/again job/state process story
# Constants: RUN

# job_start: runs this very step again in the background, with `job` as the argument of its `main`.
job_start() {
    local directory="$MOUNT/$RUN/job" pid
    job_clear
    remove_inside "$RUN/job"
    mkdir -m 0700 -- "$directory"
    echo starting >"$directory/phase"
    run_again "$directory"
    pid=$AGAIN
    printf '%s %s\n' "$pid" "$(start_time "$pid")" >"$directory/pid"
}

# job_main COMMAND: the life of the background process.
job_main() {
    trap 'job_end "$?"' EXIT
    trap 'fail JOB_LOST "the job was ended by a signal"' TERM HUP INT
    "$1"
    JOB_COMPLETE=yes
}

# job_end STATUS: leaves the result and takes everything along that the job started.
job_end() {
    local status=$1
    trap - EXIT ERR
    # Status 0 counts only when job_main came to its last line.
    [[ ${JOB_COMPLETE:-no} == yes || $status != 0 ]] || status=$ERR_JOB_LOST
    echo "$status" >"$MOUNT/$RUN/job/exit.new"
    mv -f -- "$MOUNT/$RUN/job/exit.new" "$MOUNT/$RUN/job/exit"
    trap '' TERM
    kill -TERM 0
}

# phase TEXT: what is being done now; the bytes do not tell how far it is.
phase() {
    # shellcheck disable=SC2034  # what a watched program is told to do
    PHASE=$1
    log INFO "phase: $1"
    rm -f -- "$MOUNT/$RUN/job/copying"
    echo "$1" >"$MOUNT/$RUN/job/phase"
}

# copy_phase TEXT: as `phase`, for the part of the work that is done when all bytes have moved.
copy_phase() {
    phase "$1"
    : >"$MOUNT/$RUN/job/copying"
}
