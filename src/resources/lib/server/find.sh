#!/usr/bin/env bash
# The server process of MOUNT: known by its program, its option file and its owner.
# Needs: process
# Constants: DATA OPTION_FILE

# server_pids: pids of our own servers that run with the option file of MOUNT.
server_pids() {
    local directory program first
    for directory in /proc/[0-9]*; do
        [[ -O $directory ]] || continue
        {
            IFS= read -r -d '' program || continue
            IFS= read -r -d '' first || continue
        } 2>/dev/null <"$directory/cmdline" || continue
        [[ $first == "--defaults-file=$MOUNT/$OPTION_FILE" ]] || continue
        # It may have been replaced or deleted since.
        if [[ ! $directory/exe -ef $program ]]; then
            program=$(readlink "$directory/exe" 2>/dev/null) || continue
            program=${program% (deleted)}
        fi
        case ${program##*/} in mariadbd | mysqld) ;; *) continue ;; esac
        [[ -n $(start_time "${directory#/proc/}") ]] || continue
        printf '%s\n' "${directory#/proc/}"
    done
}

# server_pid: the first of them.
server_pid() {
    local pids
    pids=$(server_pids)
    [[ -z $pids ]] || printf '%s\n' "${pids%%$'\n'*}"
}

# server_state: the server of MOUNT, for people who wait for it.
server_state() {
    local pid
    pid=$(server_pid)
    if [[ -z $pid ]]; then
        printf 'no server of %s runs' "$MOUNT"
    elif is_frozen "$pid"; then
        printf 'server %s is frozen (state %s: a signal has stopped it; SIGCONT lets it go on)' "$pid" "$(process_state "$pid")"
    else
        printf 'server %s does not answer (state %s)' "$pid" "$(process_state "$pid")"
    fi
}

# is_current PID: the server is of this mount, not of an earlier one at the same path.
is_current() {
    [[ $(stat -L -c %d:%i "/proc/$1/cwd" 2>/dev/null) == "$(stat -c %d:%i "$MOUNT/$DATA" 2>/dev/null)" ]]
}
