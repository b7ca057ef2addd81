#!/usr/bin/env bash
# Summary: says how far the background job of a dataset is.
# Inputs: MOUNT
# Secrets: -
# Answers: state phase bytes (and what the job itself answered)
# Fails: DATASET_EMPTY DISK_SPACE JOB_LOST MOUNT_NOT_MOUNTED MOUNT_NOT_OURS MOUNT_NOT_WRITABLE
#     SERVER_OLD_LAYOUT UNEXPECTED (and whatever the job failed with)
# Repeatable: yes, it only reads
# Needs: answer dataset/ours job/state story
# Constants: RUN

# first_line FILE: of a file that is written at this moment; 0 when nothing is in it yet.
first_line() {
    local line=0
    read -r line 2>/dev/null <"$1" || :
    printf '%s' "${line:-0}"
}

main() {
    : "${MOUNT:?}"
    local directory="$MOUNT/$RUN/job" status
    require_ours
    [[ -f $directory/pid ]] || fail JOB_LOST "there is no job in $directory"
    # Alive is asked before the result: a job that ends in between has left its result by then.
    if job_alive; then
        answer state running
        answer phase "$(cat "$directory/phase")"
        answer bytes "$(first_line "$directory/bytes")"
        return
    fi
    tail -n 60 "$directory/story" >&2
    [[ -s $directory/exit ]] || fail JOB_LOST "job $(cut -d' ' -f1 "$directory/pid") ended in phase $(cat "$directory/phase") and left no result"
    status=$(cat "$directory/exit")
    cat "$directory/answer" >&3
    ((status == 0)) || exit "$status"
    answer state "done"
    answer bytes "$(first_line "$directory/bytes")"
}

story_setup
main "$@"
