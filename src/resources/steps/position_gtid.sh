#!/usr/bin/env bash
# Summary: asks the source for the GTID position of coordinates in its binary log.
# Inputs: MOUNT DAEMON? BASE_DIR? SOURCE_HOST SOURCE_PORT SOURCE_USER TLS_MODE? TLS_CA? TLS_CERT? TLS_KEY?
#     BINLOG_FILE BINLOG_POSITION
# Secrets: SOURCE_PASSWORD
# Answers: gtid
# Fails: DISK_SPACE INSTALLATION_NOT_FOUND MOUNT_NOT_WRITABLE POSITION_MISSING SOURCE_LOCK_TIMEOUT
#     SOURCE_LOGIN_REFUSED SOURCE_PRIVILEGE_MISSING SOURCE_QUERY_FAILED SOURCE_TLS SOURCE_UNREACHABLE
#     TOOL_MISSING UNEXPECTED
# Repeatable: yes, it only reads
# Needs: answer server/installation source/client source/sql story writers

main() {
    : "${MOUNT:?}" "${SOURCE_HOST:?}" "${SOURCE_PORT:?}" "${SOURCE_USER:?}" "${BINLOG_FILE:?}" "${BINLOG_POSITION:?}"
    local gtid
    use_installation
    require_tls_files
    gtid=$(source_sql <<<"SELECT BINLOG_GTID_POS($(sql_text "$BINLOG_FILE"), $BINLOG_POSITION)")
    [[ $gtid != NULL ]] || fail POSITION_MISSING "the source no longer has $BINLOG_FILE:$BINLOG_POSITION in its binary log"
    answer gtid "$gtid"
}

story_setup
main "$@"
