#!/usr/bin/env bash
# Summary: starts the load of a user's dumps into the running staging server, as a background job.
# Inputs: MOUNT DAEMON? BASE_DIR? DUMPS UTC INIT_SQL STALL_SECONDS PIECE? QUOTE? OLD_COLLATIONS PLACE?
# Secrets: -
# Answers: job (and, from the background:) toldGtid toldPosition
# Fails: BACKUP_UNUSABLE DATASET_EMPTY DISK_SPACE ENTRY_REFUSED INSTALLATION_NOT_FOUND JOB_LOST JOB_STALLED
#     LOAD_FAILED MOUNT_NOT_MOUNTED MOUNT_NOT_OURS MOUNT_NOT_WRITABLE SERVER_NOT_READY SERVER_NOT_RUNNING
#     SERVER_NOT_STOPPED SERVER_OLD_LAYOUT SQL_FAILED TOOL_MISSING UNEXPECTED
# Repeatable: no, the dataset is created anew first
# Needs: copy/restore_dump job/on_server job/run story

main() {
    : "${MOUNT:?}" "${DUMPS:?}" "${UTC:?}" "${OLD_COLLATIONS:?}" "${INIT_SQL:?}" "${STALL_SECONDS:?}"
    # shellcheck disable=SC2034  # what restores reads these
    WORK=$MOUNT/$RUN/job
    # shellcheck disable=SC2034  # and this
    FACTS=$MOUNT/$RUN/dump/facts
    if [[ ${1:-} == job ]]; then
        job_main restore_dump
        return
    fi
    start_on_server empty_facts
}

story_setup
main "$@"
