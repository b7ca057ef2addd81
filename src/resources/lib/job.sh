#!/usr/bin/env bash
# Long work that goes on by itself on the host: started detached, followed by short status steps.
# MOUNT/run/job holds pid (pid and start time), phase, answer, story and, at the end, exit.

# job_start FUNCTION: runs FUNCTION in the background, with all functions and variables of this step.
# They go through a pipe, secrets included, so that they are neither in its arguments nor in its
# environment.
job_start() {
    local function=$1 directory="$MOUNT/run/job" pid
    job_clear
    remove_inside run/job
    mkdir -m 0700 -- "$directory"
    echo starting >"$directory/phase"
    setsid env -i HOME="$HOME" bash /dev/fd/9 9< <(
        declare -f
        # shellcheck disable=SC2046  # one word per variable name
        declare -p $(job_variables)
        printf 'job_main %q\n' "$function"
    ) </dev/null >"$directory/answer" 2>"$directory/story" 3>&- &
    pid=$!
    disown "$pid"
    printf '%s %s\n' "$pid" "$(start_time "$pid")" >"$directory/pid"
}

# job_variables: names of the step's own variables: in capitals, and none that bash keeps.
job_variables() {
    compgen -v | grep -E '^[A-Z][A-Z0-9_]*$' |
        grep -vxE 'BASH.*|COMP_.*|DIRSTACK|EPOCH.*|EUID|FUNCNAME|GROUPS|HISTCMD|HOSTNAME|HOSTTYPE|IFS|LINENO|MACHTYPE|OLDPWD|OPT.*|OSTYPE|PATH|PIPESTATUS|PPID|PWD|RANDOM|SECONDS|SHELL.*|SHLVL|SRANDOM|TERM|UID|DELPHIX_PARENT|TMPDIR'
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
    # shellcheck disable=SC2034  # what a watched program is told to do
    PHASE=$1
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
    # The server of a dataset can write into it: nothing but a process of its own is ever signalled.
    [[ $pid =~ ^[1-9][0-9]*$ && $start =~ ^[0-9]+$ && $pid != 1 ]] || return 0
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

# moved_bytes PID-FILE...: keeps and prints the bytes that these processes have moved so far. What an
# ended process moved stays counted.
moved_bytes() {
    local file pid name value moved total=0
    for file in "$@"; do
        # The pipe may have just begun.
        if [[ ! -f $file ]] || ! read -r pid <"$file"; then continue; fi
        moved=0
        while read -r name value; do
            case $name in rchar: | wchar:) moved=$((moved + value)) ;; esac
        done 2>/dev/null <"/proc/$pid/io" || :
        ((moved == 0)) || echo "$((moved / 2))" >"${file%.pid}.moved"
        [[ ! -f ${file%.pid}.moved ]] || total=$((total + $(<"${file%.pid}.moved")))
    done
    echo "$total" >"$MOUNT/run/job/bytes"
    echo "$total"
}
