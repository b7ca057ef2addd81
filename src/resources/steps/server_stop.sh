#!/usr/bin/env bash
# Summary: stops whatever server and background work runs on a mount; needs no password.
# Inputs: MOUNT STOP_SECONDS DAEMON? BASE_DIR? SLOW?
# Secrets: -
# Answers: stopped
# Fails: DISK_SPACE INSTALLATION_NOT_FOUND MOUNT_NOT_WRITABLE SERVER_NOT_READY SERVER_NOT_RUNNING
#     SERVER_NOT_STOPPED SQL_FAILED TOOL_MISSING UNEXPECTED
# Repeatable: yes, nothing running is fine
# Needs: answer dataset/left_behind dataset/marker host/mounts job/state server/find server/holder
#     server/installation server/must_sql server/stop server/stopped story

main() {
    : "${MOUNT:?}" "${STOP_SECONDS:?}"
    local running
    take_over
    running=$(server_pids)
    if is_mounted "$MOUNT" && is_ours "$MOUNT"; then job_clear; fi
    # A server of a newer series is to open the files: this one must finish purge and change buffer first.
    if [[ ${SLOW:-no} == yes && -n $running ]]; then
        use_installation
        must_sql "asking for a slow shutdown" <<<"SET GLOBAL innodb_fast_shutdown = 0"
    fi
    cut_holder
    stop_servers "$STOP_SECONDS"
    if is_mounted "$MOUNT" && is_ours "$MOUNT"; then note_stopped; fi
    answer stopped "$([[ -n $running ]] && echo yes || echo no)"
}

story_setup
main "$@"
