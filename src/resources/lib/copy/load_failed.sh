#!/usr/bin/env bash
# A client that works on the staging server has failed.
# Needs: process server/find story

# load_failed TEXT: what the loading client says, unless its server is frozen.
load_failed() {
    local pid
    pid=$(server_pid)
    if [[ -n $pid ]] && is_frozen "$pid"; then fail SERVER_NOT_READY "$1; $(server_state)"; fi
    fail LOAD_FAILED "$1"
}
