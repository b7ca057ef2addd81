#!/usr/bin/env bash
# Summary: starts the restore of a user's backup into the staging dataset, as a background job.
# Inputs: MOUNT DAEMON? BASE_DIR? KIND BACKUP_PATH COMPRESSION QPRESS? DATABASE? KEYS? INIT_SQL STALL_SECONDS
# Secrets: -
# Answers: job (and, from the background:) gtid binlogFile binlogPosition setting objects systemObject
# Fails: MOUNT_NOT_MOUNTED MOUNT_NOT_WRITABLE MOUNT_NOT_OURS INSTALLATION_NOT_FOUND TOOL_MISSING SERVER_NOT_RUNNING SERVER_NOT_READY ENTRY_REFUSED SERVER_OLD_LAYOUT (and in the background:) LOAD_FAILED BACKUP_UNUSABLE INVENTORY_DIFFERS SQL_FAILED
# Repeatable: no, the dataset is created anew first

main() {
    : "${MOUNT:?}" "${KIND:?}" "${BACKUP_PATH:?}" "${COMPRESSION:?}" "${INIT_SQL:?}" "${STALL_SECONDS:?}"
    local function=restore_physical
    # shellcheck disable=SC2034  # handed on by name
    DATABASE=${DATABASE:-} KEYS=${KEYS:-} QPRESS=${QPRESS:-} DATABASES='' WORK=$MOUNT/run/job
    require_ours
    take_over
    [[ -f $BACKUP_PATH || -d $BACKUP_PATH ]] || fail BACKUP_UNUSABLE "$BACKUP_PATH is neither a file nor a directory any more"
    use_installation
    if [[ $KIND == dump ]]; then
        function=restore_dump
        require_running >/dev/null
        [[ -z $DATABASE ]] || must_sql "creating the database $DATABASE" <<<"CREATE DATABASE IF NOT EXISTS $(sql_name "$DATABASE")"
    fi
    job_start "$function"
    answer job started
}

story_setup
main "$@"
