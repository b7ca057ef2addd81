#!/usr/bin/env bash
# Summary: starts the load of a user's dump into the running staging server, as a background job.
# Inputs: MOUNT DAEMON? BASE_DIR? BACKUP_PATH COMPRESSION DATABASE? INIT_SQL STALL_SECONDS
# Secrets: -
# Answers: job (and, from the background:) gtid binlogFile binlogPosition objects systemObject
# Fails: BACKUP_UNUSABLE DISK_SPACE ENTRY_REFUSED INSTALLATION_NOT_FOUND INVENTORY_DIFFERS JOB_LOST
#     JOB_STALLED LOAD_FAILED MOUNT_NOT_MOUNTED MOUNT_NOT_OURS MOUNT_NOT_WRITABLE SERVER_NOT_READY
#     SERVER_NOT_RUNNING SERVER_NOT_STOPPED SERVER_OLD_LAYOUT SQL_FAILED TOOL_MISSING UNEXPECTED
#     VERSION_MISMATCH
# Repeatable: no, the dataset is created anew first
# Needs: copy/restore_dump dataset/left_behind dataset/ours job/run server/installation server/must_sql
#     server/running story writers

main() {
    : "${MOUNT:?}" "${BACKUP_PATH:?}" "${COMPRESSION:?}" "${INIT_SQL:?}" "${STALL_SECONDS:?}"
    # shellcheck disable=SC2034  # what restores reads these
    DATABASE=${DATABASE:-} DATABASES='' WORK=$MOUNT/$RUN/job
    if [[ ${1:-} == job ]]; then
        job_main restore_dump
        return
    fi
    require_ours
    take_over
    [[ -f $BACKUP_PATH ]] || fail BACKUP_UNUSABLE "$BACKUP_PATH is no file any more"
    use_installation
    require_running >/dev/null
    [[ -z $DATABASE ]] || must_sql "creating the database $DATABASE" <<<"CREATE DATABASE IF NOT EXISTS $(sql_name "$DATABASE")"
    job_start
    answer job started
}

story_setup
main "$@"
