#!/usr/bin/env bash
# Taking the replication of its old server out of a dataset, before any server sees the files.
# Needs: dataset/ours
# Constants: DATA LOG

# remove_replication: before a server sees these files: nothing of it can ever start.
remove_replication() {
    local path
    for path in "$MOUNT/$DATA"/{master,relay-log,multi-master}*.info "$MOUNT/$LOG"/{relay,mysql-relay-bin}*; do
        [[ ! -e $path ]] || remove_inside "${path#"$MOUNT"/}"
    done
}
