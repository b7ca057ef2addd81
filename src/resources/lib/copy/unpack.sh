#!/usr/bin/env bash
# The reading end of a pipe from a user's backup. WORK is the job's directory.
# Needs: copy/backup_kind job/movement process story

# noted_unpack: as `unpack`, for BACKUP_PATH; its pid goes to unpack.pid (see job/movement), its errors to unpack.err.
noted_unpack() (
    local before=0 size=0
    if [[ -f $WORK/unpack.pid ]]; then read -r _ before size <"$WORK/unpack.pid"; fi
    echo "$BASHPID $((before + size)) $(stat -L -c %s -- "$BACKUP_PATH" 2>/dev/null)" >"$WORK/unpack.pid"
    unpack "$COMPRESSION" "$BACKUP_PATH" 2>"$WORK/unpack.err"
)

# await_pipe NAME WHAT [PID]: waits for the background pipe to leave NAME.status; STATUS becomes the list of its
# statuses. The file is looked for again after the pipe is seen gone: it may have come in between.
await_pipe() {
    local pid=${3:-$!} start
    start=$(start_time "$pid")
    stand_still
    until [[ -f $WORK/$1.status ]]; do
        require_movement "$2" "$WORK/unpack.pid"
        [[ -f $WORK/$1.status ]] || ! process_gone "$pid" "$start" || [[ -f $WORK/$1.status ]] || fail JOB_LOST "the pipe that was $2 ended without a result"
        pause 0.1
    done
    # shellcheck disable=SC2034  # read by the caller
    read -r -a STATUS <"$WORK/$1.status"
}
