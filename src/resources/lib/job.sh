#!/usr/bin/env bash
# Long work that goes on by itself on the host: started detached, followed by short status steps.
# MOUNT/run/job holds pid (pid and start time), phase, answer, story and, at the end, exit.

# job_start FUNCTION VARIABLE...: runs FUNCTION in the background. Code and variables, secrets
# included, go through a pipe, so that they are neither in its arguments nor in its environment.
job_start() {
    local function=$1 directory="$MOUNT/run/job" pid
    shift
    job_clear
    remove_inside run/job
    mkdir -m 0700 -- "$directory"
    echo starting >"$directory/phase"
    setsid env -i HOME="$HOME" bash /dev/fd/9 9< <(
        declare -f
        declare -p MOUNT BASE_DIR DAEMON CLIENT PLUGIN_ID "$@"
        # shellcheck disable=SC2046  # one word per variable name
        declare -p $(compgen -v ERR_)
        printf 'job_main %q\n' "$function"
    ) </dev/null >"$directory/answer" 2>"$directory/story" 3>&- &
    pid=$!
    disown "$pid"
    printf '%s %s\n' "$pid" "$(start_time "$pid")" >"$directory/pid"
}

# job_main FUNCTION: the life of the background process.
job_main() {
    exec 9<&-
    story_setup
    trap 'job_end "$?"' EXIT
    trap 'fail JOB_LOST "the job was ended by a signal"' TERM HUP INT
    "$1"
    JOB_COMPLETE=yes
}

# job_end STATUS: leaves the result and takes everything along that the job started.
job_end() {
    local status=$1
    trap - EXIT ERR
    # Only the job's own last line makes a success.
    [[ ${JOB_COMPLETE:-no} == yes || $status != 0 ]] || status=$ERR_JOB_LOST
    echo "$status" >"$MOUNT/run/job/exit.new"
    mv -f -- "$MOUNT/run/job/exit.new" "$MOUNT/run/job/exit"
    trap '' TERM
    kill -TERM 0
}

phase() {
    log INFO "phase: $1"
    echo "$1" >"$MOUNT/run/job/phase"
}

# job_alive: whether the background process still lives.
job_alive() {
    local pid start
    read -r pid start 2>/dev/null <"$MOUNT/run/job/pid" && same_process "$pid" "$start"
}

# job_group_gone PGID: no process of the job's session is left.
job_group_gone() { ! kill -0 -- "-$1" 2>/dev/null; }

# job_clear: ends an abandoned job with everything it started.
job_clear() {
    local pid start
    [[ -f $MOUNT/run/job/pid ]] || return 0
    read -r pid start <"$MOUNT/run/job/pid" || return 0
    # The group outlives its leader, and while it does the kernel gives its number to nobody else.
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

# written_bytes PID-FILE...: keeps and prints the bytes that these processes have written so far.
# What an ended process wrote stays counted.
written_bytes() {
    local file pid name value total=0
    for file in "$@"; do
        read -r pid <"$file" || continue
        while read -r name value; do
            [[ $name != wchar: ]] || echo "$value" >"${file%.pid}.written"
        done 2>/dev/null <"/proc/$pid/io" || :
        [[ ! -f ${file%.pid}.written ]] || total=$((total + $(cat "${file%.pid}.written")))
    done
    echo "$total" >"$MOUNT/run/job/bytes"
    echo "$total"
}
