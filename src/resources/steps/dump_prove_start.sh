#!/usr/bin/env bash
# Summary: starts to prove that what the loaded dumps define and hold is on staging, as a background job.
# Inputs: MOUNT DAEMON? BASE_DIR? STALL_SECONDS PLACE?
# Secrets: -
# Answers: job (and, from the background:) objects systemObject
# Fails: BACKUP_UNUSABLE DATASET_EMPTY DISK_SPACE ENTRY_REFUSED INSTALLATION_NOT_FOUND INVENTORY_DIFFERS
#     JOB_LOST JOB_STALLED LOAD_FAILED MOUNT_NOT_MOUNTED MOUNT_NOT_OURS MOUNT_NOT_WRITABLE SERVER_NOT_READY
#     SERVER_NOT_RUNNING SERVER_NOT_STOPPED SERVER_OLD_LAYOUT SQL_FAILED TOOL_MISSING UNEXPECTED
#     VERSION_MISMATCH
# Repeatable: yes, what it tells is told once
# Needs: copy/compare_dump job/on_server job/run story

main() {
    : "${MOUNT:?}" "${STALL_SECONDS:?}"
    # shellcheck disable=SC2034  # what compares reads these
    DATABASES='' WORK=$MOUNT/$RUN/job
    # shellcheck disable=SC2034  # and this
    FACTS=$MOUNT/$RUN/dump/facts
    if [[ ${1:-} == job ]]; then
        job_main prove_dump
        return
    fi
    start_on_server
}

story_setup
main "$@"
