#!/usr/bin/env bash
# Summary: starts to prove that what the loaded dumps define and hold is on staging, as a background job.
# Inputs: MOUNT DAEMON? BASE_DIR? STALL_SECONDS FACTS?
# Secrets: -
# Answers: job (and, from the background:) objects systemObject
# Fails: BACKUP_UNUSABLE DISK_SPACE ENTRY_REFUSED INSTALLATION_NOT_FOUND INVENTORY_DIFFERS JOB_LOST
#     JOB_STALLED LOAD_FAILED MOUNT_NOT_MOUNTED MOUNT_NOT_OURS MOUNT_NOT_WRITABLE SERVER_NOT_READY
#     SERVER_NOT_RUNNING SERVER_NOT_STOPPED SERVER_OLD_LAYOUT TOOL_MISSING UNEXPECTED VERSION_MISMATCH
# Repeatable: yes, what it tells is told once
# Needs: answer copy/compare_dump dataset/left_behind dataset/ours job/run server/installation server/running
#     story

main() {
    : "${MOUNT:?}" "${STALL_SECONDS:?}"
    # shellcheck disable=SC2034  # what compares reads these
    DATABASES='' WORK=$MOUNT/$RUN/job FACTS=$MOUNT/$RUN/dump/facts
    if [[ ${1:-} == job ]]; then
        job_main prove_dump
        return
    fi
    require_ours
    take_over
    use_installation
    require_running >/dev/null
    job_start
    answer job started
}

story_setup
main "$@"
