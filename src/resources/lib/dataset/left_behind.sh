#!/usr/bin/env bash
# What a step that died left on the host: found by identity, never by a pattern over `ps`. The engine
# gives each step DELPHIX_STEP, its name; what a step starts inherits DELPHIX_PARENT: the mount, the
# step's pid and its start time.
# Needs: process story

# Steps that have a dataset for themselves: the engine runs one operation on an object at a time, so an
# older one of these that still runs belongs to nobody any more.
EXCLUSIVE=' dataset_create copy_plan ingest_start copy_prove backup_read_start dump_prove_start files_prove_start restore_dump_start restore_mydumper_start restore_files_start receive_start server_start server_stop vdb_configure vdb_prove physical_finish quiesce replica_set login_create verify_start verify_end '

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

# at_work: another step that has the dataset for itself works on MOUNT at this moment.
at_work() {
    local pid VALUE
    for pid in $(started_with "MOUNT=$(plain_pattern "$MOUNT")\$"); do
        environment_of "$pid" DELPHIX_STEP || continue
        [[ $EXCLUSIVE != *" $VALUE "* ]] || return 0
    done
    return 1
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
