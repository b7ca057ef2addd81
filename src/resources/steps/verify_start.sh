#!/usr/bin/env bash
# Summary: stops replication and compares staging with the source at one position, as a background job.
# Inputs: MOUNT DAEMON? BASE_DIR? SOURCE_HOST SOURCE_PORT SOURCE_USER TLS_MODE? TLS_CA? TLS_CERT? TLS_KEY?
#     DATABASES? WAIT_SECONDS HISTORY ACCOUNTS CLOSED_SQL AGAIN SUSPECTS? PLACE?
# Secrets: SOURCE_PASSWORD
# Answers: job (and, from the background: ) gtid tables rows bytes unequal unequalCount skipped skippedCount
# Fails: CATCH_UP_TIMEOUT DATASET_EMPTY DISK_SPACE ENTRY_REFUSED INSTALLATION_NOT_FOUND JOB_LOST
#     MOUNT_NOT_MOUNTED MOUNT_NOT_OURS MOUNT_NOT_WRITABLE POSITION_MISSING REPLICATION_BROKEN SERVER_NOT_READY
#     SERVER_NOT_RUNNING SERVER_NOT_STOPPED SERVER_OLD_LAYOUT SOURCE_LOCK_TIMEOUT SOURCE_LOGIN_REFUSED
#     SOURCE_PRIVILEGE_MISSING SOURCE_QUERY_FAILED SOURCE_TLS SOURCE_UNREACHABLE SQL_FAILED TOOL_MISSING
#     UNEXPECTED VERIFY_FAILED
# Repeatable: yes, a comparison of an earlier attempt is ended; replication rests until it is started again
# Needs: answer dataset/left_behind dataset/ours job/run server/installation server/running source/client
#     story verify/compare

main() {
    : "${MOUNT:?}" "${SOURCE_HOST:?}" "${SOURCE_PORT:?}" "${SOURCE_USER:?}"
    : "${WAIT_SECONDS:?}" "${HISTORY:?}" "${ACCOUNTS:?}" "${CLOSED_SQL:?}" "${AGAIN:?}"
    # shellcheck disable=SC2034  # what compares reads these
    DATABASES=${DATABASES:-} SUSPECTS=${SUSPECTS:-} WORK=$MOUNT/$RUN/job
    if [[ ${1:-} == job ]]; then
        job_main verify
        return
    fi
    require_ours
    take_over
    use_installation
    require_tls_files
    require_running >/dev/null
    job_start
    answer job started
}

story_setup
main "$@"
