#!/usr/bin/env bash
# Summary: makes the staging server a replica from a GTID position and sees it run.
# Inputs: MOUNT DAEMON? BASE_DIR? GTID? SOURCE_HOST SOURCE_PORT SOURCE_USER TLS_MODE? TLS_CA? TLS_CERT?
#     TLS_KEY? CONNECT_SECONDS SOURCE_SEEN? PLACE? PIPE?
# Secrets: REPLICATION_PASSWORD
# Answers: replica replicatesFrom ioRunning sqlRunning ioError sqlError lagSeconds binlogFile binlogPosition
#     gtidPosition
# Fails: DATASET_EMPTY DISK_SPACE ENTRY_REFUSED INSTALLATION_NOT_FOUND MOUNT_NOT_MOUNTED MOUNT_NOT_OURS
#     MOUNT_NOT_WRITABLE POSITION_MISSING SERVER_NOT_READY SERVER_NOT_RUNNING SERVER_OLD_LAYOUT
#     SOURCE_LOCK_TIMEOUT SOURCE_LOGIN_REFUSED SOURCE_PRIVILEGE_MISSING SOURCE_QUERY_FAILED SOURCE_TLS
#     SOURCE_UNREACHABLE SQL_FAILED TOOL_MISSING UNEXPECTED
# Repeatable: yes, an earlier configuration is replaced
# Needs: dataset/left_behind dataset/ours dataset/source_seen server/client server/installation
#     server/memory_left_out server/must_sql server/replica server/replica_source server/running source/client
#     story writers
# Constants: RUN

main() {
    : "${MOUNT:?}" "${SOURCE_HOST:?}" "${SOURCE_PORT:?}" "${SOURCE_USER:?}" "${CONNECT_SECONDS:?}"
    local seen
    require_ours
    take_over
    use_installation
    require_tls_files
    require_running >/dev/null
    must_sql "setting the replication position" <<SQL
SET SESSION sql_mode = '';
STOP SLAVE;
RESET SLAVE ALL;
SET GLOBAL gtid_slave_pos = $(sql_text "${GTID:-}");
SQL
    change_master "naming the source"
    seen=$(sql <<<"SELECT @@global.gtid_slave_pos")
    [[ $(tr , '\n' <<<"$seen" | sort) == "$(tr -d '\n ' <<<"${GTID:-}" | tr , '\n' | sort)" ]] ||
        fail POSITION_MISSING "the position was set to '${GTID:-}', the server says '$seen'"
    leave_out_memory
    must_sql "starting replication" <<<"START SLAVE"
    await "$CONNECT_SECONDS" replica_settled || log WARNING "replication has not settled after $CONNECT_SECONDS s"
    tell_refusal
    keep_seen "${SOURCE_SEEN:-}"
    rm -f -- "$MOUNT/$RUN/making"
    replica_answer
}

story_setup
main "$@"
