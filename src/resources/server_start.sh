#!/usr/bin/env bash
# Summary: starts the server of a dataset and proves that it is the right one with all doors shut.
# Inputs: MOUNT DAEMON? BASE_DIR? PORT SERVER_ID CONFIG MARKER? REQUIRED? INIT_SQL DOORS_SQL START_SECONDS STOP_SECONDS RESTART
# Secrets: -
# Answers: already version
# Fails: MOUNT_NOT_MOUNTED MOUNT_NOT_WRITABLE MOUNT_NOT_OURS INSTALLATION_NOT_FOUND VERSION_MISMATCH PORT_IN_USE SERVER_ID_IN_USE SERVER_NOT_READY SERVER_DIED UPGRADE_FAILED SERVER_NOT_STOPPED SERVER_FOREIGN ACCOUNT_OPEN SQL_FAILED TOOL_MISSING
# Repeatable: yes, a server that runs already is left alone unless RESTART is yes

main() {
    : "${MOUNT:?}" "${PORT:?}" "${SERVER_ID:?}" "${CONFIG:?}" "${INIT_SQL:?}"
    : "${DOORS_SQL:?}" "${START_SECONDS:?}" "${STOP_SECONDS:?}" "${RESTART:?}"
    require_ours
    take_over
    # Written anew at each start: what a server may have done to them is never read by the next.
    if [[ -n ${MARKER:-} ]]; then
        write_text "$MOUNT/delphix.json" <<<"$MARKER"
        write_text "$MOUNT/required.cnf" <<<"${REQUIRED:?}"
    fi
    use_installation
    start_server
}

story_setup
main "$@"
