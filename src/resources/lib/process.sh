#!/usr/bin/env bash
# Processes by identity: pid and start time, never by a pattern over `ps`.
# Needs: story

# start_time PID: the kernel's start time of a process, nothing when it is gone.
start_time() {
    local stat
    local -a fields
    { IFS= read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
    # The command name may hold blanks and brackets; what counts stands after the last one.
    read -r -a fields <<<"${stat##*) }"
    [[ ${fields[0]} != Z ]] || return 0
    printf '%s\n' "${fields[19]}"
}

# process_state PID: one letter of the kernel: T for one that a signal has frozen, D for one that waits
# for a device; nothing when it is gone.
process_state() {
    local stat
    { IFS= read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
    stat=${stat##*) }
    printf '%s\n' "${stat%% *}"
}

# is_frozen PID: a signal or a debugger has stopped the process.
is_frozen() { [[ $(process_state "$1") == [Tt] ]]; }

# same_process PID START: whether this very process still lives.
same_process() {
    [[ -n $1 && -n $2 && $(start_time "$1") == "$2" ]]
}

process_gone() { ! same_process "$1" "$2"; }

# stop_process PID START SECONDS: asks, waits, and at last forces; says when it had to. One that a
# signal has frozen must go on to hear us.
stop_process() {
    same_process "$1" "$2" || return 0
    kill -TERM "$1" 2>/dev/null || :
    if is_frozen "$1"; then
        log WARNING "process $1 is frozen (state $(process_state "$1")): SIGCONT, so that it can end"
        kill -CONT "$1" 2>/dev/null || :
    fi
    if ! await "$3" process_gone "$1" "$2"; then
        log WARNING "process $1 did not end within $3 s of SIGTERM: SIGKILL"
        kill -KILL "$1" 2>/dev/null || :
        await 30 process_gone "$1" "$2" || fail SERVER_NOT_STOPPED "process $1 is still there after SIGKILL"
    fi
}

# note_step: this step, so that others can tell whether it still lives.
note_step() { printf '%s %s\n' "$$" "$(start_time "$$")"; }

# name_children: exports DELPHIX_PARENT, by which end_orphans finds the processes that this step starts.
name_children() {
    [[ -z ${DELPHIX_PARENT:-} ]] || return 0
    DELPHIX_PARENT="${MOUNT:-} $(note_step)"
    export DELPHIX_PARENT
}
