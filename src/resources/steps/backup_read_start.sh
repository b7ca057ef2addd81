#!/usr/bin/env bash
# Summary: starts to read a user's dumps to their ends without loading them, so that a dataset is kept if one is bad.
# Inputs: MOUNT DUMPS STALL_SECONDS CLIENT? PIECE? QUOTE? PLACE?
# Secrets: -
# Answers: job (and, from the background:) toldGtid toldPosition
# Fails: BACKUP_UNUSABLE DATASET_EMPTY DISK_SPACE JOB_LOST JOB_STALLED MOUNT_NOT_MOUNTED MOUNT_NOT_OURS
#     MOUNT_NOT_WRITABLE SERVER_NOT_READY SERVER_NOT_STOPPED SERVER_OLD_LAYOUT TOOL_MISSING UNEXPECTED
# Repeatable: yes, a job of an earlier attempt is ended
# Needs: answer copy/read_dumps dataset/left_behind dataset/marker dataset/ours job/run story
# Constants: DATA

main() {
    : "${MOUNT:?}" "${DUMPS:?}" "${STALL_SECONDS:?}"
    # shellcheck disable=SC2034  # what reads uses these
    DATABASE='' WORK=$MOUNT/$RUN/job
    # shellcheck disable=SC2034  # and this
    FACTS=$MOUNT/$RUN/job/facts
    if [[ ${1:-} == job ]]; then
        job_main read_dumps
        return
    fi
    require_usable
    # Nothing is lost where nothing is: the load itself finds out.
    if ! is_ours "$MOUNT" || [[ ! -d $MOUNT/$DATA/mysql ]]; then
        answer job none
        return
    fi
    take_over
    job_start
    answer job started
}

story_setup
main "$@"
