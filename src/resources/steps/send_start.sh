#!/usr/bin/env bash
# Summary: on the source host: starts the job that will send the files of the source; it waits to be told where to.
# Inputs: GUID DAEMON BASE_DIR SOURCE_SOCKET? SOURCE_PORT SOURCE_USER DATA_DIR PACKED MOUNT?
# Secrets: SOURCE_PASSWORD
# Answers: directory certificate time
# Fails: DISK_SPACE MOUNT_NOT_WRITABLE SOURCE_BACKUP_FAILED SOURCE_FILES_CLOSED TOOL_MISSING TRANSFER_BROKEN
#     UNEXPECTED
# Repeatable: yes, an earlier attempt is ended
# Needs: answer host/programs job/again process send/job send/place send/rights story transfer/tls

# has_identity: the job can be told where to send, or has ended.
has_identity() { [[ -s $SEND_DIR/certificate || -s $SEND_DIR/exit ]] || ! sender_alive; }

# parallel_files: as many files at a time, and half of the host for its own work.
parallel_files() {
    local cores
    cores=$(nproc)
    PARALLEL=$((cores / 2))
    if ((PARALLEL < 1)); then PARALLEL=1; fi
    if ((PARALLEL > 4)); then PARALLEL=4; fi
}

main() {
    : "${GUID:?}" "${DAEMON:?}" "${BASE_DIR:?}" "${SOURCE_PORT:?}" "${SOURCE_USER:?}" "${DATA_DIR:?}" "${PACKED:?}"
    if [[ ${1:-} == job ]]; then
        send_files
        return
    fi
    # shellcheck disable=SC2034  # read by local_client
    CLIENT=$(find_tool mariadb mysql)
    learn_tool
    require_openssl
    learn_rights "$DATA_DIR"
    end_earlier
    parallel_files
    make_place
    run_again "$SEND_DIR" SEND_DIR AS CLIENT PARALLEL
    printf '%s %s\n' "$AGAIN" "$(start_time "$AGAIN")" >"$SEND_DIR/pid"
    await 20 has_identity || :
    [[ -s $SEND_DIR/certificate ]] || fail SOURCE_BACKUP_FAILED "the sending job does not begin: $(tail -n 1 "$SEND_DIR/story")"
    answer directory "$SEND_DIR"
    answer certificate "$(cat "$SEND_DIR/certificate")"
    answer time "$(date +%s)"
}

story_setup
main "$@"
