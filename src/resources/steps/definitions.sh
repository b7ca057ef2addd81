#!/usr/bin/env bash
# Summary: notes what the source has defined before it is copied, or compares it with staging afterwards.
# Inputs: MOUNT DAEMON? BASE_DIR? SOURCE_HOST SOURCE_PORT SOURCE_USER TLS_MODE? TLS_CA? TLS_CERT? TLS_KEY?
#     DATABASES? WHEN
# Secrets: SOURCE_PASSWORD
# Answers: -
# Fails: DISK_SPACE ENTRY_REFUSED INSTALLATION_NOT_FOUND INVENTORY_DIFFERS MOUNT_NOT_MOUNTED MOUNT_NOT_OURS
#     MOUNT_NOT_WRITABLE SERVER_NOT_READY SERVER_NOT_RUNNING SERVER_OLD_LAYOUT SOURCE_LOCK_TIMEOUT
#     SOURCE_LOGIN_REFUSED SOURCE_PRIVILEGE_MISSING SOURCE_QUERY_FAILED SOURCE_TLS SOURCE_UNREACHABLE
#     SQL_FAILED TOOL_MISSING UNEXPECTED
# Repeatable: yes, what it notes takes the place of what was noted
# Needs: copy/definitions_differ dataset/ours server/installation server/running story
# Constants: RUN

main() {
    : "${MOUNT:?}" "${SOURCE_HOST:?}" "${SOURCE_PORT:?}" "${SOURCE_USER:?}" "${WHEN:?}"
    # shellcheck disable=SC2034  # what reads definitions reads these
    DATABASES=${DATABASES:-} WORK=$MOUNT/$RUN/definitions
    require_ours
    use_installation
    require_running >/dev/null
    if [[ $WHEN == before ]]; then
        remove_inside "$RUN/definitions"
        mkdir -m 0700 -- "$WORK"
        note_definitions
    else
        compare_definitions
        remove_inside "$RUN/definitions"
    fi
}

story_setup
main "$@"
