#!/usr/bin/env bash
# Taking the replication of its old server out of a dataset, before any server sees the files.
# Needs: dataset/ours
# Constants: DATA LOG

# remove_replication: deletes replication configuration and relay logs. A server that opens these files then
# starts without replication.
remove_replication() {
    local path
    local -a found=()
    for path in "$MOUNT/$DATA"/{master,relay-log,multi-master}*.info "$MOUNT/$LOG"/{relay,mysql-relay-bin}*; do
        [[ ! -e $path ]] || found+=("${path#"$MOUNT"/}")
    done
    remove_inside ${found[@]+"${found[@]}"}
}
