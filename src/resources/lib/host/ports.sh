#!/usr/bin/env bash
# Ports and server ids that are taken: by who listens, or by another dataset of the plugin on this host.
# Needs: story
# Constants: MARKER_FILE PLUGIN_ID

# other_mounts: where else something is mounted that may hold a dataset.
other_mounts() {
    awk -v own="$MOUNT" '
        { for (i = 7; i < NF && $i != "-"; i++) continue }
        $5 != own && $(i + 1) !~ /^(proc|sysfs|cgroup2?|dev(pts|tmpfs)|mqueue|(debug|trace|security|config|hugetlb|ns|ram|auto)fs|bpf|pstore|binfmt_misc|fusectl|rpc_pipefs|efivarfs)$/ { print $5 }
        ' /proc/self/mountinfo | sort -u
}

# dataset_at PATH: `mount port server_id` if a dataset of this plugin is mounted there. Only what the
# environment user has written counts: anybody may mount something and write a delphix.json.
dataset_at() {
    local text status=0 number
    # The file server of somebody else's mount may be dead, and a look would hang for ever.
    text=$(timeout -s KILL 5 find "$1/$MARKER_FILE" -maxdepth 0 -type f -user "$UID" -exec head -c 65536 {} \; 2>/dev/null) || status=$?
    ((status != 137)) || log WARNING "passing over $1: it does not answer"
    ((status == 137)) || [[ -n $text || ! -e $1/$MARKER_FILE ]] || log INFO "passing over $1: its $MARKER_FILE is no file of $OS_USER"
    [[ $text == *"\"$PLUGIN_ID\""* && $text =~ \"port\":\ *([0-9]{1,5}), ]] || return 0
    number=${BASH_REMATCH[1]}
    [[ $text =~ \"serverId\":\ *([0-9]{1,10}), ]] || return 0
    printf '%s %s %s\n' "$1" "$number" "${BASH_REMATCH[1]}"
}

# learn_others: OTHERS becomes `mount port server_id` of every other dataset of this plugin mounted on
# this host; once in a step, all mounts at a time.
learn_others() {
    local path
    [[ -z ${OTHERS+known} ]] || return 0
    OTHERS=$(
        while IFS= read -r path; do dataset_at "$path" & done < <(other_mounts)
        wait
    )
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
