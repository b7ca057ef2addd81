#!/usr/bin/env bash
# Summary: starts to listen for the files of the source host, takes them into the staging dataset and prepares them, as a background job.
# Inputs: MOUNT DAEMON? BASE_DIR? PEER_CERTIFICATE PEER_TIME TRANSFER_PORTS PACKED KEYS? STALL_SECONDS PLACE?
# Secrets: -
# Answers: job certificate port time (and, from the background:) toldGtid toldPosition setting
# Fails: BACKUP_UNUSABLE DATASET_EMPTY DISK_SPACE INSTALLATION_NOT_FOUND JOB_LOST JOB_STALLED LOAD_FAILED
#     MOUNT_NOT_MOUNTED MOUNT_NOT_OURS MOUNT_NOT_WRITABLE PORT_IN_USE SERVER_NOT_READY SERVER_NOT_STOPPED
#     SERVER_OLD_LAYOUT SOURCE_ENCRYPTED TOOL_MISSING TRANSFER_BROKEN UNEXPECTED
# Repeatable: no, the dataset is created anew first
# Needs: answer copy/receive dataset/left_behind dataset/ours job/run job/state server/installation story
#     transfer/tls

# has_begun: it listens, or has ended.
has_begun() { [[ -s $WORK/port ]] || ! job_alive; }

main() {
    : "${MOUNT:?}" "${PEER_CERTIFICATE:?}" "${PEER_TIME:?}" "${TRANSFER_PORTS:?}" "${PACKED:?}" "${STALL_SECONDS:?}"
    # shellcheck disable=SC2034  # what receives reads these
    KEYS=${KEYS:-} QPRESS='' WORK=$MOUNT/$RUN/job
    if [[ ${1:-} == job ]]; then
        job_main receive_files
        return
    fi
    require_ours
    take_over
    use_installation
    require_openssl
    [[ $PACKED != yes || -n $(type -P zstd) ]] || fail TOOL_MISSING "the program zstd, to unpack what the source host sends"
    job_start
    await 30 has_begun || fail JOB_LOST "the job does not begin to listen"
    answer job started
    # Without a port it has ended, and its status tells why.
    if [[ -s $WORK/port ]]; then
        answer port "$(cat "$WORK/port")"
        answer certificate "$(cat "$WORK/certificate")"
        answer time "$(date +%s)"
    fi
}

story_setup
main "$@"
