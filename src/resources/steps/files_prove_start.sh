#!/usr/bin/env bash
# Summary: starts to prove that the restored files are whole, on the staging server that runs with them.
# Inputs: MOUNT DAEMON? BASE_DIR? PARTIAL STALL_SECONDS FOLLOWED PLACE?
# Secrets: -
# Answers: job (and, from the background:) objects
# Fails: BACKUP_UNUSABLE DATASET_EMPTY DISK_SPACE ENTRY_REFUSED INSTALLATION_NOT_FOUND JOB_LOST JOB_STALLED
#     LOAD_FAILED MOUNT_NOT_MOUNTED MOUNT_NOT_OURS MOUNT_NOT_WRITABLE SERVER_NOT_READY SERVER_NOT_RUNNING
#     SERVER_NOT_STOPPED SERVER_OLD_LAYOUT TOOL_MISSING UNEXPECTED
# Repeatable: yes, what it tells is told once
# Needs: copy/prove_files job/on_server job/run story

main() {
    : "${MOUNT:?}" "${PARTIAL:?}" "${FOLLOWED:?}" "${STALL_SECONDS:?}"
    # shellcheck disable=SC2034  # what proves reads these
    DATABASES='' WORK=$MOUNT/$RUN/job
    if [[ ${1:-} == job ]]; then
        job_main prove_files
        return
    fi
    start_on_server
}

story_setup
main "$@"
