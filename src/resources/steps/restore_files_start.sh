#!/usr/bin/env bash
# Summary: starts the restore of a user's mariadb-backup into the staging dataset, as a background job.
# Inputs: MOUNT DAEMON? BASE_DIR? KIND BACKUP_PATH COMPRESSION QPRESS? KEYS? STALL_SECONDS PLACE?
# Secrets: -
# Answers: job (and, from the background:) toldGtid toldPosition setting
# Fails: BACKUP_UNUSABLE DATASET_EMPTY DISK_SPACE INSTALLATION_NOT_FOUND JOB_LOST JOB_STALLED LOAD_FAILED
#     MOUNT_NOT_MOUNTED MOUNT_NOT_OURS MOUNT_NOT_WRITABLE SERVER_NOT_READY SERVER_NOT_STOPPED
#     SERVER_OLD_LAYOUT SOURCE_ENCRYPTED TOOL_MISSING UNEXPECTED
# Repeatable: no, the dataset is created anew first
# Needs: answer copy/restore_files dataset/left_behind dataset/ours job/run server/installation story

main() {
    : "${MOUNT:?}" "${KIND:?}" "${BACKUP_PATH:?}" "${COMPRESSION:?}" "${STALL_SECONDS:?}"
    # shellcheck disable=SC2034  # what restores reads these
    KEYS=${KEYS:-} QPRESS=${QPRESS:-} WORK=$MOUNT/$RUN/job
    if [[ ${1:-} == job ]]; then
        job_main restore_files
        return
    fi
    require_ours
    take_over
    [[ -f $BACKUP_PATH || -d $BACKUP_PATH ]] || fail BACKUP_UNUSABLE "$BACKUP_PATH is neither a file nor a directory any more"
    use_installation
    job_start
    answer job started
}

story_setup
main "$@"
