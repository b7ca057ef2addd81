#!/usr/bin/env bash
# Which process is whose: by program, option file and start time, never by a pattern over `ps`.

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

# server_state: the server of MOUNT, for people who wait for it.
server_state() {
    local pid
    pid=$(server_pids | head -n 1)
    if [[ -z $pid ]]; then
        printf 'no server of %s runs' "$MOUNT"
    elif is_frozen "$pid"; then
        printf 'server %s is frozen (state %s: a signal has stopped it; SIGCONT lets it go on)' "$pid" "$(process_state "$pid")"
    else
        printf 'server %s does not answer (state %s)' "$pid" "$(process_state "$pid")"
    fi
}

# same_process PID START: whether this very process still lives.
same_process() {
    [[ -n $1 && -n $2 && $(start_time "$1") == "$2" ]]
}

process_gone() { ! same_process "$1" "$2"; }

# server_pids: pids of our own servers that run with the option file of MOUNT.
server_pids() {
    local directory program first program_path
    for directory in /proc/[0-9]*; do
        [[ -O $directory ]] || continue
        {
            IFS= read -r -d '' program || continue
            IFS= read -r -d '' first || continue
        } 2>/dev/null <"$directory/cmdline" || continue
        [[ $first == "--defaults-file=$MOUNT/my.cnf" ]] || continue
        program_path=$(readlink "$directory/exe" 2>/dev/null) || continue
        program=${program_path% (deleted)}
        case ${program##*/} in mariadbd | mysqld) ;; *) continue ;; esac
        [[ -n $(start_time "${directory#/proc/}") ]] || continue
        printf '%s\n' "${directory#/proc/}"
    done
}

# port_owner PORT: who listens on it, for people; nothing when nobody does.
port_owner() {
    local hex
    hex=$(printf '%04X' "$1")
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
        awk -v port="$hex" '$4 == "0A" { split($2, at, ":"); if (at[2] == port) print $8 }' | sort -un |
        while IFS= read -r uid; do
            printf 'a program of user %s (uid %s)' "$(getent passwd "$uid" | cut -d: -f1)" "$uid"
            break
        done
}

# port_taken PORT: what listens on it, or which of OTHERS has it; nothing when free.
port_taken() {
    local owner path port id
    owner=$(port_owner "$1")
    if [[ -n $owner ]]; then
        printf 'port %s is listened on by %s' "$1" "$owner"
        return
    fi
    while read -r path port id; do
        [[ $port != "$1" ]] || printf 'port %s belongs to the dataset mounted at %s (server id %s)' "$1" "$path" "$id"
    done <<<"$OTHERS"
}

# server_id_taken ID: which of OTHERS has it; nothing when free.
server_id_taken() {
    local path port id
    while read -r path port id; do
        [[ $id != "$1" ]] || printf 'server id %s belongs to the dataset mounted at %s (port %s)' "$1" "$path" "$port"
    done <<<"$OTHERS"
}

require_free_port() {
    local taken
    learn_others
    taken=$(port_taken "$1")
    [[ -z $taken ]] || fail PORT_IN_USE "$taken"
}

require_free_server_id() {
    local taken
    learn_others
    taken=$(server_id_taken "$1")
    [[ -z $taken ]] || fail SERVER_ID_IN_USE "$taken"
}
