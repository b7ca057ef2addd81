#!/usr/bin/env bash
# Summary: gives replication its login anew and starts it again where it stood.
# Inputs: MOUNT DAEMON? BASE_DIR? SOURCE_HOST SOURCE_PORT SOURCE_USER TLS_MODE? TLS_CA? TLS_CERT? TLS_KEY?
#     CONNECT_SECONDS PLACE? PIPE?
# Secrets: REPLICATION_PASSWORD
# Answers: replica replicatesFrom ioRunning sqlRunning ioError sqlError lagSeconds binlogFile binlogPosition
#     gtidPosition logSize
# Fails: DATASET_EMPTY DISK_SPACE ENTRY_REFUSED INSTALLATION_NOT_FOUND MOUNT_NOT_MOUNTED MOUNT_NOT_OURS
#     MOUNT_NOT_WRITABLE POSITION_MISSING SERVER_NOT_READY SERVER_NOT_RUNNING SERVER_OLD_LAYOUT
#     SOURCE_LOCK_TIMEOUT SOURCE_LOGIN_REFUSED SOURCE_PRIVILEGE_MISSING SOURCE_QUERY_FAILED SOURCE_TLS
#     SOURCE_UNREACHABLE SQL_FAILED TOOL_MISSING UNEXPECTED
# Repeatable: yes, the position is not touched
# Needs: answer dataset/ours server/follow_by_gtid server/installation server/memory_left_out server/must_sql
#     server/replica server/replica_source server/running source/client story
# Constants: ERROR_LOG

main() {
    : "${MOUNT:?}" "${SOURCE_HOST:?}" "${SOURCE_PORT:?}" "${SOURCE_USER:?}" "${CONNECT_SECONDS:?}"
    # shellcheck disable=SC2034  # the library asks the source with it
    local SOURCE_PASSWORD=${REPLICATION_PASSWORD:-}
    require_ours
    use_installation
    require_tls_files
    require_running >/dev/null
    follow_by_gtid
    change_master "renewing the login of replication"
    leave_out_memory
    must_sql "starting replication" <<<"START SLAVE"
    await "$CONNECT_SECONDS" replica_settled || log WARNING "replication has not settled after $CONNECT_SECONDS s"
    tell_refusal
    # What it says of its old connection is said.
    answer logSize "$(stat -c %s "$MOUNT/$ERROR_LOG" 2>/dev/null || echo 0)"
    replica_answer
}

story_setup
main "$@"
