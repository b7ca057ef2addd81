#!/usr/bin/env bash
# Summary: proves that a finished copy holds what the source held, and has it defined in the same way.
# Inputs: MOUNT DAEMON? BASE_DIR? SOURCE_HOST SOURCE_PORT SOURCE_USER TLS_MODE? TLS_CA? TLS_CERT? TLS_KEY?
#     DATABASES? PLACE?
# Secrets: SOURCE_PASSWORD
# Answers: objects outside
# Fails: DATASET_EMPTY DISK_SPACE ENTRY_REFUSED INSTALLATION_NOT_FOUND INVENTORY_DIFFERS MOUNT_NOT_MOUNTED
#     MOUNT_NOT_OURS MOUNT_NOT_WRITABLE SERVER_NOT_READY SERVER_NOT_RUNNING SERVER_OLD_LAYOUT
#     SOURCE_LOCK_TIMEOUT SOURCE_LOGIN_REFUSED SOURCE_PRIVILEGE_MISSING SOURCE_QUERY_FAILED SOURCE_TLS
#     SOURCE_UNREACHABLE SQL_FAILED TOOL_MISSING UNEXPECTED
# Repeatable: no, what was noted goes
# Needs: copy/compare copy/definitions_differ dataset/ours server/installation server/running story
# Constants: RUN

# shellcheck disable=SC2034  # what reads the source and notes what it says reads these
main() {
    : "${MOUNT:?}" "${SOURCE_HOST:?}" "${SOURCE_PORT:?}" "${SOURCE_USER:?}"
    local WORK
    DATABASES=${DATABASES:-}
    require_ours
    use_installation
    require_running >/dev/null
    WORK=$MOUNT/$RUN/job
    compare
    tell_not_copied
    WORK=$MOUNT/$RUN/definitions
    compare_definitions
    remove_inside "$RUN/definitions"
}

story_setup
main "$@"
