#!/usr/bin/env bash
# Summary: says what of the source reaches out of it, and what replication leaves out for that.
# Inputs: MOUNT DAEMON? BASE_DIR? SOURCE_HOST SOURCE_PORT SOURCE_USER TLS_CA? TLS_CERT? TLS_KEY? TLS_MODE?
#     DATABASES? PLACE? PIPE?
# Secrets: SOURCE_PASSWORD
# Answers: reaching leftOut function binlogFormat
# Fails: DATASET_EMPTY DISK_SPACE ENTRY_REFUSED INSTALLATION_NOT_FOUND MOUNT_NOT_MOUNTED MOUNT_NOT_OURS
#     MOUNT_NOT_WRITABLE SERVER_NOT_READY SERVER_NOT_RUNNING SERVER_OLD_LAYOUT SOURCE_LOCK_TIMEOUT
#     SOURCE_LOGIN_REFUSED SOURCE_PRIVILEGE_MISSING SOURCE_QUERY_FAILED SOURCE_TLS SOURCE_UNREACHABLE
#     SQL_FAILED TOOL_MISSING UNEXPECTED
# Repeatable: yes, it only reads
# Needs: answer copy/reaching dataset/ours server/installation server/left_out server/own_libraries
#     server/running source/client source/sql story

main() {
    : "${MOUNT:?}" "${SOURCE_HOST:?}" "${SOURCE_PORT:?}" "${SOURCE_USER:?}"
    # shellcheck disable=SC2034  # `chosen` reads it
    DATABASES=${DATABASES:-}
    local line
    require_ours
    use_installation
    require_tls_files
    require_running >/dev/null
    require_own_libraries
    reaching_tables | answer_lines reaching
    left_out_tables | answer_lines leftOut
    source_sql <<<"SELECT 'binlogFormat', @@global.binlog_format" | answer_tagged
    # An account of an earlier link may not read it.
    line=$(source_client <<<"SELECT name FROM mysql.func ORDER BY 1" 2>/dev/null) || line=''
    [[ -z $line ]] || answer_lines function <<<"$line"
}

story_setup
main "$@"
