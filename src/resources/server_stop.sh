#!/usr/bin/env bash
# Summary: stops whatever server and background work runs on a mount; needs no password.
# Inputs: MOUNT STOP_SECONDS
# Secrets: -
# Answers: stopped
# Fails: SERVER_NOT_STOPPED
# Repeatable: yes, nothing running is fine

main() {
    : "${MOUNT:?}" "${STOP_SECONDS:?}"
    local running
    running=$(server_pids)
    if is_mounted "$MOUNT" && is_ours "$MOUNT"; then job_clear; fi
    stop_servers "$STOP_SECONDS"
    answer stopped "$([[ -n $running ]] && echo yes || echo no)"
}

story_setup
main "$@"
