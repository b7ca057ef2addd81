#!/usr/bin/env bash
# Summary: starts the replication threads of a staging server that is set up as a replica.
# Inputs: MOUNT DAEMON? BASE_DIR? CONNECT_SECONDS PLACE? PIPE?
# Secrets: -
# Answers: replica replicatesFrom ioRunning sqlRunning ioError sqlError lagSeconds binlogFile binlogPosition
#     gtidPosition
# Fails: DATASET_EMPTY DISK_SPACE ENTRY_REFUSED INSTALLATION_NOT_FOUND MOUNT_NOT_MOUNTED MOUNT_NOT_OURS
#     MOUNT_NOT_WRITABLE SERVER_NOT_READY SERVER_NOT_RUNNING SERVER_OLD_LAYOUT SQL_FAILED TOOL_MISSING
#     UNEXPECTED
# Repeatable: yes, threads that run already go on
# Needs: dataset/ours server/client server/installation server/memory_left_out server/must_sql server/replica
#     server/running story

main() {
    : "${MOUNT:?}" "${CONNECT_SECONDS:?}"
    require_ours
    use_installation
    require_running >/dev/null
    if [[ -n $(sql <<<"SHOW SLAVE STATUS") ]]; then
        leave_out_memory
        must_sql "starting replication" <<<"START SLAVE"
        await "$CONNECT_SECONDS" replica_settled || log WARNING "replication has not settled after $CONNECT_SECONDS s"
    fi
    replica_answer
}

story_setup
main "$@"
