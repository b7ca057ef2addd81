#!/usr/bin/env bash
# Summary: waits a moment for the staging server to have applied a GTID position.
# Inputs: MOUNT DAEMON? BASE_DIR? TARGET? WAIT_SECONDS PLACE? PIPE?
# Secrets: -
# Answers: reached replica replicatesFrom ioRunning sqlRunning ioError sqlError lagSeconds binlogFile
#     binlogPosition gtidPosition
# Fails: DATASET_EMPTY DISK_SPACE ENTRY_REFUSED INSTALLATION_NOT_FOUND MOUNT_NOT_MOUNTED MOUNT_NOT_OURS
#     MOUNT_NOT_WRITABLE SERVER_NOT_READY SERVER_NOT_RUNNING SERVER_OLD_LAYOUT SQL_FAILED TOOL_MISSING
#     UNEXPECTED
# Repeatable: yes, it only waits
# Needs: answer dataset/ours server/ask server/installation server/replica server/running story writers

main() {
    : "${MOUNT:?}" "${WAIT_SECONDS:?}"
    # shellcheck disable=SC2034  # `sql` reads it
    local result SQL_SECONDS=$((WAIT_SECONDS + 25))
    require_ours
    use_installation
    require_running >/dev/null
    ask "SELECT MASTER_GTID_WAIT($(sql_text "${TARGET:-}"), $WAIT_SECONDS)" "waiting for GTID ${TARGET:-}"
    result=$TOLD
    answer reached "$([[ $result == 0 ]] && echo yes || echo no)"
    # A thread that waits for room has no error to show.
    [[ $result == 0 ]] || unwritable "replication does not go on"
    replica_answer
}

story_setup
main "$@"
