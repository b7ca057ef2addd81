#!/usr/bin/env bash
# Summary: starts the streamed copy of the source into the staging server, as a background job.
# Inputs: MOUNT DAEMON? BASE_DIR? SOURCE_HOST SOURCE_PORT SOURCE_USER TLS_MODE? TLS_CA? TLS_CERT? TLS_KEY?
#     DATABASES? LOG_SYNC DUMP_OPTIONS? INIT_SQL STALL_SECONDS LOCK LOCK_SECONDS ALIGN LOAD_SQL?
# Secrets: SOURCE_PASSWORD
# Answers: job (and, from the background: ) gtid binlogFile binlogPosition
# Fails: DATASET_EMPTY DISK_SPACE DUMP_FAILED INSTALLATION_NOT_FOUND JOB_LOST JOB_STALLED LOAD_FAILED
#     MOUNT_NOT_MOUNTED MOUNT_NOT_OURS MOUNT_NOT_WRITABLE POSITION_MISSING SERVER_NOT_READY SERVER_NOT_RUNNING
#     SERVER_NOT_STOPPED SERVER_OLD_LAYOUT SOURCE_CHANGED SOURCE_LOCK_TIMEOUT SOURCE_LOGIN_REFUSED
#     SOURCE_PRIVILEGE_MISSING SOURCE_QUERY_FAILED SOURCE_TLS SOURCE_UNREACHABLE SQL_FAILED TOOL_MISSING
#     UNEXPECTED
# Repeatable: no, the dataset is created and the copy planned anew first
# Needs: answer copy/ingest dataset/ours job/run server/installation story

main() {
    : "${MOUNT:?}" "${SOURCE_HOST:?}" "${SOURCE_PORT:?}" "${SOURCE_USER:?}"
    : "${LOG_SYNC:?}" "${INIT_SQL:?}" "${STALL_SECONDS:?}" "${LOCK:?}" "${LOCK_SECONDS:?}" "${ALIGN:?}"
    # shellcheck disable=SC2034  # what copies reads these
    DUMP_OPTIONS=${DUMP_OPTIONS:-} DATABASES=${DATABASES:-} WORK=$MOUNT/$RUN/job
    if [[ ${1:-} == job ]]; then
        job_main ingest
        return
    fi
    require_ours
    use_installation
    job_start
    answer job started
}

story_setup
main "$@"
