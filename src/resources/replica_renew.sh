#!/usr/bin/env bash
# Summary: gives replication its login anew and starts it again where it stood.
# Inputs: MOUNT DAEMON? BASE_DIR? SOURCE_HOST SOURCE_PORT SOURCE_USER TLS_MODE? TLS_CA? TLS_CERT? TLS_KEY? CONNECT_SECONDS
# Secrets: REPLICATION_PASSWORD
# Answers: replica replicatesFrom ioRunning sqlRunning ioError sqlError lagSeconds binlogFile binlogPosition gtidPosition
# Fails: MOUNT_NOT_OURS MOUNT_NOT_MOUNTED MOUNT_NOT_WRITABLE INSTALLATION_NOT_FOUND SERVER_NOT_RUNNING SERVER_NOT_READY ENTRY_REFUSED SERVER_OLD_LAYOUT SOURCE_TLS SOURCE_UNREACHABLE SOURCE_LOGIN_REFUSED SOURCE_PRIVILEGE_MISSING SOURCE_QUERY_FAILED POSITION_MISSING SQL_FAILED
# Repeatable: yes, the position is not touched

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
    must_sql "starting replication" <<<"START SLAVE"
    await "$CONNECT_SECONDS" replica_settled || log WARNING "replication has not settled after $CONNECT_SECONDS s"
    replica_answer
}

story_setup
main "$@"
