#!/usr/bin/env bash
# Summary: starts the streamed copy of the source into the staging server, as a background job.
# Inputs: MOUNT DAEMON? BASE_DIR? SOURCE_HOST SOURCE_PORT SOURCE_USER TLS_MODE? TLS_CA? TLS_CERT? TLS_KEY? DATABASES? LOG_SYNC DUMP_OPTIONS? INIT_SQL STALL_SECONDS LOCK LOCK_SECONDS
# Secrets: SOURCE_PASSWORD
# Answers: job (and, from the background: ) gtid binlogFile binlogPosition brokenView outside objects systemObject
# Fails: MOUNT_NOT_MOUNTED MOUNT_NOT_WRITABLE MOUNT_NOT_OURS SERVER_NOT_RUNNING SERVER_NOT_READY ENTRY_REFUSED SERVER_OLD_LAYOUT INSTALLATION_NOT_FOUND TOOL_MISSING (and in the background:) POSITION_MISSING JOB_STALLED INVENTORY_DIFFERS DUMP_FAILED LOAD_FAILED SOURCE_LOCK_TIMEOUT SOURCE_CHANGED SQL_FAILED
# Repeatable: no, the dataset is created anew first

main() {
    : "${MOUNT:?}" "${SOURCE_HOST:?}" "${SOURCE_PORT:?}" "${SOURCE_USER:?}"
    : "${LOG_SYNC:?}" "${INIT_SQL:?}" "${STALL_SECONDS:?}" "${LOCK:?}" "${LOCK_SECONDS:?}"
    DUMP_OPTIONS=${DUMP_OPTIONS:-} TLS_MODE=${TLS_MODE:-} TLS_CA=${TLS_CA:-} TLS_CERT=${TLS_CERT:-} TLS_KEY=${TLS_KEY:-}
    # shellcheck disable=SC2034  # handed on by name
    DATABASES=${DATABASES:-} WORK=$MOUNT/run/job
    require_ours
    take_over
    use_installation
    require_running >/dev/null
    job_start ingest
    answer job started
}

story_setup
main "$@"
