#!/usr/bin/env bash
# Summary: waits for the end of the background job of a dataset; says how far it is and what it said since the last look.
# Inputs: MOUNT TOLD? WAIT_SECONDS?
# Secrets: -
# Answers: state phase copying bytes told (and what the job itself answered)
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

# tell_story FILE: the whole lines after the first TOLD, not more than Python tells of one step; answers how many
# are told then.
tell_story() {
    local last
    last=$(wc -l <"$1")
    ((last <= TOLD + 200)) || last=$((TOLD + 200))
    answer told "$last"
    ((last <= TOLD)) || sed -n "$((TOLD + 1)),${last}p" "$1" >&2
}

main() {
    : "${MOUNT:?}"
    local directory="$MOUNT/$RUN/job" status
    TOLD=${TOLD:-0}
    require_ours
    [[ -f $directory/pid ]] || fail JOB_LOST "there is no job in $directory"
    await "${WAIT_SECONDS:-0}" job_ended || :
    # Alive is asked before the result: a job that ends in between has left its result by then.
    if job_alive; then
        answer state running
        answer phase "$(<"$directory/phase")"
        if [[ -f $directory/copying ]]; then answer copying yes; else answer copying no; fi
        tell_story "$directory/story"
        answer bytes "$(first_line "$directory/bytes")"
        return
    fi
    tail -n "+$((TOLD + 1))" "$directory/story" >&2
    [[ -s $directory/exit ]] || fail JOB_LOST "job $(cut -d' ' -f1 "$directory/pid") ended in phase $(<"$directory/phase") and left no result"
    status=$(<"$directory/exit")
    cat "$directory/answer" >&3
    ((status == 0)) || exit "$status"
    answer state "done"
    answer bytes "$(first_line "$directory/bytes")"
}

story_setup
main "$@"
