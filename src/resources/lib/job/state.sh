#!/usr/bin/env bash
# The background job of a dataset: whether it lives, and how it is ended.
# Needs: host/mounts process story
# Constants: RUN

# job_alive: whether the background process still lives.
job_alive() {
    local pid start
    read -r pid start 2>/dev/null <"$MOUNT/$RUN/job/pid" && same_process "$pid" "$start"
}

job_ended() { ! job_alive; }

# job_group_gone PGID: no process of the job's session is left.
job_group_gone() { ! kill -0 -- "-$1" 2>/dev/null; }

# job_clear: ends an abandoned job with everything it started.
job_clear() {
    local pid start
    [[ -f $MOUNT/$RUN/job/pid ]] || return 0
    read -r pid start <"$MOUNT/$RUN/job/pid" || return 0
    # The server of the dataset could have changed this file: `kill` of group 0 or 1 would end far more.
    [[ $pid =~ ^[1-9][0-9]*$ && $start =~ ^[0-9]+$ && $pid != 1 ]] || return 0
    # The process group may outlive its leader, and until it is empty the kernel gives its number to no new
    # process. So if another process has this pid now, nothing is left of the job.
    if [[ -n $(start_time "$pid") ]] && ! same_process "$pid" "$start"; then return 0; fi
    if ! job_group_gone "$pid"; then
        log WARNING "ending the job $pid of an earlier attempt and what it started"
        kill -TERM -- "-$pid" 2>/dev/null || :
        if ! await 10 job_group_gone "$pid"; then
            kill -KILL -- "-$pid" 2>/dev/null || :
            await 10 job_group_gone "$pid" || fail SERVER_NOT_STOPPED "the job $pid of an earlier attempt does not end"
        fi
    fi
}

# being_made: a resync works on the dataset: MOUNT is empty, or run/making is there and either the job lives
# or something in run has changed in the last 3 minutes.
being_made() {
    [[ -f $MOUNT/$RUN/making || -z $(entries "$MOUNT") ]] || return 1
    [[ -z $(entries "$MOUNT") ]] || job_alive || [[ -n $(find "$MOUNT/$RUN" -mmin -3 -print -quit) ]]
}
