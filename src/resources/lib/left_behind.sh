#!/usr/bin/env bash
# What a step that died left on the host: found by identity, never by a pattern over `ps`. The engine
# gives each step DELPHIX_STEP, its name; what a step starts inherits DELPHIX_PARENT: the mount, the
# step's pid and its start time.

# Steps that have a dataset for themselves: the engine runs one operation on an object at a time, so an
# older one of these that still runs belongs to nobody any more.
EXCLUSIVE=' dataset_create ingest_start restore_start server_start server_stop vdb_configure quiesce replica_set login_create '

# note_step: this step, so that others can tell whether it still lives.
note_step() { printf '%s %s\n' "$$" "$(start_time "$$")"; }

# name_children: what this step starts from now on can be told from what others start.
name_children() {
    [[ -z ${DELPHIX_PARENT:-} ]] || return 0
    DELPHIX_PARENT="${MOUNT:-} $(note_step)"
    export DELPHIX_PARENT
}

# environment_of PID NAME: VALUE becomes a variable that the process was started with; 1 when it has none.
environment_of() {
    local entry
    VALUE=''
    while IFS= read -r -d '' entry; do
        if [[ $entry == "$2="* ]]; then
            VALUE=${entry#*=}
            return 0
        fi
    done 2>/dev/null <"/proc/$1/environ"
    return 1
}

# started_with TEXT: pids of our processes that have a variable which begins with TEXT.
started_with() {
    local path
    { grep -slazE "^$1" /proc/[0-9]*/environ || :; } | while IFS= read -r path; do
        path=${path#/proc/}
        printf '%s\n' "${path%/environ}"
    done
}

# plain_pattern TEXT: an extended expression for just this text.
# shellcheck disable=SC2016,SC2001  # the dollar is one of the characters
plain_pattern() { sed 's/[][\\.*^$(){}?+|]/\\&/g' <<<"$1"; }

# end_orphans: ends what steps on MOUNT have started that are dead themselves.
end_orphans() {
    local pid parent start VALUE
    for pid in $(started_with "DELPHIX_PARENT=$(plain_pattern "$MOUNT") "); do
        environment_of "$pid" DELPHIX_PARENT || continue
        read -r parent start <<<"${VALUE##"$MOUNT" }"
        if [[ $pid == "$$" ]] || same_process "$parent" "$start"; then continue; fi
        log WARNING "ending process $pid, which a step that died has left"
        kill -KILL "$pid" 2>/dev/null || :
    done
}

# take_over: ends older steps that still work on MOUNT, and what they and dead ones have left.
take_over() {
    local pid start VALUE parent
    for pid in $(started_with "MOUNT=$(plain_pattern "$MOUNT")\$"); do
        parent=$(awk '{ sub(/^.*\) /, ""); print $2 }' "/proc/$pid/stat" 2>/dev/null) || continue
        if [[ $pid == "$$" || $parent == "$$" ]] || environment_of "$pid" DELPHIX_PARENT; then continue; fi
        environment_of "$pid" DELPHIX_STEP || continue
        [[ $EXCLUSIVE == *" $VALUE "* ]] || continue
        start=$(start_time "$pid")
        [[ -n $start ]] || continue
        log WARNING "ending the step $VALUE (process $pid) that nobody waits for any more"
        kill -TERM "$pid" 2>/dev/null || :
        await 20 process_gone "$pid" "$start" || kill -KILL "$pid" 2>/dev/null || :
    done
    end_orphans
}

# being_started: a step that lives is starting a server of MOUNT; it has not entered its directory yet.
being_started() {
    local step='' start=''
    read -r step start 2>/dev/null <"$MOUNT/run/launched.by" && same_process "$step" "$start"
}

# abandoned PID: this server was started by a step that died before it had proven it. Seen from the
# server's own directory: another dataset, or none, may be mounted at MOUNT by now.
abandoned() {
    local step='' start=''
    read -r step start 2>/dev/null <"/proc/$1/cwd/../run/launched.by" || read -r step start 2>/dev/null <"$MOUNT/run/launched.by" || return 1
    ! same_process "$step" "$start"
}

# stop_left_behind SECONDS: stops servers at MOUNT that no operation knows of: those of dead steps, and
# those of a dataset that is not mounted there any more.
stop_left_behind() {
    local pid
    end_orphans
    if being_started; then return; fi
    for pid in $(server_pids); do
        if abandoned "$pid" || ! is_current "$pid"; then
            log WARNING "stopping server $pid, which an operation that was cut off has left"
            stop_process "$pid" "$(start_time "$pid")" "$1"
        fi
    done
}
