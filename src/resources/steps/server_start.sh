#!/usr/bin/env bash
# Summary: starts the server of a dataset and proves that it is the right one with no open account.
# Inputs: MOUNT DAEMON? BASE_DIR? PORT SERVER_ID CONFIG MARKER? REQUIRED? INIT_SQL OPEN_ACCOUNTS_SQL
#     START_SECONDS STOP_SECONDS RESTART PLACE? PIPE?
# Secrets: -
# Answers: already version
# Fails: ACCOUNT_OPEN DATASET_EMPTY DISK_SPACE ENTRY_REFUSED FLUSH_FAILED INSTALLATION_NOT_FOUND
#     MOUNT_NOT_MOUNTED MOUNT_NOT_OURS MOUNT_NOT_WRITABLE PORT_IN_USE SERVER_DIED SERVER_FOREIGN
#     SERVER_ID_IN_USE SERVER_NOT_READY SERVER_NOT_RUNNING SERVER_NOT_STOPPED SERVER_OLD_LAYOUT SQL_FAILED
#     TOOL_MISSING UNEXPECTED UPGRADE_FAILED VERSION_MISMATCH
# Repeatable: yes, a server that runs already is left alone unless RESTART is yes
# Needs: dataset/left_behind dataset/ours dataset/write server/installation server/start story
# Constants: MARKER_FILE REQUIRED_FILE

main() {
    : "${MOUNT:?}" "${PORT:?}" "${SERVER_ID:?}" "${CONFIG:?}" "${INIT_SQL:?}"
    : "${OPEN_ACCOUNTS_SQL:?}" "${START_SECONDS:?}" "${STOP_SECONDS:?}" "${RESTART:?}"
    require_ours
    take_over
    # Written anew at each start, because the server of the dataset could have changed these files.
    if [[ -n ${MARKER:-} ]]; then
        write_text "$MOUNT/$MARKER_FILE" <<<"$MARKER"
        write_text "$MOUNT/$REQUIRED_FILE" <<<"${REQUIRED:?}"
    fi
    use_installation
    start_server
}

story_setup
main "$@"
